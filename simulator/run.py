"""A whole run: open a client, play the days with it, tell them, leave the server as was asked."""

import argparse
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import Progress

from answers.doctors import DoctorOut
from answers.slots import SlotOut
from answers.tokens import CancellationOut, QueueOut
from config import Settings
from models.token import Status
from services.clock import SystemClock
from services.home import policy_from
from services.wording.catalogue import Catalogue
from simulator.chance import draw_plan
from simulator.client import MakeApp, ServiceClient, open_client, open_own_client
from simulator.clinic import Clinic
from simulator.day import add_doctors, open_clinic, open_live_clinic, play
from simulator.figures import Row
from simulator.happenings import Entry, Kind
from simulator.narration import Narrator
from simulator.plan import LIVE_LOAD, SPEED, STORY, Plan
from simulator.report import Report, make_report, measure_traffic, print_closing, to_json

FIRST_DAY = date(2030, 1, 7)
"""A Monday; in process every run begins on it, so that no output depends on today."""
_AHEAD = timedelta(days=30)
"""Over HTTP the first day is this far in the future, so that the server's clock closes nothing."""
_MOST_TOLD = 60
"""Patients of a day that is told line by line."""
_LONG = 200
"""Patients from which on a run shows its progress."""
_LAST = {Kind.SEEN, Kind.NO_SHOW, Kind.CANCELLED, Kind.UNSEEN, Kind.REFUSED}
_LOAD = Fraction(4, 5)


class Options(argparse.Namespace):
    """What the command line was given."""

    seed: int
    doctors: int
    days: int
    load: Fraction | None
    json: bool
    url: str | None
    tidy: bool
    concurrency: int
    live: bool
    speed: int | None
    replay: Path | None
    history: Path | None


async def run_days(
    options: Options,
    settings: Settings,
    console: Console,
    make_app: MakeApp,
    words: Catalogue | None = None,
) -> Report:
    """Play the days that were asked for, and tell them on the console."""
    words = words or Catalogue()
    async with _open(options, settings, make_app) as client:
        days = await _play_days(options, settings, console, client, words)
        if options.tidy:
            await _tidy(client, days)
    traffic = left = None
    if options.url is not None and not options.live:
        traffic, left = measure_traffic(client, days), _left(days, tidied=options.tidy)
    report = make_report(options.seed, days, traffic, left)
    if options.json:
        console.out(to_json(report), highlight=False)
    else:
        print_closing(console, report, words)
    return report


def _open(
    options: Options, settings: Settings, make_app: MakeApp
) -> AbstractAsyncContextManager[ServiceClient]:
    if options.url is not None:
        file = Path(settings.dev_key_file)
        key = file.read_text().strip() if file.exists() else None
        return open_client(options.url, options.concurrency, key)
    dawn = datetime.combine(FIRST_DAY - timedelta(days=1), time(), UTC)
    return open_own_client(make_app, settings, options.seed, None if options.live else dawn)


async def _play_days(
    options: Options, settings: Settings, console: Console, client: ServiceClient, words: Catalogue
) -> list[Clinic]:
    """Day by day, told as it happens where it is short enough."""
    days: list[Clinic] = []
    async for clinic in _clinics(options, settings, client):
        clinic.words = words
        short = options.days == options.concurrency == 1 and len(clinic.people) <= _MOST_TOLD
        if (options.live or short) and not options.json:
            narrator = Narrator(console, clinic)
            narrator.open(options.seed)
            clinic.reader = narrator.happened
            await play(clinic, narrator.queue)
        else:
            with _progress(len(days) + 1, options.days, len(clinic.people)) as clinic.reader:
                await play(clinic)
        days.append(clinic)
    return days


async def _clinics(
    options: Options, settings: Settings, client: ServiceClient
) -> AsyncIterator[Clinic]:
    """Each day, before anything has happened."""
    doctors = await add_doctors(client, options.doctors)
    if options.live:
        load = options.load or LIVE_LOAD
        speed = SPEED if options.speed is None else options.speed
        yield await open_live_clinic(
            client, settings, doctors, seed=options.seed, speed=speed, load=load
        )
        return
    first = FIRST_DAY if options.url is None else _in_the_future(settings)
    for number in range(options.days):
        yield await open_clinic(
            client,
            policy_from(settings),
            _plan(options, settings, number),
            first + timedelta(days=number),
            doctors,
            seed=f"{options.seed} {number}",
            at_once=options.concurrency > 1,
        )


def _plan(options: Options, settings: Settings, number: int) -> Plan:
    """The story, if nothing else was asked for."""
    if options.load is None and options.doctors == STORY.doctors:
        return STORY
    return draw_plan(
        random.Random(f"crowd {options.seed} {number}"),
        doctors=options.doctors,
        seats=settings.default_max_capacity,
        load=options.load or _LOAD,
    )


def _in_the_future(settings: Settings) -> date:
    """A Monday far enough ahead, by the facility's calendar."""
    zone = ZoneInfo(settings.facility_timezone)
    day = SystemClock().now().astimezone(zone).date() + _AHEAD
    return day + timedelta(days=-day.weekday() % 7)


@contextmanager
def _progress(day: int, days: int, patients: int) -> Iterator[Callable[[Entry], None]]:
    """A bar on standard error, on a terminal alone, and only for what takes a while."""
    console = Console(stderr=True)
    disable = patients * days < _LONG or not console.is_terminal
    with Progress(console=console, transient=True, disable=disable) as progress:
        task = progress.add_task(f"Playing day {day} of {days}", total=patients)
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
                await client.set_status(token.id or "", Status.NO_SHOW)
            else:
                path = f"/api/tokens/{token.id}/cancel"
                await client.ask(CancellationOut, "DELETE", path, reason="The simulation tidies up")
