"""The next of a line that several doctors share: calls on whichever sheet the best one stands.

A look at all sheets of the line tells who is first; then that one is called on its own sheet by a
command that names it. No write covers two sheets, so what else there is to do comes before the call,
in steps that may be done twice: the consultation to be finished is completed on its sheet, if that is
another one, and the asking doctor's session begins. A request with an Idempotency-Key first *claims*
the sheet, see services.protocols.claim; where the one it meant is gone, the sheet declines the key in
the same command, and the claim moves on, each time under a key of its own, for it may come back.

| case | what comes of it |
|---|---|
| two doctors mean the same patient | one calls; the other finds the patient gone and looks at all sheets again |
| a better one comes between look and call | is the next: as if called a moment earlier |
| nobody waits anywhere | the own sheet is asked, so that the session begins; who has come there meanwhile is called |
| a crash after the completion or the begin of the session | nobody was called; a repeat, or another request, calls |
| a crash between claim and call | a repeat has the claimed sheet decline, and looks again |
| a repeat after the call | the claim leads to the sheet, and the key to the token |
| a late attempt calls after a repeat has moved the claim | its key is declined there: nobody is called |
| two attempts of one request at once | one moves the claim; the other looks again and finds the token |
| the same, and nobody waits anywhere | the own sheet has declined the key of the one: it looks again |
| the doctor stops sharing in between | the command is decided on the sheet, which knows: nobody is called from it |
| the asking doctor stops sharing, then the request is repeated | the claim is found nevertheless |
"""

from collections.abc import Sequence
from hashlib import blake2b

from msgspec import Struct
from msgspec.structs import replace

from engine.calling import inside
from engine.day import Day
from engine.decision import Decision, Outcome
from engine.repeats import token_called_by
from engine.shared_line import is_shared, next_of_shared
from models.access import Permission, Principal
from models.commands import BeginSession, CallNext, CallShared, ChangeStatus, Decline
from models.doctor_session import SessionState
from models.errors import Busy, IdempotencyMismatch, KeyDeclined, StillIn, UnknownToken
from models.ids import sheet_of_token
from models.keyed_request import KeyedRequest
from models.sheet import Sheet
from models.token import Status
from services.access.guard import Guard
from services.caller import Caller
from services.clock import Clock
from services.days import DayOpener
from services.requests import NextCall
from services.shared_days import SharedDays
from services.store.allocations import AllocationStore, Claim
from services.store.sheets import SheetStore

_MOST_LOOKS = 40
"""Each but the last was in vain because somebody else was faster."""


class Call(Struct, frozen=True, kw_only=True):
    """What a doctor asks for whose line is `own`; `finish_at` is the sheet of who is to be finished."""

    caller: Caller
    own: str
    asked: NextCall
    finish_at: str | None
    request: KeyedRequest | None


class SharedLines:
    """The lines that doctors share, and calls from them."""

    def __init__(
        self,
        store: SheetStore,
        claims: AllocationStore,
        *,
        shared: SharedDays,
        guard: Guard,
        days: DayOpener,
        clock: Clock,
    ) -> None:
        self._store = store
        self._shared = shared
        self._claims = claims
        self._guard = guard
        self._days = days
        self._clock = clock

    async def call_next(self, caller: Caller, own: Sheet, asked: NextCall) -> Decision:
        """Call the first of those lines of the shared one from which the caller may call.

        Of a line that is not shared whoever is first in it. Raises what engine.calling.call_next
        raises, and Busy.
        """
        call = Call(
            caller=caller,
            own=own.id,
            asked=asked,
            finish_at=await self._sheet_of(caller, own, asked.finish),
            request=caller.remember(asked),
        )
        try:
            if not own.config.change:  # never shared, so no claim
                return await self._call_on_own(call, call.request)
            for _ in range(_MOST_LOOKS):
                claim, earlier = await self._earlier(call)
                decision = earlier or await self._look_and_call(call, claim)
                if decision is not None:
                    return decision
        except KeyDeclined:
            raise IdempotencyMismatch from None  # the key is that of an `allocate`
        raise Busy

    async def _sheet_of(self, caller: Caller, own: Sheet, finish: str | None) -> str | None:
        """Where the consultation stands that is to be finished; another's is unknown."""
        if finish is None or sheet_of_token(finish) == own.id:
            return None if finish is None else own.id
        sheet = await self._store.read(sheet_of_token(finish))
        token = None if sheet is None else sheet.find_token(finish)
        if token is None or token.served_by != own.resource_id:
            raise UnknownToken
        return await self._guard.token(caller.principal, Permission.CALL, finish)

    async def _earlier(self, call: Call) -> tuple[Claim | None, Decision | None]:
        """The claim of a request, and what it has called by now; if nothing, it never will there."""
        if call.request is None:
            return None, None
        claim = await self._claims.find(call.request)
        sheet_id = call.own if claim is None else claim.sheet_id
        request = call.request if claim is None else _under(call.request, claim.moves)
        sheet = await self._store.read(sheet_id)
        if claim is not None and (sheet is None or request.key not in sheet.declined):
            decline = Decline(**call.caller.signature, key=request.key)
            sheet = (await self._store.submit(sheet_id, decline)).sheet
        if sheet is None or request.key in sheet.declined:
            return claim, None
        token = token_called_by(sheet, request)
        if token is None:
            return claim, None
        outcome = Outcome(slot_id=token.slot_id, number=token.number, replayed=True)
        return claim, Decision(sheet=sheet, events=(), outcome=outcome)

    async def _look_and_call(self, call: Call, claim: Claim | None) -> Decision | None:
        """None: somebody else was faster, or another attempt of the request."""
        days = await self._lines(call)
        own = days[0]
        _refuse_still_in(days, call.asked)
        first = next_of_shared(days) if is_shared(own) else None
        sheet = own.sheet if first is None else first.day.sheet
        request = call.request
        claimed = request is not None and (is_shared(own) or claim is not None)
        if request is not None and claimed:
            if not await self._claims.take(request, claim, sheet.id, self._clock.now()):
                return None
            request = _under(request, 0 if claim is None else claim.moves + 1)
        if first is None:
            try:
                return await self._call_on_own(call, request)
            except KeyDeclined:
                if claimed:
                    return None
                raise
        await self._finish_elsewhere(call, sheet.id)
        by = None
        if sheet.id != call.own:
            by = await self._shared.colleague(own.sheet)
            if own.sheet.session.state is not SessionState.IN_SESSION:
                await self._store.submit(call.own, BeginSession(**call.caller.signature))
        command = CallShared(
            **call.caller.signature,
            token_id=first.token.id,
            by=by,
            room=call.asked.room,
            finish=call.asked.finish if call.finish_at == sheet.id else None,
            request=request,
        )
        decision = await self._store.submit(sheet.id, command)
        return None if decision.outcome.number is None else decision

    async def _call_on_own(self, call: Call, request: KeyedRequest | None) -> Decision:
        await self._finish_elsewhere(call, call.own)
        command = CallNext(
            **call.caller.signature,
            room=call.asked.room,
            finish=call.asked.finish if call.finish_at == call.own else None,
            request=request,
        )
        return await self._store.submit(call.own, command)

    async def _finish_elsewhere(self, call: Call, sheet_id: str) -> None:
        """Complete who is to be finished, unless the call on that sheet does it."""
        if call.asked.finish is None or call.finish_at in (None, sheet_id):
            return
        finish = ChangeStatus(
            **call.caller.signature, token_id=call.asked.finish, status=Status.COMPLETED
        )
        await self._store.submit(call.finish_at, finish)

    async def _lines(self, call: Call) -> list[Day]:
        """The own day, then those of the others from whose lines the caller may call."""
        own = await self._store.read(call.own)
        assert own is not None  # noqa: S101  # it has slots, and nothing is removed
        others = await self.others_for(call.caller.principal, own, Permission.CALL)
        return [self._days.open(own, ()), *others]

    async def others_for(
        self, principal: Principal, own: Sheet, *needed: Permission
    ) -> Sequence[Day]:
        """The days with whose lines that of a sheet is one, as far as all of this is allowed there."""
        others = await self._shared.others(own)
        for permission in needed:
            doctors = [day.sheet.resource_id for day in others]
            allowed = await self._guard.doctors(principal, permission, doctors)
            others = [day for day in others if day.sheet.resource_id in allowed]
        return others


def _refuse_still_in(days: Sequence[Day], asked: NextCall) -> None:
    """Nobody may be in the room with the first of these days' doctor, on whatever sheet."""
    own = days[0].sheet.resource_id
    for day in days:
        served_by = None if day.sheet.resource_id == own else own
        other = inside(day, asked.room, served_by, besides=asked.finish)
        if other is not None:
            raise StillIn(day.sheet.refer_to(other))


def _under(request: KeyedRequest, moves: int) -> KeyedRequest:
    """The request as the sheet knows it to which its claim moved that time; at first as it is."""
    if not moves:
        return request
    key = blake2b(f"{request.key} {moves}".encode(), digest_size=16).hexdigest()
    return replace(request, key=key)
