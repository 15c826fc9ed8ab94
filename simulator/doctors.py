"""What doctors do: call whoever is next, see them, rest; and what of a doctor's day goes wrong."""

import asyncio
from datetime import datetime, timedelta

from answers.lines import CalledOut, LineOut, SessionOut
from answers.slots import DelayedSlotOut, SlotOut
from answers.tokens import ReallocationOut, TokenOut
from models.token import PRESENT, Status
from simulator.client import Refused
from simulator.clinic import Person, Room, Script
from simulator.figures import minutes
from simulator.happenings import Kind
from simulator.invariants import Fault
from simulator.patients import mark_absent, tell_changes
from simulator.plan import REST_AT, Manner, Mishap, clock
from simulator.snapshot import look

CALLED_ONCE = "Nobody is called who was called already and did not come back into line"
_WALK = timedelta(minutes=1)
"""From the waiting room to the doctor."""
_NOBODY_COMES = timedelta(minutes=2)
"""After this the doctor asks for the next, while the desk goes on calling."""
_TESTS = timedelta(minutes=15)
_IDLE = timedelta(minutes=1)
"""After which a doctor to whom nobody came asks again."""
_REST = timedelta(minutes=20)
_AT_LAST = clock("21:00")
"""When every doctor goes home."""

# A doctor's day


async def works(room: Room) -> Script:
    """Calls whoever is next until the slots are over and nobody is there or on the way."""
    try:
        async for instant in _sees_all(room):
            yield instant
    finally:  # also where the service refuses to go on, so that the day ends
        room.finished = True


async def _sees_all(room: Room) -> Script:
    agenda = room.agenda
    while (begins := room.slots[0].expected_start) > agenda.now:
        yield begins
    rests_at = room.clinic.at(REST_AT) if room.rests else None
    while not _is_over(room):
        if rests_at is not None and agenda.now >= rests_at:
            rests_at = None
            yield await _rest(room)
        person = await _call_next(room)
        if person is None:
            yield agenda.now + _IDLE
        elif person.visit.manner is Manner.LEAVES:
            agenda.add(_is_awaited(person))
            yield agenda.now + _NOBODY_COMES
        else:
            yield agenda.now + _WALK
            async for instant in _see(person):
                yield instant
    if room.clinic.live:
        await _say(room, "FINISHED")


def _is_over(room: Room) -> bool:
    now = room.agenda.now
    busy = any(one.on_the_way or _is_there(one) for one in room.people)
    return now >= room.clinic.at(_AT_LAST) or (now >= room.ends and not busy)


def _is_there(person: Person) -> bool:
    """Whether a patient waits to be seen, as far as was told."""
    if person.visit.manner is Manner.LEAVES:
        return person.status is Status.CHECKED_IN
    return person.status in PRESENT or person.status is Status.PARKED


async def _rest(room: Room) -> datetime:
    """A break; until when."""
    until = room.agenda.now + _REST
    await _say(room, "ON_BREAK", until=until.isoformat())
    say, n = room.clinic.words.say, _REST // timedelta(minutes=1)
    room.note(Kind.PAUSED, say("{doctor} rests for {n} minutes", doctor=room.name, n=n))
    return until


async def _say(room: Room, state: str, **more: str) -> None:
    path = room.path("/api/queue/{}/state")
    await room.clinic.client.ask(SessionOut, "PUT", path, state=state, **more)


# Calling


async def _call_next(room: Room) -> Person | None:
    """Whoever the service says is next; None if nobody is."""
    called = await (_call_first if room.clinic.live else _call_here)(room)
    person = next((one for one in room.people if called and one.token_id == called.id), None)
    if person is None or called is None:
        return None
    if person.status is not Status.CHECKED_IN:
        was = f"{room.doctor.name}: {called.token_number} was {person.status}"
        room.broken(Fault(CALLED_ONCE, was))
    person.told.append(called)
    person.note(Kind.CALLED)
    return person


async def _call_first(room: Room) -> TokenOut | None:
    """On the day itself the service calls."""
    client = room.clinic.client
    try:
        path = room.path("/api/queue/{}/next")
        called = (await client.ask(CalledOut, "POST", path, room=room.door)).token
    except Refused:  # somebody else runs this line too
        return None
    if called is None and room.agenda.now >= room.ends:  # others may have seen who should be there
        await asyncio.gather(*(one.hear() for one in room.people if _is_there(one)))
    return called


async def _call_here(room: Room) -> TokenOut | None:
    """On another day the desk does, by the service's line."""
    client = room.clinic.client
    if not any(person.status is Status.CHECKED_IN for person in room.people):
        return None
    line = await client.get(LineOut, room.path("/api/queue/{}"))
    here = [one.token for one in line.line if one.token.status is Status.CHECKED_IN]
    return await client.set_status(here[0].id or "", Status.CALLED) if here else None


async def _is_awaited(person: Person) -> Script:
    """Called, and gone: the desk goes on calling, or the service does."""
    clinic = person.room.clinic
    n = clinic.policy.no_show_minutes
    yield person.room.agenda.now + timedelta(minutes=n)
    why = clinic.words.say("Called {n} minutes ago, and nobody came.", n=n)
    if clinic.live:
        person.note(Kind.NO_SHOW, why=why)
    else:
        await mark_absent(person, why)


# Seeing


async def _see(person: Person) -> Script:
    """The consultation of who was called; some are sent for tests in its midst."""
    agenda = person.room.agenda
    if not await person.stands(Status.IN_CONSULTATION):
        if person.status is Status.MISSED:  # counted as gone while on the way to the door
            await person.step("return", to="first")
        return
    if person.wait is None:
        person.wait = agenda.now - (person.checked_in_at or agenda.now)
    if person.visit.tested and not person.tested:
        person.tested = True
        yield agenda.now + person.consultation / 3
        if await person.step("park"):
            person.note(Kind.PARKED)
            agenda.add(_is_tested(person))
        return
    yield agenda.now + person.consultation
    await person.stands(Status.COMPLETED)
    say = person.room.clinic.words.say
    waited, took = (f"{minutes(span):.0f}" for span in (person.wait, person.consultation))
    person.note(Kind.SEEN, say("waited {waited} min, then {took} min", waited=waited, took=took))


async def _is_tested(person: Person) -> Script:
    yield person.room.agenda.now + _TESTS
    if await person.step("return", to="first"):
        person.note(Kind.CAME_BACK)


# What goes wrong


async def strike(room: Room, mishap: Mishap) -> Script:
    """A slot does not go as planned: tell the service, and the patients what it means to them."""
    yield room.clinic.at(mishap.at)
    slot, reason = room.slots[mishap.slot], room.clinic.words.say(mishap.why, doctor=room.name)
    if mishap.late is None:
        await _close(room, slot, reason)
    else:
        await _delay(room, slot, reason, mishap.late)
    await tell_changes(room)
    await look(room)


async def _delay(room: Room, slot: SlotOut, reason: str, late: int) -> None:
    """It starts late, and may push back others."""
    client, say = room.clinic.client, room.clinic.words.say
    await client.ask(DelayedSlotOut, "PATCH", f"/api/slots/{slot.id}/delay?delay_minutes={late}")
    after = await client.get(list[SlotOut], room.path("/api/slots/doctor/{}"))
    starts = [
        say("{hour} now {time}", hour=new.start_time, time=f"{new.expected_start:%H:%M}")
        for old, new in zip(room.slots, after, strict=True)
        if old.expected_start != new.expected_start
    ]
    why = say(
        "Expected starts: {starts}. All other slots keep their time.",
        starts=", ".join(starts) or say("as they were"),
    )
    told = say("{reason}: {hour} is {n} minutes late", reason=reason, hour=slot.start_time, n=late)
    room.note(Kind.DELAYED, told, why)


async def _close(room: Room, slot: SlotOut, reason: str) -> None:
    """It can't be held; its patients take other places of the day."""
    client, say = room.clinic.client, room.clinic.words.say
    done = await client.ask(ReallocationOut, "POST", f"/api/tokens/reallocate/{slot.id}")
    why = say("{moved} moved, {stayed} stayed.", moved=len(done.moved), stayed=len(done.stayed))
    told = say("{reason}: {hour} can't be held", reason=reason, hour=slot.start_time)
    room.note(Kind.CLOSED, told, why)
    stayed = {one.token.id: one for one in done.stayed}
    for person in room.people:
        if (one := stayed.get(person.token_id)) is not None:
            person.told.append(one.token)
            person.note(Kind.STAYED, why=one.why)
