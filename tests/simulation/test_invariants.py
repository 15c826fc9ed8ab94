"""The checker believes true answers, and catches each way of tampering with them."""

import asyncio
import dataclasses
from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

from answers.slots import SlotOut, StatsOut
from answers.tokens import BumpedOut, TokenOut
from models.source import Source
from models.token import Status
from simulator.snapshot import INVARIANTS, Snapshot, find_faults
from tests.simulation.scenes import POLICY, snapshots_before_opening

pytestmark = pytest.mark.xdist_group("a day told")  # which they share

Tamper = Callable[[Snapshot], Snapshot]


@pytest.fixture(scope="module")
def told() -> Mapping[str, Snapshot]:
    return asyncio.run(snapshots_before_opening())


def with_token(shot: Snapshot, number: str, **changes: object) -> Snapshot:
    """The token changed wherever the service tells of it."""
    old = token_of(shot, number)
    new = replace(old, **changes)
    tokens = {id_: new if id_ == old.id else one for id_, one in shot.tokens.items()}
    return replace(shot, tokens=tokens)


def with_slot(shot: Snapshot, hour: str, **changes: object) -> Snapshot:
    queue = shot.queues[slot_of(shot, hour).id]
    changed = replace(queue, slot=replace(queue.slot, **changes))
    return replace(shot, queues={**shot.queues, queue.slot.id: changed})


def with_stats(shot: Snapshot, hour: str, change: Callable[[StatsOut], StatsOut]) -> Snapshot:
    slot = slot_of(shot, hour)
    return replace(shot, stats={**shot.stats, slot.id: change(shot.stats[slot.id])})


def with_person(shot: Snapshot, number: str, **changes: object) -> Snapshot:
    """The patient told otherwise."""
    id_ = token_of(shot, number).id or ""
    told = dataclasses.replace(shot.people[id_], **changes)  # type: ignore[arg-type]  # any field
    return replace(shot, people={**shot.people, id_: told})


def token_of(shot: Snapshot, number: str) -> TokenOut:
    return next(one for one in shot.tokens.values() if one.token_number == number)


def slot_of(shot: Snapshot, hour: str) -> SlotOut:
    return next(one for one in shot.slots if one.start_time == hour)


def without(shot: Snapshot, number: str) -> Snapshot:
    gone = token_of(shot, number).id
    return replace(shot, tokens={id_: one for id_, one in shot.tokens.items() if id_ != gone})


def crowded(shot: Snapshot, hour: str) -> Snapshot:
    """All that have a seat on this day have it in one slot."""
    slot_id = slot_of(shot, hour).id
    for token in shot.tokens.values():
        if token.status is Status.BOOKED:
            shot = with_token(shot, token.token_number, slot_id=slot_id)
    return shot


def turned_queue(shot: Snapshot, hour: str) -> Snapshot:
    slot = slot_of(shot, hour)
    queue = shot.queues[slot.id]
    return replace(shot, queues={**shot.queues, slot.id: replace(queue, queue=queue.queue[::-1])})


def bumped_again(shot: Snapshot, number: str, from_hour: str, to_hour: str) -> Snapshot:
    token = token_of(shot, number)
    bump = BumpedOut(token.id, number, slot_of(shot, from_hour).id, slot_of(shot, to_hour).id)
    room = shot.people[token.id or ""].room
    return with_person(shot, number, room=dataclasses.replace(room, bumps=[*room.bumps, bump]))


def told_first(shot: Snapshot, number: str, **changes: object) -> Snapshot:
    """The patient was told otherwise at the booking."""
    token = token_of(shot, number)
    told = shot.people[token.id or ""].told
    return with_person(shot, number, told=[replace(told[0], **changes), *told])


# In Dr. Rao's day: 09:00 has T001 (online) and T006 (priority); 10:00 has T003 and T004, and
# T005 waits, all online; 11:00 has T002, which T006 bumped from 09:00, and T007 (walk-in).
TAMPERED: list[tuple[str, str, Tamper]] = [
    (
        "a sixth seat of two and three",
        "No slot holds more than its seats and the overflow for emergencies",
        lambda shot: crowded(shot, "10:00"),
    ),
    (
        "seats that nobody sits in",
        "Seats, slots' figures and tokens agree",
        lambda shot: with_slot(shot, "10:00", taken=6),
    ),
    (
        "a number given twice",
        "Token numbers count from 1 without gaps",
        lambda shot: with_token(shot, "T004", token_number="T003"),
    ),
    (
        "a number that changed",
        "Every token given is there, as it was booked",
        lambda shot: told_first(shot, "T004", token_number="T009"),
    ),
    (
        "a token that is gone",
        "Every token given is there, as it was booked",
        lambda shot: without(shot, "T007"),
    ),
    (
        "one patient twice in a slot",
        "No patient has two live tokens in one slot",
        lambda shot: with_token(shot, "T003", patient_id=token_of(shot, "T004").patient_id),
    ),
    (
        "a free seat that nobody was given",
        "Nobody waits for a seat that is free",
        lambda shot: with_token(shot, "T003", status=Status.CANCELLED),
    ),
    (
        "a higher score that waits",
        "Before a slot starts, nobody waits behind a lower score that could give way",
        lambda shot: with_token(shot, "T005", priority=500),
    ),
    (
        "a queue in another order",
        "Queues and waitlists stand in order of rank",
        lambda shot: turned_queue(shot, "09:00"),
    ),
    (
        "a waiter who is not on the waitlist",
        "Queues and waitlists stand in order of rank",
        lambda shot: with_token(shot, "T001", status=Status.WAITLISTED),
    ),
    (
        "a seat too few in the slot's answer",
        "Seats, slots' figures and tokens agree",
        lambda shot: with_slot(shot, "11:00", taken=1),
    ),
    (
        "a fill rate of its own",
        "Seats, slots' figures and tokens agree",
        lambda shot: with_stats(shot, "11:00", lambda one: replace(one, fill_rate=0.5)),
    ),
    (
        "a source counted twice",
        "Seats, slots' figures and tokens agree",
        lambda shot: with_stats(
            shot, "11:00", lambda one: replace(one, by_source={Source.ONLINE: 2})
        ),
    ),
    (
        "a bump that nobody was told of",
        "Seats, slots' figures and tokens agree",
        lambda shot: with_stats(shot, "09:00", lambda one: replace(one, bumped=2)),
    ),
    (
        "a bump to an earlier slot",
        "Nobody was bumped who may not be, nor to an earlier slot",
        lambda shot: bumped_again(shot, "T002", "11:00", "09:00"),
    ),
    (
        "a third bump",
        "Nobody was bumped who may not be, nor to an earlier slot",
        lambda shot: bumped_again(
            bumped_again(shot, "T002", "11:00", "12:00"), "T002", "12:00", "14:00"
        ),
    ),
    (
        "another patient's name",
        "Every token given is there, as it was booked",
        lambda shot: with_token(shot, "T003", patient_name="Somebody Else"),
    ),
    (
        "another score",
        "Every token given is there, as it was booked",
        lambda shot: with_token(shot, "T003", priority=210),
    ),
    (
        "an emergency on the waitlist",
        "Emergencies are never waitlisted",
        lambda shot: with_token(shot, "T005", source=Source.EMERGENCY),
    ),
]


@pytest.mark.parametrize("doctor", ["Rao", "Nair", "Khan"])
def test_true_answers_have_no_faults(told: Mapping[str, Snapshot], doctor: str) -> None:
    assert find_faults(told[doctor], POLICY) == []


@pytest.mark.parametrize(
    ("invariant", "tamper"),
    [(invariant, tamper) for _, invariant, tamper in TAMPERED],
    ids=[name for name, _, _ in TAMPERED],
)
def test_a_tampered_answer_is_caught(
    told: Mapping[str, Snapshot], invariant: str, tamper: Tamper
) -> None:
    faults = find_faults(tamper(told["Rao"]), POLICY)
    assert invariant in {fault.invariant for fault in faults}


def test_every_invariant_is_caught_by_some_tampering() -> None:
    assert {invariant for _, invariant, _ in TAMPERED} == set(INVARIANTS)


def test_a_fault_names_doctor_and_place(told: Mapping[str, Snapshot]) -> None:
    faults = find_faults(crowded(told["Rao"], "10:00"), POLICY)
    assert "Dr. Meera Rao: 10:00 has 6 seats taken, 5 at most" in {one.where for one in faults}


def test_who_waits_past_the_end_of_the_slot_waits_for_nothing(
    told: Mapping[str, Snapshot],
) -> None:
    shot = with_token(told["Rao"], "T003", status=Status.CANCELLED)
    late = with_slot(replace(shot, now=slot_of(shot, "10:00").end), "10:00", over=True)
    assert "Nobody waits for a seat that is free" not in {
        fault.invariant for fault in find_faults(late, POLICY)
    }


def test_who_lost_a_seat_is_due_a_later_one(told: Mapping[str, Snapshot]) -> None:
    """T004 of Dr. Nair lost the day's last slot; were it the first, the next would be due."""
    shot = told["Rao"]
    shot = told_first(shot, "T005", status=Status.BOOKED)
    faults = find_faults(shot, POLICY)
    assert any(
        fault.invariant == "Nobody waits for a seat that is free" and "12:00" in fault.where
        for fault in faults
    )
