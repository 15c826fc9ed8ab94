"""Real consultations, replayed through the service: how far its estimated times were off."""

import asyncio
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct
from rich.console import Console
from rich.progress import track
from rich.text import Text

from answers.doctors import DoctorOut
from answers.slots import SlotOut
from answers.tokens import QueueOut
from config import Settings
from models.patient import Patient
from models.source import Source
from models.token import Status
from services.wording.catalogue import Catalogue
from simulator.client import MakeApp, ServiceClient, open_own_client, seen
from simulator.figures import Figure, Row, make_rows, make_table, minutes
from simulator.report import to_json
from simulator.run import FIRST_DAY, Options

FARTHEST = 8
"""Positions back in the queue that are compared."""
LONGEST_PAUSE = timedelta(minutes=20)
"""A doctor who pauses for longer than this is not at work: no estimate can know of it."""
_NEAR = timedelta(minutes=10)
"""An estimate within this of what happened is a good one."""
_MINUTES = "{:.2f} min".format
_COLUMNS = ("Session", "StartTime", "ServTime")
_GZIP = b"\x1f\x8b"


class BadFile(Exception):
    """The file can't be replayed; `str()` is one line that says why and where."""


class Consultation(Struct, frozen=True, order=True):
    """A consultation as it was, from the day's midnight on."""

    start: timedelta
    length: timedelta

    @property
    def end(self) -> timedelta:
        return self.start + self.length


async def replay(
    path: Path, options: Options, settings: Settings, console: Console, make_app: MakeApp
) -> None:
    """Replay a file of consultations, and print how far the estimated times were off."""
    sessions = read_sessions(path)
    bar = Console(stderr=True)
    zone = ZoneInfo(settings.facility_timezone)
    pairs: list[Pair] = []
    shown = track(sessions, "Replaying", console=bar, transient=True, disable=not bar.is_terminal)
    for number, session in enumerate(shown):
        midnight = datetime.combine(FIRST_DAY + timedelta(days=number), time(), zone)
        # Each on a database of its own: the embedded one looks through all that it holds.
        async with open_own_client(make_app, settings, options.seed, midnight) as client:
            pairs += await replay_session(client, session, midnight)
    lengths = [one.length for session in sessions for one in session]
    rows = measure_accuracy(pairs)
    told = {
        "sessions": len(sessions),
        "consultations": len(lengths),
        "assumedMinutes": settings.default_slot_duration,
        "meanMinutes": _mean(lengths),
        "overall": rows[-1] if pairs else None,
        "byPlaces": rows[:-1],
    }
    if options.json:
        console.out(to_json(told), highlight=False)
    else:
        _print(console, told, rows)


class Pair(Struct, frozen=True):
    """A patient so many places back: the estimated time less the time that it came true."""

    places: int
    error: timedelta


async def replay_session(
    client: ServiceClient, session: Sequence[Consultation], midnight: datetime
) -> list[Pair]:
    """Replay one session in one slot: all book and check in before it, then come in turn.

    At each consultation's start the queue is read; what it says of the next eight is paired with
    when they came in. Spans with a long pause are left out.
    """
    order = sorted(session)
    midnight_utc = midnight.astimezone(UTC)
    tokens = await _fill_slot(client, order, midnight)
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
                pairs.append(Pair(later - index, told.estimated_time - came))
    return pairs


async def _fill_slot(
    client: ServiceClient, order: Sequence[Consultation], midnight: datetime
) -> list[str]:
    starts, ends = _minute(order[0].start), _minute(max(one.end for one in order), up=True)
    client.at(midnight.astimezone(UTC))
    names = {"name": "A doctor", "specialization": "As recorded"}
    doctor = await client.ask(DoctorOut, "POST", "/api/doctors", **names)
    slot = await client.ask(
        SlotOut,
        "POST",
        "/api/slots",
        doctorId=doctor.id,
        date=midnight.date().isoformat(),
        startTime=starts,
        endTime=ends,
        maxCapacity=len(order),
    )
    patients = [
        Patient(id=f"P{index}", name=f"Patient {index}", phone_number="0000000")
        for index in range(1, len(order) + 1)
    ]
    booked = await asyncio.gather(
        *(client.book(slot.id, Source.ONLINE, patient) for patient in patients)
    )
    tokens = [booking.id for booking in sorted(booked, key=lambda one: one.token_number)]
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
    minutes = -(-instant // minute) if up else instant // minute
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


# Measuring


def measure_accuracy(pairs: Sequence[Pair]) -> list[Row]:
    """A row for each distance, and the last for all of them."""
    distances = sorted({pair.places for pair in pairs})
    groups = [(n, [pair for pair in pairs if pair.places == n]) for n in distances]
    return make_rows("places", [*groups, (None, pairs)] if pairs else [], _OF_PAIRS)


def _mean(spans: Sequence[timedelta]) -> float:
    return minutes(sum(spans, timedelta()) / len(spans), 2)


_OF_PAIRS: Mapping[str, Figure[Pair]] = {
    "pairs": Figure("Pairs", len, "{:,}".format),
    "meanAbsoluteErrorMinutes": Figure(
        "Mean absolute error", lambda pairs: _mean([abs(one.error) for one in pairs]), _MINUTES
    ),
    "shareWithin10Minutes": Figure(
        "Within ±10 min",
        lambda pairs: round(sum(abs(one.error) <= _NEAR for one in pairs) / len(pairs), 4),
        "{:.1%}".format,
    ),
    "biasMinutes": Figure("Bias", lambda pairs: _mean([one.error for one in pairs]), _MINUTES),
}


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
    console.print("", make_table("Places back", labels, rows, _OF_PAIRS, Catalogue()))
    note = (
        "estimatedTime as told at each consultation's start, less when it came true; spans "
        "with a pause of more than 20 minutes left out. A negative bias: patients waited longer "
        "than they were told."
    )
    console.print(Text(note, style="dim"))


# Reading


def read_sessions(path: Path) -> list[list[Consultation]]:
    """The sessions of a file in the order of their first rows. Raises BadFile."""
    sessions: dict[str, list[Consultation]] = {}
    try:
        content = path.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        for name, consultation in _read_rows(rows, path):
            sessions.setdefault(name, []).append(consultation)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadFile(f"{path} can't be read: {reason}") from error
    if not sessions:
        raise BadFile(f"{path} has no rows")
    return list(sessions.values())


def _read_rows(rows: "csv.DictReader[str]", path: Path) -> Iterator[tuple[str, Consultation]]:
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise BadFile(f"{path} has no column {', '.join(missing)}")
    for line, row in enumerate(rows, start=2):
        try:
            start = datetime.strptime(row["StartTime"] or "", "%H:%M:%S")  # noqa: DTZ007  # of any day
            seconds = int(row["ServTime"])
        except (ValueError, TypeError) as error:
            raise BadFile(
                f"{path}, line {line}: StartTime must be h:mm:ss and ServTime whole seconds"
            ) from error
        if seconds < 0:
            raise BadFile(f"{path}, line {line}: ServTime is negative")
        since_midnight = start - datetime.combine(start.date(), time())
        yield row["Session"], Consultation(since_midnight, timedelta(seconds=seconds))
