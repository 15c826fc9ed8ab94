"""Rules 2 to 6: by which rule a slot would seat a newcomer, if by any."""

from msgspec import Struct

from engine.day import Day
from engine.walk_ins import obstacle
from models.local_time import local_label
from models.slot import Alternative
from models.source import Source
from models.timeline import TimedSlot
from models.token import Status, Token


class FreeSeat(Struct, frozen=True):
    """Rule 2: a seat that nobody holds."""


class Overflow(Struct, frozen=True):
    """Rule 3: a seat beyond capacity, for an emergency."""


class Bumping(Struct, frozen=True):
    """Rule 4: the seat of `loser`, who scores lower."""

    loser: Token


Seating = FreeSeat | Overflow | Bumping


def find_seating(day: Day, timed: TimedSlot, source: Source) -> Seating | None:
    """How the slot seats a newcomer of this source now; None when it does not.

    Looks at seats only: whether the patient has a token here already is for the caller.
    """
    if not (day.takes_urgent(timed) if source.row.emergency else day.takes(timed)):
        return None
    if day.has_free_seat(timed):
        return FreeSeat()
    if source.row.emergency and day.has_overflow(timed):
        return Overflow()
    loser = _find_loser(day, timed, source)
    return None if loser is None else Bumping(loser)


def is_bumpable(day: Day, token: Token, timed: TimedSlot, by: Source) -> bool:
    """Rule 4's guards: not present, no emergency, not bumped too often, not after the start.

    Once the slot's planned start has passed, only an emergency bumps.
    """
    return (
        token.status is Status.BOOKED
        and not token.source.row.emergency
        and len(token.bumps) < day.policy.max_bumps
        and (by.row.emergency or day.now < timed.slot.start)
    )


def find_alternatives(day: Day, patient_id: str, source: Source, besides: str) -> list[Alternative]:
    """The other slots of the day that would seat this patient as this source, by whatever rule."""
    if day.is_full:
        return []
    zone = day.sheet.zone
    return [
        Alternative(
            slot_id=timed.slot.id,
            start_time=local_label(timed.slot.start, zone),
            end_time=local_label(timed.slot.end, zone),
        )
        for timed in day.timed_slots
        if timed.slot.id != besides
        and find_seating(day, timed, source) is not None
        and obstacle(day, timed, source) is None
        and day.live_token_of(patient_id, timed.slot.id) is None
    ]


def _find_loser(day: Day, timed: TimedSlot, source: Source) -> Token | None:
    """Of the bumpable tokens that score strictly lower: the lowest score, then the latest."""
    score = day.score(source)
    losers = [
        token
        for token in day.roster(timed.slot.id).seated
        if token.score < score and is_bumpable(day, token, timed, source)
    ]
    return min(losers, key=lambda token: (token.score, -token.number), default=None)
