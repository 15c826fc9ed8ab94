"""The day as it happens, told to people."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from answers.tokens import QueueOut, TokenOut
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from simulator.clinic import Clinic, Entry, Kind
from simulator.plan import HOURS, Plan
from simulator.snapshot import Snapshot
from simulator.tables import plain_table

_COLORS = {
    Kind.BOOKED: "green",
    Kind.EXTRA_SEAT: "bold red",
    Kind.BUMPED: "yellow",
    Kind.WAITLISTED: "yellow",
    Kind.PROMOTED: "bold green",
    Kind.REFUSED: "red",
    Kind.CANCELLED: "magenta",
    Kind.DELAYED: "bold magenta",
    Kind.CLOSED: "bold magenta",
    Kind.MOVED: "cyan",
    Kind.STAYED: "cyan",
    Kind.NO_SHOW: "bold yellow",
    Kind.CAME_LATE: "bold yellow",
    Kind.SEEN: "dim",
    Kind.UNSEEN: "red",
    Kind.BROKEN: "bold white on red",
}
_UNTOLD = {Kind.CHECKED_IN, Kind.CALLED}
"""Every patient does these; the line of the consultation tells what came of them."""
_STATUS_WORDS = {
    Status.BOOKED: "booked",
    Status.CHECKED_IN: "here",
    Status.CALLED: "called",
    Status.WAITLISTED: "waits",
}
_SOURCE_COLORS = {Source.EMERGENCY: "bold red", Source.PRIORITY: "bold"}
_PHASES = (
    (timedelta(hours=-24), "The evening before: patients book from home"),
    (timedelta(hours=-9), "Early morning: the desk opens"),
    (timedelta(0), "Morning: the doctors begin"),
    (timedelta(hours=4), "Afternoon"),
)


class Narrator:
    """Tells one day on a console."""

    def __init__(self, console: Console, opening: datetime) -> None:
        self._console = console
        self._opening = opening
        self._phase = -1
        self._last = ""
        self._reasons: set[tuple[Kind, str]] = set()

    def happened(self, entry: Entry) -> None:
        """Tell an entry: when, what, whom, and beneath it why, unless that was just told."""
        if entry.kind in _UNTOLD:
            return
        self._enter_phase(entry.at)
        hour = f"{entry.at.astimezone(self._opening.tzinfo):%H:%M}"
        head = Text.assemble(
            (f"{'' if hour == self._last else hour:6}", "bold"),
            (f"{entry.kind.value:11}", _COLORS[entry.kind]),
        )
        body = Text(entry.text)
        if entry.token_number is not None:
            body = Text.assemble((entry.token_number, "bold"), " ", body)
        if entry.why and (entry.kind, entry.why) not in self._reasons:
            self._reasons.add((entry.kind, entry.why))
            body.append(f"\n{entry.why}", style="dim italic")
        for line in body.wrap(self._console, max(20, self._console.width - len(head))):
            line.rstrip()
            self._console.print(Text.assemble(head, line))
            head = Text(" " * len(head))
        self._last = hour

    def queues(self, looks: Sequence[Snapshot]) -> None:
        """Each doctor's queue as a table."""
        at = looks[0].now.astimezone(self._opening.tzinfo)
        self._enter_phase(at)
        for look in looks:
            left = [queue for queue in look.queues.values() if not queue.slot.over]
            busy = [queue for queue in left if queue.slot.taken or queue.waitlist]
            quiet = [queue.slot for queue in left if queue not in busy]
            title = f", {look.doctor.specialization}: the queue at {at:%H:%M}"
            self._console.print()
            self._console.print(Text.assemble((look.doctor.name, "bold cyan"), title))
            if busy:
                self._console.print(_queue_table(busy))
            if quiet:
                hours = ", ".join(
                    f"{slot.start_time}{' (closed)' if slot.status is SlotStatus.CLOSED else ''}"
                    for slot in quiet
                )
                self._console.print(Text(f"Nobody yet: {hours}", style="dim"))
        self._console.print()
        self._last = ""

    def _enter_phase(self, at: datetime) -> None:
        phase = max(
            (number for number, (since, _) in enumerate(_PHASES) if at >= self._opening + since),
            default=0,
        )
        if phase != self._phase:
            self._phase = phase
            self._last = ""
            self._reasons.clear()
            self._console.print()
            self._console.print(Rule(Text(_PHASES[phase][1], style="bold"), align="left"))


def print_opening(console: Console, plan: Plan, clinic: Clinic, seed: int) -> None:
    """What is to come, and by which rules."""
    policy, day = clinic.policy, clinic.date
    scores = sorted(policy.scores.items(), key=lambda each: -each[1])
    ranks = ", ".join(f"{source.row.words} {score}" for source, score in scores)
    doctors = "1 doctor" if plan.doctors == 1 else f"{plan.doctors} doctors"
    console.print(
        Panel(
            f"[bold]{day:%A} {day.day} {day:%B %Y}[/]: {doctors}, {len(plan.visits)} patients, "
            f"{len(HOURS)} slots of {plan.seats} seats for each doctor (seed {seed})\n\n"
            f"In a full slot the higher score goes first: {ranks}. Who gives way gets the next "
            f"later free seat, or waits for one. Emergencies get up to "
            f"{policy.emergency_overflow} extra seats.",
            title="A day of the out-patient department",
            border_style="blue",
        )
    )


def _queue_table(queues: Sequence[QueueOut]) -> Table:
    table = plain_table(
        "Slot", "Seats", "Token", "Patient", "Source", "Now", "#", "Expected", left=6
    )
    for queue in queues:
        slot = queue.slot
        waiting = [*queue.queue, *queue.waitlist]
        extra = max(0, slot.taken - slot.max_capacity)
        seats = f"{slot.taken - extra}/{slot.max_capacity}"
        head = (slot.start_time, f"{seats} +{extra}" if extra else seats)
        if not waiting:
            table.add_row(*head, "", Text("nobody waits any more", style="dim"))
        for token in waiting:
            table.add_row(*head, *_queue_row(token))
            head = ("", "")
    return table


def _queue_row(token: TokenOut) -> tuple[Text | str, ...]:
    style = "yellow" if token.status is Status.WAITLISTED else ""
    estimate = token.estimated_time
    return (
        Text(token.token_number, style="bold"),
        Text(token.patient_name),
        Text(token.source.row.words, style=_SOURCE_COLORS.get(token.source, "")),
        Text(_STATUS_WORDS.get(token.status, token.status.value), style=style),
        Text(str(token.position or f"w{token.waitlist_position}"), style=style),
        "" if estimate is None else f"{estimate:%H:%M}",
    )
