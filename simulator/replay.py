"""Real consultations, replayed through the service: how far its estimated times were off."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import track
from rich.text import Text

from answers.doctors import DoctorOut
from answers.lines import SessionOut
from answers.numbers import SpanNumbersOut
from answers.slots import SlotOut
from answers.tokens import QueueOut
from config import Settings
from models.patient import Patient
from models.source import Source
from models.token import Status
from services.wording.catalogue import Catalogue
from simulator.accuracy import BY_RULE, OF_PAIRS, Pair, mean_minutes, measure_accuracy
from simulator.client import MakeApp, ServiceClient, open_own_client, seen
from simulator.consultations import Consultation, read_sessions
from simulator.figures import Row, make_table
from simulator.report import to_json
from simulator.rule_of_thumb import RuleOfThumb, rule_after
from simulator.run import FIRST_DAY, Options

FARTHEST = 8
"""Positions back in the queue that are compared."""
_FIGURES = {**OF_PAIRS, **BY_RULE}
LONGEST_PAUSE = timedelta(minutes=20)
"""A doctor who pauses for longer than this is not at work: no estimate can know of it."""


async def replay(
    path: Path, options: Options, settings: Settings, console: Console, make_app: MakeApp
) -> None:
    """Replay a file of consultations, and print how far the estimated times were off.

    The sessions are one doctor's days, one after the other, and the service learns from each before
    the next: first from those of `--history`, of which nothing is told.
    """
    history = [] if options.history is None else read_sessions(options.history)
    sessions = read_sessions(path)
    bar = Console(stderr=True)
    zone = ZoneInfo(settings.facility_timezone)
    midnights = [
        datetime.combine(FIRST_DAY + timedelta(days=day), time(), zone)
        for day in range(len(history) + len(sessions) + 1)
    ]
    usual = timedelta(minutes=settings.default_slot_duration)
    pairs: list[Pair] = []
    async with open_own_client(
        make_app, _by_number(settings), options.seed, midnights[0]
    ) as client:
        names = {"name": "A doctor", "specialization": "As recorded"}
        doctor = await client.ask(DoctorOut, "POST", "/api/doctors", **names)
        shown = track(
            [*history, *sessions],
            "Replaying",
            console=bar,
            transient=True,
            disable=not bar.is_terminal,
        )
        for day, session in enumerate(shown):
            rule = rule_after([*history, *sessions][:day], len(session), usual)
            found = await replay_session(client, doctor.id, session, midnights[day], rule)
            if day >= len(history):
                pairs += found
            await _learn(client, doctor.id, len(session), midnights[day], midnights[day + 1])
    lengths = [one.length for session in sessions for one in session]
    rows = measure_accuracy(pairs, _FIGURES)
    told = {
        "sessions": len(sessions),
        "consultations": len(lengths),
        "assumedMinutes": settings.default_slot_duration,
        "meanMinutes": mean_minutes(lengths),
        "overall": rows[-1] if pairs else None,
        "byPlaces": rows[:-1],
    }
    if options.json:
        console.out(to_json(told), highlight=False)
    else:
        _print(console, told, rows)


def _by_number(settings: Settings) -> Settings:
    """All sources alike, so that patients are seen in the order of their numbers, as they were."""
    score = settings.online_priority
    return settings.model_copy(update={"followup_priority": score, "queue_order": "strict"})


async def _learn(
    client: ServiceClient, doctor_id: str, seen: int, day: datetime, morning: datetime
) -> None:
    """Let the next day begin, and the service learn from this one once it has told all of it."""
    client.at(morning.astimezone(UTC))
    date = day.date().isoformat()
    path = f"/api/analytics/queue?from={date}&to={date}&doctorId={doctor_id}"
    while True:
        if (await client.get(SpanNumbersOut, path)).total.served >= seen:
            return
        await asyncio.sleep(0.01)  # the relay copies its events


async def replay_session(
    client: ServiceClient,
    doctor_id: str,
    session: Sequence[Consultation],
    midnight: datetime,
    rule: RuleOfThumb,
) -> list[Pair]:
    """Replay one session in one slot: all book and check in before it, then come in turn.

    At each consultation's start the queue is read; what it says of the next eight is paired with
    when they came in. Spans with a long pause are left out.
    """
    order = sorted(session)
    midnight_utc = midnight.astimezone(UTC)
    tokens = await _fill_slot(client, doctor_id, order, midnight)
    place_of = {token_id: index for index, token_id in enumerate(tokens)}
    pairs = []
    for instant, begins, index in _moves(order):
        client.at(midnight_utc + instant)
        if not begins:
            await client.set_status(tokens[index], Status.COMPLETED)
            continue
        token = await client.set_status(tokens[index], Status.IN_CONSULTATION)
        queue = await client.get(QueueOut, f"/api/tokens/queue/{token.slot_id}")
        for told in queue.queue[:FARTHEST]:
            later = place_of[seen(told.id)]
            if told.estimated_time is not None and not _pauses(order[index : later + 1]):
                came = midnight_utc + order[later].start
                told_range = told.estimated_range
                in_range = (
                    None if told_range is None else told_range.earliest <= came <= told_range.latest
                )
                told_by_rule = client.now() + rule.wait(later - index, len(order) - index - 1)
                pairs.append(
                    Pair(
                        places=later - index,
                        error=told.estimated_time - came,
                        by_rule=told_by_rule - came,
                        in_range=in_range,
                    )
                )
        if index == len(order) - 1:  # so that the day is over with the last of them
            path = f"/api/queue/{doctor_id}/state?date={midnight.date().isoformat()}"
            await client.ask(SessionOut, "PUT", path, state="FINISHED")
    return pairs


async def _fill_slot(
    client: ServiceClient, doctor_id: str, order: Sequence[Consultation], midnight: datetime
) -> list[str]:
    starts, ends = _minute(order[0].start), _minute(max(one.end for one in order), up=True)
    client.at(midnight.astimezone(UTC))
    slot = await client.ask(
        SlotOut,
        "POST",
        "/api/slots",
        doctorId=doctor_id,
        date=midnight.date().isoformat(),
        startTime=starts,
        endTime=ends,
        maxCapacity=len(order),
    )
    patients = [
        Patient(id=f"P{index}", name=f"Patient {index}", phone_number="0000000")
        for index in range(1, len(order) + 1)
    ]
    booked = await asyncio.gather(  # each gets its number in the order in which it is asked for
        *(
            client.book(slot.id, _source(one), patient)
            for one, patient in zip(order, patients, strict=True)
        )
    )
    tokens = [token.id for token in booked]
    await asyncio.gather(*(client.set_status(token, Status.CHECKED_IN) for token in tokens))
    return tokens


def _source(consultation: Consultation) -> Source:
    return Source.FOLLOWUP if consultation.follow_up else Source.ONLINE


def _moves(order: Sequence[Consultation]) -> list[tuple[timedelta, bool, int]]:
    """When which patient begins (True) or ends; at one instant the ends come first."""
    ends = [(one.end, False, index) for index, one in enumerate(order)]
    return sorted([*ends, *((one.start, True, index) for index, one in enumerate(order))])


def _pauses(span: Sequence[Consultation]) -> bool:
    """Whether the doctor rests too long between any two of these consultations."""
    return any(after.start - before.end > LONGEST_PAUSE for before, after in pairwise(span))


def _minute(instant: timedelta, *, up: bool = False) -> str:
    minute = timedelta(minutes=1)
    minutes = -(-instant // minute) if up else instant // minute
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _print(console: Console, told: Mapping[str, object], rows: Sequence[Row]) -> None:
    console.print(
        "{consultations} real consultations in {sessions} sessions were replayed. They lasted "
        "{meanMinutes:.1f} minutes in the mean; DEFAULT_SLOT_DURATION says "
        "{assumedMinutes}.".format_map(told)
    )
    if not rows:
        console.print("No two of them follow each other without a long pause: nothing to compare.")
        return
    labels = [str(row["places"] or "All") for row in rows]
    console.print("", make_table("Places back", labels, rows, _FIGURES, Catalogue()))
    note = (
        "estimatedTime as told at each consultation's start, less when it came true; spans "
        "with a pause of more than 20 minutes left out. A negative bias: patients waited longer "
        "than they were told. By the hospitals' rule: the mean of the last seven sessions, times the "
        "places back, times 1.2, 1.5, 2.0 from a line 50, 75, 90 % full on."
    )
    console.print(Text(note, style="dim"))
