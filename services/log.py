"""The service's log. Never give it a patient's name or phone number."""

import atexit
import logging
import os
import sys
import threading
import traceback
from collections import deque
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from services.clock import timestamp

log: structlog.stdlib.BoundLogger = structlog.get_logger("opd")

line_of_request: ContextVar[dict[str, object] | None] = ContextVar("line_of_request", default=None)
"""What the line of the request under way is to tell, besides what is told of each request."""

_MOST_WAIT_SECONDS = 0.05
_MOST_WAITING = 10_000
"""Lines that wait to be written; past them whoever logs waits for the output."""


def set_up_logging(level: str, *, as_json: bool) -> None:
    """Log to standard output: lines for people, or JSON for machines.

    What libraries log by the standard library becomes lines of this log too.
    """
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    structlog.configure(
        processors=[_finish, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_lines.begin if as_json else structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=as_json,  # what is logged for people may be set up anew in tests
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
    logging.captureWarnings(True)


def write_log() -> None:
    """Write what waits to be written, before a signal may end the process."""
    _lines.write()


class _Lines:
    """Lines on their way to standard output, written by a thread, all that wait at once.

    A write for each line took longer than making it, on the event loop. A line waits a moment at
    most; a warning or an error is written at once, with what waits before it: a process that dies
    has told why.
    """

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._some = threading.Event()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, *_: object) -> "_Lines":
        """Start the thread, as structlog asks for its logger."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_on, name="log", daemon=True)
            self._thread.start()
            atexit.register(self.write)
        return self

    def info(self, line: bytes) -> None:
        """Have a line written soon."""
        self._waiting.append(line)
        if len(self._waiting) > _MOST_WAITING:
            self.write()
        elif not self._some.is_set():
            self._some.set()

    debug = info

    def warning(self, line: bytes) -> None:
        """Write a line now."""
        self._waiting.append(line)
        self.write()

    error = critical = warning

    def write(self) -> None:
        """Write what waits, in its order. An output that is gone takes no request with it."""
        with self._writing, suppress(OSError):
            lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if lines:
                sys.stdout.buffer.write(b"\n".join((*lines, b"")))
                sys.stdout.buffer.flush()

    def _write_on(self) -> None:
        pause = threading.Event()
        while True:
            self._some.wait()
            pause.wait(_MOST_WAIT_SECONDS)
            self._some.clear()
            self.write()


_lines = _Lines()


class _Libraries(logging.Handler):
    """Takes a library's record as its first line; those that follow may hold values."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        lines = record.getMessage().splitlines() or [""]
        write = log.error if record.levelno >= logging.ERROR else log.warning
        write("library", logger=record.name, message=lines[0], exc_info=error)


def _finish(_: WrappedLogger, level: str, event: EventDict) -> EventDict:
    """Say when, how grave, and which process, as the operating system knows it."""
    event["level"] = level
    event["worker"] = os.getpid()
    event["timestamp"] = timestamp()
    if "exc_info" in event:
        _tell_error(event)
    return event


def _tell_error(event: EventDict) -> None:
    """An error as its type and where it came from: its message may hold what a patient told us."""
    error = event.pop("exc_info")
    if isinstance(error, BaseException):
        event["error"] = type(error).__qualname__
        event["at"] = _frames(error.__traceback__)


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(trace)[-8:]]


def _json(event: EventDict, **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)
