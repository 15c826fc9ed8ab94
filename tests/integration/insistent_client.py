"""Reception desks over HTTP: they repeat what was not answered, and keep what was."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from models.source import Source
from services.clock import stopwatch
from tests.integration.client import Client, Gone, Reply
from tests.integration.invariants import Answer, Booked, Cancelled
from tests.integration.processes import until

DAY = "2090-06-05"
RETRY_SECONDS = 0.02
GIVE_UP_SECONDS = 30.0


class BumpedBody(Struct, rename="camel"):
    token_number: str


class TokenBody(Struct, rename="camel"):
    """A token as the service shows it."""

    id: str
    token_number: str
    slot_id: str
    patient_id: str
    status: str
    bumped: BumpedBody | None = None


class CancelledBody(Struct, rename="camel"):
    token: TokenBody
    promoted: list[TokenBody]


class IdBody(Struct):
    id: str


@dataclass
class Ledger:
    """What the desks were told: every acknowledged change, and every status as often as it came."""

    answers: list[Answer] = field(default_factory=list)
    patients: list[str] = field(default_factory=list)
    """Whose bookings were acknowledged."""
    statuses: Counter[str] = field(default_factory=Counter)
    odd: list[Reply] = field(default_factory=list)
    """Answers that no caller should ever get, and 503s that name no time to try again."""

    async def grow(self, by: int, seconds: float = 10.0) -> float:
        """Wait for so many more answers; how long that took."""
        goal = len(self.answers) + by
        return await until(lambda: len(self.answers) >= goal, seconds)


class InsistentClient:
    """One caller; when a process does not answer, it goes to the next with the same key."""

    def __init__(self, ports: Sequence[int], ledger: Ledger) -> None:
        self._clients = [Client(port) for port in ports]
        self._ledger = ledger

    async def __aenter__(self) -> "InsistentClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients:
            client.leave()

    async def insist(
        self, method: str, path: str, body: object = None, *, key: str | None = None
    ) -> Reply:
        """The first answer that is no 503, repeating the request until then."""
        deadline = stopwatch() + GIVE_UP_SECONDS
        while stopwatch() < deadline:
            try:
                reply = await self._clients[0].ask(method, path, body, key=key)
            except Gone:
                self._ledger.statuses["gone"] += 1
                self._clients.append(self._clients.pop(0))
            else:
                self._note(reply)
                if reply.status != 503:
                    return reply
            await asyncio.sleep(RETRY_SECONDS)
        raise AssertionError(f"no answer to {method} {path} within {GIVE_UP_SECONDS} s")

    async def book(
        self, slot_id: str, patient: str, source: str = "ONLINE", *, if_full: str = "waitlist"
    ) -> TokenBody | None:
        """Book under the patient's id as key; None when it was refused."""
        body = booking(slot_id, patient, if_full=if_full)
        path = f"/api/tokens/{Source[source].row.path}"
        reply = await self.insist("POST", path, body, key=patient)
        if reply.status != 201:
            return None
        token = reply.read(TokenBody)
        self._ledger.answers.append(booked(reply))
        self._ledger.patients.append(patient)
        return token

    async def cancel(self, token_id: str) -> bool:
        """Cancel; whether it was done."""
        reply = await self.insist("DELETE", f"/api/tokens/{token_id}/cancel")
        if reply.status != 200:
            return False
        body = reply.read(CancelledBody)
        promoted = tuple(token.id for token in body.promoted)
        self._ledger.answers.append(Cancelled(reply.request_id, token_id, promoted))
        return True

    def _note(self, reply: Reply) -> None:
        told = f"{reply.status} {reply.code}" if reply.status >= 400 else str(reply.status)
        self._ledger.statuses[told] += 1
        unhelpful = reply.status == 503 and "retry-after" not in reply.headers
        if unhelpful or reply.status == 500:
            self._ledger.odd.append(reply)


def booking(slot_id: str, patient: str, *, if_full: str = "waitlist") -> dict[str, str]:
    """The body of a booking."""
    return {
        "slotId": slot_id,
        "patientId": patient,
        "patientName": "Meera Iyer",
        "phoneNumber": "+91 98450 12345",
        "ifFull": if_full,
    }


def booked(reply: Reply) -> Booked:
    """What a booking's answer claims."""
    token = reply.read(TokenBody)
    return Booked(
        request_id=reply.request_id,
        token_id=token.id,
        number=int(token.token_number[1:]),
        slot_id=token.slot_id,
        status=token.status,
        bumped=None if token.bumped is None else int(token.bumped.token_number[1:]),
        replayed=reply.replayed,
    )


async def open_day(
    port: int, doctor: str = "asha", *, seats: Sequence[int], day: str = DAY
) -> list[str]:
    """Add a doctor, and on the day an hour's slot for each number of seats; the slots' ids."""
    async with Client(port) as client:
        body: dict[str, object] = {"id": doctor, "name": "Dr Rao", "specialization": "Cardiology"}
        made = await client.ask("POST", "/api/doctors", body, key=f"add-{doctor}")
        assert made.status == 201, made
        slots = []
        for hour, count in enumerate(seats, start=8):
            body = {
                "doctorId": doctor,
                "date": day,
                "startTime": f"{hour:02d}:00",
                "endTime": f"{hour + 1:02d}:00",
                "maxCapacity": count,
            }
            made = await client.ask("POST", "/api/slots", body)
            assert made.status == 201, made
            slots.append(made.read(IdBody).id)
        return slots


async def open_slots(port: int, doctors: int, *, seats: int) -> list[str]:
    """A slot with so many seats of each of so many doctors, `doctor0` and on; the slots' ids."""
    days = [await open_day(port, f"doctor{n}", seats=[seats]) for n in range(doctors)]
    return [slot for day in days for slot in day]


async def open_portals(port: int, count: int) -> list[str]:
    """Make so many clients that may book online; a key of each."""
    keys = []
    async with Client(port) as operator:
        for n in range(count):
            body = {"id": f"portal{n}", "kind": "client", "name": "Portal", "role": "portal"}
            made = await operator.ask("POST", "/api/access/accounts", body)
            assert made.status == 201, made
            made = await operator.ask("POST", f"/api/access/accounts/portal{n}/keys", {})
            assert made.status == 201, made
            keys.append(made.read(dict[str, str])["key"])
    return keys


def draw_source(chance: random.Random) -> str:
    """Who comes to a hospital, in about these shares."""
    return chance.choices(
        ["ONLINE", "WALKIN", "FOLLOWUP", "PRIORITY", "EMERGENCY"], [40, 30, 15, 12, 3]
    )[0]
