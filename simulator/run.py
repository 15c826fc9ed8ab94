"""A whole run: open a client, play the days with it, tell them, leave the server as was asked."""

import argparse
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from rich.console import Console
from rich.progress import Progress

from answers.doctors import DoctorOut
from answers.slots import SlotOut
from answers.tokens import CancellationOut, QueueOut
from config import Settings
from models.token import Status
from services.clock import SystemClock
from services.wording.catalogue import Catalogue
from simulator.accuracy import measure_accuracy
from simulator.chance import draw_people, draw_plan
from simulator.client import (
    MakeApp,
    Serve,
    ServiceClient,
    open_client,
    open_own_client,
    open_served_client,
    seen,
)
from simulator.clinic import Clinic, Person
from simulator.day import open_clinic, play
from simulator.figures import Row
from simulator.happenings import Entry, Kind
from simulator.live import INVARIANTS, LOAD, open_live_day, pair_estimates, play_live
from simulator.narration import Narrator
from simulator.plan import STORY, Plan, doctor_names
from simulator.report import (
    Report,
    make_report,
    measure_traffic,
    print_closing,
    print_days,
    to_json,
)

FIRST_DAY = date(2030, 1, 7)
"""A Monday; in process every run begins on it, so that no output depends on today."""
_AHEAD = timedelta(days=30)
"""Over HTTP the first day is this far in the future, so that the server's clock closes nothing."""
_MOST_TOLD = 60
"""Patients of a day that is told line by line."""
_LONG = 200
"""Patients from which on a run shows its progress."""
_LAST = {Kind.SEEN, Kind.NO_SHOW, Kind.CANCELLED, Kind.UNSEEN, Kind.REFUSED}
SPEED, FASTEST = 60, 3600
"""How many times as fast as life a day passes."""
_DEFAULT_LOAD = Fraction(4, 5)


class Options(argparse.Namespace):
    """`load` None with three doctors is the story; else a drawn day."""

    seed: int
    doctors: int
    days: int
    load: Fraction | None
    json: bool
    url: str | None
    key_file: Path | None
    tidy: bool
    concurrency: int
    live: bool
    speed: int | None
    replay: Path | None
    history: Path | None

    @property
    def is_story(self) -> bool:
        """Whether the default day is played, and not a drawn one."""
        return self.load is None and self.doctors == STORY.doctors


async def run_days(
    options: Options,
    settings: Settings,
    console: Console,
    make_app: MakeApp,
    serve: Serve,
    words: Catalogue | None = None,
) -> Report:
    """Play the days that were asked for, and tell them on the console."""
    words = words or Catalogue()
    dawn = datetime.combine(FIRST_DAY - timedelta(days=1), time(), UTC)
    if options.url is not None:
        key = _read_key(options.key_file or Path(settings.dev_key_file))
        opened = open_client(options.url, options.concurrency, key)
    elif options.live:
        opened = open_served_client(make_app, serve, settings, options.seed)
    else:
        opened = open_own_client(make_app, settings, options.seed, dawn)
    async with opened as client:
        play_all = _pass if options.live else _play
        days = [day async for day in play_all(options, settings, console, client, words)]
        if options.tidy:
            await _tidy(client, days)
    traffic = left = None
    if options.url is not None and not options.live:
        traffic, left = measure_traffic(client, days), _left(days, tidied=options.tidy)
    report = make_report(options.seed, days, traffic, left)
    if options.live:
        rows = measure_accuracy(pair_estimates(days[0]))
        held = (*report.invariants, *INVARIANTS)
        report = replace(report, estimates=rows[-1] if rows else None, invariants=held)
    if options.json:
        console.out(to_json(report), highlight=False)
    else:
        if not options.live and not _is_told(options, days[0].people):
            print_days(console, days, words)
        print_closing(console, report, words)
    return report


async def _play(
    options: Options, settings: Settings, console: Console, client: ServiceClient, words: Catalogue
) -> AsyncIterator[Clinic]:
    """Day by day, told as it happens where it is short enough."""
    doctors = await add_doctors(client, options.doctors)
    first = FIRST_DAY if options.url is None else _in_the_future(settings)
    plans = [_plan(options, settings, number) for number in range(options.days)]
    with _progress(sum(len(plan.visits) for plan in plans)) as advance:
        for number, plan in enumerate(plans):
            day, at_once = first + timedelta(days=number), options.concurrency > 1
            clinic = await open_clinic(client, plan, day, doctors, settings, at_once=at_once)
            clinic.words = words
            draw_people(
                random.Random(f"people {options.seed} {number}"),
                plan.visits,
                clinic.rooms,
                prefix=f"SIM-{client.run}-{number + 1}",
                consultation_minutes=settings.default_slot_duration,
            )
            if _is_told(options, clinic.people):
                narrator = Narrator(console, clinic)
                narrator.open(plan, clinic, options.seed)
                clinic.reader = narrator.happened
                await play(clinic, plan, narrator.queue)
            else:
                clinic.reader = advance
                await play(clinic, plan)
            yield clinic


async def add_doctors(client: ServiceClient, count: int) -> list[DoctorOut]:
    """Whom the patients come to see."""
    return [
        await client.ask(DoctorOut, "POST", "/api/doctors", name=name, specialization=trade)
        for name, trade in doctor_names(count)
    ]


async def _pass(
    options: Options, settings: Settings, console: Console, client: ServiceClient, words: Catalogue
) -> AsyncIterator[Clinic]:
    """A day that passes while it is told."""
    doctors = await add_doctors(client, options.doctors)
    load, seed = options.load or LOAD, options.seed
    speed = SPEED if options.speed is None else options.speed
    clinic, plan = await open_live_day(client, settings, doctors, seed=seed, speed=speed, load=load)
    clinic.words = words
    if not options.json:
        narrator = Narrator(console, clinic, untold={Kind.BOOKED, Kind.WAITLISTED})
        narrator.open(plan, clinic, seed)
        clinic.reader = narrator.happened
    await play_live(clinic, plan, seed)
    yield clinic


def _is_told(options: Options, people: Sequence[Person]) -> bool:
    short = options.days == options.concurrency == 1 and len(people) <= _MOST_TOLD
    return short and not options.json


def _plan(options: Options, settings: Settings, number: int) -> Plan:
    if options.is_story:
        return STORY
    return draw_plan(
        random.Random(f"crowd {options.seed} {number}"),
        doctors=options.doctors,
        seats=settings.default_max_capacity,
        load=options.load or _DEFAULT_LOAD,
    )


def _in_the_future(settings: Settings) -> date:
    """A Monday at least so far ahead, by the facility's calendar."""
    zone = ZoneInfo(settings.facility_timezone)
    day = SystemClock().now().astimezone(zone).date() + _AHEAD
    return day + timedelta(days=-day.weekday() % 7)


@contextmanager
def _progress(patients: int) -> Iterator[Callable[[Entry], None]]:
    """A bar on standard error, on a terminal alone, and only for what takes a while."""
    console = Console(stderr=True)
    disable = patients < _LONG or not console.is_terminal
    with Progress(console=console, transient=True, disable=disable) as progress:
        task = progress.add_task("Playing", total=patients)
        yield lambda entry: progress.advance(task, entry.kind in _LAST)


def _left(days: Sequence[Clinic], *, tidied: bool) -> Row:
    """What these days have made on a server that is not their own; nothing of it is ever deleted."""
    rooms = [room for day in days for room in day.rooms]
    return {
        "doctors": len({room.doctor.id for room in rooms}),
        "slots": sum(len(room.slots) for room in rooms),
        "tokens": sum(bool(person.told) for day in days for person in day.people),
        "tidied": tidied,
    }


async def _tidy(client: ServiceClient, days: Sequence[Clinic]) -> None:
    """Retire the doctors first, so that a cancelled seat goes to nobody who waits."""
    rooms = [room for day in days for room in day.rooms]
    for doctor_id in sorted({room.doctor.id for room in rooms}):
        await client.ask(DoctorOut, "PATCH", f"/api/doctors/{doctor_id}", retired=True)
    for slot_id in [slot.id for room in rooms for slot in room.slots]:
        await client.ask(SlotOut, "PATCH", f"/api/slots/{slot_id}", status="CLOSED")
        queue = await client.get(QueueOut, f"/api/tokens/queue/{slot_id}")
        for token in [*queue.queue, *queue.waitlist]:
            if token.status is Status.CALLED:  # who was called can only be absent
                await client.set_status(seen(token.id), Status.NO_SHOW)
            else:
                path = f"/api/tokens/{token.id}/cancel"
                await client.ask(CancellationOut, "DELETE", path, reason="The simulation tidies up")


def _read_key(file: Path) -> str | None:
    return file.read_text().strip() if file.exists() else None
