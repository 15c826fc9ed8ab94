"""Whatever the doctors' days look like, the slot that is chosen is the best by the plain words."""

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from engine.allocation import choose_slot
from engine.day import Day
from engine.decide import decide
from models.commands import IfFull
from models.errors import Refusal
from models.sheet import Sheet
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from tests.factories import at, make_book, make_policy, make_sheet, make_slot
from tests.property.reading import Reading

pytestmark = pytest.mark.timeout(900)  # a failure takes minutes to shrink, a thorough run too
NOW = at("09:30")
CLOCKS = ["08:00", "09:00", "10:00", "11:00"]
POLICY = make_policy(emergency_overflow=1, max_bumps=1)
ORDINARY = {Source.FOLLOWUP, Source.ONLINE, Source.WALKIN}

closings = st.sampled_from([False, False, False, True])
slot_plans = st.dictionaries(
    st.sampled_from(CLOCKS), st.tuples(st.integers(1, 2), closings), min_size=1
)
comers = st.lists(
    st.tuples(st.sampled_from(CLOCKS), st.sampled_from(Source), st.integers(0, 20)),
    min_size=4,
    max_size=16,
)


def _sheet(
    sheet_id: str, plan: dict[str, tuple[int, bool]], crowd: list[tuple[str, Source, int]]
) -> Sheet:
    """A day on which this crowd came early, and some slots were closed after it."""
    slots = [make_slot(clock, seats=seats, sheet_id=sheet_id) for clock, (seats, _) in plan.items()]
    sheet = make_sheet(*slots, sheet_id=sheet_id)
    for n, (clock, source, patient) in enumerate(crowd):
        command = make_book(
            n, clock=clock, source=source, patient=f"patient{patient}", sheet_id=sheet_id
        )
        try:
            sheet = decide(sheet, command, POLICY, at("07:00")).sheet
        except Refusal:
            continue
    closed = [closed for _, closed in plan.values()]
    return make_sheet(
        *(
            make_slot(clock, seats=seats, sheet_id=sheet_id, status=_status(closed=is_closed))
            for (clock, (seats, _)), is_closed in zip(plan.items(), closed, strict=True)
        ),
        tokens=sheet.tokens,
        sheet_id=sheet_id,
    )


def _status(*, closed: bool) -> SlotStatus:
    return SlotStatus.CLOSED if closed else SlotStatus.OPEN


sheets = st.tuples(
    st.builds(_sheet, st.just("asha-20260309"), slot_plans, comers),
    st.builds(_sheet, st.just("ravi-20260309"), slot_plans, comers),
)


def _seats(sheet: Sheet, slot_id: str, source: Source, patient: str, if_full: IfFull) -> bool:
    """Whether booking this slot gives a seat."""
    clock = slot_id.rpartition("-")[2]
    command = make_book(
        99, clock=clock, source=source, patient=patient, if_full=if_full, sheet_id=sheet.id
    )
    try:
        return decide(sheet, command, POLICY, NOW).sheet.tokens[-1].status is Status.BOOKED
    except Refusal:
        return False


@given(sheets, st.sampled_from([*Source, Source.EMERGENCY, Source.PRIORITY]), st.integers(0, 21))
def test_the_chosen_slot_is_the_best(
    both: tuple[Sheet, Sheet], source: Source, patient_number: int
) -> None:
    patient = f"patient{patient_number}"
    readings = [Reading(sheet, POLICY, NOW, ()) for sheet in both]
    by_slot = {slot_id: reading for reading in readings for slot_id in reading.in_order}
    fitting = [
        slot_id
        for slot_id, reading in by_slot.items()
        if reading.gives_seats(slot_id) and not reading.has_live(patient, slot_id)
    ]

    choice = choose_slot([Day(sheet, POLICY, NOW) for sheet in both], source, patient)

    if choice is None:
        assert fitting == []
        event("none")
        return
    chosen = choice.slot_id
    assert chosen in fitting
    free = [
        slot_id
        for slot_id in fitting
        if _seats(by_slot[slot_id].sheet, slot_id, source, patient, IfFull.FREE_SEAT)
    ]
    assert choice.for_free_seat == bool(free)
    if free and source in ORDINARY:
        event("earliest free seat")
        assert chosen == min(free, key=lambda slot_id: _earliest(by_slot[slot_id], slot_id))
    elif free:
        event("least loaded")
        assert chosen == min(
            free,
            key=lambda slot_id: (_load(by_slot[slot_id]), *_earliest(by_slot[slot_id], slot_id)),
        )
    else:
        seated = [
            slot_id
            for slot_id in fitting
            if _seats(by_slot[slot_id].sheet, slot_id, source, patient, IfFull.REJECT)
        ]
        event(f"all full, {'seated' if seated else 'waiting'}")
        waiting = {slot_id: _waiting(by_slot[slot_id], slot_id) for slot_id in fitting}
        assert chosen == min(
            seated or fitting,
            key=lambda slot_id: (
                0 if seated else waiting[slot_id],
                *_earliest(by_slot[slot_id], slot_id),
            ),
        )


def _earliest(day: Reading, slot_id: str) -> tuple[object, ...]:
    """Its start, then the seats taken of that doctor's day, then its id."""
    taken = sum(day.taken(other) for other in day.in_order)
    return (day.slots[slot_id].start, taken, slot_id)


def _load(day: Reading) -> float:
    giving = [slot_id for slot_id in day.in_order if day.gives_seats(slot_id)]
    seats = sum(day.slots[slot_id].max_capacity for slot_id in giving)
    return sum(day.taken(slot_id) for slot_id in giving) / seats


def _waiting(day: Reading, slot_id: str) -> int:
    return sum(
        token.slot_id == slot_id and token.status is Status.WAITLISTED for token in day.sheet.tokens
    )
