"""Rule 9: when slots are expected to run; a delay spills over only where it must."""

from datetime import timedelta

import pytest

from models.slot import Slot, SlotStatus
from models.timeline import Timeline
from tests.factories import OpdDay, at, clock_of, make_slot, slot_id

CLOSED = SlotStatus.CLOSED


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        pytest.param(
            [make_slot("09:00"), make_slot("10:00")],
            {"09:00": ("09:00", "10:00"), "10:00": ("10:00", "11:00")},
            id="without delay slots run as planned",
        ),
        pytest.param(
            [make_slot("09:00", delay=30), make_slot("10:00"), make_slot("11:00")],
            {
                "09:00": ("09:30", "10:30"),
                "10:00": ("10:30", "11:30"),
                "11:00": ("11:30", "12:30"),
            },
            id="a delay spills over to all slots that follow closely",
        ),
        pytest.param(
            [make_slot("09:00", delay=30), make_slot("10:15", minutes=45), make_slot("11:15")],
            {
                "09:00": ("09:30", "10:30"),
                "10:15": ("10:30", "11:15"),
                "11:15": ("11:15", "12:15"),
            },
            id="a pause swallows a delay",
        ),
        pytest.param(
            [make_slot("09:00", delay=90), make_slot("10:00", delay=60)],
            {"09:00": ("10:30", "11:30"), "10:00": ("11:30", "12:30")},
            id="a slots own delay and the spill are not added",
        ),
        pytest.param(
            [make_slot("09:00", delay=30), make_slot("10:00", delay=60)],
            {"09:00": ("09:30", "10:30"), "10:00": ("11:00", "12:00")},
            id="the later of own delay and spill counts",
        ),
        pytest.param(
            [make_slot("09:00", delay=90, status=CLOSED), make_slot("10:00")],
            {"09:00": ("10:30", "11:30"), "10:00": ("10:00", "11:00")},
            id="a closed slot delays nobody",
        ),
        pytest.param(
            [
                make_slot("09:00", delay=90),
                make_slot("10:00", status=CLOSED),
                make_slot("11:00"),
            ],
            {
                "09:00": ("10:30", "11:30"),
                "10:00": ("11:30", "12:30"),
                "11:00": ("11:30", "12:30"),
            },
            id="a delay passes over a closed slot",
        ),
        pytest.param(
            [make_slot("11:00"), make_slot("09:00", delay=30), make_slot("10:00")],
            {
                "09:00": ("09:30", "10:30"),
                "10:00": ("10:30", "11:30"),
                "11:00": ("11:30", "12:30"),
            },
            id="slots count in order of time",
        ),
        pytest.param(
            [make_slot("09:00", minutes=90, delay=15), make_slot("10:30", minutes=20)],
            {"09:00": ("09:15", "10:45"), "10:30": ("10:45", "11:05")},
            id="a late slot keeps its length",
        ),
    ],
)
def test_expected_times(slots: list[Slot], expected: dict[str, tuple[str, str]]) -> None:
    timed_slots = Timeline(slots).timed_slots
    assert {
        clock_of(timed.slot.id): (timed.expected_start, timed.expected_end) for timed in timed_slots
    } == {clock: (at(start), at(end)) for clock, (start, end) in expected.items()}


def test_a_timeline_numbers_its_slots_in_order_of_time() -> None:
    timeline = Timeline([make_slot("11:00"), make_slot("09:00"), make_slot("10:00")])
    assert [(timed.order, clock_of(timed.slot.id)) for timed in timeline.timed_slots] == [
        (0, "09:00"),
        (1, "10:00"),
        (2, "11:00"),
    ]
    assert timeline.get(slot_id("10:00")) is timeline.timed_slots[1]
    assert timeline.get(slot_id("12:00")) is None


def test_a_day_without_slots_has_an_empty_timeline() -> None:
    assert Timeline([]).timed_slots == ()


def test_a_delay_is_the_delay_in_all_and_0_takes_it_back() -> None:
    opd_day = OpdDay()
    opd_day.change("09:00", delay=30)
    opd_day.change("09:00", delay=45)
    assert opd_day.day.timed_slot(slot_id("09:00")).expected_start == at("09:45")
    opd_day.change("09:00", delay=0)
    assert opd_day.day.timed_slot(slot_id("09:00")).expected_start == at("09:00")


def test_a_delay_keeps_the_planned_times_and_the_capacity() -> None:
    opd_day = OpdDay(make_slot(seats=4))
    slot = opd_day.change("09:00", delay=30)
    assert (slot.start, slot.end, slot.max_capacity) == (at("09:00"), at("10:00"), 4)
    assert slot.delay_minutes == 30


def test_lengths_are_planned_lengths_across_a_clock_change() -> None:
    timed = Timeline([make_slot("09:00", minutes=120, delay=480)]).timed_slots[0]
    assert timed.expected_end - timed.expected_start == timedelta(hours=2)


# Past midnight


@pytest.mark.parametrize(
    ("clock", "minutes", "delay", "until"),
    [
        pytest.param("21:00", 60, 120, None, id="up to midnight"),
        pytest.param("21:00", 60, 121, "00:01", id="past midnight"),
        pytest.param("22:00", 180, 0, None, id="planned past midnight"),
        pytest.param("22:00", 180, 1, "01:01", id="planned past midnight, and late"),
    ],
)
def test_a_day_that_is_delayed_past_midnight_says_until_when(
    clock: str, minutes: int, delay: int, until: str | None
) -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot(clock, minutes=minutes, delay=delay))
    told = opd_day.day.delayed_past_midnight
    assert told == (None if until is None else at(until, days=1))
    opd_day.close(clock)
    assert opd_day.day.delayed_past_midnight is None
