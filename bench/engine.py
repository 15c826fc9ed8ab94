"""What one decision of the engine costs, on one core: `python -m bench.engine`.

Every command is decided on a sheet of exactly so many tokens in 24 slots, made by the engine
itself, so that it carries its rosters and timeline as in service. Rounds take turns, so that a
slow moment of the machine falls on all cases alike. `best` is the machine undisturbed, `median`
what to expect.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import perf_counter, process_time

from msgspec import Struct
from rich import box
from rich.console import Console
from rich.table import Table

from engine.decide import SheetCommand, decide
from models.access import Facility
from models.commands import AddSlot, Book, ChangeSlot, ChangeStatus, Reallocate
from models.events import EventType
from models.ids import make_sheet_id
from models.patient import Patient
from models.policy import Policy
from models.sheet import Sheet
from models.slot import SlotStatus
from models.source import Source
from models.token import Status

SLOTS = 24
SIZES = (50, 200, 1000)
"""Tokens on the sheet."""

FULL, MOST_SEATS = 2000, 500
"""Tokens that a sheet may hold, and seats that a slot may have."""

AIM_PER_SECOND, AIM_RATIO, AIM_SECONDS = 20_000, 4, 0.050
_ACTOR = "bench"
_SHEET_ID = make_sheet_id("bench", date(2030, 1, 15))
_OPENS = datetime(2030, 1, 15, 3, 30, tzinfo=UTC)
_NOW = _OPENS - timedelta(hours=1)
_POLICY = Policy(scores={source: 100 * n for n, source in enumerate(reversed(Source), start=1)})


class Case(Struct, frozen=True):
    """Commands that each are decided on the same sheet, and the events that each must bring."""

    name: str
    sheet: Sheet
    commands: Sequence[SheetCommand]
    events: tuple[EventType, ...]

    def check(self) -> None:
        """Raises RuntimeError when the commands do not do what the case is named for."""
        for command in self.commands:
            events = decide(self.sheet, command, _POLICY, _NOW).events
            if tuple(event.type for event in events) != self.events:
                raise RuntimeError(f"{self.name}: {events}")

    def time(self, seconds: float) -> tuple[int, float]:
        """Decide for about that long: the decisions taken and the seconds they took."""
        sheet, commands = self.sheet, self.commands
        count, took = 0, 0.0
        while took < seconds:
            start = perf_counter()
            for command in commands:
                decide(sheet, command, _POLICY, _NOW)
            took += perf_counter() - start
            count += len(commands)
        return count, took


class Measured(Struct):
    """A case at one size: its decisions, and the seconds of one of them in each round."""

    decisions: int
    seconds_each: list[float]

    @property
    def best(self) -> float:
        """The seconds of one decision in the best round."""
        return min(self.seconds_each)

    @property
    def median(self) -> float:
        """The seconds of one decision in the median round."""
        return median(self.seconds_each)


# The sheets


def _make_sheet(tokens: int, seats: Callable[[int], int]) -> Sheet:
    """A sheet of so many walk-ins spread over its slots; `seats` is asked for each slot."""
    sheet = Sheet.new(_SHEET_ID, Facility("main", "OPD", "Asia/Kolkata"))
    for index in range(SLOTS):
        start = _OPENS + timedelta(minutes=20 * index)
        add = AddSlot(
            actor=_ACTOR,
            slot_id=_slot_id(index),
            start=start,
            end=start + timedelta(minutes=20),
            max_capacity=seats(index),
        )
        sheet = decide(sheet, add, _POLICY, _NOW).sheet
    for number in range(tokens):
        sheet = decide(sheet, _book(number % SLOTS, number), _POLICY, _NOW).sheet
    return sheet


def _share(tokens: int, index: int) -> int:
    """How many of the tokens fall to a slot."""
    return tokens // SLOTS + (index < tokens % SLOTS)


def _slot_id(index: int) -> str:
    minutes = 9 * 60 + 20 * index
    return f"{_SHEET_ID}-{minutes // 60:02d}{minutes % 60:02d}"


def _token_id(number: int) -> str:
    letters = str(number).translate(str.maketrans("0123456789", "abcdefghij"))
    return f"{_SHEET_ID}-{letters:a>12}"


# The commands


def _book(index: int, number: int, source: Source = Source.WALKIN) -> Book:
    return Book(
        actor=_ACTOR,
        slot_id=_slot_id(index),
        token_id=_token_id(number),
        patient=Patient(id=f"patient{number}", name="Meera Iyer", phone_number="+91 98450 12345"),
        source=source,
    )


def _ask(number: int, status: Status) -> ChangeStatus:
    return ChangeStatus(actor=_ACTOR, token_id=_token_id(number), status=status)


def cases_of(tokens: int) -> list[Case]:
    """The measured commands on sheets of so many tokens."""
    roomy = _make_sheet(tokens, lambda index: _share(tokens, index) + 1)
    # In every slot somebody waits; tokens are given out slot by slot, so the first 24 have seats.
    waited_for = _make_sheet(tokens, lambda index: _share(tokens, index) - 1)
    # Only the last slot has a seat free: the farthest way for who is bumped.
    full = _make_sheet(tokens, lambda index: _share(tokens, index) + (index == SLOTS - 1))
    spread = [number * tokens // SLOTS for number in range(SLOTS)]
    here = roomy
    for number in spread:
        here = decide(here, _ask(number, Status.CHECKED_IN), _POLICY, _NOW).sheet
    return [
        Case(
            "book a free seat",
            roomy,
            [_book(index, tokens) for index in range(SLOTS)],
            (EventType.BOOKED,),
        ),
        Case(
            "book, waitlisted",
            waited_for,
            [_book(index, tokens) for index in range(SLOTS)],
            (EventType.WAITLISTED,),
        ),
        Case(
            "book, bumping",
            full,
            [_book(index, tokens, Source.PRIORITY) for index in range(SLOTS - 1)],
            (EventType.BUMPED, EventType.BOOKED),
        ),
        Case(
            "cancel, promoting",
            waited_for,
            [_ask(number, Status.CANCELLED) for number in range(SLOTS)],
            (EventType.STATUS_CHANGED, EventType.PROMOTED),
        ),
        Case(
            "check in",
            roomy,
            [_ask(number, Status.CHECKED_IN) for number in spread],
            (EventType.STATUS_CHANGED,),
        ),
        Case(
            "call",
            here,
            [_ask(number, Status.CALLED) for number in spread],
            (EventType.STATUS_CHANGED,),
        ),
    ]


def dearest() -> float:
    """Seconds of processor time for a slot beside a full sheet of tokens that lost their seats."""
    sheet = _make_sheet(FULL, lambda index: _share(FULL, index))
    close = SlotStatus.CLOSED
    for index in range(SLOTS):
        command = ChangeSlot(actor=_ACTOR, slot_id=_slot_id(index), status=close)
        sheet = decide(sheet, command, _POLICY, _NOW).sheet
    for index in range(SLOTS):
        empty = Reallocate(actor=_ACTOR, slot_id=_slot_id(index))
        sheet = decide(sheet, empty, _POLICY, _NOW).sheet
    end = _OPENS + timedelta(minutes=20 * SLOTS)
    add = AddSlot(
        actor=_ACTOR,
        slot_id=_slot_id(SLOTS),
        start=end,
        end=end + timedelta(hours=1),
        max_capacity=MOST_SEATS,
    )
    took = []
    for _ in range(5):
        began = process_time()
        decision = decide(sheet, add, _POLICY, _NOW)
        took.append(process_time() - began)
        if len(decision.events) != MOST_SEATS + 1:
            raise RuntimeError(f"{len(decision.events)} events")
    return median(took)


# The figures


def measure(rounds: int, seconds: float) -> dict[str, dict[int, Measured]]:
    """Each case at each size, in rounds that take turns."""
    sized = {tokens: cases_of(tokens) for tokens in SIZES}
    found: dict[str, dict[int, Measured]] = {}
    for tokens, cases in sized.items():
        for case in cases:
            case.check()
            found.setdefault(case.name, {})[tokens] = Measured(0, [])
    for _ in range(rounds):
        for tokens, cases in sized.items():
            for case in cases:
                count, took = case.time(seconds)
                measured = found[case.name][tokens]
                measured.decisions += count
                measured.seconds_each.append(took / count)
    return found


def show(found: dict[str, dict[int, Measured]], console: Console) -> None:
    """Print the table and, below it, the two figures that are aimed at."""
    table = Table(
        title=f"Decisions on one core, on sheets of so many tokens in {SLOTS} slots",
        title_justify="left",
        box=box.SIMPLE,
        pad_edge=False,
    )
    table.add_column("command", no_wrap=True)
    for tokens in SIZES:
        table.add_column(f"µs at\n{tokens:,}", justify="right", no_wrap=True)
    table.add_column(f"{SIZES[-1]:,}\n/ {SIZES[0]}", justify="right", no_wrap=True)
    table.add_column(f"best/s\nat {SIZES[1]}", justify="right", no_wrap=True)
    table.add_column(f"median/s\nat {SIZES[1]}", justify="right", no_wrap=True)
    table.add_column("made", justify="right", no_wrap=True)
    for name, by_size in found.items():
        middle = by_size[SIZES[1]]
        table.add_row(
            name,
            *(f"{1e6 * measured.median:.1f}" for measured in by_size.values()),
            f"{_ratio(by_size):.2f}",
            f"{1 / middle.best:,.0f}",
            f"{1 / middle.median:,.0f}",
            f"{sum(measured.decisions for measured in by_size.values()) / 1000:,.0f}k",
        )
    console.print(table)
    console.print(
        f"The dearest decision, a slot for {MOST_SEATS} of {FULL:,} who lost their seats: "
        f"{1000 * dearest():.1f} ms of processor time (aim {1000 * AIM_SECONDS:.0f})."
    )
    bookings = found["book a free seat"]
    worst = max(found, key=lambda name: _ratio(found[name]))
    console.print(
        f"Bookings a second on {SIZES[1]} tokens: best {1 / bookings[SIZES[1]].best:,.0f}, median "
        f"{1 / bookings[SIZES[1]].median:,.0f} (aim {AIM_PER_SECOND:,})."
    )
    console.print(
        f"Growth of the cost from {SIZES[0]} to {SIZES[-1]:,} tokens: {_ratio(bookings):.2f}-fold "
        f"for these, {_ratio(found[worst]):.2f}-fold at most ({worst}; aim below {AIM_RATIO})."
    )


def _ratio(by_size: dict[int, Measured]) -> float:
    return by_size[SIZES[-1]].median / by_size[SIZES[0]].median


def run(arguments: Sequence[str]) -> None:
    """Measure as asked and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each case is measured")
    parser.add_argument("--seconds", type=float, default=0.15, help="of one case in one round")
    asked = parser.parse_args(arguments)
    show(measure(max(1, asked.rounds), asked.seconds), Console())


if __name__ == "__main__":
    run(sys.argv[1:])
