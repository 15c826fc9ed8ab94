"""What goes wrong in a day: patients cancel, doctors are late, slots can't be held."""

from answers.slots import DelayedSlotOut, SlotOut
from answers.tokens import CancellationOut, ReallocationOut
from models.token import Status
from simulator.clinic import Person, Room, Script
from simulator.happenings import Kind
from simulator.plan import Mishap
from simulator.snapshot import look
from simulator.visits import tell_changes

_CANCELLABLE = (Status.BOOKED, Status.CHECKED_IN, Status.WAITLISTED)


async def cancel(person: Person) -> Script:
    """A patient who means to cancels, if they still can."""
    room, clinic = person.room, person.room.clinic
    if person.visit.cancels is None:
        return
    yield clinic.at(person.visit.cancels)
    if person.status in _CANCELLABLE:
        path, why = f"/api/tokens/{person.token.id}/cancel", clinic.words.say("Feels better.")
        done = await clinic.client.ask(CancellationOut, "DELETE", path, reason=why)
        person.told.append(done.token)
        person.note(Kind.CANCELLED, why)
        await tell_changes(room)
    await look(room)


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


async def _delay(room: Room, slot: SlotOut, reason: str, minutes: int) -> None:
    """It starts late, and may push back others."""
    client, say = room.clinic.client, room.clinic.words.say
    path = f"/api/slots/{slot.id}/delay?delay_minutes={minutes}"
    await client.ask(DelayedSlotOut, "PATCH", path)
    after = await client.get(list[SlotOut], room.path("/api/slots/doctor"))
    starts = [
        say("{hour} now {time}", hour=new.start_time, time=f"{new.expected_start:%H:%M}")
        for old, new in zip(room.slots, after, strict=True)
        if old.expected_start != new.expected_start
    ]
    why = say(
        "Expected starts: {starts}. All other slots keep their time.",
        starts=", ".join(starts) or say("as they were"),
    )
    room.note(Kind.DELAYED, why, reason=reason, hour=slot.start_time, n=minutes)


async def _close(room: Room, slot: SlotOut, reason: str) -> None:
    """It can't be held; its patients take other places of the day."""
    client, say = room.clinic.client, room.clinic.words.say
    done = await client.ask(ReallocationOut, "POST", f"/api/tokens/reallocate/{slot.id}")
    why = say("{moved} moved, {stayed} stayed.", moved=len(done.moved), stayed=len(done.stayed))
    room.note(Kind.CLOSED, why, reason=reason, hour=slot.start_time)
    stayed = {one.token.id: one for one in done.stayed}
    for person in room.people:
        if person.told and person.token.id in stayed:
            person.told.append(stayed[person.token.id].token)
            person.note(Kind.STAYED, stayed[person.token.id].why)
