"""Positions, estimated times and who is next: computed when read, never stored. Rules 1 and 9."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from engine.day import Day
from engine.foresight import Foresight, Span
from engine.line import called_key, place_in_line
from engine.shared_line import called_and_waiting
from models.rank import rank, ranked
from models.slot import SlotStatus
from models.timeline import TimedSlot
from models.token import QUEUED, Status, Token


class Standing(Struct, frozen=True, gc=False):
    """Where a token stands in its slot; all None once it is neither queued nor waiting.

    `position` counts from 1 among those BOOKED, CHECKED_IN and CALLED, `waitlist_position` among
    those WAITLISTED. `estimated_time` is when the consultation should begin; nobody can tell in a
    slot that is CLOSED. `earliest` and `latest` are where it begins in four cases of five, where the
    doctor's past tells. `queue_position` is the place in the line of the day, of those called and
    those here.
    """

    position: int | None = None
    waitlist_position: int | None = None
    estimated_time: datetime | None = None
    queue_position: int | None = None
    earliest: datetime | None = None
    latest: datetime | None = None


NO_STANDING = Standing()


def standing_of(day: Day, token: Token) -> Standing:
    """Where this token stands now."""
    if token.status in QUEUED:
        timed = day.timed_slot(token.slot_id)
        ahead = day.roster(token.slot_id).place(token)
        place = _places(day).get(token.number) if day.others else place_in_line(day, token)
        if _is_foreseen(day) and timed.slot.status is SlotStatus.OPEN:
            span = _span_of(Foresight(day), timed, token, place)
            return _foreseen(day, ahead + 1, place, span)
        return _reckoned(_Reckoning.of(day, timed), ahead, place)
    if token.status is Status.WAITLISTED:
        waiting = day.roster(token.slot_id).waiting
        return Standing(waitlist_position=1 + sum(rank(other) < rank(token) for other in waiting))
    return NO_STANDING


def queue_of(day: Day, timed: TimedSlot) -> list[tuple[Token, Standing]]:
    """A slot's queue in order, then its waitlist in order."""
    return _queue_of(day, timed, _places(day), _sight(day))


def _queue_of(
    day: Day, timed: TimedSlot, places: Mapping[int, int], sight: "_Sight | None"
) -> list[tuple[Token, Standing]]:
    roster = day.roster(timed.slot.id)
    queued = roster.queue
    waitlist = [
        (token, Standing(waitlist_position=position))
        for position, token in enumerate(ranked(roster.waiting), start=1)
    ]
    if sight is not None and timed.slot.status is SlotStatus.OPEN:
        spans = {**sight.foresight.of_slot(timed, queued), **sight.here}
        return [
            (token, _foreseen(day, position, places.get(token.number), spans[token.number]))
            for position, token in enumerate(queued, start=1)
        ] + waitlist
    reckoning = _Reckoning.of(day, timed)
    return [
        (token, _reckoned(reckoning, ahead, places.get(token.number)))
        for ahead, token in enumerate(queued)
    ] + waitlist


def line_of(day: Day) -> list[tuple[Token, Standing]]:
    """Who is next in the doctor's day, all its slots together.

    Who was called, then who is here in the order in which they are called, then who is yet to
    come: emergencies of whatever slot, then slot by slot in order of time, all by rank.
    """
    places, sight = _places(day), _sight(day)
    placed = [
        (token, standing)
        for timed in day.timed_slots
        for token, standing in _queue_of(day, timed, places, sight)
        if standing.position is not None
    ]
    here = [entry for entry in placed if entry[1].queue_position is not None]
    to_come = [entry for entry in placed if entry[1].queue_position is None]
    here.sort(key=lambda entry: places[entry[0].number])
    to_come.sort(key=lambda entry: called_key(day, entry[0]))
    return here + to_come


def _places(day: Day) -> dict[int, int]:
    """By number, the place in line of each of the day who was called or is here."""
    line = enumerate(called_and_waiting(day), start=1)
    return {each.token.number: place for place, each in line if each.day is day}


class _Sight(Struct, frozen=True):
    """What is foreseen of a day, and of those who are here."""

    foresight: Foresight
    here: Mapping[int, Span]


def _sight(day: Day) -> _Sight | None:
    if not _is_foreseen(day):
        return None
    foresight = Foresight(day)
    return _Sight(foresight, foresight.of_line(called_and_waiting(day)))


def _is_foreseen(day: Day) -> bool:
    """Whether times go by what is foreseen; of a shared line always, which no slot's arithmetic knows."""
    return day.experience is not None or len(day.others) > 0


def _span_of(foresight: Foresight, timed: TimedSlot, token: Token, place: int | None) -> Span:
    day = foresight.day
    if place is not None:
        return foresight.of_line(called_and_waiting(day)[:place])[token.number]
    roster = day.roster(timed.slot.id)
    return foresight.of_slot(timed, roster.queue[: roster.place(token) + 1])[token.number]


def _foreseen(day: Day, position: int, place: int | None, span: Span) -> Standing:
    if day.experience is None:  # of whose past nothing is known, so neither how far off this may be
        return Standing(position, None, span.at, place)
    return Standing(position, None, span.at, place, span.earliest, span.latest)


class _Reckoning(Struct, frozen=True):
    """Rule 9 in a slot: when the first of the line should begin, and the first of who is to come.

    Each behind them begins a consultation later: who is here by the line, as they are called; who
    is yet to come by the slot.
    """

    line: datetime
    slot: datetime
    consultation: timedelta

    @classmethod
    def of(cls, day: Day, timed: TimedSlot) -> "_Reckoning | None":
        """None in a slot that is CLOSED."""
        if timed.slot.status is SlotStatus.CLOSED:
            return None
        inside, before = 0, 0
        for other in day.timed_slots:
            roster = day.roster(other.slot.id)
            inside += roster.in_consultation
            before += roster.present if other.order < timed.order else roster.in_consultation
        soonest, each = max(day.now, day.sheet.session.until or day.now), day.consultation
        return cls(
            max(soonest, _line_starts(day, timed)) + inside * each,
            max(soonest, timed.expected_start) + before * each,
            each,
        )


def _line_starts(day: Day, timed: TimedSlot) -> datetime:
    """The expected start of the first OPEN slot of those in line; of this one before it has anyone."""
    for other in day.timed_slots[: timed.order]:
        roster = day.roster(other.slot.id)
        if other.slot.status is SlotStatus.OPEN and roster.present > roster.in_consultation:
            return other.expected_start
    return timed.expected_start


def _reckoned(reckoning: _Reckoning | None, ahead: int, place: int | None) -> Standing:
    if reckoning is None:
        at = None
    elif place is None:
        at = reckoning.slot + ahead * reckoning.consultation
    else:
        at = reckoning.line + (place - 1) * reckoning.consultation
    return Standing(ahead + 1, None, at, place)
