"""What a run came to, for people and for machines."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from answers.slots import SlotOut
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from services.wording.catalogue import Catalogue, message
from simulator.client import ServiceClient
from simulator.clinic import Clinic, Person, Room
from simulator.figures import Figure, Row, Value, make_rows, make_table, minutes, percentile
from simulator.happenings import Entry, Kind
from simulator.invariants import Fault
from simulator.snapshot import INVARIANTS

People = Sequence[Person]
_ENDS = (Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED, None)
_MOST_FAULTS = 20


def _of(holds: Callable[[Person], object]) -> Callable[[People], int]:
    return lambda people: sum(bool(holds(person)) for person in people)


def _ended(status: Status) -> Callable[[People], int]:
    return _of(lambda person: person.status is status)


def _wait(measure: Callable[[Sequence[timedelta]], timedelta]) -> Callable[[People], Value]:
    """Of the waits from check-in to the doctor's door, of those who were seen."""

    def count(people: People) -> Value:
        waits = sorted(person.wait for person in people if person.wait is not None)
        return minutes(measure(waits)) if waits else None

    return count


OF_PEOPLE: Mapping[str, Figure[Person]] = {
    "tokens": Figure(message("Tokens"), _of(lambda person: person.told)),
    "seated": Figure(message("Seated"), _of(lambda person: person.held_seat)),
    "bumped": Figure(message("Bumped"), lambda people: sum(len(one.bumps) for one in people)),
    "waitlisted": Figure(message("Waitlisted"), _of(lambda person: person.waited_for_seat)),
    "noShows": Figure(message("No-show"), _ended(Status.NO_SHOW)),
    "cancelled": Figure(message("Cancel"), _ended(Status.CANCELLED)),
    "refused": Figure(message("Refused"), _of(lambda person: not person.told), always=False),
    "unseen": Figure(message("Unseen"), _of(lambda one: one.status not in _ENDS), always=False),
    "seen": Figure(message("Seen"), _ended(Status.COMPLETED)),
    "meanWaitMinutes": Figure(
        message("Wait"), _wait(lambda all_: sum(all_, timedelta()) / len(all_))
    ),
    "p95WaitMinutes": Figure(message("p95"), _wait(lambda all_: percentile(all_, 95))),
}


def _held(rooms: Sequence[Room]) -> list[SlotOut]:
    return [slot for room in rooms for slot in room.slots if slot.status is SlotStatus.OPEN]


def _taken(rooms: Sequence[Room]) -> int:
    return sum(slot.taken for slot in _held(rooms))


def _seats(rooms: Sequence[Room]) -> int:
    return sum(slot.max_capacity for slot in _held(rooms))


def _seen(rooms: Sequence[Room]) -> list[timedelta]:
    people = (person for room in rooms for person in room.people)
    return [person.consultation for person in people if person.status is Status.COMPLETED]


def _fill_rate(rooms: Sequence[Room]) -> float | None:
    return round(_taken(rooms) / _seats(rooms), 4) if _seats(rooms) else None


def _with_bar(rate: Value) -> str:
    full = round(16 * min(rate, 1.0)) if isinstance(rate, float) else 0
    return f"{rate:4.0%} {'█' * full:16}"


OF_ROOMS: Mapping[str, Figure[Room]] = {
    "specialization": Figure(
        message("Specialization"), lambda rooms: rooms[0].doctor.specialization, str, words=True
    ),
    "seen": Figure(message("Seen"), lambda rooms: len(_seen(rooms))),
    "seats": Figure(message("Seats"), _seats),
    "taken": Figure(message("Taken"), _taken),
    "fillRate": Figure(message("Fill rate"), _fill_rate, _with_bar, words=True),
    "consultingMinutes": Figure("", lambda rooms: minutes(sum(_seen(rooms), timedelta()))),
}
"""Of doctors. Seats are those of the slots that were held; a fill rate of 1.0 is full."""


def _of_day(figure: Figure[Person]) -> Figure[Clinic]:
    return Figure(
        figure.heading, lambda days: figure.count([p for day in days for p in day.people])
    )


def _extra(days: Sequence[Clinic]) -> int:
    return sum(entry.kind is Kind.EXTRA_SEAT for day in days for entry in day.entries)


OF_DAYS: Mapping[str, Figure[Clinic]] = {
    **{name: _of_day(OF_PEOPLE[name]) for name in ("tokens", "bumped", "waitlisted", "noShows")},
    "extra": Figure(message("Extra"), _extra),
    **{name: _of_day(OF_PEOPLE[name]) for name in ("seen", "meanWaitMinutes", "p95WaitMinutes")},
}


class DayReport(Struct, frozen=True):
    """One day."""

    date: date
    events: list[Entry]


class Report(Struct, frozen=True, kw_only=True, rename="camel"):
    """A whole run. `came_late`: no-shows who came after all. `traffic` and `left`, what stays on
    the server, are None in process. `estimates`: how far those told at the check-in were off.
    """

    seed: int
    days: list[DayReport]
    by_source: list[Row]
    by_doctor: list[Row]
    came_late: int
    invariants: Sequence[str]
    checks: int
    broken: list[Fault]
    traffic: Row | None
    left: Row | None
    estimates: Row | None = None


def make_report(seed: int, days: Sequence[Clinic], traffic: Row | None, left: Row | None) -> Report:
    """The report of the days played."""
    people = [person for day in days for person in day.people]
    sources = [
        (source, [person for person in people if person.visit.source is source])
        for source in Source
    ]
    doctors = [
        (rooms[0].doctor.name, rooms) for rooms in zip(*(day.rooms for day in days), strict=True)
    ]
    return Report(
        seed=seed,
        days=[DayReport(day.date, day.entries) for day in days],
        by_source=make_rows("source", [*sources, ("ALL", people)], OF_PEOPLE),
        by_doctor=make_rows("doctor", doctors, OF_ROOMS),
        came_late=sum(entry.kind is Kind.CAME_LATE for day in days for entry in day.entries),
        invariants=INVARIANTS,
        checks=sum(day.checks for day in days),
        broken=[fault for day in days for fault in day.faults],
        traffic=traffic,
        left=left,
    )


def measure_traffic(client: ServiceClient, days: Sequence[Clinic]) -> Row | None:
    """How the server took the bookings of these days, as seen from here; None without bookings."""
    if not client.booked_in:
        return None
    seconds = sum(day.booking_seconds for day in days) or sum(client.booked_in)
    ordered = sorted(client.booked_in)
    names = {"p50Ms": 50, "p95Ms": 95, "p99Ms": 99, "slowestMs": 100}
    return {
        "bookings": len(ordered),
        "repeats": client.repeats,
        "bookingsPerSecond": round(len(ordered) / seconds, 1) if seconds else 0.0,
        **{name: round(percentile(ordered, p) * 1000, 1) for name, p in names.items()},
    }


def to_json(told: object) -> str:
    """For machines: two spaces to a level."""
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def print_days(console: Console, days: Sequence[Clinic], words: Catalogue) -> None:
    """A row for each day, for runs too long to be told."""
    dates = [f"{day.date:%a %d %b %Y}" for day in days]
    rows = make_rows("day", zip(dates, ([day] for day in days), strict=True), OF_DAYS)
    console.print("", make_table(message("Day"), dates, rows, OF_DAYS, words, gap=1))


def print_closing(console: Console, report: Report, words: Catalogue) -> None:
    """Figures by source and by doctor, then whether the rules held."""
    say = words.say
    names = [say(source.row.words).capitalize() for source in Source]
    title = Rule(Text(say("What the day came to"), style="bold"), align="left")
    by_source = make_table(
        message("Source"), [*names, say("All")], report.by_source, OF_PEOPLE, words, gap=1
    )
    by_source.rows[-2].end_section, by_source.rows[-1].style = True, "bold"
    doctors = [str(row["doctor"]) for row in report.by_doctor]
    by_doctor = make_table(message("Doctor"), doctors, report.by_doctor, OF_ROOMS, words)
    console.print("", title, "", by_source)
    for note in _notes(report, words):
        console.print(Text(note, style="dim"))
    console.print("", by_doctor)
    if report.estimates is not None:
        told = say(
            "{pairs} estimates told at the check-in were {meanAbsoluteErrorMinutes:.1f} minutes "
            "off in the mean, {shareWithin10Minutes:.0%} of them by 10 minutes at most.",
            **report.estimates,
        )
        console.print("", Text(told))
    if report.traffic is not None:
        told = say(
            "{bookings} bookings at {bookingsPerSecond:.0f} a second, {repeats} requests repeated; "
            "each took {p50Ms:.0f} ms in the median, {p95Ms:.0f} ms at p95, {p99Ms:.0f} ms at p99, "
            "{slowestMs:.0f} ms at most.",
            **report.traffic,
        )
        console.print("", Text(told), sep="\n")
    console.print("", *_verdict(report, words), sep="\n")
    if report.left is not None:
        console.print(_tell_left(report.left, words))


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

    if any(isinstance(row["fillRate"], float) and row["fillRate"] > 1 for row in report.by_doctor):
        yield words.say("Above 100%: extra seats of emergencies and late returns.")


def _tell_left(left: Row, words: Catalogue) -> str:
    say = words.say
    if left["tidied"]:
        return say(
            "On the server stay {doctors} doctors, {slots} slots and {tokens} tokens: retired, "
            "closed, and over or cancelled.",
            **left,
        )
    return say(
        "On the server stay {doctors} doctors, {slots} slots and {tokens} tokens. --tidy retires, "
        "closes and cancels them.",
        **left,
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
    for fault in report.broken[:_MOST_FAULTS]:
        yield Text(f"  {fault.invariant}: {fault.where}")
    if len(report.broken) > _MOST_FAULTS:
        yield Text(words.say("  … and {n} more", n=len(report.broken) - _MOST_FAULTS))
