"""Rule 27: a visit begins with the check-in, and goes as its token's events tell."""

import pytest

from engine.encounters import Encounters, encounter_of
from models.commands import SetMark, Undo
from models.encounter import Encounter, EncounterState
from models.events import Event
from models.line import Mark, ReturnTo
from models.source import Source
from models.token import Status, Token
from tests.factories import ACTOR, OpdDay, at, make_policy, make_slot

CHECKED_IN, IN_CONSULTATION = Status.CHECKED_IN, Status.IN_CONSULTATION


class Day(OpdDay):
    """A day that keeps what happened on it."""

    def __init__(self, *, seats: int = 5) -> None:
        super().__init__(make_slot(seats=seats), policy=make_policy())
        self.happened: list[Event] = []

    def at(self, clock: str, token: Token, *steps: Status, to: ReturnTo | None = None) -> None:
        self.now = at(clock)
        for step in steps:
            self.set(token, step, to=to)
            self.happened += self.last.events

    def undo(self, clock: str, token: Token) -> None:
        self.now = at(clock)
        self.do(Undo(actor=ACTOR, token_id=token.id, status=self[token].status))
        self.happened += self.last.events

    def new(self, source: Source = Source.ONLINE) -> Token:
        token = self.book(source=source)
        self.happened += self.last.events
        return token

    def encounter(self, token: Token) -> Encounter | None:
        return encounter_of(token.id, self.happened)

    def state(self, token: Token) -> EncounterState | None:  # type: ignore[override]  # of its visit
        encounter = self.encounter(token)
        return None if encounter is None else encounter.state


def test_there_is_none_before_the_check_in() -> None:
    day = Day()
    token = day.new()
    assert day.encounter(token) is None
    day.at("09:30", token, Status.NO_SHOW)
    assert day.encounter(token) is None
    day.undo("09:31", token)
    assert day.encounter(token) is None


def test_a_visit_goes_from_arrival_to_its_end() -> None:
    day = Day()
    token = day.new()
    day.at("08:50", token, CHECKED_IN)
    assert day.encounter(token) == Encounter(
        patient_id=token.patient.id,
        state=EncounterState.ARRIVED,
        arrived_at=at("08:50"),
        up_to=day.happened[-1].n,
    )
    day.at("09:05", token, Status.CALLED)
    assert day.state(token) is EncounterState.ARRIVED
    day.at("09:10", token, IN_CONSULTATION)
    assert day.state(token) is EncounterState.IN_PROGRESS
    day.at("09:20", token, Status.COMPLETED)
    assert day.encounter(token) == Encounter(
        patient_id=token.patient.id,
        state=EncounterState.FINISHED,
        arrived_at=at("08:50"),
        started_at=at("09:10"),
        ended_at=at("09:20"),
        up_to=day.happened[-1].n,
    )


def test_who_is_sent_for_tests_is_on_leave_and_comes_back() -> None:
    day = Day()
    token = day.new()
    day.at("09:00", token, CHECKED_IN, IN_CONSULTATION, Status.PARKED)
    assert day.state(token) is EncounterState.ON_LEAVE
    day.at("09:30", token, CHECKED_IN, to=ReturnTo.FIRST)
    encounter = day.encounter(token)
    assert encounter is not None
    assert (encounter.state, encounter.arrived_at) == (EncounterState.ARRIVED, at("09:00"))


@pytest.mark.parametrize("end", [Status.CANCELLED, Status.NO_SHOW])
def test_who_goes_without_being_seen_ends_the_visit_and_may_come_again(end: Status) -> None:
    day = Day()
    token = day.new()
    day.at("09:00", token, CHECKED_IN)
    day.at("09:20", token, end)
    encounter = day.encounter(token)
    assert encounter is not None
    assert (encounter.state, encounter.ended_at) == (EncounterState.CANCELLED, at("09:20"))
    if end is Status.NO_SHOW:
        day.at("09:40", token, CHECKED_IN)
        encounter = day.encounter(token)
        assert encounter is not None
        assert (encounter.arrived_at, encounter.ended_at) == (at("09:40"), None)
        day.undo("09:41", token)
        again = day.encounter(token)
        assert again is not None
        assert (again.state, again.arrived_at) == (EncounterState.CANCELLED, at("09:00"))


def test_an_undone_check_in_was_entered_in_error_until_the_next() -> None:
    day = Day()
    token = day.new()
    day.at("09:00", token, CHECKED_IN)
    day.undo("09:01", token)
    assert day.state(token) is EncounterState.ENTERED_IN_ERROR
    day.at("09:10", token, Status.NO_SHOW)
    assert day.state(token) is EncounterState.ENTERED_IN_ERROR
    day.at("09:20", token, CHECKED_IN)
    encounter = day.encounter(token)
    assert encounter is not None
    assert (encounter.state, encounter.arrived_at) == (EncounterState.ARRIVED, at("09:20"))


def test_an_undone_step_leaves_the_visit_as_it_was_before() -> None:
    day = Day()
    token = day.new()
    day.at("09:00", token, CHECKED_IN, IN_CONSULTATION)
    before = day.encounter(token)
    day.at("09:10", token, Status.COMPLETED)
    day.undo("09:11", token)
    after = day.encounter(token)
    assert before is not None
    assert after is not None
    assert (after.state, after.started_at, after.ended_at) == (
        before.state,
        before.started_at,
        None,
    )


def test_who_is_there_without_a_seat_has_a_visit() -> None:
    day = Day(seats=1)
    day.new()
    waiting = day.new()
    day.at("08:40", waiting, CHECKED_IN)
    assert day[waiting].status is Status.WAITLISTED
    assert day.state(waiting) is EncounterState.ARRIVED
    day.undo("08:41", waiting)
    assert day.state(waiting) is EncounterState.ENTERED_IN_ERROR


def test_told_on_it_comes_to_the_same_and_only_what_changed_is_told_again() -> None:
    day = Day()
    one, other = day.new(), day.new()
    day.at("09:00", one, CHECKED_IN)
    encounters = Encounters()
    for event in day.happened:
        encounters.take(event)
    assert encounters.pop_changed().keys() == {one.id}
    told = len(day.happened)
    day.at("09:10", other, CHECKED_IN)
    day.do(SetMark(actor=ACTOR, token_id=one.id, mark=Mark.VIP))
    for event in (*day.happened[told:], *day.last.events):
        encounters.take(event)
    assert encounters.pop_changed() == {other.id: day.encounter(other)}
    assert encounters.pop_changed() == {}
