"""Rules 2 to 6: by which rule a slot would seat a newcomer, if by any."""

from msgspec import Struct

from engine.day import Day
from models.local_time import local_label
from models.slot import Alternative
from models.source import Source
from models.timeline import Run
from models.token import Status, Token


class FreeSeat(Struct, frozen=True):
    """Rule 2: a seat that nobody holds."""


class Overflow(Struct, frozen=True):
    """Rule 3: a seat beyond capacity, for an emergency."""


class Bumping(Struct, frozen=True):
    """Rule 4: the seat of `loser`, who scores lower."""

    loser: Token


Seating = FreeSeat | Overflow | Bumping


def find_seating(day: Day, run: Run, source: Source) -> Seating | None:
    """How the slot seats a newcomer of this source now; None when it does not.

    Looks at seats only: whether the patient has a token here already is for the caller.
    """
    if not day.takes(run):
        return None
    if day.has_free_seat(run):
        return FreeSeat()
    if source.row.emergency and day.has_overflow(run):
        return Overflow()
    loser = _find_loser(day, run, source)
    return None if loser is None else Bumping(loser)


def is_bumpable(day: Day, token: Token, run: Run, by: Source) -> bool:
    """Rule 4's guards: not present, no emergency, not bumped too often, not after the start.

    Once the slot's planned start has passed, only an emergency bumps.
    """
    return (
        token.status is Status.BOOKED
        and not token.source.row.emergency
        and len(token.bumps) < day.policy.max_bumps
        and (by.row.emergency or day.now < run.slot.start)
    )


def find_alternatives(day: Day, patient_id: str, source: Source, besides: str) -> list[Alternative]:
    """The other slots of the day that would seat this patient as this source, by whatever rule."""
    if day.is_full:
        return []
    zone = day.sheet.zone
    return [
        Alternative(
            slot_id=run.slot.id,
            start_time=local_label(run.slot.start, zone),
            end_time=local_label(run.slot.end, zone),
        )
        for run in day.runs
        if run.slot.id != besides
        and find_seating(day, run, source) is not None
        and day.live_token_of(patient_id, run.slot.id) is None
    ]


def _find_loser(day: Day, run: Run, source: Source) -> Token | None:
    """Of the bumpable tokens that score strictly lower: the lowest score, then the latest."""
    score = day.score(source)
    losers = [
        token
        for token in day.roster(run.slot.id).seated
        if token.priority < score and is_bumpable(day, token, run, source)
    ]
    return min(losers, key=lambda token: (token.priority, -token.number), default=None)
