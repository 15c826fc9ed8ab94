"""A line of patients who are there today, to be called from over HTTP."""

from datetime import UTC, datetime, timedelta, timezone

from msgspec import Struct

from services.clock import SystemClock
from tests.integration.insistent_client import IdBody, InsistentClient, TokenBody


class CalledBody(Struct):
    token: TokenBody | None


def noon() -> tuple[str, datetime]:
    """A zone in which it is about noon now, so that the day has come and does not end; its time."""
    now = SystemClock().now().astimezone(UTC)
    ahead = 12 - now.hour
    zone = f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"
    return zone, now.astimezone(timezone(timedelta(hours=ahead)))


async def open_line(desk: InsistentClient, doctor_id: str, day: str, patients: int) -> list[str]:
    """A doctor's slot with room for all, and a token for each patient, all checked in."""
    doctor = {"id": doctor_id, "name": "Asha Rao", "specialization": "Cardiology"}
    assert (await desk.insist("POST", "/api/doctors", doctor)).status == 201
    slot = {"doctorId": doctor_id, "date": day, "startTime": "10:00", "endTime": "20:00"}
    made = await desk.insist("POST", "/api/slots", {**slot, "maxCapacity": patients})
    slot_id = made.read(IdBody).id
    tokens = []
    for n in range(patients):
        token = await desk.book(slot_id, f"{doctor_id}{n}")
        assert token is not None
        tokens.append(token.id)
        reply = await desk.insist("POST", f"/api/tokens/{token.id}/check-in")
        assert reply.status == 200
    return tokens


async def call_next(
    desk: InsistentClient, doctor_id: str, body: dict[str, str], key: str
) -> str | None:
    """The id of whom it calls."""
    reply = await desk.insist("POST", f"/api/queue/{doctor_id}/next", body, key=key)
    assert reply.status == 200, reply.body
    token = reply.read(CalledBody).token
    return None if token is None else token.id
