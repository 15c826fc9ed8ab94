"""Who attends a day that passes: patients at kiosk, desk and door, the doctors, the desk itself.

Doctors call whoever is next, some patients are sent for tests and come back, some are late, some are
gone when called, some never come.
"""

import asyncio
from datetime import datetime, timedelta

from answers.lines import CalledOut, KioskOut, LineOut, SessionOut
from answers.tokens import TokenOut
from models.source import Source
from models.token import PRESENT, Status
from simulator.client import Refused, seen
from simulator.clinic import Person, Room, Script
from simulator.happenings import Kind
from simulator.invariants import Fault
from simulator.plan import Manner, clock
from simulator.snapshot import look, tell_fault
from simulator.visits import NOBODY_COMES, WALK, minutes, tell_changes, tell_seen, will_stay

CALLED_ONCE = "Nobody is called who was called already and did not come back into line"
AT_KIOSK = (Source.ONLINE, Source.FOLLOWUP)
_TESTS = timedelta(minutes=15)
_IDLE = timedelta(minutes=1)
"""After which a doctor to whom nobody came asks again."""
_TELLS = timedelta(minutes=10)
"""How often the desk tells whose place or time has changed."""
_AT_LAST = clock("21:00")
"""When every doctor goes home."""
_BREAK_AT, _BREAK = clock("11:00"), timedelta(minutes=20)

# Patients


async def come(person: Person, trip: int) -> Script:
    """In time, late, or never; as often as they are told another time before."""
    room, clinic, due = person.room, person.room.clinic, person.token.estimated_time
    manner, now = person.visit.manner, person.room.agenda.now
    if due is None or manner is Manner.ABSENT:
        return
    person.comes_at = now
    if manner is Manner.LATE:
        person.comes_at = max(due + clinic.grace + person.late, now)
    elif not will_stay(person, due - now):
        person.comes_at = max(due - person.early, now)
    yield person.comes_at
    if person.trip == trip:
        person.comes_at = None
    if person.trip == trip and person.status is Status.BOOKED and not room.finished:
        await _check_in(person, late=manner is Manner.LATE)


async def _check_in(person: Person, *, late: bool) -> None:
    client, why = person.room.clinic.client, ""
    try:
        if person.visit.source in AT_KIOSK and not late:
            digits = (person.patient.phone_number or "")[-4:]
            number = person.token.token_number
            await client.ask(
                KioskOut,
                "POST",
                "/api/check-in",
                doctorId=person.room.doctor.id,
                tokenNumber=number,
                phoneDigits=digits,
            )
            why = person.room.clinic.words.say("At the kiosk.")
            await refresh(person)
        else:
            await _step(person, "check-in")
    except Refused as refusal:
        await refresh(person)
        person.note(Kind.TOO_LATE, str(refusal))
        return
    person.checked_in_at = person.token.checked_in_at
    person.foreseen = person.token
    person.note(Kind.CAME_LATE if late else Kind.CHECKED_IN, why)


async def _is_tested(person: Person) -> Script:
    yield person.room.agenda.now + _TESTS
    if await _may(person, "return", to="first"):
        person.note(Kind.CAME_BACK)


# The doctor


async def works(room: Room, has_tests: set[int], *, pauses: bool) -> Script:
    """Calls whoever is next until the slots are over and nobody is there or on the way."""
    try:
        async for instant in _see_all(room, has_tests, pauses=pauses):
            yield instant
    finally:
        room.finished = True


async def _see_all(room: Room, has_tests: set[int], *, pauses: bool) -> Script:
    agenda, finish = room.agenda, None
    while (begins := _begins(room)) > agenda.now:
        yield begins
    while finish or not _is_over(room):
        if pauses and agenda.now >= room.clinic.at(_BREAK_AT):
            pauses = False
            yield await _pause(room, finish)
            finish = None
        person = await _call_next(room, finish)
        finish = None
        if person is None:
            yield agenda.now + _IDLE
            await asyncio.gather(*map(refresh, _overdue(room)))
            continue
        gone = person.visit.manner is Manner.LEAVES
        yield agenda.now + (NOBODY_COMES if gone else WALK)
        if not await _begin(person):
            continue
        if id(person) in has_tests:
            has_tests.remove(id(person))
            yield agenda.now + person.consultation / 3
            if await _may(person, "park"):
                person.note(Kind.PARKED)
                agenda.add(_is_tested(person))
            continue
        yield agenda.now + person.consultation
        finish = person
    await _say(room, "FINISHED")


async def _begin(person: Person) -> bool:
    """The consultation of who was called, if they come."""
    room = person.room
    if person.visit.manner is Manner.LEAVES:
        n = minutes(NOBODY_COMES)
        person.note(
            Kind.NO_SHOW, room.clinic.words.say("Called {n} min ago, and nobody came.", n=n)
        )
        return False
    if not await _may(person, "start", room=room.door):
        if person.status is Status.MISSED:  # counted as gone while on the way to the door
            await _may(person, "return", to="first")
        return False
    if person.wait is None and person.checked_in_at is not None:
        person.wait = (person.token.started_at or room.agenda.now) - person.checked_in_at
    return True


def _begins(room: Room) -> datetime:
    return room.slots[0].expected_start


def _is_over(room: Room) -> bool:
    now = room.agenda.now
    busy = any(one.comes_at is not None or _is_there(one) for one in room.people)
    return now >= room.clinic.at(_AT_LAST) or (now >= _ends(room) and not busy)


def _ends(room: Room) -> datetime:
    return max(slot.expected_start + (slot.end - slot.start) for slot in room.slots)


def _overdue(room: Room) -> list[Person]:
    """Who should be there when the slots are over and nobody came: somebody else may have seen them."""
    late = room.agenda.now >= _ends(room)
    return [person for person in room.people if late and _is_there(person)]


def _is_there(person: Person) -> bool:
    """Whether a patient waits to be seen, as far as was told."""
    if person.visit.manner is Manner.LEAVES:
        return person.status is Status.CHECKED_IN
    return person.status in PRESENT or person.status is Status.PARKED


async def _call_next(room: Room, finish: Person | None) -> Person | None:
    """Whoever is called, once that other's consultation has ended."""
    client = room.clinic.client
    body = {"room": room.door, "finish": finish and finish.token.id}
    try:
        path = room.path("/api/queue").replace("?", "/next?")
        called = (await client.ask(CalledOut, "POST", path, **body)).token
    except Refused:  # somebody else runs this line too
        called = None
    if finish is not None:
        await refresh(finish)
        tell_seen(finish)
    if called is None:
        return None
    person = next((one for one in room.people if one.told and one.token.id == called.id), None)
    if person is None:
        return None
    if person.status is not Status.CHECKED_IN and room.clinic.alone:
        was = f"{called.token_number} was {person.status}"
        tell_fault(room, Fault(CALLED_ONCE, f"{room.doctor.name}: {was}"))
    person.told.append(called)
    person.note(Kind.CALLED)
    return person


async def _pause(room: Room, finish: Person | None) -> datetime:
    """A break; until when."""
    if finish is not None:
        await _may(finish, "complete")
        tell_seen(finish)
    until = room.agenda.now + _BREAK
    await _say(room, "ON_BREAK", until=until.isoformat())
    room.note(Kind.PAUSED, n=minutes(_BREAK))
    return until


async def _say(room: Room, state: str, **more: str) -> None:
    path = room.path("/api/queue").replace("?", "/state?")
    await room.clinic.client.ask(SessionOut, "PUT", path, state=state, **more)


# The desk


async def keep_desk(room: Room) -> Script:
    """Tells patients what has changed, looks whether all is well, and each hour says how it goes."""
    clinic, agenda = room.clinic, room.agenda
    hours = [clinic.at(60 * hour) for hour in range(10)]
    while not room.finished:
        yield max(agenda.now, clinic.at(-60)) + _TELLS
        await tell_changes(room)
        if hours and agenda.now >= hours[0]:
            hours.pop(0)
            await look(room)
            line = await clinic.client.get(LineOut, room.path("/api/queue"))
            room.note(Kind.LINE, n=line.size, waited=round(line.mean_wait_minutes or 0))


# Asking


async def _may(person: Person, verb: str, **body: object) -> bool:
    """Take a step; False where the patient stands elsewhere by now."""
    try:
        await _step(person, verb, **body)
    except Refused:
        await refresh(person)
        return False
    return True


async def _step(person: Person, verb: str, **body: object) -> None:
    client = person.room.clinic.client
    person.told.append(await client.step(seen(person.token.id), verb, **body))


async def refresh(person: Person) -> None:
    """Ask how the patient's token stands."""
    path = f"/api/tokens/{person.token.id}"
    person.told.append(await person.room.clinic.client.get(TokenOut, path))
