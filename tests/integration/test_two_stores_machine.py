"""Two services on one database, taking turns or at once, do what the engine alone would do.

The engine is given the same commands, one after the other, and no database. What it refuses, they
refuse; the sheet that they leave in the database is the one that it holds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from config import Driver
from engine.decide import SheetCommand, decide
from models.commands import Book, ChangeSlot, ChangeStatus, IfFull, Reallocate
from models.errors import Refusal
from models.ids import make_sheet_id
from models.keyed_request import KeyedRequest
from models.patient import Newcomer, Patient
from models.sheet import Sheet
from models.slot import SlotStatus
from models.source import Source
from models.token import Status, Token
from services.caller import Caller
from services.opd import Opd
from services.requests import NewBooking
from tests.integration.houses import BEFORE, DAY, Houses, plan_day
from tests.integration.invariants import check
from tests.integration.proxy import Proxy
from tests.integration.stored import Stored
from tests.principals import make_caller

pytestmark = [pytest.mark.integration, pytest.mark.timeout(450)]

T = TypeVar("T")
EXAMPLES = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)

doctors = (f"doctor{n}" for n in count())
desks = (f"desk{n}" for n in count())
"""One for each day: none asks for more emergencies in a minute than one may."""
picks = st.integers(0, 99)
turns = st.integers(0, 1)
patients = st.sampled_from([f"patient{n}" for n in range(8)])
sources = st.sampled_from(Source)
wishes = st.sampled_from([IfFull.WAITLIST, IfFull.REJECT])

Asked = tuple[Awaitable[Sheet], Callable[[Sheet], SheetCommand]]
"""What a service is asked, giving the sheet it was answered from; and the command that it means."""


@dataclass(frozen=True)
class Pair:
    """Two services, each with its driver, its cache and its name, in one event loop."""

    runner: asyncio.Runner
    houses: Houses
    opds: Sequence[Opd]


@pytest.fixture
def pair(address: str) -> Iterator[Pair]:
    """Two services; they and their loop end with the test."""

    async def build() -> tuple[Houses, list[Opd]]:
        proxy = Proxy(address)
        await proxy.start()
        houses = Houses(address, proxy)
        return houses, [await houses.build(driver=driver) for driver in Driver]

    with asyncio.Runner() as runner:
        houses, opds = runner.run(build())
        yield Pair(runner, houses, opds)
        runner.run(houses.close())


class TwoStores(RuleBasedStateMachine):
    def __init__(self, pair: Pair) -> None:
        super().__init__()
        self.pair = pair
        self.caller = make_caller(next(desks))
        self.keys = 0
        self.requests: list[tuple[str, str, str, Source]] = []

    @initialize(seats=st.lists(st.integers(1, 2), min_size=1, max_size=3))
    def open_the_day(self, seats: list[int]) -> None:
        self.pair.houses.clock.set(BEFORE)
        doctor = next(doctors)
        self.slots = self._run(plan_day(self.pair.opds[0], doctor, seats=seats))
        self.sheet_id = make_sheet_id(doctor, DAY)
        self.sheet = self._run(self._stored(1))

    @rule(turn=turns, pick=picks, patient=patients, source=sources, wish=wishes)
    def book(self, turn: int, pick: int, patient: str, source: Source, wish: IfFull) -> None:
        self._do(self._booking(turn, pick, patient, source, wish))

    @rule(turn=turns, pick=picks, patient=patients, source=sources)
    def book_with_a_key(self, turn: int, pick: int, patient: str, source: Source) -> None:
        self.keys += 1
        slot = self.slots[pick % len(self.slots)]
        self.requests.append((f"key{self.keys}", slot, patient, source))
        self._do(self._repeat(turn, len(self.requests) - 1))

    @precondition(lambda self: self.requests)
    @rule(turn=turns, pick=picks)
    def repeat_a_request(self, turn: int, pick: int) -> None:
        self._do(self._repeat(turn, pick))

    @precondition(lambda self: self.sheet.tokens)
    @rule(turn=turns, pick=picks, status=st.sampled_from(Status))
    def ask_for_a_status(self, turn: int, pick: int, status: Status) -> None:
        self._do(self._asking(turn, pick, status))

    @rule(turn=turns, pick=picks, seats=st.integers(1, 3))
    def change_seats(self, turn: int, pick: int, seats: int) -> None:
        self._do(self._changing(turn, pick, seats=seats))

    @rule(turn=turns, pick=picks, status=st.sampled_from(SlotStatus))
    def close_or_open(self, turn: int, pick: int, status: SlotStatus) -> None:
        self._do(self._changing(turn, pick, status=status))

    @rule(turn=turns, pick=picks, close=st.booleans())
    def reallocate(self, turn: int, pick: int, *, close: bool) -> None:
        slot = self.slots[pick % len(self.slots)]
        command = Reallocate(actor=self.caller.actor, slot_id=slot, close=close)
        asked = self.pair.opds[turn].tokens.reallocate(
            self.caller, slot, target_slot_id=None, close=close
        )
        self._do((self._then_stored(turn, asked), lambda _: command))

    @rule(minutes=st.sampled_from([1, 30, 5 * 1440]))
    def time_passes(self, minutes: int) -> None:
        clock = self.pair.houses.clock
        clock.set(min(clock.now() + timedelta(minutes=minutes), BEFORE + timedelta(days=5)))

    @rule(picked=st.tuples(picks, picks), who=st.tuples(patients, patients), source=sources)
    def both_book_at_once(
        self, picked: tuple[int, int], who: tuple[str, str], source: Source
    ) -> None:
        self._do_at_once(
            self._booking(0, picked[0], who[0], source, IfFull.REJECT),
            self._booking(1, picked[1], f"another{who[1]}", Source.ONLINE, IfFull.WAITLIST),
        )

    @precondition(lambda self: self.sheet.tokens)
    @rule(picked=st.tuples(picks, picks), who=patients, source=sources)
    def one_cancels_while_the_other_books(
        self, picked: tuple[int, int], who: str, source: Source
    ) -> None:
        self._do_at_once(
            self._asking(0, picked[0], Status.CANCELLED),
            self._booking(1, picked[1], who, source, IfFull.WAITLIST),
        )

    # What is asked, of the services and of the engine

    def _booking(
        self,
        turn: int,
        pick: int,
        patient: str,
        source: Source,
        wish: IfFull,
    ) -> Asked:
        slot = self.slots[pick % len(self.slots)]
        return self._ask_for_token(turn, self.caller, slot, patient, source, wish)

    def _repeat(self, turn: int, pick: int) -> Asked:
        key, slot, patient, source = self.requests[pick % len(self.requests)]
        caller = make_caller(self.caller.actor, idempotency_key=key)
        return self._ask_for_token(turn, caller, slot, patient, source, IfFull.WAITLIST)

    def _ask_for_token(
        self, turn: int, caller: Caller, slot: str, patient: str, source: Source, wish: IfFull
    ) -> Asked:
        asked = self.pair.opds[turn].bookings.book(
            caller,
            NewBooking(
                slot_id=slot,
                source=source,
                patient=Newcomer(id=patient, name="Meera Iyer"),
                if_full=wish,
            ),
        )

        def meant(stored: Sheet) -> SheetCommand:
            return Book(
                actor=caller.actor,
                slot_id=slot,
                token_id=_new_id(stored, self.sheet, patient),
                patient=Patient(id=patient, name="Meera Iyer"),
                source=source,
                if_full=wish,
                request=_request_of(caller, stored),
            )

        return self._then_stored(turn, asked), meant

    def _asking(self, turn: int, pick: int, status: Status) -> Asked:
        token = self.sheet.tokens[pick % len(self.sheet.tokens)]
        asked = self.pair.opds[turn].tokens.change_status(
            self.caller, token.id, status, any_day=True
        )
        command = ChangeStatus(
            actor=self.caller.actor, token_id=token.id, status=status, any_day=True
        )
        return self._then_stored(turn, asked), lambda _: command

    def _changing(
        self, turn: int, pick: int, *, seats: int | None = None, status: SlotStatus | None = None
    ) -> Asked:
        slot = self.slots[pick % len(self.slots)]
        asked = self.pair.opds[turn].slots.change(
            self.caller, slot, max_capacity=seats, status=status
        )
        command = ChangeSlot(
            actor=self.caller.actor, slot_id=slot, max_capacity=seats, status=status
        )
        return self._then_stored(turn, asked), lambda _: command

    # How both are held together

    def _do(self, asked: Asked) -> None:
        stored, meant = self._run(_outcome(asked[0])), asked[1]
        sheet, refused = self._decide(self.sheet, meant(self._run(self._stored(0))))
        assert (stored if isinstance(stored, type) else None) is refused
        self.sheet = sheet
        self._compare()

    def _do_at_once(self, one: Asked, other: Asked) -> None:
        """What comes of both at once is what comes of them in one order or the other."""

        async def both() -> tuple[Sheet | type[Refusal], Sheet | type[Refusal]]:
            return await asyncio.gather(_outcome(one[0]), _outcome(other[0]))

        outcomes = self._run(both())
        told = [each if isinstance(each, type) else None for each in outcomes]
        stored = self._run(self._stored(0))
        for order in ((0, 1), (1, 0)):
            sheet, refusals = self.sheet, dict[int, type[Refusal] | None]()
            for which in order:
                command = (one, other)[which][1](stored)
                sheet, refusals[which] = self._decide(sheet, command)
            if _alike(sheet, stored) and [refusals[0], refusals[1]] == told:
                self.sheet = sheet
                self._compare()
                return
        raise AssertionError(f"neither order leads to {stored}, {told}")

    def _decide(self, sheet: Sheet, command: SheetCommand) -> tuple[Sheet, type[Refusal] | None]:
        note(f"{command}")
        opd = self.pair.opds[0]
        try:
            return decide(sheet, command, opd.policy, opd.clock.now()).sheet, None
        except Refusal as refusal:
            return sheet, type(refusal)

    def _compare(self) -> None:
        """Each of the two reads from the database what the engine holds."""
        for turn in (0, 1):
            assert _alike(self._run(self._stored(turn)), self.sheet)

    async def _stored(self, turn: int) -> Sheet:
        return (await self.pair.opds[turn].slots.get(self.caller, self.slots[0])).sheet

    async def _then_stored(self, turn: int, asked: Awaitable[object]) -> Sheet:
        await asked
        return await self._stored(turn)

    def _run(self, asked: Awaitable[T]) -> T:
        async def wait() -> T:
            return await asked

        return self.pair.runner.run(wait())


async def _outcome(asked: Awaitable[Sheet]) -> Sheet | type[Refusal]:
    try:
        return await asked
    except Refusal as refusal:
        return type(refusal)


def _alike(one: Sheet, other: Sheet) -> bool:
    """Versions and names are of writes, which the engine alone does not make."""
    unwritten = {"version": 0, "last_write": None}
    return replace(one, **unwritten) == replace(other, **unwritten)


def _new_id(stored: Sheet, known: Sheet, patient: str) -> str:
    """The id that a service drew for the patient's new token, if it made one."""
    new = [token.id for token in stored.tokens[len(known.tokens) :] if token.patient.id == patient]
    return new[0] if new else f"{stored.id}-{'a' * 12}"


def _request_of(caller: Caller, stored: Sheet) -> KeyedRequest | None:
    """What the token remembers of this request, if it has a key."""
    if caller.idempotency_key is None:
        return None
    made: list[Token] = [
        token
        for token in stored.tokens
        if token.request is not None and token.request.key == caller.key_hash()
    ]
    remembered = made[0].request if made else None
    fingerprint = "none" if remembered is None else remembered.fingerprint
    return KeyedRequest(key=caller.key_hash(), fingerprint=fingerprint)


# The drivers' threads may draw from `random` while a step is drawn.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
def test_two_stores_taking_turns_do_what_the_engine_does(pair: Pair, stored: Stored) -> None:
    class OnThisPair(TwoStores):
        def __init__(self) -> None:
            super().__init__(pair)

    run_state_machine_as_test(OnThisPair, settings=EXAMPLES)
    check(stored)
