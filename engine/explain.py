"""Why a token stands where it does: its score, who is ahead, and what would change it."""

from itertools import takewhile

from msgspec import Struct

from engine.day import Day
from engine.queue import Standing, queue_of, standing_of
from engine.rank import ranked
from engine.seating import is_bumpable
from models.timeline import Run
from models.token import PRESENT, QUEUED, Source, Status, Token


class Ahead(Struct, frozen=True):
    """One who is served earlier, by number and source alone, and why."""

    number: int
    source: Source
    priority: int
    status: Status
    why: str


class Explanation(Struct, frozen=True, kw_only=True):
    """`ahead` stand before the token in its queue or on its waitlist, in order.

    `served_first` are others who take the doctor's time before: in consultation, or present in an
    earlier slot. `would_change` says in sentences what would move the token.
    """

    standing: Standing
    ahead: list[Ahead]
    served_first: list[Ahead]
    would_change: list[str]


def explain(day: Day, token: Token) -> Explanation:
    """Why this token stands where it does now."""
    run = day.run(token.slot_id)
    standing = standing_of(day, token)
    ahead = []
    placed = standing.position is not None
    if placed or standing.waitlist_position is not None:
        earlier = takewhile(lambda place: place[0].number != token.number, queue_of(day, run))
        ahead = [
            _ahead(other, _why_ahead(other, token))
            for other, theirs in earlier
            if (theirs.position is not None) is placed
        ]
    return Explanation(
        standing=standing,
        ahead=ahead,
        served_first=_served_first(day, run) if placed else [],
        would_change=_would_change(day, run, token, ahead),
    )


def _ahead(token: Token, why: str) -> Ahead:
    return Ahead(token.number, token.source, token.priority, token.status, why)


def _why_ahead(other: Token, token: Token) -> str:
    if other.status is Status.CALLED and (token.status is not Status.CALLED):
        return "called already"
    return "higher score" if other.priority > token.priority else "same score, earlier number"


def _served_first(day: Day, run: Run) -> list[Ahead]:
    found = []
    for other in day.runs:
        for token in ranked(day.roster(other.slot.id).seated):
            if token.status is Status.IN_CONSULTATION:
                found.append(_ahead(token, "with the doctor now"))
            elif other.order < run.order and token.status in PRESENT:
                found.append(_ahead(token, "present, of an earlier slot"))
    return found


def _would_change(day: Day, run: Run, token: Token, ahead: list[Ahead]) -> list[str]:
    if token.status is Status.WAITLISTED:
        turn = "goes to it" if not ahead else f"goes to it once the {len(ahead)} before it have one"
        sentences = [f"A seat that falls free in this slot {turn}."]
        if token.seated_at is not None:
            sentences.append("It lost a seat before, so a free seat in a later slot is its too.")
        return sentences
    if token.status not in QUEUED:
        return []
    sentences = []
    if ahead:
        sentences.append("Whoever is ahead being served, cancelling or not coming moves it up.")
    if day.now < run.expected_start:
        sentences.append("A delay of the doctor, or its end, shifts the estimated time.")
    sentences.append("A newcomer with a higher score goes before it.")
    if is_bumpable(day, token, run, Source.PRIORITY):
        sentences.append("If the slot is full, such a newcomer may take its seat before it starts.")
    if token.status is Status.BOOKED:
        sentences.append("Once checked in, it can't be bumped.")
    return sentences
