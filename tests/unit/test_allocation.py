"""Which doctor and slot suit a newcomer best, when the caller leaves the choice open."""

import pytest

from engine.allocation import Choice, choose_slot, why_none
from engine.day import Day
from engine.seating import find_alternatives
from models.errors import NoSlot, NoSlotCause, SheetFull
from models.policy import Policy
from models.slot import Slot, SlotStatus
from models.source import Source
from models.token import Status, Token
from tests.factories import at, make_policy, make_sheet, make_slot, make_token, slot_id

E, P, F, O, W = (  # noqa: E741  # the tables below are read by these letters
    Source.EMERGENCY,
    Source.PRIORITY,
    Source.FOLLOWUP,
    Source.ONLINE,
    Source.WALKIN,
)
ORDINARY = [F, O, W]
ASHA, RAVI = "asha-20260309", "ravi-20260309"


def _day(
    sheet_id: str,
    slots: dict[str, tuple[int, list[Source]]],
    *,
    statuses: dict[str, SlotStatus] | None = None,
    waiting: dict[str, int] | None = None,
    now: str = "08:00",
    policy: Policy | None = None,
) -> Day:
    """A doctor's day: for each slot its seats and the sources of those who sit there."""
    made: list[Slot] = []
    tokens: list[Token] = []

    def add(clock: str, source: Source, status: Status) -> None:
        number = len(tokens) + 1
        patient = f"{sheet_id}.{number}"
        tokens.append(
            make_token(
                number,
                clock=clock,
                source=source,
                status=status,
                patient=patient,
                sheet_id=sheet_id,
            )
        )

    for clock, (seats, seated) in slots.items():
        status = (statuses or {}).get(clock, SlotStatus.OPEN)
        made.append(make_slot(clock, seats=seats, status=status, sheet_id=sheet_id))
        for source in seated:
            add(clock, source, Status.BOOKED)
        for _ in range((waiting or {}).get(clock, 0)):
            add(clock, W, Status.WAITLISTED)
    sheet = make_sheet(*made, tokens=tuple(tokens), sheet_id=sheet_id)
    return Day(sheet, policy or make_policy(), at(now))


def _choose(days: list[Day], source: Source, patient: str = "meera") -> tuple[str, str, bool]:
    """The chosen doctor's sheet and slot, and whether it was chosen for a free seat."""
    choice = choose_slot(days, source, patient)
    assert choice is not None
    sheet, _, clock = choice.slot_id.rpartition("-")
    return sheet, clock, choice.for_free_seat


@pytest.mark.parametrize("source", ORDINARY)
def test_ordinary_sources_take_the_earliest_free_seat(source: Source) -> None:
    asha = _day(ASHA, {"09:00": (1, [P]), "11:00": (1, [])})
    ravi = _day(RAVI, {"09:00": (1, [P]), "10:00": (3, [P, P])})
    assert _choose([asha, ravi], source) == (RAVI, "1000", True)


@pytest.mark.parametrize("source", ORDINARY)
def test_ties_go_to_the_doctor_with_fewer_seats_taken(source: Source) -> None:
    asha = _day(ASHA, {"09:00": (2, [W]), "10:00": (1, [W])})
    ravi = _day(RAVI, {"09:00": (2, [W]), "10:00": (1, [])})
    assert _choose([asha, ravi], source) == (RAVI, "0900", True)
    assert _choose([ravi, asha], source) == (RAVI, "0900", True)


def test_seats_taken_in_closed_and_past_slots_count_in_a_tie() -> None:
    asha = _day(ASHA, {"07:00": (2, [W, W]), "09:00": (1, [])}, now="08:00")
    ravi = _day(RAVI, {"07:00": (2, [W]), "09:00": (1, [])}, now="08:00")
    assert _choose([asha, ravi], O) == (RAVI, "0900", True)


def test_full_ties_go_to_the_same_slot_whatever_the_order_of_the_doctors() -> None:
    days = [_day(ASHA, {"09:00": (1, [])}), _day(RAVI, {"09:00": (1, [])})]
    assert _choose(days, O) == _choose(days[::-1], O) == (ASHA, "0900", True)


@pytest.mark.parametrize("source", [P, E])
def test_priority_and_emergency_take_the_least_loaded_doctors_earliest_slot(
    source: Source,
) -> None:
    asha = _day(ASHA, {"09:00": (2, [W]), "10:00": (2, [W, W])})
    ravi = _day(RAVI, {"10:00": (4, [W, W]), "11:00": (4, [])})
    assert _choose([asha, ravi], source) == (RAVI, "1000", True)


@pytest.mark.parametrize("source", [P, E])
def test_the_load_is_the_share_of_seats_taken_not_their_count(source: Source) -> None:
    asha = _day(ASHA, {"09:00": (10, [W] * 4)})
    ravi = _day(RAVI, {"09:00": (4, [W] * 3)})
    assert _choose([asha, ravi], source) == (ASHA, "0900", True)


@pytest.mark.parametrize("source", [P, E])
def test_the_load_counts_open_slots_that_are_not_over(source: Source) -> None:
    asha = _day(ASHA, {"07:00": (8, []), "09:00": (2, [W]), "10:00": (2, [W])}, now="08:00")
    ravi = _day(
        RAVI,
        {"09:00": (4, [W]), "10:00": (4, [W, W, W, W])},
        statuses={"10:00": SlotStatus.CLOSED},
    )
    assert _choose([asha, ravi], source) == (RAVI, "0900", True)


@pytest.mark.parametrize("source", [P, E])
def test_equal_loads_go_to_the_earliest_slot(source: Source) -> None:
    asha = _day(ASHA, {"10:00": (2, [W])})
    ravi = _day(RAVI, {"09:00": (4, [W, W])})
    assert _choose([asha, ravi], source) == (RAVI, "0900", True)


@pytest.mark.parametrize("source", Source)
def test_slots_that_take_nobody_are_left_out(source: Source) -> None:
    asha = _day(
        ASHA,
        {"07:00": (1, []), "09:00": (1, []), "10:00": (1, [])},
        statuses={"09:00": SlotStatus.CLOSED},
    )
    assert _choose([asha], source) == (ASHA, "1000", True)


@pytest.mark.parametrize("source", Source)
def test_a_slot_where_the_patient_has_a_token_is_left_out(source: Source) -> None:
    asha = _day(ASHA, {"09:00": (2, [W]), "10:00": (1, [])})
    assert _choose([asha], source, patient=f"{ASHA}.1") == (ASHA, "1000", True)


def test_where_no_slot_takes_the_newcomer_there_is_no_choice() -> None:
    asha = _day(ASHA, {"09:00": (2, [W])})
    assert choose_slot([asha], O, f"{ASHA}.1") is None
    assert choose_slot([], O, "meera") is None
    assert choose_slot([_day(RAVI, {"07:00": (1, [])})], E, "meera") is None


# All full


def test_all_full_a_slot_that_seats_now_comes_before_a_shorter_waitlist() -> None:
    asha = _day(ASHA, {"09:00": (1, [P]), "10:00": (1, [W])}, waiting={"10:00": 3})
    assert _choose([asha], O) == (ASHA, "1000", False)


def test_all_full_the_shortest_waitlist_comes_first_then_the_earliest() -> None:
    asha = _day(ASHA, {"09:00": (1, [P]), "10:00": (1, [P])}, waiting={"09:00": 2, "10:00": 1})
    ravi = _day(RAVI, {"09:00": (1, [P]), "11:00": (1, [P])}, waiting={"09:00": 2, "11:00": 1})
    assert _choose([asha, ravi], W) == (ASHA, "1000", False)


def test_all_full_of_slots_that_seat_now_the_earliest_comes_first() -> None:
    asha = _day(ASHA, {"09:00": (1, [W]), "10:00": (1, [W])}, waiting={"09:00": 2})
    assert _choose([asha], P) == (ASHA, "0900", False)


def test_all_full_an_emergency_is_seated_beyond_capacity_where_it_is_earliest() -> None:
    policy = make_policy(emergency_overflow=1)
    asha = _day(ASHA, {"09:00": (1, [E, E]), "10:00": (1, [E])}, policy=policy)
    assert _choose([asha], E) == (ASHA, "1000", False)


def test_all_full_with_no_way_in_the_choice_is_still_named() -> None:
    policy = make_policy(emergency_overflow=0)
    day = _day(ASHA, {"09:00": (1, [E])}, policy=policy)
    assert choose_slot([day], E, "meera") == Choice(slot_id("09:00"), for_free_seat=False)


FULL = make_policy(max_tokens_per_sheet=1)
PLANNED = _day(ASHA, {"09:00": (2, [])})
CLOSED = _day(ASHA, {"09:00": (2, [])}, statuses={"09:00": SlotStatus.CLOSED})
FULL_DAY = _day(ASHA, {"09:00": (2, [O])}, policy=FULL)


def test_a_full_day_is_passed_over_for_another_doctors() -> None:
    other = _day(RAVI, {"10:00": (1, [])})

    assert choose_slot([FULL_DAY], O, None) is None
    assert choose_slot([FULL_DAY, other], O, None) == Choice(
        slot_id("10:00", RAVI), for_free_seat=True
    )


@pytest.mark.parametrize(
    ("days", "cause"),
    [
        ([PLANNED], NoSlotCause.HAS_TOKENS),
        ([FULL_DAY, PLANNED], NoSlotCause.HAS_TOKENS),
        ([CLOSED], NoSlotCause.NONE_OPEN),
        ([], NoSlotCause.NONE_PLANNED),
        ([_day(ASHA, {})], NoSlotCause.NONE_PLANNED),
    ],
    ids=["has a token in each", "beside a full day", "all closed", "no day", "no slot"],
)
def test_the_cause_of_finding_no_slot_is_told(days: list[Day], cause: NoSlotCause) -> None:
    refusal = why_none(days, Source.ONLINE, at("08:00").date())

    assert isinstance(refusal, NoSlot)
    assert refusal.cause is cause


def test_where_every_open_day_is_full_that_is_the_cause() -> None:
    assert isinstance(why_none([FULL_DAY, CLOSED], Source.ONLINE, at("08:00").date()), SheetFull)


def test_a_full_day_offers_no_other_slot() -> None:
    full = _day(ASHA, {"09:00": (1, [O]), "10:00": (1, [])}, policy=FULL)

    assert find_alternatives(full, "patient", O, slot_id("09:00", ASHA)) == []
