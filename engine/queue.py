"""Positions, estimated times and who is next: computed when read, never stored. Rules 1 and 9."""

from collections.abc import Mapping
from datetime import datetime

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
        first = _first_time(day, timed)
        return Standing(ahead + 1, None, first and first + ahead * day.consultation, place)
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
    first, consultation = _first_time(day, timed), day.consultation
    return [
        (
            token,
            Standing(
                ahead + 1, None, first and first + ahead * consultation, places.get(token.number)
            ),
        )
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


def _first_time(day: Day, timed: TimedSlot) -> datetime | None:
    """When the first of the slot's queue should begin; each of the others a consultation later.

    Rule 9: the latest of now, the expected start and the end of a break, plus a consultation for
    each one ahead; None in a slot that is CLOSED.
    """
    if timed.slot.status is SlotStatus.CLOSED:
        return None
    begins = max(day.now, timed.expected_start)
    until = day.sheet.session.until
    if until is not None and until > begins:
        begins = until
    return begins + _ahead_of_slot(day, timed) * day.consultation


def _ahead_of_slot(day: Day, timed: TimedSlot) -> int:
    """Whoever of the sheet is in consultation, and the present ones of earlier slots."""
    ahead = 0
    for other in day.timed_slots:
        roster = day.roster(other.slot.id)
        ahead += roster.present if other.order < timed.order else roster.in_consultation
    return ahead
