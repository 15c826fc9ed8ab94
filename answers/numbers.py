"""The numbers of days."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from answers.answer import Answer, Instant
from engine.numbers import Numbers, OfSource, Waits
from models.source import Source
from services.numbers_service import SpanAccuracy, SpanNumbers
from services.wording.catalogue import Catalogue
from services.wording.notices import word_accuracy


class WaitsOut(Answer, frozen=True):
    """From check-in to the start of the consultation, of those that began; null if none did."""

    mean_minutes: float | None
    p50_minutes: float | None
    p90_minutes: float | None
    within_target: float | None


class SourceNumbersOut(Answer, frozen=True):
    """The numbers of one source."""

    arrivals: int
    served: int
    no_shows: int
    waits: WaitsOut


class NumbersOut(Answer, frozen=True):
    """`mostWaiting` is in one doctor's line, `meanWaiting` in all lines counted together."""

    arrivals: int
    served: int
    no_shows: int
    waits: WaitsOut
    mean_consultation_minutes: float | None
    most_waiting: int
    mean_waiting: float
    idle_minutes: float
    overtime_minutes: float
    by_source: Annotated[
        dict[Source, SourceNumbersOut],
        Meta(extra_json_schema={"propertyNames": {"enum": [*Source]}}),
    ]


class HourNumbersOut(Answer, frozen=True):
    """One local hour."""

    start: Instant
    numbers: NumbersOut


class SpanNumbersOut(Answer, frozen=True):
    """Days together, then each hour in which something was."""

    first: date
    last: date
    doctor_id: str | None
    target_minutes: int
    total: NumbersOut
    hours: list[HourNumbersOut]


class AccuracyOut(Answer, frozen=True):
    """Of what patients were told at check-in. Shares are 0 to 1; null while nothing was compared.

    `withinRange` is of those told with a range, which should hold in four cases of five.
    """

    doctor_id: str
    first: date
    last: date
    compared: int
    mean_absolute_error_minutes: float | None
    within10_minutes: float | None
    within_range: float | None
    words: str | None


def show_accuracy(span: SpanAccuracy, words: Catalogue) -> AccuracyOut:
    """The accuracy's answer."""
    accuracy = span.accuracy
    return AccuracyOut(
        doctor_id=span.doctor_id,
        first=span.first,
        last=span.last,
        compared=accuracy.compared,
        mean_absolute_error_minutes=_minutes(accuracy.mean_error),
        within10_minutes=_share(accuracy.share_right),
        within_range=_share(accuracy.share_in_range),
        words=word_accuracy(span.lately, words),
    )


def show_numbers(span: SpanNumbers) -> SpanNumbersOut:
    """The numbers' answer."""
    return SpanNumbersOut(
        first=span.first,
        last=span.last,
        doctor_id=span.doctor_id,
        target_minutes=span.target_minutes,
        total=_numbers(span.total),
        hours=[
            HourNumbersOut(start=hour.start, numbers=_numbers(hour.numbers)) for hour in span.hours
        ],
    )


def _numbers(numbers: Numbers) -> NumbersOut:
    return NumbersOut(
        arrivals=numbers.arrivals,
        served=numbers.served,
        no_shows=numbers.no_shows,
        waits=_waits(numbers.waits),
        mean_consultation_minutes=_minutes(numbers.mean_consultation),
        most_waiting=numbers.most_waiting,
        mean_waiting=round(numbers.mean_waiting, 2),
        idle_minutes=round(numbers.idle / 60, 2),
        overtime_minutes=round(numbers.overtime / 60, 2),
        by_source={source: _of_source(one) for source, one in numbers.by_source.items()},
    )


def _of_source(one: OfSource) -> SourceNumbersOut:
    return SourceNumbersOut(
        arrivals=one.arrivals, served=one.served, no_shows=one.no_shows, waits=_waits(one.waits)
    )


def _waits(waits: Waits) -> WaitsOut:
    return WaitsOut(
        mean_minutes=_minutes(waits.mean),
        p50_minutes=_minutes(waits.p50),
        p90_minutes=_minutes(waits.p90),
        within_target=_share(waits.in_target),
    )


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 60, 2)


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
