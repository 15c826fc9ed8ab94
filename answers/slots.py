"""Slots and their figures."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Raw
from msgspec.structs import asdict

from answers.answer import Answer, Instant
from answers.written import written
from engine.stats import SlotStats
from models.local_time import local_label
from models.slot import SlotStatus
from models.source import Source
from models.token import EndCode, Status
from services.views import SlotView
from services.wording.catalogue import Catalogue
from services.wording.notices import word_late_night


class SlotOut(Answer, frozen=True):
    """A slot. `capacity` counts the emergencies beyond `maxCapacity`; times are the facility's.

    One that is `over` or CLOSED gives out no seats, so none is `available`.
    """

    id: str
    doctor_id: str
    date: date
    start_time: str
    end_time: str
    start: Instant
    end: Instant
    expected_start: Instant
    max_capacity: int
    capacity: int
    taken: int
    available: int
    waitlisted: int
    delay_minutes: int
    status: SlotStatus
    over: bool


class DelayedSlotOut(SlotOut, frozen=True):
    """A delayed slot; `notice` tells what the delay does not do, where that may surprise."""

    notice: str | None


class StatsOut(Answer, frozen=True):
    """The figures of a slot; the means are minutes, null where nothing is known."""

    slot_id: str
    by_status: Annotated[
        dict[Status, int], Meta(extra_json_schema={"propertyNames": {"enum": [*Status]}})
    ]
    by_source: Annotated[
        dict[Source, int], Meta(extra_json_schema={"propertyNames": {"enum": [*Source]}})
    ]
    by_end_code: Annotated[
        dict[EndCode, int], Meta(extra_json_schema={"propertyNames": {"enum": [*EndCode]}})
    ]
    max_capacity: int
    taken: int
    fill_rate: float
    waitlisted: int
    bumped: int
    overflow: int
    mean_wait_minutes: float | None
    mean_consultation_minutes: float | None


def show_slot(view: SlotView) -> SlotOut:
    """A slot's answer."""
    slot = view.timed.slot
    zone = view.sheet.zone
    return SlotOut(
        id=slot.id,
        doctor_id=view.sheet.resource_id,
        date=view.sheet.date,
        start_time=local_label(slot.start, zone),
        end_time=local_label(slot.end, zone),
        start=slot.start.astimezone(zone),
        end=slot.end.astimezone(zone),
        expected_start=view.timed.expected_start.astimezone(zone),
        max_capacity=slot.max_capacity,
        capacity=view.capacity,
        taken=view.taken,
        available=view.available,
        waitlisted=view.waitlisted,
        delay_minutes=slot.delay_minutes,
        status=slot.status,
        over=view.over,
    )


def write_free_slots(views: Sequence[SlotView]) -> Raw:
    """The answer about slots of one sheet that have free seats."""
    if not views:
        return Raw(b"[]")
    made_from = [(each.timed, each.over) for each in views]
    return written(
        views[0].sheet, ("free", None), made_from, lambda: [show_slot(each) for each in views]
    )


def show_delayed_slot(
    view: SlotView, late_until: datetime | None, words: Catalogue
) -> DelayedSlotOut:
    """A delayed slot's answer; `late_until` is when the day ends, if past midnight by delays."""
    notice = None if late_until is None else word_late_night(late_until, view.sheet, words)
    return DelayedSlotOut(**asdict(show_slot(view)), notice=notice)


def show_stats(slot_id: str, stats: SlotStats) -> StatsOut:
    """The figures' answer."""
    return StatsOut(
        slot_id=slot_id,
        by_status=stats.by_status,
        by_source=stats.by_source,
        by_end_code=stats.by_end,
        max_capacity=stats.max_capacity,
        taken=stats.taken,
        fill_rate=round(stats.fill_rate, 4),
        waitlisted=stats.waitlisted,
        bumped=stats.bumped,
        overflow=stats.overflow,
        mean_wait_minutes=_minutes(stats.mean_wait),
        mean_consultation_minutes=_minutes(stats.mean_consultation),
    )


def _minutes(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds() / 60, 2)
