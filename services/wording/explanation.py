"""Why a token stands where it does, in words."""

from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from engine.explain import Prospect, WhyAhead
from engine.line import WhyNext
from models.source import Source
from services.wording.catalogue import Catalogue


def word_rule(catalogue: Catalogue) -> str:
    """Who comes first."""
    return catalogue.say(
        "Whoever was called goes first; then the higher score; then the earlier number."
    )


def word_source(source: Source, catalogue: Catalogue) -> str:
    """The part of a score that the source gives."""
    return catalogue.say("source {source}", source=source)


def word_why_ahead(why: WhyAhead, catalogue: Catalogue) -> str:
    """Why another one goes first."""
    say = catalogue.say
    match why:
        case WhyAhead.CALLED:
            return say("called already")
        case WhyAhead.HIGHER_SCORE:
            return say("higher score")
        case WhyAhead.EARLIER_NUMBER:
            return say("same score, earlier number")
        case WhyAhead.WITH_THE_DOCTOR:
            return say("with the doctor now")
        case WhyAhead.OF_AN_EARLIER_SLOT:
            return say("present, of an earlier slot")
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(why)


def word_why_next(  # noqa: C901, PLR0911  # one for each reason, proven total by mypy
    why: WhyNext, since: datetime, zone: ZoneInfo, catalogue: Catalogue
) -> str:
    """Why somebody is the next; in line as of `since`."""
    say = catalogue.say
    match why:
        case WhyNext.ALONE:
            return say("Nobody else is here.")
        case WhyNext.EMERGENCY:
            return say("An emergency goes before all others.")
        case WhyNext.AT_THE_FRONT:
            return say("Is back, and was to be the next.")
        case WhyNext.EARLIER_SLOT:
            return say("Of the earliest slot.")
        case WhyNext.EARLIEST:
            time = catalogue.time(since, zone)
            return say("In line as of {time}, before all others.", time=time)
        case WhyNext.HEAD_START:
            time = catalogue.time(since, zone)
            return say("In line as of {time}, with a head start before others.", time=time)
        case WhyNext.POINTS:
            return say("Has the most points for source, wait and appointment.")
        case WhyNext.HIGHER_SCORE:
            return say("Of the highest score.")
        case WhyNext.MARKED:
            return say("Was marked at the desk.")
        case WhyNext.EARLIER_NUMBER:
            return say("Has the earliest number.")
        case WhyNext.NO_SEAT:
            return say("Has no seat, and nobody with one is here.")
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(why)


def word_prospect(  # noqa: C901, PLR0911  # one for each prospect, proven total by mypy
    prospect: Prospect, ahead: int, catalogue: Catalogue
) -> str:
    """What would move a token that has so many ahead of it."""
    say = catalogue.say
    match prospect:
        case Prospect.NEXT_FREE_SEAT:
            return say("A seat that falls free in this slot goes to it.")
        case Prospect.A_FREE_SEAT_IN_TURN:
            return catalogue.count(
                "A seat that falls free in this slot goes to it once the one before it has one.",
                "A seat that falls free in this slot goes to it once the {n} before it have one.",
                ahead,
            )
        case Prospect.A_LATER_SEAT:
            return say("It lost a seat before, so a free seat in a later slot is its too.")
        case Prospect.FEWER_AHEAD:
            return say("Whoever is ahead being served, cancelling or not coming moves it up.")
        case Prospect.A_DELAY:
            return say("A delay of the doctor, or its end, shifts the estimated time.")
        case Prospect.A_HIGHER_SCORE:
            return say("A newcomer with a higher score goes before it.")
        case Prospect.A_BUMP:
            return say("If the slot is full, such a newcomer may take its seat before it starts.")
        case Prospect.NEVER_A_BUMP:
            return say("It is an emergency, so nobody takes its seat.")
        case Prospect.REOPENING:
            return say(
                "The slot is closed: it gives out no seats and has no times until it is opened "
                "again or its patients are moved to another."
            )
        case Prospect.CHECKING_IN:
            return say("Once checked in, it can't be bumped.")
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(prospect)
