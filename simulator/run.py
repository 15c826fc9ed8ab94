"""A whole run: open a desk, play the days at it, tell them."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from config import Settings
from services.clock import SystemClock
from services.opd import policy_from
from simulator.closing import print_closing
from simulator.crowd import draw_crowd
from simulator.day import Day, DayPlayer
from simulator.desk import Desk, MakeApp, open_desk, open_own_desk
from simulator.front_desk import Patience
from simulator.journal import Entry, Journal, Kind
from simulator.narration import Narrator, print_days, print_opening
from simulator.options import Options
from simulator.people import draw_people
from simulator.plan import Plan, doctor_names
from simulator.report import Report, Traffic, make_report, measure_traffic, to_json
from simulator.story import STORY

FIRST_DAY = date(2030, 1, 7)
"""A Monday; in process every run begins on it, so that no output depends on today."""
_AHEAD = timedelta(days=30)
"""Over HTTP the first day is this far in the future, so that the server's clock closes nothing."""
_MOST_TOLD = 60
"""Patients of a day that is told line by line."""
_LONG = 200
"""Patients from which on a run shows its progress."""
_BOOKED = {Kind.BOOKED, Kind.EXTRA_SEAT, Kind.WAITLISTED, Kind.REFUSED}
_DONE = {Kind.SEEN, Kind.NO_SHOW, Kind.CANCELLED, Kind.UNSEEN}
_DEFAULT_LOAD = Fraction(4, 5)


async def run_days(
    options: Options, settings: Settings, console: Console, make_app: MakeApp
) -> Report:
    """Play the days that were asked for, and tell them on the console."""
    if options.url is None:
        dawn = datetime.combine(FIRST_DAY - timedelta(days=1), time(), UTC)
        async with open_own_desk(make_app, settings, options.seed, dawn) as desk:
            days = await _play(options, settings, console, desk, FIRST_DAY, prefix="SIM")
            report = make_report(options.seed, days, None)
    else:
        async with open_desk(options.url, options.concurrency) as http_desk:
            first = _in_the_future(settings)
            days = await _play(
                options, settings, console, http_desk, first, prefix=f"SIM-{http_desk.run}"
            )
            report = make_report(options.seed, days, _traffic(days, http_desk))
    if options.json:
        console.out(to_json(report), highlight=False)
    else:
        print_closing(console, report)
    return report


async def _play(
    options: Options,
    settings: Settings,
    console: Console,
    desk: Desk,
    first: date,
    *,
    prefix: str,
) -> list[Day]:
    plans = [_plan(options, settings, number) for number in range(options.days)]
    told = _is_told(options, plans)
    policy = policy_from(settings)
    patience = Patience(
        after_call=timedelta(minutes=settings.no_show_timeout),
        after_estimate=timedelta(minutes=settings.late_arrival_grace),
    )
    doctors = [
        await desk.add_doctor(name, specialization)
        for name, specialization in doctor_names(options.doctors)
    ]
    days = []
    patients = sum(len(plan.visits) for plan in plans)
    with _progress(patients) as progress:
        task = progress.add_task("Playing", total=2 * patients)
        for number, plan in enumerate(plans):
            day = first + timedelta(days=number)
            people = draw_people(
                plan.visits,
                random.Random(f"people {options.seed} {number}"),
                prefix=f"{prefix}-{number + 1}" if options.days > 1 else prefix,
                consultation_minutes=settings.default_slot_duration,
            )
            narrator = None
            if told:
                print_opening(console, plan, policy, day=day, seed=options.seed)
                opening = datetime.combine(day, time(9), ZoneInfo(settings.facility_timezone))
                narrator = Narrator(console, opening)

            def advance(entry: Entry, narrator: Narrator | None = narrator) -> None:
                if narrator is not None:
                    narrator.happened(entry)
                if entry.kind in _BOOKED or entry.kind in _DONE:
                    progress.advance(task)

            player = DayPlayer(
                desk,
                plan,
                policy=policy,
                patience=patience,
                journal=Journal(advance, reasons=told or options.json),
                show_boards=None if narrator is None else narrator.queues,
            )
            at_once = options.concurrency > 1
            days.append(await player.play(day, doctors, people, at_once=at_once))
    if not told and not options.json:
        print_days(console, days)
    return days


def _plan(options: Options, settings: Settings, number: int) -> Plan:
    if options.is_story:
        return STORY
    return draw_crowd(
        random.Random(f"crowd {options.seed} {number}"),
        doctors=options.doctors,
        seats=settings.default_max_capacity,
        load=options.load or _DEFAULT_LOAD,
    )


def _is_told(options: Options, plans: Sequence[Plan]) -> bool:
    return (
        not options.json
        and options.concurrency == 1
        and len(plans) == 1
        and len(plans[0].visits) <= _MOST_TOLD
    )


def _in_the_future(settings: Settings) -> date:
    """A Monday at least so far ahead, by the facility's calendar."""
    zone = ZoneInfo(settings.facility_timezone)
    day = SystemClock().now().astimezone(zone).date() + _AHEAD
    return day + timedelta(days=-day.weekday() % 7)


def _traffic(days: Sequence[Day], desk: Desk) -> Traffic | None:
    seconds = sum(day.booking_seconds for day in days) or sum(desk.booked_in)
    return measure_traffic(desk.booked_in, seconds, desk.repeats)


def _progress(patients: int) -> Progress:
    """A bar on standard error, on a terminal alone, and only for what takes a while."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=patients < _LONG or not console.is_terminal,
    )
