"""Rule 24: whether a doctor's line takes walk-ins."""

import pytest

from engine.allocation import choose_slot, why_none
from engine.walk_ins import is_accepting, size_of_line
from models.commands import SetConfig, SetTenure
from models.doctor import Tenure
from models.errors import AlreadyBooked, NoSlot, NotAccepting, QueueFull, SheetFull, SlotFull
from models.keyed_request import KeyedRequest
from models.line_config import LineConfig
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from tests.factories import ACTOR, DAY, OpdDay, at, make_policy, make_slot

WALKIN = Source.WALKIN
OTHERS = [source for source in Source if source is not WALKIN]


def a_line(**own: object) -> OpdDay:
    """A day with room, whose line has this otherwise."""
    opd_day = OpdDay(make_slot(seats=9), make_slot("10:00", seats=9))
    config = LineConfig(change=1, **own)  # type: ignore[arg-type]  # what a test says of it
    opd_day.do(SetConfig(actor=ACTOR, config=config))
    return opd_day


def test_a_line_that_accepts_none_refuses_walk_ins_alone() -> None:
    opd_day = a_line(accepting=False)
    with pytest.raises(NotAccepting):
        opd_day.book()
    for source in OTHERS:
        opd_day.book(source=source)


def test_a_line_takes_walk_ins_until_its_size_is_the_largest() -> None:
    opd_day = a_line(max_size=2)
    opd_day.book()
    opd_day.book("10:00")
    with pytest.raises(QueueFull) as refusal:
        opd_day.book()
    assert refusal.value.size == 2
    for source in OTHERS:
        opd_day.book(source=source)


@pytest.mark.parametrize(
    ("source", "status", "counts"),
    [
        (WALKIN, Status.BOOKED, True),
        (Source.ONLINE, Status.BOOKED, False),
        (Source.ONLINE, Status.CHECKED_IN, True),
        (Source.ONLINE, Status.CALLED, True),
        (WALKIN, Status.IN_CONSULTATION, False),
        (WALKIN, Status.PARKED, False),
        (WALKIN, Status.MISSED, False),
        (WALKIN, Status.COMPLETED, False),
        (WALKIN, Status.CANCELLED, False),
        (WALKIN, Status.NO_SHOW, False),
    ],
)
def test_who_is_there_and_yet_to_be_seen_counts(
    source: Source, status: Status, *, counts: bool
) -> None:
    opd_day = OpdDay(make_slot(seats=9))
    opd_day.bring(opd_day.book(source=source), status)
    assert size_of_line(opd_day.day) == counts


def test_who_waits_for_a_seat_counts_once_there() -> None:
    opd_day = OpdDay()
    opd_day.book(source=Source.ONLINE)
    waiting = opd_day.book(source=Source.ONLINE)
    assert size_of_line(opd_day.day) == 0
    opd_day.set(waiting, Status.CHECKED_IN)
    assert size_of_line(opd_day.day) == 1
    opd_day.book()
    assert size_of_line(opd_day.day) == 2


def test_there_is_room_again_once_somebody_is_seen() -> None:
    opd_day = a_line(max_size=1)
    first = opd_day.book()
    with pytest.raises(QueueFull):
        opd_day.book()
    opd_day.bring(first, Status.IN_CONSULTATION)
    opd_day.book()


def test_a_repeat_is_answered_though_nobody_is_taken_any_more() -> None:
    opd_day = a_line(max_size=1)
    request = KeyedRequest(key="k", fingerprint="f")
    token = opd_day.book(request=request)
    assert opd_day.book(request=request) == token


def test_the_refusals_come_in_their_order() -> None:
    opd_day = a_line(max_size=1)
    opd_day.policy = make_policy(max_tokens_per_sheet=1)
    opd_day.book(patient="one")
    with pytest.raises(AlreadyBooked):
        opd_day.book(patient="one")
    with pytest.raises(QueueFull):
        opd_day.book()
    opd_day.do(SetConfig(actor=ACTOR, config=LineConfig(change=2, max_size=1, accepting=False)))
    with pytest.raises(NotAccepting):
        opd_day.book()
    opd_day.do(SetConfig(actor=ACTOR, config=LineConfig(change=3)))
    with pytest.raises(SheetFull):
        opd_day.book()


def test_a_late_return_is_offered_no_slot_that_would_not_take_a_walk_in() -> None:
    opd_day = OpdDay(make_slot(seats=1), make_slot("10:00"), policy=make_policy())
    opd_day.policy = make_policy(emergency_overflow=0)
    walk_in = opd_day.book()
    opd_day.now = at("09:00")
    opd_day.set(walk_in, Status.NO_SHOW)
    opd_day.book(source=Source.ONLINE)
    for accepting, slots in ((True, ["10:00"]), (False, [])):
        config = LineConfig(change=1 + (not accepting), accepting=accepting)
        opd_day.do(SetConfig(actor=ACTOR, config=config))
        with pytest.raises(SlotFull) as refusal:
            opd_day.set(walk_in, Status.CHECKED_IN)
        assert [each.start_time for each in refusal.value.alternatives] == slots


def test_a_doctor_who_has_retired_accepts_nobody() -> None:
    opd_day = OpdDay()
    assert is_accepting(opd_day.day)
    opd_day.do(SetTenure(actor=ACTOR, tenure=Tenure(retired=True, change=1)))
    assert not is_accepting(opd_day.day)


def test_the_choice_leaves_out_lines_that_take_no_walk_in() -> None:
    closed, open_ = a_line(accepting=False).day, a_line().day
    choice = choose_slot([closed, open_], WALKIN, None)
    assert choice is not None
    assert choose_slot([closed], WALKIN, None) is None
    assert choose_slot([closed], Source.ONLINE, None) is not None


def test_where_no_line_takes_a_walk_in_the_first_says_why() -> None:
    long = a_line(max_size=1)
    long.book()
    shut = a_line(accepting=False)
    assert isinstance(why_none([long.day, shut.day], WALKIN, DAY), QueueFull)
    assert isinstance(why_none([shut.day, long.day], WALKIN, DAY), NotAccepting)
    assert isinstance(why_none([long.day, a_line().day], WALKIN, DAY), NoSlot)
    closed = OpdDay(make_slot(status=SlotStatus.CLOSED))
    assert isinstance(why_none([closed.day], WALKIN, DAY), NoSlot)
