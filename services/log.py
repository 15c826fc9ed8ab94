"""The service's log. Never give it a patient's name or phone number."""

import logging
import os
import sys
import traceback
from types import TracebackType

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

log: structlog.stdlib.BoundLogger = structlog.get_logger("opd")


def set_up_logging(level: str, *, as_json: bool) -> None:
    """Log to standard output: lines for people, or JSON for machines.

    What libraries log by the standard library becomes lines of this log too.
    """
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        _with_worker,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _errors_without_values,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.BytesLoggerFactory()
        if as_json
        else structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=as_json,  # what is logged for people may be set up anew in tests
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
    logging.captureWarnings(True)


class _Libraries(logging.Handler):
    """Takes a library's record as its first line; those that follow may hold values."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        lines = record.getMessage().splitlines() or [""]
        write = log.error if record.levelno >= logging.ERROR else log.warning
        write("library", logger=record.name, message=lines[0], exc_info=error)


def _with_worker(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The process, as the operating system knows it."""
    event["worker"] = os.getpid()
    return event


def _json(event: EventDict, **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)


def _errors_without_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An error as its type and where it came from: its message may hold what a patient told us."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["error"] = type(error).__qualname__
        event["at"] = _frames(error.__traceback__)
    return event


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(trace)[-8:]]
