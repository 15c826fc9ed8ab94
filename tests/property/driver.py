"""Puts a command to the engine and holds the answer to the rules, the invariants and itself."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import asdict, replace

from engine.decide import SheetCommand, decide
from engine.decision import Decision
from models.commands import Book, CallNext, CallShared, ChangeStatus, IfFull, SetMark, Tick
from models.errors import Refusal, SlotFull
from models.events import (
    Bumped,
    Event,
    Marked,
    PatientCorrected,
    Promoted,
    StatusChanged,
    Stayed,
    TokenChanged,
    TokenEvent,
    TokenState,
    Undone,
)
from models.keyed_request import Displacement
from models.policy import Policy
from models.sheet import Sheet
from models.source import Source
from models.token import Status, Token
from tests.factories import token_id
from tests.property.command_rules import foresee
from tests.property.foreseen import Foreseen
from tests.property.reading import AWAY, HOLDS_SEAT, LIVE, Reading
from tests.property.state_invariants import check_state
from tests.property.step import Step
from tests.property.step_invariants import check_step
from tests.property.walk_in_rules import overruns


def without_views(sheet: Sheet) -> Sheet:
    """The sheet as it comes from a database: without what it carried along."""
    return Sheet(**asdict(sheet))


class CheckedDay:
    """A doctor's day on which nothing happens unchecked."""

    def __init__(self, sheet: Sheet, policy: Policy) -> None:
        self.policy = policy
        self.sheet = self._first = sheet
        self.events: list[Event] = []
        self._once_seated: set[int] = set()
        self._steps: dict[int, tuple[datetime, Token]] = {}
        self._undone: set[int] = set()
        self._new = sheet
        self._bumped: dict[str, Displacement | None] = {}
        self._decided: list[tuple[SheetCommand, datetime]] = []

    def reading(self, now: datetime) -> Reading:
        """The day as the second reading of the rules sees it."""
        at = max(now, self.sheet.time)
        return Reading(
            self.sheet,
            self.policy,
            at,
            frozenset(self._once_seated),
            dict(self._steps),
            frozenset(self._undone),
        )

    def do(self, command: SheetCommand, now: datetime) -> Decision | Refusal:
        """Decide the command and check all that came of it."""
        self._decided.append((command, now))
        before = self.reading(now)
        foreseen = foresee(before, command)
        fingerprint = repr(self.sheet)
        try:
            decision = decide(self.sheet, command, self.policy, now)
        except Refusal as refusal:
            self._check_refusal(refusal, foreseen, before, command)
            assert repr(self.sheet) == fingerprint
            return refusal
        assert repr(before.sheet) == fingerprint
        assert foreseen.refusal is None
        assert decision == decide(without_views(before.sheet), command, self.policy, now)
        if isinstance(command, Book) and command.request is not None:
            first = self._bumped.setdefault(command.request.key, decision.outcome.bumped)
            assert decision.outcome.bumped == first
        if isinstance(command, Book) and not decision.outcome.replayed:
            walk_in = command.source is Source.WALKIN
            late = decision.outcome.overruns_until is not None
            assert late == (walk_in and overruns(before, command.slot_id))
        self._take_over(command, decision)
        step = Step(before, self.reading(now), command, decision)
        check_step(step)
        _check_as_foreseen(step, foreseen)
        check_state(step.after if decision.events else self.reading(self.sheet.time))
        self._check_when_it_ticks(decision)
        return decision

    def _check_when_it_ticks(self, decision: Decision) -> None:
        """Until the time that a sheet names time alone changes nothing, and then something."""
        if not decision.events:
            return
        at = self.sheet.tick_at
        live = any(token.status in LIVE for token in self.sheet.tokens)
        assert (at is not None) == (live or self.sheet.session.runs)
        if at is not None:
            tick = Tick(actor="clock")
            before = max(self.sheet.time, at - timedelta(milliseconds=1))
            if before < at:
                assert not decide(self.sheet, tick, self.policy, before).events
            assert decide(self.sheet, tick, self.policy, at).events

    def check_replay(self) -> None:
        """The same commands from the start lead to the same sheet by the same events."""
        sheet, events = self._first, list[Event]()
        for command, now in self._decided:
            try:
                decision = decide(without_views(sheet), command, self.policy, now)
            except Refusal:
                continue
            sheet = decision.sheet
            events += decision.events
        assert sheet == self.sheet
        assert events == self.events

    def _take_over(self, command: SheetCommand, decision: Decision) -> None:
        self._new = decision.sheet
        for event in decision.events:
            if isinstance(event, TokenChanged) and not isinstance(event, PatientCorrected):
                self._take_note(command, event)
        self.sheet = decision.sheet
        self.events += decision.events
        for event in decision.events:
            if isinstance(event, TokenEvent) and event.after.status in HOLDS_SEAT:
                self._once_seated.add(event.number)

    def _take_note(self, command: SheetCommand, event: TokenChanged) -> None:
        """Of steps that can be undone."""
        if isinstance(event, Stayed | Marked) and event.before == event.after:
            return
        self._steps.pop(event.number, None)
        if isinstance(event, Undone):
            self._undone.add(event.number)
        back = event.before.status in AWAY and event.after.status is Status.CHECKED_IN
        missed = event.after.status is Status.MISSED
        asked = isinstance(command, ChangeStatus | CallNext | CallShared)
        if isinstance(event, StatusChanged) and asked and not back and not missed:
            self._steps[event.number] = (event.at, self.sheet.tokens[event.number - 1])
        elif isinstance(event, StatusChanged) and isinstance(command, Book):
            booked = self._new.tokens[event.number - 1]
            there = event.after.status is Status.CHECKED_IN
            self._steps[event.number] = (
                event.at,
                replace(
                    booked,
                    status=Status.BOOKED if there else event.after.status,
                    checked_in_at=None,
                    arrival=None,
                    last_step=None,
                ),
            )

    def _check_refusal(
        self, refusal: Refusal, foreseen: Foreseen, day: Reading, command: SheetCommand
    ) -> None:
        assert type(refusal) is foreseen.refusal
        if isinstance(refusal, SlotFull):
            self._check_alternatives(refusal, day, _as_booking(day, command))

    def _check_alternatives(self, refusal: SlotFull, day: Reading, command: Book) -> None:
        """Each slot that was named would seat this patient, and no other would."""
        alternatives = {one.slot_id for one in refusal.alternatives}
        for slot_id in day.in_order:
            attempt = Book(
                actor=command.actor,
                slot_id=slot_id,
                token_id=token_id(0),
                patient=command.patient,
                source=command.source,
                if_full=IfFull.REJECT,
            )
            if slot_id == command.slot_id:
                assert slot_id not in alternatives
            elif slot_id in alternatives:
                decision = decide(day.sheet, attempt, self.policy, day.now)
                assert decision.sheet.tokens[-1].status is Status.BOOKED
            else:
                with pytest.raises(Refusal):
                    decide(day.sheet, attempt, self.policy, day.now)


def _as_booking(day: Reading, command: SheetCommand) -> Book:
    """A booking; of a late return that of its patient, as this source; of a mark as an emergency."""
    if isinstance(command, Book):
        return command
    assert isinstance(command, ChangeStatus | SetMark)
    token = next(token for token in day.sheet.tokens if token.id == command.token_id)
    return Book(
        actor=command.actor,
        slot_id=token.slot_id,
        token_id=token_id(0),
        patient=token.patient,
        source=Source.EMERGENCY if isinstance(command, SetMark) else token.source,
    )


def _check_as_foreseen(step: Step, foreseen: Foreseen) -> None:
    """What the command did itself is what was foreseen; all else is promotion."""
    stands: dict[int, tuple[str, Status]] = {}
    for event in step.events:
        if isinstance(event, TokenEvent) and not isinstance(event, Promoted):
            checked_in = isinstance(step.command, Book) and step.command.check_in
            assert checked_in or event.number not in stands
            before = event.before if isinstance(event, TokenChanged) else None
            if before != event.after:
                stands[event.number] = (event.after.slot_id, event.after.status)
    unmoved = {
        token.number: (token.slot_id, token.status)
        for token in step.before.sheet.tokens
        if token.number in foreseen.stands
    }
    moves = {n: stand for n, stand in foreseen.stands.items() if unmoved.get(n) != stand}
    assert stands == moves

    bumped = step.decision.outcome.bumped
    replayed = step.decision.outcome.replayed
    told = [event.number for event in step.told_of(Bumped)]
    assert told == ([] if foreseen.bumped is None else [foreseen.bumped])
    if bumped is not None and not replayed:
        assert bumped.number == foreseen.bumped
        loser = step.before.sheet.tokens[bumped.number - 1]
        assert (bumped.token_id, bumped.from_slot_id) == (loser.id, loser.slot_id)
        slot_id, status = foreseen.stands[bumped.number]
        assert bumped.to_slot_id == (None if status is Status.WAITLISTED else slot_id)
        (event,) = step.told_of(Bumped)
        assert event.cause == (foreseen.cause or len(step.before.sheet.tokens) + 1)
        assert event.before == TokenState(loser.slot_id, Status.BOOKED)
        bumps = step.after.sheet.tokens[bumped.number - 1].bumps
        assert (len(bumps), bumps[-1].slot_id) == (len(loser.bumps) + 1, loser.slot_id)
    assert (bumped is None) == (foreseen.bumped is None) or replayed
