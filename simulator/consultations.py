"""Real consultations, read from a file."""

import csv
import gzip
import io
import zlib
from datetime import datetime, time, timedelta
from pathlib import Path

from msgspec import Struct

_COLUMNS = ("Session", "StartTime", "ServTime")
_VISIT = "Visit.No"
"""The column that may tell which visit of the patient it was: from the second on a follow-up."""
_GZIP = b"\x1f\x8b"


class BadFile(Exception):
    """The file can't be replayed; `str()` is one line that says why and where."""


class Consultation(Struct, frozen=True, order=True):
    """A consultation as it was, from the day's midnight on."""

    start: timedelta
    length: timedelta
    follow_up: bool = False

    @property
    def end(self) -> timedelta:
        return self.start + self.length


def read_sessions(path: Path) -> list[list[Consultation]]:
    """The sessions of a file in the order of their first rows. Raises BadFile."""
    sessions: dict[str, list[Consultation]] = {}
    try:
        content = path.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise BadFile(f"{path} has no column {', '.join(missing)}")
        for line, row in enumerate(rows, start=2):
            sessions.setdefault(row["Session"], []).append(_read_row(row, f"{path}, line {line}"))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadFile(f"{path} can't be read: {reason}") from error
    if not sessions:
        raise BadFile(f"{path} has no rows")
    return list(sessions.values())


def _read_row(row: dict[str, str], where: str) -> Consultation:
    try:
        start = datetime.strptime(row["StartTime"] or "", "%H:%M:%S")  # noqa: DTZ007  # of any day
        seconds = int(row["ServTime"])
        again = int(row.get(_VISIT) or 1) > 1
    except (ValueError, TypeError) as error:
        raise BadFile(
            f"{where}: StartTime must be h:mm:ss, ServTime whole seconds, "
            f"{_VISIT} a whole number or left out"
        ) from error
    if seconds < 0:
        raise BadFile(f"{where}: ServTime is negative")
    since_midnight = start - datetime.combine(start.date(), time())
    return Consultation(since_midnight, timedelta(seconds=seconds), again)
