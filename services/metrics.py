"""What the service measures of itself, for Prometheus."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from models.events import Event

_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


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

    def gauge(self, name: str, what: str, read: Callable[[], float]) -> None:
        """A figure that is read when somebody asks."""
        Gauge(name, what, registry=self.registry).set_function(read)

    def happened(self, events: Sequence[Event]) -> None:
        """A command was carried out: count its tokens' outcomes."""
        for event in events:
            self._events.labels(event.type.value).inc()

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
        self._requests.labels(method, route, str(status)).inc()
        self._latency.labels(route).observe(seconds)

    def turned_away(self, status: int) -> None:
        """A connection was refused before it brought a whole request."""
        self._turned_away.labels(str(status)).inc()
