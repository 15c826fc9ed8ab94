"""The default day: what it is to show is in it, whatever the seed, as the command tells it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from models.source import Source
from simulator.day import play
from simulator.happenings import Kind
from simulator.plan import STORY, Plan, Visit
from tests.simulation.scenes import clinic_for, simulate

pytestmark = pytest.mark.xdist_group("a day played")  # which they share

SEEDS = range(6)
BOOKINGS = {"BOOKED", "WAITLISTED", "EXTRA SEAT"}
WALK = timedelta(minutes=1)
"""From the waiting room to the doctor."""


@dataclass(frozen=True)
class Event:
    """One thing that happened, as JSON tells it."""

    at: datetime
    kind: str
    text: str
    why: str
    doctor: str
    patient: str | None


@dataclass(frozen=True)
class Figures:
    """The JSON's rows of figures and its verdict."""

    tokens: dict[str, int]
    seats: list[tuple[int, int, float]]
    mean_wait: float
    p95_wait: float
    broken: list[object]
    checks: int


@dataclass(frozen=True)
class Day:
    """The default day, played by the command. Patients go by the keys of the plan."""

    events: list[Event]
    figures: Figures

    def of_kind(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    def of(self, key: str, kind: str) -> list[Event]:
        """The events of a kind that one patient had."""
        return [event for event in self.of_kind(kind) if event.patient == self.name(key)]

    def name(self, key: str) -> str | None:
        """Patients get their tokens in the order of the plan."""
        names = [event.patient for event in self.events if event.kind in BOOKINGS]
        return names[[visit.key for visit in STORY.visits].index(key)]

    def consultations(self) -> Iterator[tuple[str, datetime, datetime]]:
        """Doctor, begin and end of each."""
        called = {event.patient: event.at for event in self.of_kind("CALLED")}
        for seen in self.of_kind("SEEN"):
            yield seen.doctor, called[seen.patient] + WALK, seen.at


@pytest.fixture(scope="module", params=SEEDS)
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp("day")
    told = json.loads(simulate("--json", "--seed", str(request.param), folder=folder).stdout)
    every = told["bySource"]["ALL"]
    return Day(
        events=[
            Event(
                at=datetime.fromisoformat(event["at"]),
                kind=event["kind"],
                text=event["text"],
                why=event["why"],
                doctor=event["doctor"],
                patient=event["patient"],
            )
            for event in told["days"][0]["events"]
        ],
        figures=Figures(
            tokens={source: row["tokens"] for source, row in told["bySource"].items()},
            seats=[
                (row["taken"], row["seats"], row["fillRate"]) for row in told["byDoctor"].values()
            ],
            mean_wait=every["meanWaitMinutes"],
            p95_wait=every["p95WaitMinutes"],
            broken=told["broken"],
            checks=told["checks"],
        ),
    )


def test_patients_come_by_the_counts_asked_for() -> None:
    assert Counter(visit.source for visit in STORY.visits) == {
        Source.ONLINE: 10,
        Source.WALKIN: 5,
        Source.PRIORITY: 3,
        Source.FOLLOWUP: 2,
        Source.EMERGENCY: 2,
    }


async def test_three_doctors_of_different_specializations_have_seven_hourly_slots() -> None:
    async with clinic_for(STORY) as clinic:
        assert len({room.doctor.specialization for room in clinic.rooms}) == 3
        for room in clinic.rooms:
            hours = [slot.start_time for slot in room.slots]
            assert hours == ["09:00", "10:00", "11:00", "12:00", "14:00", "15:00", "16:00"]
            assert {slot.end - slot.start for slot in room.slots} == {timedelta(hours=1)}


def test_every_patient_gets_a_token(day: Day) -> None:
    assert day.figures.tokens == {
        "EMERGENCY": 2,
        "PRIORITY": 3,
        "FOLLOWUP": 2,
        "ONLINE": 10,
        "WALKIN": 5,
        "ALL": 22,
    }


def test_a_bump_leads_past_a_full_slot_to_a_later_one(day: Day) -> None:
    (bumped,) = day.of("O2", "BUMPED")
    assert bumped.text.endswith("09:00 → 11:00")


def test_a_bump_leads_to_the_waitlist_and_a_cancellation_back_from_it(day: Day) -> None:
    kinds = [event.kind for event in day.events if event.patient == day.name("W1")]
    assert kinds[:3] == ["BOOKED", "BUMPED", "PROMOTED"]
    assert day.of("W1", "BUMPED")[0].text.endswith("16:00 → waitlist")
    assert day.of("O6", "CANCELLED")[0].at == day.of("W1", "PROMOTED")[0].at


def test_a_full_slot_without_a_lower_score_leads_to_the_waitlist(day: Day) -> None:
    assert day.of_kind("WAITLISTED") == day.of("O5", "WAITLISTED") != []


def test_an_emergency_is_seated_beyond_capacity(day: Day) -> None:
    (extra,) = day.of_kind("EXTRA SEAT")
    assert extra.patient == day.name("E1")
    assert "beyond its capacity" in extra.why


def test_a_delay_spills_over(day: Day) -> None:
    (delay,) = day.of_kind("DELAYED")
    assert "09:00 now 09:30, 10:00 now 10:30" in delay.why


def test_a_called_patient_who_does_not_come_is_absent_after_the_timeout(day: Day) -> None:
    (called,), (gone,) = day.of("O3", "CALLED"), day.of("O3", "NO-SHOW")
    assert gone.at - called.at == timedelta(minutes=15)


def test_the_seat_of_a_no_show_goes_to_who_waits(day: Day) -> None:
    (gone,), (got,) = day.of("O3", "NO-SHOW"), day.of("O5", "PROMOTED")
    assert got.at == gone.at
    assert day.of("O5", "SEEN")


def test_a_patient_later_than_the_grace_is_absent_and_then_let_in(day: Day) -> None:
    (came,) = day.of_kind("CAME LATE")
    assert came.patient == day.name("F2")
    assert came.at > day.of("F2", "NO-SHOW")[0].at
    assert day.of("F2", "SEEN")


def test_a_slot_that_cannot_be_held_is_closed_and_its_patients_move(day: Day) -> None:
    (closed,) = day.of_kind("CLOSED")
    assert closed.why == "2 moved, 0 stayed."
    assert all("14:00 → 16:00" in moved.text for moved in day.of_kind("MOVED"))
    assert len(day.of_kind("MOVED")) == 2


def test_consultations_take_varying_time(day: Day) -> None:
    assert len({end - begin for _, begin, end in day.consultations()}) > 10


def test_everybody_is_seen_but_who_cancelled_and_who_left(day: Day) -> None:
    unseen = [visit.key for visit in STORY.visits if not day.of(visit.key, "SEEN")]
    assert unseen == ["O3", "O6"]


def test_no_doctor_sees_two_at_once(day: Day) -> None:
    for doctor in {event.doctor for event in day.events}:
        spans = sorted((begin, end) for who, begin, end in day.consultations() if who == doctor)
        assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))


def test_the_rules_hold_all_day(day: Day) -> None:
    assert day.figures.broken == []
    # Three doctors at the opening, after lunch and in the end, and after each of three incidents.
    assert day.figures.checks == 12


def test_fill_rate_counts_seats_of_the_slots_that_were_held(day: Day) -> None:
    assert day.figures.seats == [(9, 14, 0.6429), (7, 14, 0.5), (4, 12, 0.3333)]


def test_waits_are_counted_by_hand(day: Day) -> None:
    came = {
        event.patient: event.at for event in day.events if event.kind in {"CHECKED IN", "CAME LATE"}
    }
    called = {event.patient: event.at for event in day.of_kind("CALLED")}
    waits = [called[seen.patient] + WALK - came[seen.patient] for seen in day.of_kind("SEEN")]
    mean = sum(waits, timedelta()) / len(waits)
    assert day.figures.mean_wait == round(mean.total_seconds() / 60, 1)
    # 20 were seen, so 95 in 100 are 19 of them.
    assert day.figures.p95_wait == round(sorted(waits)[18].total_seconds() / 60, 1)


async def test_a_doctor_calls_whom_the_services_line_puts_first() -> None:
    plan = Plan(
        doctors=1,
        seats=2,
        visits=(
            Visit("first", Source.WALKIN, doctor=0, slot=0, at=55),
            Visit("waits", Source.WALKIN, doctor=0, slot=0, at=56),
            Visit("urgent", Source.EMERGENCY, doctor=0, slot=1, at=57),
            Visit("other", Source.EMERGENCY, doctor=0, slot=2, at=58),
        ),
        mishaps=(),
    )
    async with clinic_for(plan) as clinic:
        for person in clinic.people:
            person.consultation = timedelta(minutes=20)
        await play(clinic)
        keys = {person.patient.name: person.visit.key for person in clinic.people}
        called = [
            keys[entry.patient or ""] for entry in clinic.entries if entry.kind is Kind.CALLED
        ]
    assert called == ["first", "urgent", "other", "waits"]
