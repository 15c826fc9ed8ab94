"""Real consultations, replayed through the service: how far its estimated times were off."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct
from rich.console import Console
from rich.progress import track
from rich.text import Text

from answers.doctors import DoctorOut
from answers.lines import SessionOut
from answers.numbers import SpanNumbersOut
from answers.slots import SlotOut
from answers.tokens import QueueOut
from config import Settings
from engine.accuracy import Accuracy, compare, together
from models.events import ToldTime
from models.patient import Patient
from models.source import Source
from models.token import Status
from services.wording.catalogue import Catalogue
from simulator.client import MakeApp, ServiceClient, open_own_client, told_time
from simulator.consultations import Consultation, read_sessions
from simulator.figures import Figures, Row, make_row, make_table, mean, minutes
from simulator.report import to_json
from simulator.run import FIRST_DAY, Options

FARTHEST = 8
"""Positions back in the queue that are compared."""
LONGEST_PAUSE = timedelta(minutes=20)
"""A doctor who pauses for longer than this is not at work: no estimate can know of it."""
_WEEK = 7
"""Sessions, one a day."""
_LOADS = ((0.9, 2.0), (0.75, 1.5), (0.5, 1.2))
"""From so full a line on, so many times as long."""


class RuleOfThumb(Struct, frozen=True):
    """The rule by which hospitals tell how long it will take, to be shown beside the service's.

    Last week's mean, times the places ahead, times a factor for how full the line is. `mean`: of
    the consultations of the week before; `most`: how many the line may hold.
    """

    mean: timedelta
    most: int

    def wait(self, places: int, waiting: int) -> timedelta:
        """How long for whoever stands so many places back, where so many wait."""
        load = waiting / self.most
        factor = next((times for share, times in _LOADS if load >= share), 1.0)
        return self.mean * places * factor


class Told(Struct, frozen=True):
    """What a patient so many places back was told: `error`, less what came true.

    `service` and `rule`: how what each tells compares with what came true.
    """

    places: int
    error: timedelta
    service: Accuracy
    rule: Accuracy


def _off(accuracies: Iterable[Accuracy]) -> float:
    overall = together(accuracies)
    return round(overall.off / overall.compared / 60, 2)


def _near(accuracies: Iterable[Accuracy]) -> float:
    overall = together(accuracies)
    return round(overall.right / overall.compared, 4)


def _in_range(told: Sequence[Told]) -> float | None:
    share = together(one.service for one in told).share_in_range
    return None if share is None else round(share, 4)


FIGURES: Figures[Told] = {
    "pairs": ("Pairs", len),
    "meanAbsoluteErrorMinutes": (
        "Mean absolute error, min",
        lambda told: _off(one.service for one in told),
    ),
    "shareWithin10Minutes": ("Within ±10 min", lambda told: _near(one.service for one in told)),
    "shareInRange": ("Within the range", _in_range),
    "biasMinutes": ("Bias, min", lambda told: minutes(mean([one.error for one in told]), 2)),
    "ruleMeanAbsoluteErrorMinutes": (
        "By rule: error",
        lambda told: _off(one.rule for one in told),
    ),
    "ruleShareWithin10Minutes": ("By rule: ±10", lambda told: _near(one.rule for one in told)),
}


async def replay(
    path: Path, options: Options, settings: Settings, console: Console, make_app: MakeApp
) -> None:
    """Replay a file of consultations, and print how far the estimated times were off.

    The sessions are one doctor's days, one after the other, and the service learns from each before
    the next: first from those of `--history`, of which nothing is told.
    """
    history = [] if options.history is None else read_sessions(options.history)
    sessions = read_sessions(path)
    days = [*history, *sessions]
    zone = ZoneInfo(settings.facility_timezone)
    usual = timedelta(minutes=settings.default_slot_duration)
    told: list[Told] = []
    async with open_own_client(
        make_app, _by_number(settings), options.seed, _midnight(0, zone)
    ) as client:
        names = {"name": "A doctor", "specialization": "As recorded"}
        doctor = await client.ask(DoctorOut, "POST", "/api/doctors", **names)
        for number in _shown(range(len(days))):
            midnight, session = _midnight(number, zone), days[number]
            week = [one.length for day in days[max(0, number - _WEEK) : number] for one in day]
            rule = RuleOfThumb(mean(week) if week else usual, len(session))
            of_session = await replay_session(client, doctor.id, session, midnight, rule)
            if number >= len(history):
                told += of_session
            await client.reach(_midnight(number + 1, zone))
            await _learn(client, doctor.id, midnight.date(), len(session))
    lengths = [one.length for session in sessions for one in session]
    rows = {
        str(places): make_row([one for one in told if one.places == places], FIGURES)
        for places in sorted({one.places for one in told})
    }
    overall = make_row(told, FIGURES) if told else None
    report = {
        "sessions": len(sessions),
        "consultations": len(lengths),
        "assumedMinutes": settings.default_slot_duration,
        "meanMinutes": minutes(mean(lengths), 2),
        "overall": overall,
        "byPlaces": rows,
    }
    if options.json:
        console.out(to_json(report), highlight=False)
    else:
        _print(console, report, rows if overall is None else {**rows, "All": overall})


def _by_number(settings: Settings) -> Settings:
    """All sources alike, so that patients are seen in the order of their numbers, as they were."""
    score = settings.online_priority
    return settings.model_copy(update={"followup_priority": score, "queue_order": "strict"})


def _midnight(day: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(FIRST_DAY + timedelta(days=day), time(), zone)


def _shown(days: Sequence[int]) -> Iterable[int]:
    bar = Console(stderr=True)
    return track(days, "Replaying", console=bar, transient=True, disable=not bar.is_terminal)


async def _learn(client: ServiceClient, doctor_id: str, day: date, served: int) -> None:
    """Wait until the service has learned from a day that is over: it copies its events by and by."""
    path = f"/api/analytics/queue?from={day}&to={day}&doctorId={doctor_id}"
    while True:
        if (await client.get(SpanNumbersOut, path)).total.served >= served:
            return
        await asyncio.sleep(0.01)


# A session


async def replay_session(
    client: ServiceClient,
    doctor_id: str,
    session: Sequence[Consultation],
    midnight: datetime,
    rule: RuleOfThumb,
) -> list[Told]:
    """Replay one session in one slot: all book and check in before it, then come in turn.

    At each consultation's start the queue is read; what it says of the next eight is put beside
    when they came in. Spans with a long pause are left out.
    """
    order = sorted(session)
    midnight_utc = midnight.astimezone(UTC)
    tokens = await _fill_slot(client, doctor_id, order, midnight)
    place_of: dict[str | None, int] = {token: place for place, token in enumerate(tokens)}
    told = []
    for instant, begins, index in _moves(order):
        await client.reach(midnight_utc + instant)
        if not begins:
            await client.set_status(tokens[index], Status.COMPLETED)
            continue
        token = await client.set_status(tokens[index], Status.IN_CONSULTATION)
        queue = await client.get(QueueOut, f"/api/tokens/queue/{token.slot_id}")
        for one in queue.queue[:FARTHEST]:
            later, time_told = place_of[one.id], told_time(one)
            if time_told is not None and not _pauses(order[index : later + 1]):
                came, places = midnight_utc + order[later].start, later - index
                by_rule = ToldTime(client.now() + rule.wait(places, len(order) - index - 1))
                told.append(
                    Told(
                        places,
                        time_told.at - came,
                        compare(time_told, came),
                        compare(by_rule, came),
                    )
                )
    # So that the day is over with the last of them.
    path = f"/api/queue/{doctor_id}/state?date={midnight.date()}"
    await client.ask(SessionOut, "PUT", path, state="FINISHED")
    return told


async def _fill_slot(
    client: ServiceClient, doctor_id: str, order: Sequence[Consultation], midnight: datetime
) -> list[str]:
    await client.reach(midnight)
    slot = await client.ask(
        SlotOut,
        "POST",
        "/api/slots",
        doctorId=doctor_id,
        date=str(midnight.date()),
        startTime=_minute(order[0].start),
        endTime=_minute(max(one.end for one in order), up=True),
        maxCapacity=len(order),
    )
    booked = await asyncio.gather(  # each gets its number in the order in which it is asked for
        *(
            client.book(
                slot.id,
                Source.FOLLOWUP if one.follow_up else Source.ONLINE,
                Patient(id=f"P{number}", name=f"Patient {number}", phone_number="0000000"),
            )
            for number, one in enumerate(order, start=1)
        )
    )
    tokens = [token.id for token in booked]
    await asyncio.gather(*(client.set_status(token, Status.CHECKED_IN) for token in tokens))
    return tokens


def _moves(order: Sequence[Consultation]) -> list[tuple[timedelta, bool, int]]:
    """When which patient begins (True) or ends; at one instant the ends come first."""
    ends = [(one.end, False, index) for index, one in enumerate(order)]
    return sorted([*ends, *((one.start, True, index) for index, one in enumerate(order))])


def _pauses(span: Sequence[Consultation]) -> bool:
    """Whether the doctor rests too long between any two of these consultations."""
    return any(after.start - before.end > LONGEST_PAUSE for before, after in pairwise(span))


def _minute(instant: timedelta, *, up: bool = False) -> str:
    minute = timedelta(minutes=1)
    whole = -(-instant // minute) if up else instant // minute
    return f"{whole // 60 % 24:02d}:{whole % 60:02d}"


def _print(console: Console, report: Mapping[str, object], rows: Mapping[str, Row]) -> None:
    console.print(
        "{consultations} real consultations in {sessions} sessions were replayed. They lasted "
        "{meanMinutes:.1f} minutes in the mean; DEFAULT_SLOT_DURATION says "
        "{assumedMinutes}.".format_map(report)
    )
    if not rows:
        console.print("No two of them follow each other without a long pause: nothing to compare.")
        return
    console.print("", make_table("Places back", rows, FIGURES, Catalogue(), digits=2))
    note = (
        "estimatedTime as told at each consultation's start, less when it came true; spans "
        "with a pause of more than 20 minutes left out. A negative bias: patients waited longer "
        "than they were told. By the hospitals' rule: the mean of the last seven sessions, times the "
        "places back, times 1.2, 1.5, 2.0 from a line 50, 75, 90 % full on."
    )
    console.print(Text(note, style="dim"))
