"""What the service measures of itself, for Prometheus."""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from engine.accuracy import Accuracy
from models.events import Event, EventType

_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names a folder in which workers of one port keep their counts, to be added up.

prometheus-client reads it when it is imported. Each count is then a write to a mapped file, so one
worker alone goes without.
"""
_GAUGES_OF = re.compile(r"gauge_live.*_(\d+)\.db")


class Metrics:
    """Counts in a registry of its own, so that two services in one process don't mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._batch = Histogram(
            "opd_commit_commands",
            "Commands that share one bulk write",
            buckets=_SIZES,
            registry=self.registry,
        )
        self._sheets = Histogram(
            "opd_commit_sheets",
            "Sheets that share one bulk write",
            buckets=_SIZES,
            registry=self.registry,
        )
        self._flush = Histogram(
            "opd_flush_seconds",
            "Time of one bulk write",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._requests = Counter(
            "opd_requests",
            "Requests by route and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._turned_away = Counter(
            "opd_turned_away",
            "Connections refused before there was a request: too many, too slow, no HTTP",
            ["status"],
            registry=self.registry,
        )
        self._latency = Histogram(
            "opd_request_seconds",
            "Time from a request to its answer",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        # Looking up a label's figure takes twice as long as counting on it.
        self._of_answers: dict[
            tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]
        ] = {}
        self._of_events: dict[EventType, Callable[[], None]] = {}
        self._events = Counter(
            "opd_outcomes",
            "What became of tokens and slots: booked, waitlisted, bumped, promoted, …",
            ["type"],
            registry=self.registry,
        )
        self._refusals = Counter(
            "opd_refusals",
            "Commands refused, by code",
            ["command", "code"],
            registry=self.registry,
        )
        self._conflicts = Counter(
            "opd_conflicts",
            "Writes lost to another process and decided again",
            registry=self.registry,
        )
        # Set when they change: what is read when somebody asks is that worker's alone.
        self._waiting = Gauge(
            "opd_commands_waiting",
            "Commands whose outcome is open",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._backlog = Gauge(
            "opd_outbox_backlog",
            "Events found and not yet copied",
            registry=self.registry,
            multiprocess_mode="livesum",
        )

        self._watchers = Gauge(
            "opd_watchers",
            "Who is told what happens, as events or by WebSocket",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        # Every worker knows the same.
        self._told = Gauge(
            "opd_told_times",
            "Times told at check-in in the last four weeks whose consultation began",
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self._told_right = Gauge(
            "opd_told_times_right",
            "Of them, those within 10 minutes of what came",
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self._told_off = Gauge(
            "opd_told_times_off_seconds",
            "By how much they were too early or too late, all together",
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self._told_ranged = Gauge(
            "opd_told_ranges",
            "Of them, those told with a range of four cases in five",
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self._told_in_range = Gauge(
            "opd_told_ranges_right",
            "Ranges in which the consultation began",
            registry=self.registry,
            multiprocess_mode="livemax",
        )

    def text(self) -> bytes:
        """All figures in the text format of Prometheus; of all workers that share a folder."""
        folder = os.environ.get(SHARED_FOLDER)
        if folder is None:
            return generate_latest(self.registry)
        _forget_the_dead(Path(folder))
        shared = CollectorRegistry()
        MultiProcessCollector(shared, folder)  # type: ignore[no-untyped-call]  # not typed there
        return generate_latest(shared)

    def waiting(self, commands: int) -> None:
        """So many commands are open now."""
        self._waiting.set(commands)

    def backlog(self, events: int) -> None:
        """So many events were found and not yet copied."""
        self._backlog.set(events)

    def watched(self, watchers: int) -> None:
        """So many watch now."""
        self._watchers.set(watchers)

    def told(self, accuracy: Accuracy) -> None:
        """How often what patients were told in the last weeks came true."""
        self._told.set(accuracy.compared)
        self._told_right.set(accuracy.right)
        self._told_off.set(accuracy.off)
        self._told_ranged.set(accuracy.ranged)
        self._told_in_range.set(accuracy.in_range)

    def happened(self, events: Sequence[Event]) -> None:
        """A command was carried out: count its tokens' outcomes."""
        for event in events:
            count = self._of_events.get(event.type)
            if count is None:
                count = self._of_events[event.type] = self._events.labels(event.type.value).inc
            count()

    def refused(self, command: str, code: str) -> None:
        """A command was refused."""
        self._refusals.labels(command, code).inc()

    def flushed(self, sheets: int, commands: int, seconds: float) -> None:
        """A bulk write was answered."""
        self._batch.observe(commands)
        self._sheets.observe(sheets)
        self._flush.observe(seconds)

    def conflicted(self) -> None:
        """A write lost to another process."""
        self._conflicts.inc()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        figures = self._of_answers.get((method, route, status))
        if figures is None:
            figures = (
                self._requests.labels(method, route, str(status)).inc,
                self._latency.labels(route).observe,
            )
            self._of_answers[method, route, status] = figures
        count, observe = figures
        count()
        observe(seconds)

    def turned_away(self, status: int) -> None:
        """A connection was refused before it brought a whole request."""
        self._turned_away.labels(str(status)).inc()


def _forget_the_dead(folder: Path) -> None:
    """What a worker that is gone had open is open no more; what it counted stays."""
    for file in folder.glob("gauge_live*.db"):
        found = _GAUGES_OF.fullmatch(file.name)
        if found and not _lives(int(found[1])):
            mark_process_dead(int(found[1]), str(folder))  # type: ignore[no-untyped-call]  # as above


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
