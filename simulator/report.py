"""What a run came to, for people and for machines."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from answers.slots import SlotOut
from engine.accuracy import Accuracy, compare, together
from engine.numbers import percentile
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from services.wording.catalogue import Catalogue, message
from simulator.client import ServiceClient, told_time
from simulator.clinic import FINAL, Clinic, Person, Room
from simulator.figures import Figures, Row, make_row, make_table, mean, minutes
from simulator.happenings import Entry, Kind
from simulator.invariants import Fault

People = Sequence[Person]


def _of(holds: Callable[[Person], object]) -> Callable[[People], int]:
    return lambda people: sum(bool(holds(person)) for person in people)


def _ended(*statuses: Status) -> Callable[[People], int]:
    return _of(lambda person: person.status in statuses)


def _waits(people: People) -> list[timedelta]:
    """From check-in to the doctor's door, of those who were seen."""
    return sorted(person.wait for person in people if person.wait is not None)


def _mean_wait(people: People) -> float | None:
    return minutes(mean(_waits(people))) if _waits(people) else None


def _p95_wait(people: People) -> float | None:
    return minutes(percentile(_waits(people), 0.95)) if _waits(people) else None


_OF_PEOPLE: Figures[Person] = {
    "tokens": (message("Tokens"), _of(lambda person: person.told)),
    "seated": (message("Seated"), _of(lambda person: person.held_seat)),
    "bumped": (message("Bumped"), lambda people: sum(len(one.bumps) for one in people)),
    "waitlisted": (message("Waitlisted"), _of(lambda person: person.waited_for_seat)),
    "noShows": (message("No-show"), _ended(Status.NO_SHOW)),
    "cancelled": (message("Cancel"), _ended(Status.CANCELLED)),
    "refused": (message("Refused"), _of(lambda person: not person.told)),
    "unseen": (message("Unseen"), _of(lambda one: one.told and one.status not in FINAL)),
    "seen": (message("Seen"), _ended(Status.COMPLETED)),
    "meanWaitMinutes": (message("Wait"), _mean_wait),
    "p95WaitMinutes": (message("p95"), _p95_wait),
}


def _held(rooms: Sequence[Room]) -> list[SlotOut]:
    return [slot for room in rooms for slot in room.slots if slot.status is SlotStatus.OPEN]


def _taken(rooms: Sequence[Room]) -> int:
    return sum(slot.taken for slot in _held(rooms))


def _seats(rooms: Sequence[Room]) -> int:
    return sum(slot.max_capacity for slot in _held(rooms))


def _seen(rooms: Sequence[Room]) -> int:
    return sum(one.status is Status.COMPLETED for room in rooms for one in room.people)


_OF_ROOMS: Figures[Room] = {
    "specialization": (message("Specialization"), lambda rooms: rooms[0].doctor.specialization),
    "seen": (message("Seen"), _seen),
    "seats": (message("Seats"), _seats),
    "taken": (message("Taken"), _taken),
    "fillRate": (
        message("Fill rate"),
        lambda rooms: round(_taken(rooms) / _seats(rooms), 4) if _seats(rooms) else None,
    ),
}
"""Of a doctor's days. Seats are those of the slots that were held; a fill rate of 1.0 is full."""


class DayReport(Struct, frozen=True):
    """One day."""

    date: date
    events: list[Entry]


class Report(Struct, frozen=True, kw_only=True, rename="camel"):
    """A whole run. `came_late`: no-shows who came after all. `traffic` and `left`, what stays on
    the server, are None in process; `estimates`, of those told at the check-in, where no day passed.
    """

    seed: int
    days: list[DayReport]
    by_source: Mapping[str, Row]
    by_day: Mapping[str, Row]
    by_doctor: Mapping[str, Row]
    came_late: int
    invariants: Sequence[str]
    checks: int
    broken: list[Fault]
    traffic: Row | None
    left: Row | None
    estimates: Accuracy | None


def make_report(seed: int, days: Sequence[Clinic], traffic: Row | None, left: Row | None) -> Report:
    """The report of the days played."""
    people = [person for day in days for person in day.people]
    sources = {
        source.value: [one for one in people if one.visit.source is source] for source in Source
    }
    of_doctors = zip(*(day.rooms for day in days), strict=True)
    return Report(
        seed=seed,
        days=[DayReport(day.date, day.entries) for day in days],
        by_source={
            name: make_row(some, _OF_PEOPLE) for name, some in {**sources, "ALL": people}.items()
        },
        by_day={f"{day.date:%a %d %b %Y}": make_row(day.people, _OF_PEOPLE) for day in days},
        by_doctor={rooms[0].doctor.name: make_row(rooms, _OF_ROOMS) for rooms in of_doctors},
        came_late=sum(entry.kind is Kind.CAME_LATE for day in days for entry in day.entries),
        invariants=days[0].invariants,
        checks=sum(day.checks for day in days),
        broken=[fault for day in days for fault in day.faults],
        traffic=traffic,
        left=left,
        estimates=together(map(_foreseen, people)) if days[0].live else None,
    )


def _foreseen(person: Person) -> Accuracy:
    """How the time that was told at the check-in compares with when the patient was seen."""
    told = None if person.foreseen is None else told_time(person.foreseen)
    if told is None or person.checked_in_at is None or person.wait is None:
        return Accuracy()
    return compare(told, person.checked_in_at + person.wait)


def measure_traffic(client: ServiceClient, days: Sequence[Clinic]) -> Row | None:
    """How the server took the bookings of these days, repeats included; None without bookings."""
    if not client.booked_in:
        return None
    seconds = sum(day.booking_seconds for day in days) or sum(client.booked_in)
    ordered = sorted(client.booked_in)
    names = {"p50Ms": 0.5, "p95Ms": 0.95, "p99Ms": 0.99, "slowestMs": 1.0}
    return {
        "bookings": len(ordered),
        "repeats": client.repeats,
        "bookingsPerSecond": round(len(ordered) / seconds, 1),
        **{name: round(percentile(ordered, p) * 1000, 1) for name, p in names.items()},
    }


def to_json(told: object) -> str:
    """For machines: two spaces to a level."""
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def print_closing(console: Console, report: Report, words: Catalogue) -> None:
    """Figures by source, by day and by doctor, then whether the rules held."""
    say = words.say
    title = Rule(Text(say("What the day came to"), style="bold"), align="left")
    named = {say(source.row.words).capitalize(): report.by_source[source] for source in Source}
    sources = {**named, say("All"): report.by_source["ALL"]}
    by_source = make_table(message("Source"), sources, _OF_PEOPLE, words, gap=1)
    by_source.rows[-2].end_section, by_source.rows[-1].style = True, "bold"
    console.print("", title, "", by_source)
    for note in _notes(report, words):
        console.print(Text(note, style="dim"))
    if len(report.by_day) > 1:
        console.print("", make_table(message("Day"), report.by_day, _OF_PEOPLE, words, gap=1))
    console.print("", make_table(message("Doctor"), report.by_doctor, _OF_ROOMS, words))
    for line in _extras(report, words):
        console.print("", Text(line), sep="\n")
    console.print("", *_verdict(report, words), sep="\n")


def _notes(report: Report, words: Catalogue) -> Iterator[str]:
    yield words.say(
        "Seated, waitlisted: had a seat, stood on a waitlist at some time. Wait: mean minutes "
        "from check-in to the doctor's door; p95: 95 of 100 waited no longer."
    )
    if report.came_late:
        yield words.say(
            "No-show: absent to the end. {n} more came late and count as what became of them.",
            n=report.came_late,
        )
    if any(
        isinstance(row["fillRate"], float) and row["fillRate"] > 1
        for row in report.by_doctor.values()
    ):
        yield words.say("Above 100%: extra seats of emergencies and late returns.")


def _extras(report: Report, words: Catalogue) -> Iterator[str]:
    """What only some runs have to tell."""
    say = words.say
    if report.estimates is not None and report.estimates.mean_error is not None:
        yield say(
            "{n} estimates told at the check-in were {off:.1f} minutes off in the mean, {share:.0%} "
            "of them by 10 minutes at most.",
            n=report.estimates.compared,
            off=report.estimates.mean_error / 60,
            share=report.estimates.share_right,
        )
    if report.traffic is not None:
        yield say(
            "{bookings} bookings at {bookingsPerSecond:.0f} a second, {repeats} requests repeated; "
            "each took {p50Ms:.0f} ms in the median, {p95Ms:.0f} ms at p95, {p99Ms:.0f} ms at p99, "
            "{slowestMs:.0f} ms at most.",
            **report.traffic,
        )
    if report.left is not None:
        yield say(
            "On the server stay {doctors} doctors, {slots} slots and {tokens} tokens.",
            **report.left,
        ) + (
            say(" They are retired, closed, and over or cancelled.")
            if report.left["tidied"]
            else say(" --tidy retires, closes and cancels them.")
        )


def _verdict(report: Report, words: Catalogue) -> Iterator[Text]:
    if not report.broken:
        told = words.say(
            "{rules} invariants, checked on the service's answers {n} times.",
            rules=len(report.invariants),
            n=report.checks,
        )
        yield Text.assemble((words.say("✔ The rules held."), "bold green"), " ", told)
        return
    yield Text(words.say("✘ The rules did not hold."), style="bold red")
    for fault in report.broken:
        yield Text(f"  {fault.invariant}: {fault.where}")
