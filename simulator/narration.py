"""The day as it happens, told to people."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Column, Table
from rich.text import Text

from answers.tokens import QueueOut, TokenOut
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from services.wording.catalogue import message
from services.wording.statuses import word_status
from simulator.clinic import Clinic, Room
from simulator.figures import plain_table
from simulator.happenings import Entry, Kind
from simulator.plan import HOURS
from simulator.snapshot import Snapshot

_UNTOLD = {Kind.CHECKED_IN, Kind.CALLED}
"""Every patient does these; the line of the consultation tells what came of them."""
_UNTOLD_LIVE = {Kind.BOOKED, Kind.WAITLISTED}
"""Of a day that passes: there are too many."""
_SOURCE_STYLES = {Source.EMERGENCY: "bold red", Source.PRIORITY: "bold"}
_HEADINGS = (
    *(message("Slot"), message("Seats"), message("Token"), message("Patient")),
    *(message("Source"), message("Now"), "#", message("Expected")),
)
_PHASES = (
    (timedelta(hours=-24), message("The evening before: patients book from home")),
    (timedelta(hours=-9), message("Early morning: the desk opens")),
    (timedelta(0), message("Morning: the doctors begin")),
    (timedelta(hours=4), message("Afternoon")),
)


class Narrator:
    """Tells one day on a console."""

    def __init__(self, console: Console, clinic: Clinic) -> None:
        self._console = console
        self._clinic = clinic
        self._untold = _UNTOLD | _UNTOLD_LIVE if clinic.live else _UNTOLD
        self._words = clinic.words
        self._opening = clinic.at(0)
        self._phase = ""
        self._last = ""
        self._gap = False
        self._reasons: set[tuple[Kind, str]] = set()

    def open(self, seed: int) -> None:
        """What is to come, and by which rules."""
        clinic = self._clinic
        plan, policy, say = clinic.plan, clinic.policy, self._words.say
        scores = sorted(policy.scores.items(), key=lambda each: -each[1])
        numbers = say(
            "{doctors} doctors, {patients} patients, {slots} slots of {seats} seats for each "
            "doctor (seed {seed})",
            doctors=plan.doctors,
            patients=len(plan.visits),
            slots=len(HOURS),
            seats=plan.seats,
            seed=seed,
        )
        rules = say(
            "In a full slot the higher score goes first: {ranks}. Who gives way gets the next "
            "later free seat, or waits for one. Emergencies get up to {n} extra seats.",
            ranks=", ".join(f"{say(source.row.words)} {score}" for source, score in scores),
            n=policy.emergency_overflow,
        )
        day = f"[bold]{clinic.date:%A} {clinic.date.day} {clinic.date:%B %Y}[/]"
        title = say("A day of the out-patient department")
        self._console.print(Panel(f"{day}: {numbers}\n\n{rules}", title=title, border_style="blue"))

    def happened(self, entry: Entry) -> None:
        """Tell an entry: when, what, whom, and beneath it why, unless that was just told."""
        if entry.kind in self._untold:
            return
        self._enter_phase(entry.at)
        if self._gap:
            self._console.print()
        hour = f"{entry.at.astimezone(self._opening.tzinfo):%H:%M}"
        body = Text(entry.text)
        if entry.token_number is not None:
            body = Text.assemble((entry.token_number, "bold"), " ", body)
        if entry.why and (entry.kind, entry.why) not in self._reasons:
            self._reasons.add((entry.kind, entry.why))
            body.append(f"\n{entry.why}", style="dim italic")
        line = Table.grid(
            Column(width=6, style="bold"),
            Column(min_width=11, no_wrap=True, style=entry.kind.style),
            "",
        )
        line.add_row("" if hour == self._last else hour, f"{self._words.say(entry.kind)} ", body)
        self._console.print(line)
        self._last, self._gap = hour, False

    def queue(self, room: Room, look: Snapshot) -> None:
        """A doctor's queue as a table."""
        at = look.now.astimezone(self._opening.tzinfo)
        self._enter_phase(at)
        left = [queue for queue in look.queues.values() if not queue.slot.over]
        busy = [queue for queue in left if queue.slot.taken or queue.waitlist]
        quiet = [queue.slot for queue in left if queue not in busy]
        title = self._words.say(
            ", {specialization}: the queue at {hour}",
            specialization=room.doctor.specialization,
            hour=f"{at:%H:%M}",
        )
        self._console.print()
        self._console.print(Text.assemble((room.doctor.name, "bold cyan"), title))
        if busy:
            self._console.print(self._table(busy))
        if quiet:
            closed = self._words.say("(closed)")
            hours = ", ".join(
                f"{slot.start_time} {closed if slot.status is SlotStatus.CLOSED else ''}".rstrip()
                for slot in quiet
            )
            self._console.print(
                Text(self._words.say("Nobody yet: {hours}", hours=hours), style="dim")
            )
        self._last, self._gap = "", True

    def _enter_phase(self, at: datetime) -> None:
        begun = [words for since, words in _PHASES if at >= self._opening + since]
        phase = begun[-1] if begun else _PHASES[0][1]
        if phase != self._phase:
            self._phase = phase
            self._last, self._gap = "", False
            self._reasons.clear()
            self._console.print()
            title = Text(self._words.say(phase), style="bold")
            self._console.print(Rule(title, align="left"))

    def _table(self, queues: Sequence[QueueOut]) -> Table:
        table = plain_table(*map(self._words.say, _HEADINGS), left=6)
        for queue in queues:
            slot = queue.slot
            extra = max(0, slot.taken - slot.max_capacity)
            seats = f"{slot.taken - extra}/{slot.max_capacity}"
            head = (slot.start_time, f"{seats} +{extra}" if extra else seats)
            for token in [*queue.queue, *queue.waitlist]:
                table.add_row(*head, *self._row(token))
                head = ("", "")
            if head[0]:
                table.add_row(
                    *head, "", Text(self._words.say("nobody waits any more"), style="dim")
                )
        return table

    def _row(self, token: TokenOut) -> tuple[Text | str, ...]:
        style = "yellow" if token.status is Status.WAITLISTED else ""
        estimate = token.estimated_time
        return (
            Text(token.token_number, style="bold"),
            token.patient_name or "",
            Text(
                self._words.say(token.source.row.words), style=_SOURCE_STYLES.get(token.source, "")
            ),
            Text(word_status(token.status, self._words), style=style),
            Text(str(token.position or f"w{token.waitlist_position}"), style=style),
            "" if estimate is None else f"{estimate:%H:%M}",
        )
