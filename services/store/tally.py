"""The tally: days in figures, and who the patients are, follow the events, half a minute behind.

What a day comes to follows from all its events: done twice, or by two processes at once, it comes
out the same. So the lease only spares work, and what was lost is worked out anew. How a busy day
went is remembered, so that only what is new of it is read; from the first event on it is the same.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from database import Database
from engine.accuracy import Accuracy
from engine.estimates import learn
from engine.hours import Course
from models.errors import DocumentDamaged, Refusal
from models.experience import Consultation, consultations_of
from models.sheet import Sheet
from models.token import Status, Token
from services.clock import Clock, stopwatch
from services.log import log
from services.runtime.loop import BackgroundLoop, Pause
from services.store.collections import LEASES
from services.store.encounters import EncounterStore
from services.store.events import EventStore
from services.store.experiences import Experiences
from services.store.hours import DayHours, HourStore
from services.store.lease import Lease
from services.store.register import PatientRegister

BETWEEN = Pause(30.0)
AT_ONCE = Pause(0.0)
STAND_BY = Pause(5.0)
_PAGE = 1000
_REMEMBERED = 200
"""Days; one of 400 tokens takes about 300 kB."""


class TallyMetrics(Protocol):
    """Who wants to know how often what patients were told came true; the call must return at once."""

    def told(self, accuracy: Accuracy) -> None: ...


class Tally:
    """Works out days in the background, from `start` to `stop`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        holder: str,
        read: Callable[[str], Awaitable[Sheet | None]],
        experiences: Experiences,
        metrics: TallyMetrics,
        *,
        day_clock: Clock,
        usual: float,
    ) -> None:
        """`day_clock` tells which days are past, `clock` how long a lease lasts.

        `usual`: the minutes of a consultation where nothing is known of the doctor.
        """
        self._experiences = experiences
        self._register = PatientRegister(database)
        self._metrics = metrics
        self._usual = usual
        self._hours = HourStore(database)
        self._events = EventStore(database)
        self._encounters = EncounterStore(database)
        self._clock = clock
        self._day_clock = day_clock
        self._lease = Lease(LEASES.of(database), "tally", holder)
        self._read = read
        self._courses: OrderedDict[str, Course] = OrderedDict()
        self._loop = BackgroundLoop("tally", self._turn, after_failure=STAND_BY.seconds)

    def start(self) -> None:
        """Begin to work."""
        self._loop.start()

    async def stop(self) -> None:
        """Leave the rest to whoever comes next."""
        await self._loop.stop()

    async def look(self) -> None:
        """See what other processes have learned."""
        await self._experiences.look()
        self._metrics.told(self._experiences.everybodys(self._day_clock.now().date()))

    async def catch_up(self) -> bool:
        """Work out the days of one page of events, then learn from those that are past.

        Whether there is more to do.
        """
        changed = await self._hours.changed()
        for sheet_id in changed.sheet_ids:
            # A damaged sheet is named in the log where it was read. Once it is mended, the next
            # thing that happens on it brings its figures up to date.
            began = stopwatch()
            with suppress(DocumentDamaged):
                await self._work_out(sheet_id)
            # The callers come first: after a restore there may be years to work out.
            await asyncio.sleep(stopwatch() - began)
        await self._hours.done(changed.seq)
        return changed.more or await self._learn()

    async def _turn(self) -> Pause:
        try:
            await self.look()
            if not await self._lease.hold(self._clock.now()):
                return STAND_BY
            return AT_ONCE if await self.catch_up() else BETWEEN
        except Refusal as refusal:  # the database does not answer, which the health tells
            log.info("tally_waits", why=refusal.code)
            return STAND_BY

    async def _learn(self) -> bool:
        """Tell the doctors' experience of days that are past and over, each doctor's in order of date."""
        now = self._day_clock.now()
        days = await self._hours.unlearned(now.date() + timedelta(days=1))
        past = [
            day for day in days if day.date < str(now.astimezone(ZoneInfo(day.timezone)).date())
        ]
        for day in past:
            known = await self._experiences.learned(day.doctor_id)
            consultations = await self._consultations(day)
            if known.up_to < day.date and consultations:
                experience = learn(
                    known.experience,
                    consultations,
                    self._usual,
                    came=day.came,
                    stayed_away=day.stayed_away,
                )
                on = date.fromisoformat(day.date)
                await self._experiences.put(known, on, experience, day.accuracy)
            await self._hours.learned(day)
        if past:
            await self.look()
        return len(past) > 0

    async def _consultations(self, day: DayHours) -> Sequence[Consultation]:
        """Those of a day's doctor, on whatever sheets; who served a patient learns from it."""
        elsewhere = await self._hours.served_elsewhere(day)
        if not elsewhere:
            return day.consultations
        tokens: list[Token] = []
        for sheet_id in (day.id, *elsewhere):
            with suppress(DocumentDamaged):
                sheet = await self._read(sheet_id)
                served_by = None if sheet_id == day.id else day.doctor_id
                tokens += [
                    token
                    for token in (() if sheet is None else sheet.tokens)
                    if token.served_by == served_by
                ]
        return consultations_of(tokens)

    async def _work_out(self, sheet_id: str) -> None:
        sheet = await self._read(sheet_id)
        if sheet is None:
            return  # a restore without this sheet: nothing is known of it
        await self._register.put(sheet)
        course = await self._course(sheet)
        try:
            await self._encounters.put(sheet, course.encounters.pop_changed())
        except Refusal:
            self._courses.pop(sheet.id, None)  # so that they are told anew
            raise
        await self._hours.put(
            DayHours(
                id=sheet.id,
                doctor_id=sheet.resource_id,
                facility_id=sheet.facility_id,
                date=sheet.date.isoformat(),
                timezone=sheet.timezone,
                consultations=sheet.consultations,
                served_by=tuple(sorted({one.served_by for one in sheet.tokens if one.served_by})),
                came=sum(token.started_at is not None for token in sheet.tokens),
                stayed_away=sum(token.status is Status.NO_SHOW for token in sheet.tokens),
                up_to=0 if course.last is None else course.last.n,
                accuracy=course.accuracy(),
                # Past midnight it may go on: what its end changes is yet to be known.
                unlearned=True if sheet.tick_at is None else None,
                hours=tuple(course.hours(max((slot.end for slot in sheet.slots), default=None))),
            )
        )

    async def _course(self, sheet: Sheet) -> Course:
        """How its day went until now."""
        course = self._courses.pop(sheet.id, None) or Course(sheet.zone)
        last = course.last
        events = await self._events.of_sheet(sheet.id, 1 if last is None else last.n, _PAGE)
        if last is not None and events[:1] != [last]:  # a restore: what was told is of another day
            course = Course(sheet.zone)
            events = await self._events.of_sheet(sheet.id, 1, _PAGE)
        elif last is not None:
            del events[0]
        while events:
            for event in events:
                course.take(event)
            events = await self._events.of_sheet(sheet.id, events[-1].n + 1, _PAGE)
        self._courses[sheet.id] = course
        while len(self._courses) > _REMEMBERED:
            self._courses.popitem(last=False)
        return course
