"""What became of the writes that a driver was handed: by a server's answer, or without one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from documents import Done, Outcome, Refused, Unknown, Why

_DUPLICATE_KEY = 11000
_TOO_LARGE = frozenset({10334, 17419, 17420, 285999133})
"""MongoDB's, and the state M003A of DocumentDB on PostgreSQL, which is told as a number."""
_PASSING = frozenset(
    {
        *(1, 6, 7, 24, 46, 50, 64, 89, 91, 112, 134, 189, 262, 9001, 10058, 10107, 11600, 11601),
        *(11602, 13388, 13435, 13436, 14031),
        *(16908292, 16777220, 67371461, 16908741, 33685957, 50463173, 4293, 8389, 12485, 50463045),
    }
)
"""Errors of the moment, after which the same write may do.

MongoDB's: interrupted, timed out, no primary, locked, conflict, disk full, internal; and
PostgreSQL's states 40P01, 40001, 57014, 57P01 to 57P03, 53100 to 53300 and 55P03 as numbers.
"""


def is_duplicate(error: DuplicateKeyError | BulkWriteError) -> bool:
    """Whether the error says that a document with this `_id`, or another unique key, exists."""
    if isinstance(error, DuplicateKeyError):
        return True
    return any(each.get("code") == _DUPLICATE_KEY for each in error.details["writeErrors"])


def outcomes(count: int, details: Mapping[str, Any]) -> list[Outcome]:
    """Of a bulk write some of which failed: by position, as they were sent."""
    refused = {each["index"]: _refusal(each.get("code")) for each in details["writeErrors"]}
    took_place = details["nMatched"] + details["nInserted"] + details["nUpserted"]
    certain = not details.get("writeConcernErrors") and took_place + len(refused) == count
    other: Outcome = Done() if certain else Unknown()
    return [refused.get(index, other) for index in range(count)]


def _refusal(code: int | None) -> Outcome:
    if code is None or code in _PASSING:
        return Unknown(f"error {code}")
    if code == _DUPLICATE_KEY:
        return Refused(Why.EXISTS, code)
    return Refused(Why.TOO_LARGE if code in _TOO_LARGE else Why.UNFIT, code)


class Sending:
    """Whether the driver has begun to send a write, at its first try or another."""

    begun = False


_sending: ContextVar[Sending | None] = ContextVar("sending", default=None)


@contextmanager
def watching() -> Iterator[Sending]:
    """Tells of the one write in here whether it has begun to be sent.

    The driver's errors don't: it tries again by itself, and the error of a try that found nobody
    to connect to may stand for one before it, which was sent.
    """
    sending = Sending()
    token = _sending.set(sending)
    try:
        yield sending
    finally:
        _sending.reset(token)


class SendingListener(CommandListener):
    """Is told by the driver of every command, right before its first byte is sent.

    In the context of whoever asked for it: Motor takes that along into its thread.
    """

    def started(self, event: CommandStartedEvent) -> None:
        """A command of a handshake is no write; no other one than these is watched."""
        sending = _sending.get()
        if sending is not None and event.command_name in {"insert", "update"}:
            sending.begun = True

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Not asked for."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Not asked for."""
