"""Whatever is asked of a day in whatever order, the rules hold (DESIGN §5, the invariants).

Left alone a random machine books and cancels; the rules named for late states lead it there on
purpose: patients are seen, slots end, close and come back, the absent return.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import event, note
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
)
from msgspec.structs import replace

from engine.decide import SheetCommand
from models.commands import (
    AddSlot,
    BeginSession,
    Book,
    CallNext,
    CallShared,
    ChangeSlot,
    ChangeStatus,
    CorrectPatient,
    Decline,
    IfFull,
    Reallocate,
    Recall,
    ReleaseHours,
    ReserveHours,
    SetConfig,
    SetMark,
    SetSession,
    SetTenure,
    Tick,
    Undo,
)
from models.doctor import Colleague, Tenure
from models.doctor_session import SessionState
from models.errors import Refusal
from models.events import Event, TokenChanged
from models.keyed_request import KeyedRequest
from models.line import Mark, Order, ReturnTo
from models.line_config import LineConfig, Overflow, OwnWeights
from models.policy import Policy
from models.slot import SlotStatus
from models.source import Source
from models.token import Status, Token
from tests.factories import (
    ACTOR,
    HEAD_STARTS,
    SCORES,
    WAY,
    at,
    make_patient,
    make_sheet,
    slot_id,
    token_id,
)
from tests.property.driver import CheckedDay

MORNING = at("07:30")
pytestmark = pytest.mark.timeout(900)  # a failure takes minutes to shrink, a thorough run too
Thing = TypeVar("Thing")
YESTERDAYS = ["asha-20260308-2200", "asha-20260308-2330"]
PATIENTS = [f"patient{n}" for n in range(6)]

COLLEAGUE = Colleague("vikram", "Vikram Shah")
ROOMS = [None, None, "1", "2"]

picks = st.integers(0, 99)
sources = st.sampled_from(Source)
policies = st.builds(
    Policy,
    scores=st.sampled_from(
        [
            SCORES,
            SCORES,
            {**SCORES, Source.ONLINE: SCORES[Source.FOLLOWUP]},
            {**SCORES, Source.PRIORITY: 2000},
        ]
    ),
    emergency_overflow=st.integers(0, 3),
    max_bumps=st.integers(0, 2),
    max_tokens_per_sheet=st.sampled_from([2000, 2000, 2000, 12]),
    order=st.sampled_from([Order.HEAD_START, *Order]),
    head_starts=st.sampled_from([HEAD_STARTS, HEAD_STARTS, {}]),
    late_grace_minutes=st.sampled_from([0, 10, 60]),
    no_show_minutes=st.sampled_from([1, 15, 60]),
    early_minutes=st.sampled_from([0, 60]),
    overflow_minutes=st.sampled_from([0, 30]),
)
configs = st.builds(
    LineConfig,
    change=st.integers(0, 6),
    order=st.none() | st.sampled_from(Order),
    head_starts=st.none() | st.just({Source.WALKIN: 40}),
    weights=st.none() | st.just(OwnWeights(waiting=3.0)),
    consultation_minutes=st.sampled_from([None, 3, 45]),
    max_size=st.sampled_from([None, None, 2, 5]),
    accepting=st.sampled_from([None, True, False]),
    overflow=st.none() | st.sampled_from(Overflow),
    pool=st.sampled_from([None, True, False]),
)
plans = st.tuples(st.integers(0, 23), st.integers(1, 4), st.integers(1, 3))
"""A slot: the quarter of an hour of its start after 08:00, its length in quarters, its seats."""


class DayMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = self.begins = MORNING
        self.requests: list[Book] = []
        self.keys = 0

    @initialize(
        policy=policies,
        seats=st.lists(st.integers(1, 3), min_size=1, max_size=4),
        comers=st.lists(st.tuples(picks, st.sampled_from(PATIENTS), sources), max_size=12),
        evening=st.sampled_from([None, None, "20:00", "23:59:59"]),
    )
    def open_the_day(
        self,
        policy: Policy,
        seats: list[int],
        comers: list[tuple[int, str, Source]],
        evening: str | None,
    ) -> None:
        """In the morning, or on the evening before."""
        if evening is not None:
            self.now = self.begins = at(evening, days=-1)
        self.day = CheckedDay(make_sheet(), policy)
        for hour, count in enumerate(seats):
            self._plan(4 * hour, 4, count)
        for pick, patient, source in comers:
            first_two = self.day.sheet.slots[:2]  # later ones keep room for who is bumped
            self._book(_pick(first_two, pick).id, patient, source)

    # Slots

    @rule(plan=plans)
    def plan_a_slot(self, plan: tuple[int, int, int]) -> None:
        self._plan(*plan)

    @rule(plan=plans, pick=picks, fingerprint=st.sampled_from(["slot", "slot", "another"]))
    def plan_a_slot_with_a_key(
        self, plan: tuple[int, int, int], pick: int, fingerprint: str
    ) -> None:
        """Its key is new, or was used for a token or a slot before."""
        self.keys += 1
        key = pick % (self.keys + 1)
        self._plan(*plan, request=KeyedRequest(key=str(key), fingerprint=fingerprint))

    @rule(pick=picks, seats=st.integers(1, 4))
    def change_seats(self, pick: int, seats: int) -> None:
        self._do(ChangeSlot(actor=ACTOR, slot_id=self._slot(pick), max_capacity=seats))

    @rule(pick=picks)
    def close_or_reopen_a_slot(self, pick: int) -> None:
        slot_id = self._slot(pick)
        slot = next(slot for slot in self.day.sheet.slots if slot.id == slot_id)
        opposite = SlotStatus.OPEN if slot.status is SlotStatus.CLOSED else SlotStatus.CLOSED
        self._do(ChangeSlot(actor=ACTOR, slot_id=slot_id, status=opposite))

    @rule(pick=picks, minutes=st.sampled_from([0, 5, 20, 60, 180]))
    def delay_a_slot(self, pick: int, minutes: int) -> None:
        self._do(ChangeSlot(actor=ACTOR, slot_id=self._slot(pick), delay_minutes=minutes))

    @rule(pick=picks, named=st.none() | picks, close=st.booleans())
    def reallocate_a_slot(self, pick: int, named: int | None, *, close: bool) -> None:
        self._do(
            Reallocate(
                actor=ACTOR,
                slot_id=self._slot(pick),
                target_slot_id=None if named is None else self._slot(named),
                close=close,
            )
        )

    @rule(pick=picks, seats=st.integers(1, 3), hour=st.integers(6, 9), close=st.booleans())
    def a_slot_moves_to_the_afternoon(
        self, pick: int, seats: int, hour: int, *, close: bool
    ) -> None:
        self._plan(4 * hour, 4, seats)
        self._do(Reallocate(actor=ACTOR, slot_id=self._slot(pick), close=close))

    @rule(plan=plans, slot=st.sampled_from(YESTERDAYS))
    def reserve_hours(self, plan: tuple[int, int, int], slot: str) -> None:
        start, end = _span(plan[0], plan[1])
        self._do(ReserveHours(actor=ACTOR, slot_id=slot, start=start, end=end))

    @rule(slot=st.sampled_from(YESTERDAYS), minutes=st.sampled_from([-1, 0]))
    def release_hours(self, slot: str, minutes: int) -> None:
        reserved_by = self.now + timedelta(minutes=minutes)
        self._do(ReleaseHours(actor=ACTOR, slot_id=slot, reserved_by=reserved_by))

    @rule(retired=st.booleans(), news=st.integers(0, 1))
    def retire_or_come_back(self, news: int, *, retired: bool) -> None:
        """As the doctor's document has it now, or had it the last time."""
        change = self.day.sheet.tenure.change + news
        self._do(SetTenure(actor=ACTOR, tenure=Tenure(retired, change)))

    # Bookings

    @rule(pick=picks, patient=st.sampled_from(PATIENTS), source=sources, keyed=st.booleans())
    def book(self, pick: int, patient: str, source: Source, *, keyed: bool) -> None:
        self._book(self._slot(pick), patient, source, keyed=keyed)

    @rule(pick=picks, crowd=st.lists(sources, min_size=1, max_size=4), calls=st.integers(0, 3))
    def some_come_to_the_desk(self, pick: int, crowd: list[Source], calls: int) -> None:
        """Whether there is a seat or not, they are there; then some are called."""
        self.now = max(self.now, at("00:00"))
        for source in crowd:
            self._book(self._slot(pick), f"stranger{self.keys}", source, check_in=True)
        for _ in range(calls):
            self._do(CallNext(actor=ACTOR))

    @rule(pick=picks, patient=st.sampled_from(PATIENTS), source=sources)
    def book_at_the_desk(self, pick: int, patient: str, source: Source) -> None:
        self._book(self._slot(pick), patient, source, check_in=True)

    @rule(pick=picks, patient=st.sampled_from(PATIENTS), source=sources)
    def book_a_seat_or_nothing(self, pick: int, patient: str, source: Source) -> None:
        self._book(self._slot(pick), patient, source, IfFull.REJECT)

    @rule(pick=picks, patient=st.sampled_from(PATIENTS), source=sources)
    def book_a_free_seat_or_nothing(self, pick: int, patient: str, source: Source) -> None:
        self._book(self._slot(pick), patient, source, IfFull.FREE_SEAT)

    @rule(pick=picks, crowd=st.lists(sources, min_size=2, max_size=5))
    def a_crowd_comes(self, pick: int, crowd: list[Source]) -> None:
        for source in crowd:
            self._book(self._slot(pick), f"stranger{self.keys}", source)

    @rule(patient=st.sampled_from(PATIENTS))
    def book_a_slot_that_is_not_there(self, patient: str) -> None:
        self._book(slot_id("05:00"), patient, Source.ONLINE)

    @rule(pick=picks, fingerprint=st.sampled_from(["body", "body", "another"]))
    def repeat_a_request(self, pick: int, fingerprint: str) -> None:
        if self.requests:
            command = _pick(self.requests, pick)
            key = str(command.request and command.request.key)
            self._do(replace(command, request=KeyedRequest(key=key, fingerprint=fingerprint)))

    @rule(pick=picks, patient=st.sampled_from(PATIENTS), source=sources)
    def book_at_the_very_start(self, pick: int, patient: str, source: Source) -> None:
        slot_id = self._slot(pick)
        start = next(slot.start for slot in self.day.sheet.slots if slot.id == slot_id)
        self.now = max(self.now, start)
        self._book(slot_id, patient, source)

    @rule(pick=picks, ahead=st.integers(0, 2))
    def send_a_request_elsewhere(self, pick: int, ahead: int) -> None:
        """Its key is one that was used, or one of the next."""
        key = self.keys + ahead if ahead else pick % (self.keys + 1)
        self._do(Decline(actor=ACTOR, key=str(key)))

    # Tokens

    @rule(
        pick=picks,
        name=st.none() | st.sampled_from(["Meera Iyer", "Meera Nair"]),
        phone_number=st.none() | st.just("080 4112 7788"),
    )
    def correct_a_patient(self, pick: int, name: str | None, phone_number: str | None) -> None:
        for token in self._one_of(pick, *Status):
            self._do(
                CorrectPatient(actor=ACTOR, token_id=token.id, name=name, phone_number=phone_number)
            )

    @rule(pick=picks, status=st.sampled_from(Status), any_day=st.booleans())
    def ask_for_any_status(self, pick: int, status: Status, *, any_day: bool) -> None:
        for token in self._one_of(pick, *Status):
            self._ask(token, status, any_day=any_day)

    @rule(
        pick=picks,
        status=st.sampled_from([Status.CALLED, Status.IN_CONSULTATION, Status.COMPLETED]),
        any_day=st.booleans(),
    )
    def lead_a_patient_in(self, pick: int, status: Status, *, any_day: bool) -> None:
        for token in self._one_of(pick, Status.BOOKED):
            for step in WAY[status]:
                self._ask(token, step, any_day=any_day)

    @rule(pick=picks)
    def finish_a_consultation(self, pick: int) -> None:
        for token in self._one_of(pick, Status.IN_CONSULTATION, Status.CALLED):
            self._ask(token, Status.IN_CONSULTATION)
            self._ask(token, Status.COMPLETED)

    @rule(pick=picks)
    def stay_away(self, pick: int) -> None:
        for token in self._one_of(pick, Status.BOOKED, Status.CHECKED_IN, Status.CALLED):
            self._ask(token, Status.NO_SHOW)

    @rule(pick=picks)
    def come_late(self, pick: int) -> None:
        for token in self._one_of(pick, Status.NO_SHOW):
            self._ask(token, Status.CHECKED_IN)

    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        for token in self._one_of(pick, Status.BOOKED, Status.CHECKED_IN, Status.WAITLISTED):
            self._ask(token, Status.CANCELLED)

    # The line

    @rule(
        pick=picks,
        room=st.sampled_from(ROOMS),
        finish=st.booleans(),
        key=st.sampled_from(["none", "none", "new", "used"]),
        fingerprint=st.sampled_from(["call", "call", "body"]),
    )
    def call_next(
        self, pick: int, room: str | None, key: str, fingerprint: str, *, finish: bool
    ) -> None:
        seen = self._one_of(pick, Status.IN_CONSULTATION, Status.COMPLETED) if finish else []
        self._do(
            CallNext(
                actor=ACTOR,
                room=room,
                finish=next((token.id for token in seen), None),
                request=self._key(pick, key, fingerprint),
            )
        )

    @rule(
        picked=st.lists(picks, min_size=1, max_size=3),
        by=st.sampled_from([None, COLLEAGUE, COLLEAGUE]),
        room=st.sampled_from(ROOMS),
        key=st.sampled_from(["none", "none", "new", "used"]),
        finish=st.booleans(),
        shared=st.sampled_from([True, True, True, False]),
        in_=st.booleans(),
    )
    def a_colleague_calls(
        self,
        picked: list[int],
        by: Colleague | None,
        room: str | None,
        key: str,
        *,
        finish: bool,
        shared: bool,
        in_: bool,
    ) -> None:
        """From a line that is shared, as a rule, and some who wait in it, as a rule; they come in."""
        if shared and not self.day.reading(self.now).policy.pool:
            change = self.day.sheet.config.change + 1
            self._do(SetConfig(actor=ACTOR, config=LineConfig(change=change, pool=True)))
        for pick in picked:
            seen = self._one_of(pick, Status.IN_CONSULTATION, Status.COMPLETED) if finish else []
            here = self._one_of(pick, Status.CHECKED_IN) or self._one_of(pick, Status.WAITLISTED)
            for token in here or self._one_of(pick, *Status):
                self._do(
                    CallShared(
                        actor=ACTOR,
                        token_id=token.id,
                        by=by,
                        room=room,
                        finish=next((each.id for each in seen), None),
                        request=self._key(pick, key, "call"),
                    )
                )
                if in_:
                    self._ask(token, Status.IN_CONSULTATION)

    @rule()
    def the_doctor_calls_elsewhere(self) -> None:
        self._do(BeginSession(actor=ACTOR))

    @rule(pick=picks, minutes=st.sampled_from([0, 1, 10]))
    def see_patients_for_a_while(self, pick: int, minutes: int) -> None:
        """All who wait for one room are called and come, but who is picked is sent for tests."""
        for turn in range(4):
            for token in self._one_of(turn, Status.IN_CONSULTATION):
                away = (pick + turn) % 3 == 0
                self._ask(token, Status.PARKED if away else Status.COMPLETED)
            self._do(CallNext(actor=ACTOR))
            for token in self._one_of(pick, Status.CALLED):
                self._ask(token, Status.IN_CONSULTATION)
            self.now += timedelta(minutes=minutes)

    @rule(picked=st.lists(picks, min_size=1, max_size=4), any_day=st.booleans())
    def some_check_in(self, picked: list[int], *, any_day: bool) -> None:
        for pick in picked:
            for token in self._one_of(pick, Status.BOOKED):
                self._ask(token, Status.CHECKED_IN, any_day=any_day)

    @rule(pick=picks)
    def check_in_at_a_kiosk(self, pick: int) -> None:
        for token in self._one_of(pick, *Status):
            self._do(
                ChangeStatus(
                    actor=ACTOR, token_id=token.id, status=Status.CHECKED_IN, at_kiosk=True
                )
            )

    @rule(
        pick=picks,
        comers=st.lists(
            st.tuples(sources, st.sampled_from([0, 1, 4, 7, 12, 24])), min_size=3, max_size=7
        ),
        called=st.integers(0, 2),
    )
    def the_waiting_room_fills(
        self, pick: int, comers: list[tuple[Source, int]], called: int
    ) -> None:
        """One after the other, who books at the desk and who booked before."""
        self.now = max(self.now, MORNING)
        slot_id = self._slot(pick)
        self._do(ChangeSlot(actor=ACTOR, slot_id=slot_id, max_capacity=9))
        for source, minutes in comers:
            self._book(slot_id, f"stranger{self.keys}", source)
            self.now += timedelta(minutes=minutes)
            for token in self._one_of(pick + minutes, Status.BOOKED, Status.WAITLISTED):
                self._ask(token, Status.CHECKED_IN)
        for _ in range(called):
            self._do(CallNext(actor=ACTOR))

    @rule(picked=st.lists(picks, min_size=1, max_size=3), mark=st.none() | st.sampled_from(Mark))
    def mark_some(self, picked: list[int], mark: Mark | None) -> None:
        for pick in picked:
            statuses = (Status.CHECKED_IN, Status.BOOKED, Status.WAITLISTED)
            here = self._one_of(pick, *statuses)
            for token in here or self._one_of(pick, *Status):
                self._do(SetMark(actor=ACTOR, token_id=token.id, mark=mark))

    @rule(
        pick=picks,
        first=sources,
        mark=st.sampled_from([Mark.PRIORITY, Mark.PRIORITY, Mark.EMERGENCY]),
        comers=st.lists(sources, max_size=3),
        then=st.none() | st.sampled_from(Mark),
    )
    def raise_one_and_take_it_back(
        self, pick: int, first: Source, mark: Mark, comers: list[Source], then: Mark | None
    ) -> None:
        slot_id = self._slot(pick)
        number = len(self.day.sheet.tokens)
        self._book(slot_id, f"stranger{self.keys}", first)
        for token in self.day.sheet.tokens[number : number + 1]:
            self._do(SetMark(actor=ACTOR, token_id=token.id, mark=mark))
            for source in comers:
                self._book(slot_id, f"stranger{self.keys}", source)
            self._do(SetMark(actor=ACTOR, token_id=token.id, mark=then))

    @rule(config=configs)
    def run_the_line_otherwise(self, config: LineConfig) -> None:
        self._do(SetConfig(actor=ACTOR, config=config))

    @rule(pick=picks, times=st.integers(1, 4))
    def call_again(self, pick: int, times: int) -> None:
        for token in self._one_of(pick, Status.CALLED, Status.CALLED, Status.CHECKED_IN):
            for _ in range(times):
                self._do(Recall(actor=ACTOR, token_id=token.id))

    @rule(pick=picks, to=st.none() | st.sampled_from(ReturnTo), away=st.booleans())
    def come_back(self, pick: int, to: ReturnTo | None, *, away: bool) -> None:
        statuses = (Status.PARKED, Status.MISSED) if away else tuple(Status)
        for token in self._one_of(pick, *statuses):
            self._do(ChangeStatus(actor=ACTOR, token_id=token.id, status=Status.CHECKED_IN, to=to))

    @rule(state=st.sampled_from(SessionState), minutes=st.sampled_from([-5, 15, 60]))
    def the_doctor_begins_or_pauses(self, state: SessionState, minutes: int) -> None:
        until = self.now + timedelta(minutes=minutes)
        self._do(SetSession(actor=ACTOR, state=state, until=until))

    @rule(
        pick=picks,
        step=st.none() | st.sampled_from(["CANCELLED", "NO_SHOW", "CHECKED_IN", "CALLED"]),
        seconds=st.sampled_from([0, 0, 120, 121]),
        comer=st.none() | sources,
    )
    def undo_the_last_step(
        self, pick: int, step: str | None, seconds: int, comer: Source | None
    ) -> None:
        """One that was just made, perhaps with a newcomer in between, or whatever was the last."""
        recent = [self.day.sheet.tokens[n - 1] for n in self.day.reading(self.now).steps]
        tokens = self._one_of(pick, *Status) if step or not recent else [_pick(recent, pick)]
        for token in tokens:
            if step is not None:
                self._ask(token, Status(step))
            if comer is not None:
                self._book(token.slot_id, f"stranger{self.keys}", comer)
            self.now += timedelta(seconds=seconds)
            status = self.day.sheet.tokens[token.number - 1].status
            for _ in range(2):
                self._do(Undo(actor=ACTOR, token_id=token.id, status=status))

    @rule(times=st.integers(1, 3), minutes=st.sampled_from([0, 0, 5]))
    def the_clock_ticks(self, times: int, minutes: int) -> None:
        """At the times that the sheet names, or a little later; while it goes on."""
        for _ in range(times):
            at_ = self.day.sheet.tick_at
            if at_ is not None and (at_ < self.day.reading(at_).end_of_day() or self.keys > 12):
                self.now = max(self.now, at_ + timedelta(minutes=minutes))
            self._do(Tick(actor="clock"))

    # Time

    @rule(minutes=st.sampled_from([1, 10, 30]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(pick=picks, seconds=st.sampled_from([-1, 0]))
    def time_passes_to_the_start_or_end_of_a_slot(self, pick: int, seconds: int) -> None:
        times = self.day.reading(self.now).expected(self._slot(pick))
        moment = times[pick % 2] + timedelta(seconds=seconds)
        self.now = max(self.now, moment)

    @rule(minutes=st.integers(1, 90))
    def another_clock_is_behind(self, minutes: int) -> None:
        self.now = max(self.begins, self.now - timedelta(minutes=minutes))

    @rule(clock=st.sampled_from(["00:00", "07:30"]))
    def the_day_begins(self, clock: str) -> None:
        self.now = max(self.now, at(clock))

    @rule(clock=st.sampled_from(["23:59:59", "00:00"]))
    def the_day_ends(self, clock: str) -> None:
        """Not too early, for little happens after it."""
        if len(self.day.sheet.tokens) > 8:
            self.now = max(self.now, at(clock, days=int(clock < "12:00")))

    def teardown(self) -> None:
        if hasattr(self, "day"):
            self.day.check_replay()

    # How commands are made

    def _key(self, pick: int, which: str, fingerprint: str) -> KeyedRequest | None:
        """No key, a new one, or one that was used for whatever."""
        if which == "none":
            return None
        self.keys += which == "new"
        key = self.keys if which == "new" else pick % (self.keys + 1)
        return KeyedRequest(key=str(key), fingerprint=fingerprint)

    def _plan(
        self, quarter: int, quarters: int, seats: int, *, request: KeyedRequest | None = None
    ) -> None:
        start, end = _span(quarter, quarters)
        self._do(
            AddSlot(
                actor=ACTOR,
                slot_id=slot_id(_clock(quarter)),
                start=start,
                end=end,
                max_capacity=seats,
                request=request,
            )
        )

    def _book(
        self,
        slot: str,
        patient: str,
        source: Source,
        if_full: IfFull = IfFull.WAITLIST,
        *,
        keyed: bool = False,
        check_in: bool = False,
    ) -> None:
        self.keys += 1
        command = Book(
            actor=ACTOR,
            slot_id=slot,
            token_id=token_id(self.keys),
            patient=make_patient(patient),
            source=source,
            if_full=if_full,
            check_in=check_in,
            insists=self.keys % 3 == 0,
            request=KeyedRequest(key=str(self.keys), fingerprint="body") if keyed else None,
        )
        if keyed:
            self.requests.append(command)
        self._do(command)

    def _ask(self, token: Token, status: Status, *, any_day: bool = False) -> None:
        self._do(ChangeStatus(actor=ACTOR, token_id=token.id, status=status, any_day=any_day))

    def _do(self, command: SheetCommand) -> None:
        command = replace(command, on_behalf_of="asha")
        note(f"at {self.now:%H:%M:%S}: {command}")
        answer = self.day.do(command, self.now)
        if isinstance(answer, Refusal):
            event(f"{type(command).__name__}: {answer.code}")
        else:
            for told in answer.events:
                event(f"{type(command).__name__}: {_what(told)}")

    def _slot(self, pick: int) -> str:
        return _pick(self.day.sheet.slots, pick).id

    def _one_of(self, pick: int, *statuses: Status) -> list[Token]:
        """One token in these statuses, or none when there is none."""
        tokens = [token for token in self.day.sheet.tokens if token.status in statuses]
        return [_pick(tokens, pick)] if tokens else []


def _what(told: Event) -> str:
    """What happened, for the statistics of how often each thing was tried."""
    if not isinstance(told, TokenChanged):
        return told.type
    stays = told.before.slot_id == told.after.slot_id
    return f"{told.type} {told.before.status} to {told.after.status}{'' if stays else ' elsewhere'}"


def _clock(quarter: int) -> str:
    return f"{8 + quarter // 4:02d}:{15 * (quarter % 4):02d}"


def _span(quarter: int, quarters: int) -> tuple[datetime, datetime]:
    start = at(_clock(quarter))
    return start, start + timedelta(minutes=15 * quarters)


def _pick(things: Sequence[Thing], pick: int) -> Thing:
    return things[pick % len(things)]


TestDay = DayMachine.TestCase
