"""Rules 4 and 5: who gives up a seat to whom, and where they go."""

import pytest

from models.commands import IfFull
from models.errors import SlotFull
from models.events import Booked, Bumped
from models.source import Source
from models.token import Bump, Status
from tests.factories import SCORES, OpdDay, at, make_policy, make_slot, make_token, slot_id

E, P, F, O, W = (  # noqa: E741  # the tables below are read by these letters
    Source.EMERGENCY,
    Source.PRIORITY,
    Source.FOLLOWUP,
    Source.ONLINE,
    Source.WALKIN,
)
NO_OVERFLOW = make_policy(emergency_overflow=0)


@pytest.mark.parametrize(
    ("seated", "newcomer", "loser"),
    [
        pytest.param([W], O, 1, id="online bumps a walk-in"),
        pytest.param([W], F, 1, id="follow-up bumps a walk-in"),
        pytest.param([O], F, 1, id="follow-up bumps online"),
        pytest.param([F], P, 1, id="priority bumps a follow-up"),
        pytest.param([P], E, 1, id="emergency bumps priority"),
        pytest.param([W, W], P, 2, id="of equal scores the latest gives way"),
        pytest.param([W, O], P, 1, id="the lowest score gives way"),
        pytest.param([O, W, W, F], P, 3, id="lowest score, then latest"),
        pytest.param([W], W, None, id="a walk-in does not bump a walk-in"),
        pytest.param([P], P, None, id="equal scores do not bump"),
        pytest.param([P, F], O, None, id="a lower score does not bump"),
        pytest.param([E, E], P, None, id="emergencies are not bumped"),
        pytest.param([E], E, None, id="an emergency does not bump an emergency"),
    ],
)
def test_who_is_bumped(seated: list[Source], newcomer: Source, loser: int | None) -> None:
    tokens = tuple(make_token(n, source=source) for n, source in enumerate(seated, start=1))
    opd_day = OpdDay(make_slot(seats=len(seated)), tokens=tokens, policy=NO_OVERFLOW)

    if loser is None:
        with pytest.raises(SlotFull):
            opd_day.book(source=newcomer, if_full=IfFull.REJECT)
    else:
        assert opd_day.book(source=newcomer).status is Status.BOOKED
        assert [t.number for t in opd_day.sheet.tokens if t.status is Status.WAITLISTED] == [loser]


def test_emergency_bumps_the_latest_walk_in() -> None:
    opd_day = OpdDay(make_slot(seats=2), policy=NO_OVERFLOW)
    early, late = opd_day.book(source=W), opd_day.book(source=W)
    opd_day.book(source=E)
    assert [opd_day[early].status, opd_day[late].status] == [Status.BOOKED, Status.WAITLISTED]


@pytest.mark.parametrize(
    "status", [Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION, Status.COMPLETED]
)
@pytest.mark.parametrize("newcomer", [P, E])
def test_who_is_present_or_seen_is_never_bumped(status: Status, newcomer: Source) -> None:
    opd_day = OpdDay(policy=NO_OVERFLOW)
    opd_day.bring(opd_day.book(source=W), status)
    with pytest.raises(SlotFull):
        opd_day.book(source=newcomer, if_full=IfFull.REJECT)


def test_an_emergency_is_not_bumped_even_where_another_source_scores_higher() -> None:
    policy = make_policy(scores={**SCORES, P: 2000}, emergency_overflow=0)
    opd_day = OpdDay(policy=policy)
    opd_day.book(source=E)
    assert opd_day.book(source=P).status is Status.WAITLISTED


def test_the_score_given_at_booking_decides_not_the_source() -> None:
    opd_day = OpdDay()
    opd_day.book(source=W)
    opd_day.policy = make_policy(scores={**SCORES, W: 150})
    assert opd_day.book(source=W).status is Status.BOOKED


@pytest.mark.parametrize(("bumped_before", "bumped_again"), [(0, True), (1, True), (2, False)])
def test_a_token_is_bumped_only_so_often(bumped_before: int, *, bumped_again: bool) -> None:
    bumps = (Bump(slot_id("08:00"), at("07:00")),) * bumped_before
    opd_day = OpdDay(make_slot(), tokens=(make_token(bumps=bumps),))
    newcomer = opd_day.book(source=P)
    assert (newcomer.status is Status.BOOKED) is bumped_again


def test_with_no_bumps_allowed_nobody_is_bumped() -> None:
    opd_day = OpdDay(policy=make_policy(max_bumps=0))
    opd_day.book(source=W)
    assert opd_day.book(source=P).status is Status.WAITLISTED


@pytest.mark.parametrize(
    ("newcomer", "now", "bumps"),
    [
        (P, "08:59:59", True),
        (P, "09:00", False),
        (P, "09:30", False),
        (E, "08:59:59", True),
        (E, "09:00", True),
        (E, "09:59:59", True),
    ],
)
def test_once_the_planned_start_has_passed_only_an_emergency_bumps(
    newcomer: Source, now: str, *, bumps: bool
) -> None:
    opd_day = OpdDay(policy=NO_OVERFLOW)
    walk_in = opd_day.book(source=W)
    opd_day.now = at(now)
    opd_day.book(source=newcomer)
    assert (opd_day[walk_in].status is Status.WAITLISTED) is bumps


def test_a_delay_does_not_prolong_the_time_for_bumping() -> None:
    opd_day = OpdDay(make_slot(delay=60))
    opd_day.book(source=W)
    opd_day.now = at("09:00")
    assert opd_day.book(source=P).status is Status.WAITLISTED


def test_a_source_with_a_free_seat_bumps_nobody() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    walk_in = opd_day.book(source=W)
    opd_day.book(source=P)
    assert opd_day[walk_in].status is Status.BOOKED
    assert opd_day.last.outcome.bumped is None


def test_beyond_capacity_a_bump_changes_no_seat_count() -> None:
    opd_day = OpdDay()
    walk_in = opd_day.book(source=W)
    opd_day.book(source=E)
    opd_day.book(source=P)
    assert opd_day[walk_in].status is Status.WAITLISTED
    assert len(opd_day.day.roster(slot_id("09:00")).seated) == 2


# Rule 5: where the bumped token goes


def test_the_bumped_token_takes_the_earliest_later_free_seat() -> None:
    opd_day = OpdDay(make_slot("11:00"), make_slot("10:00"), make_slot("09:00"), make_slot("08:00"))
    walk_in = opd_day.book("09:00", W)

    newcomer = opd_day.book("09:00", P)

    assert opd_day.state(walk_in) == ("10:00", Status.BOOKED)
    assert opd_day.state(newcomer) == ("09:00", Status.BOOKED)
    bumped = opd_day.last.outcome.bumped
    assert bumped is not None
    assert (bumped.token_id, bumped.number) == (walk_in.id, 1)
    assert (bumped.from_slot_id, bumped.to_slot_id) == (slot_id("09:00"), slot_id("10:00"))


def test_the_bumped_token_passes_over_places_that_have_no_seat_for_it() -> None:
    opd_day = OpdDay(
        make_slot("09:00"),
        make_slot("10:00"),  # full
        make_slot("11:00"),  # closed
        make_slot("12:00", seats=2),  # the patient has a token here
        make_slot("13:00"),
    )
    opd_day.book("10:00", W)
    opd_day.close("11:00")
    opd_day.book("12:00", W, patient="meera")
    bumped = opd_day.book("09:00", W, patient="meera")

    opd_day.book("09:00", P)

    assert opd_day.state(bumped) == ("13:00", Status.BOOKED)


def test_the_bumped_token_bumps_nobody_and_takes_no_overflow() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    lower = opd_day.book("10:00", W)
    bumped = opd_day.book("09:00", F)

    opd_day.book("09:00", P)

    assert opd_day.state(lower) == ("10:00", Status.BOOKED)
    assert opd_day.state(bumped) == ("09:00", Status.WAITLISTED)
    displacement = opd_day.last.outcome.bumped
    assert displacement is not None
    assert displacement.to_slot_id is None


def test_the_bumped_token_never_goes_to_an_earlier_slot() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    bumped = opd_day.book("10:00", W)
    opd_day.book("10:00", P)
    assert opd_day.state(bumped) == ("10:00", Status.WAITLISTED)


@pytest.mark.parametrize("later", [True, False], ids=["moved", "waitlisted"])
def test_the_bumped_token_keeps_number_score_and_id(*, later: bool) -> None:
    slots = (make_slot("09:00"), make_slot("10:00")) if later else (make_slot("09:00"),)
    opd_day = OpdDay(*slots)
    before = opd_day.book(source=W)
    opd_day.now = at("08:30")
    opd_day.book(source=P)
    after = opd_day[before]

    assert (after.number, after.score, after.id) == (before.number, before.score, before.id)
    assert (after.booked_at, after.seated_at) == (at("08:00"), at("08:00"))
    assert after.bumps == (Bump(slot_id("09:00"), at("08:30")),)


def test_a_second_bump_is_added_to_the_first() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    bumped = opd_day.book("09:00", W)
    opd_day.book("09:00", P)
    opd_day.book("10:00", P)
    assert [bump.slot_id for bump in opd_day[bumped].bumps] == [slot_id("09:00"), slot_id("10:00")]


def test_a_bump_is_told_before_the_booking_that_caused_it() -> None:
    opd_day = OpdDay()
    walk_in = opd_day.book(source=W)
    newcomer = opd_day.book(source=P)
    bump, booking = opd_day.events()
    assert isinstance(bump, Bumped)
    assert (bump.number, bump.cause) == (walk_in.number, newcomer.number)
    assert isinstance(booking, Booked)
    assert booking.number == newcomer.number
