"""A whole run: open a client, play the days with it, tell them."""

import argparse
import random
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import Progress

from config import Settings
from services.clock import SystemClock
from simulator.chance import draw_people, draw_plan
from simulator.client import MakeApp, ServiceClient, open_client, open_own_client
from simulator.clinic import Clinic, Entry, Kind
from simulator.day import open_clinic, play
from simulator.leftovers import leftovers, tell_left, tidy
from simulator.narration import Narrator, print_opening
from simulator.plan import STORY, Plan, doctor_names
from simulator.report import Report, make_report, measure_traffic, to_json
from simulator.tables import print_closing, print_days

STORY_DOCTORS = STORY.doctors
FIRST_DAY = date(2030, 1, 7)
"""A Monday; in process every run begins on it, so that no output depends on today."""
_AHEAD = timedelta(days=30)
"""Over HTTP the first day is this far in the future, so that the server's clock closes nothing."""
_MOST_TOLD = 60
"""Patients of a day that is told line by line."""
_LONG = 200
"""Patients from which on a run shows its progress."""
_LAST = {Kind.SEEN, Kind.NO_SHOW, Kind.CANCELLED, Kind.UNSEEN, Kind.REFUSED}
_DEFAULT_LOAD = Fraction(4, 5)


class Options(argparse.Namespace):
    """`load` None with three doctors is the story; else a drawn day."""

    seed: int
    doctors: int
    days: int
    load: Fraction | None
    json: bool
    url: str | None
    tidy: bool
    concurrency: int
    replay: Path | None

    @property
    def is_story(self) -> bool:
        """Whether the default day is played, and not a drawn one."""
        return self.load is None and self.doctors == STORY.doctors


async def run_days(
    options: Options, settings: Settings, console: Console, make_app: MakeApp
) -> Report:
    """Play the days that were asked for, and tell them on the console."""
    if options.url is None:
        dawn = datetime.combine(FIRST_DAY - timedelta(days=1), time(), UTC)
        async with open_own_client(make_app, settings, options.seed, dawn) as client:
            days = await _play(options, settings, console, client, FIRST_DAY, "SIM")
            traffic = left = None
    else:
        async with open_client(options.url, options.concurrency) as client:
            first = _in_the_future(settings)
            days = await _play(options, settings, console, client, first, f"SIM-{client.run}")
            traffic = measure_traffic(client, days)
            if options.tidy:
                await tidy(client, days)
            left = leftovers(days, tidied=options.tidy)
    report = make_report(options.seed, days, traffic, left)
    if options.json:
        console.out(to_json(report), highlight=False)
    else:
        print_closing(console, report)
        if left is not None:
            console.print(tell_left(left))
    return report


async def _play(
    options: Options,
    settings: Settings,
    console: Console,
    client: ServiceClient,
    first: date,
    prefix: str,
) -> list[Clinic]:
    plans = [_plan(options, settings, number) for number in range(options.days)]
    patients = sum(len(plan.visits) for plan in plans)
    told = not options.json and len(plans) == options.concurrency == 1 and patients <= _MOST_TOLD
    doctors = [await client.add_doctor(*names) for names in doctor_names(options.doctors)]
    days = []
    with _progress(patients) as progress:
        task = progress.add_task("Playing", total=patients)

        def advance(entry: Entry) -> None:
            if entry.kind in _LAST:
                progress.advance(task)

        for number, plan in enumerate(plans):
            clinic = await open_clinic(
                client,
                plan,
                first + timedelta(days=number),
                doctors,
                settings,
                at_once=options.concurrency > 1,
            )
            draw_people(
                random.Random(f"people {options.seed} {number}"),
                plan.visits,
                clinic.rooms,
                prefix=f"{prefix}-{number + 1}" if options.days > 1 else prefix,
                consultation_minutes=settings.default_slot_duration,
            )
            clinic.reasons = told or options.json
            narrator = Narrator(console, clinic.at(0)) if told else None
            if narrator is not None:
                print_opening(console, plan, clinic, options.seed)
            clinic.reader = advance if narrator is None else narrator.happened
            await play(clinic, plan, None if narrator is None else narrator.queues)
            days.append(clinic)
    if not told and not options.json:
        print_days(console, days)
    return days


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


def _progress(patients: int) -> Progress:
    """A bar on standard error, on a terminal alone, and only for what takes a while."""
    console = Console(stderr=True)
    disable = patients < _LONG or not console.is_terminal
    return Progress(console=console, transient=True, disable=disable)
