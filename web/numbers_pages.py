"""The numbers of a day or a week, in pictures, with the same figures in tables for who reads."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct
from pydantic import BaseModel

from engine.numbers import Numbers
from models.access import Permission
from routes.access import needs
from routes.deps import TheDoctors, TheNumbers, TheSlots
from routes.fields import LocalDate
from services.caller import Caller
from services.numbers_service import SpanNumbers
from services.views import DaySeats
from services.wording.catalogue import Catalogue
from web.charts import Chart
from web.languages import words_of
from web.pages import page
from web.routing import PageRoute
from web.weeks import monday_of, today

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_DAY = timedelta(days=1)


class Row(Struct, frozen=True):
    """An hour or a date, as it is called, and its numbers."""

    name: str
    numbers: Numbers


class NumbersQuery(BaseModel):
    """Which day, or the week that has a day; of which doctor."""

    day: LocalDate | None = None
    week: LocalDate | None = None
    doctor: str = ""


@router.get("/numbers")
async def numbers(
    request: Request,
    query: Annotated[NumbersQuery, Query()],
    caller: Annotated[Caller, needs(Permission.READ_NUMBERS)],
    service: TheNumbers,
    slots: TheSlots,
    doctors: TheDoctors,
) -> Response:
    """Of a day by the hour, or of a week by the day; of one doctor, or of all."""
    words, by_day = words_of(request), query.week is not None
    monday = monday_of(request, query.week or query.day)
    first, length = (monday, 7) if by_day else (query.day or today(request), 1)
    doctor = query.doctor or None
    span = await service.of_days(caller, first, first + (length - 1) * _DAY, doctor)
    seats = await slots.seats_of_days(caller, doctor, monday, monday + 6 * _DAY)
    rows = _by_day(span, words) if by_day else _by_hour(span)
    told = {
        "span": span,
        "by_day": by_day,
        "before": first - length * _DAY,
        "behind": first + length * _DAY,
        "monday": monday,
        "doctor": doctor or "",
        "doctors": await doctors.at_work(caller, Permission.READ_NUMBERS, None),
        "rows": rows,
        "seats": seats,
        "waits": _waits(rows, words),
        "seen": _seen(rows, words),
        "fill": _fill(seats, words),
        "estimates": _estimates(span, words),
    }
    return page(request, "numbers.html", told)


def _by_hour(span: SpanNumbers) -> Sequence[Row]:
    return [Row(f"{hour.start:%H:%M}", hour.numbers) for hour in span.hours]


def _by_day(span: SpanNumbers, words: Catalogue) -> Sequence[Row]:
    return [Row(words.short_day(each.day), each.numbers) for each in span.days]


def _waits(rows: Sequence[Row], words: Catalogue) -> Chart:
    return Chart(
        title=words.say("Minutes that patients waited"),
        series=[words.say("half of them at most"), words.say("nine of ten at most")],
        columns=[
            (row.name, [_minutes(row.numbers.waits.p50), _minutes(row.numbers.waits.p90)])
            for row in rows
        ],
    )


def _seen(rows: Sequence[Row], words: Catalogue) -> Chart:
    return Chart(
        title=words.say("Patients seen, and those who did not come"),
        series=[words.say("seen"), words.say("did not come")],
        columns=[(row.name, [row.numbers.served, row.numbers.no_shows]) for row in rows],
    )


def _fill(seats: Sequence[DaySeats], words: Catalogue) -> Chart:
    return Chart(
        title=words.say("Seats of the week, and how many are taken"),
        series=[words.say("seats"), words.say("taken")],
        columns=[(words.short_day(each.day), [each.seats, each.taken]) for each in seats],
    )


def _estimates(span: SpanNumbers, words: Catalogue) -> Chart:
    """By the date, whatever is shown of the rest: in an hour there are too few."""
    return Chart(
        title=words.say("Of 100 times told at check-in, how many came true"),
        series=[words.say("within 10 minutes"), words.say("within the range told")],
        columns=[
            (
                words.short_day(each.day),
                [_percent(each.accuracy.share_right), _percent(each.accuracy.share_in_range)],
            )
            for each in span.days
            if each.accuracy.compared
        ],
        most=100,
    )


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
