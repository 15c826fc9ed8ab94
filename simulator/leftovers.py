"""What a run leaves on a server that is not its own, and how it is tidied up."""

from collections.abc import Sequence

from msgspec import Struct

from models.token import Status
from simulator.client import ServiceClient
from simulator.clinic import Clinic


class Left(Struct, frozen=True, kw_only=True, rename="camel"):
    """`tidied`: the doctors have retired, the slots are closed, and no token is live."""

    doctors: int
    slots: int
    tokens: int
    tidied: bool


def leftovers(days: Sequence[Clinic], *, tidied: bool) -> Left:
    """What these days have made; nothing of it is ever deleted."""
    rooms = [room for day in days for room in day.rooms]
    return Left(
        doctors=len({room.doctor.id for room in rooms}),
        slots=sum(len(room.slots) for room in rooms),
        tokens=sum(person.token is not None for day in days for person in day.people),
        tidied=tidied,
    )


def tell_left(left: Left) -> str:
    """For whoever ran it."""
    made = f"{left.doctors} doctors, {left.slots} slots and {left.tokens} tokens"
    if left.tidied:
        return f"On the server stay {made}: retired, closed, and over or cancelled."
    return f"On the server stay {made}. --tidy retires, closes and cancels them."


async def tidy(client: ServiceClient, days: Sequence[Clinic]) -> None:
    """Retire the doctors first, so that a cancelled seat goes to nobody who waits."""
    rooms = [room for day in days for room in day.rooms]
    for doctor_id in sorted({room.doctor.id for room in rooms}):
        await client.retire(doctor_id)
    for slot_id in [slot.id for room in rooms for slot in room.slots]:
        await client.close(slot_id)
        queue = await client.queue(slot_id)
        for token in [*queue.queue, *queue.waitlist]:
            if token.status is Status.CALLED:  # who was called can only be absent
                await client.set_status(token.id, Status.NO_SHOW)
            else:
                await client.cancel(token.id, "The simulation tidies up")
