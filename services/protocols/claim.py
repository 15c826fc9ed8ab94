"""The claim of `allocate`: a request with an Idempotency-Key books on one sheet alone.

`allocate` picks the sheet itself, so two attempts of one request may pick two. So an attempt first
*claims* a sheet for its key, in a collection of claims, and then books there; a claim moves to
another sheet only once the claimed one has *declined* the key: from then on nothing is booked
there for it.

| case | what comes of it |
|---|---|
| a repeat after the booking | the claim leads to the token |
| a crash between claim and booking | a repeat finds the claim, and books there if a seat is free |
| the claimed sheet has no free seat any more, another has | it declines, the claim moves |
| it has booked after all, between our look and its declining | it can't decline: we look again and find the token |
| a crash after declining | a repeat leaves that sheet out and moves the claim |
| a late attempt wants to book where the key was declined | refused: it looks at the claim again |
| two attempts at once take or move the claim | one does; the other looks at the claim again |
| the same key with another request | IdempotencyMismatch |
"""

from collections.abc import Sequence

from engine.allocation import Choice, choose_slot
from engine.day import Day
from models.commands import Decline
from models.keyed_request import KeyedRequest
from models.sheet import Sheet
from models.source import Source
from services.caller import Caller
from services.clock import Clock
from services.store.allocations import AllocationStore, Claim
from services.store.sheets import SheetStore


class Claims:
    """The claims of keyed requests. A request without a key, None, needs none."""

    def __init__(self, store: SheetStore, claims: AllocationStore, clock: Clock) -> None:
        self._store = store
        self._claims = claims
        self._clock = clock

    async def find(self, request: KeyedRequest | None) -> tuple[Claim | None, Sheet | None]:
        """The claim of a request with its sheet as it is now. Raises IdempotencyMismatch."""
        claim = None if request is None else await self._claims.find(request)
        return claim, None if claim is None else await self._store.read(claim.sheet_id)

    async def settle(
        self, caller: Caller, request: KeyedRequest | None, claim: Claim | None, sheet_id: str
    ) -> bool:
        """Have the claim on this sheet; False when there is reason to look at it again."""
        if request is None or (claim is not None and claim.sheet_id == sheet_id):
            return True
        if claim is not None:
            decline = Decline(**caller.signature, key=claim.key)
            declined = await self._store.submit(claim.sheet_id, decline)
            if claim.key not in declined.sheet.declined:
                return False
        return await self._claims.take(request, claim, sheet_id, self._clock.now())


def choose_under(
    claim: Claim | None, days: Sequence[Day], source: Source, patient_id: str | None
) -> Choice | None:
    """The best slot; on the claimed sheet, as long as that one has a free seat."""
    if claim is not None:
        days = [day for day in days if claim.key not in day.sheet.declined]
        claimed = [day for day in days if day.sheet.id == claim.sheet_id]
        choice = choose_slot(claimed, source, patient_id)
        if choice is not None and choice.for_free_seat:
            return choice
    return choose_slot(days, source, patient_id)
