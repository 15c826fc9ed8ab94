"""A day at `main` on which everything that is nobody else's business is marked, and who may ask."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from database import connect
from models.access import Facility, Role
from services.clock import ManualClock
from services.ids import Ids
from services.store.facilities import store_home
from tests.api.client import ApiClient
from tests.api.service import GivenSettings, serve
from tests.principals import as_, knowing, make_principal

NORTH = Facility("north", "North", "America/New_York")
MAIN_ROLES = {
    "admin": Role.ADMIN,
    "desk": Role.RECEPTIONIST,
    "nurse": Role.NURSE,
    "portal": Role.PORTAL,
    "other.portal": Role.PORTAL,
    "kiosk": Role.KIOSK,
    "display": Role.DISPLAY,
    "manager": Role.MANAGER,
    "auditor": Role.AUDITOR,
}
NORTH_ROLES = {f"north.{role}": role for role in Role}
DOOR = knowing(
    *(make_principal(name, role) for name, role in MAIN_ROLES.items()),
    make_principal("doctor", Role.DOCTOR, doctors=["rao"]),
    *(
        make_principal(name, role, facility="north", doctors=["snow"] if role == "doctor" else ())
        for name, role in NORTH_ROLES.items()
    ),
)
MARKS = ("Marked", "99999", "MARKED", "marked")
"""In every name, phone number, patient's id, note and login of the day."""


@dataclass(frozen=True)
class MarkedDay:
    """The ids in it by what they are of, and who booked each of the tokens."""

    ids: dict[str, list[str]]
    booked_by: tuple[str, ...]

    def secrets(self) -> list[str]:
        """What nobody may be told but who may read names."""
        return [*MARKS, *self.ids["token_id"]]

    def secrets_to_portal(self, name: str = "portal") -> list[str]:
        """What is told of tokens that this portal did not book, and what others said."""
        of_others = [n for n, booked_by in enumerate(self.booked_by) if booked_by != name]
        return [
            "marked note",
            *(f"marked-{who}" for who in set(self.booked_by) - {name}),
            *(self.ids["token_id"][n] for n in of_others),
            *(text for n in of_others for text in (f"Marked {n}", f"99999 {n:05}", f"MARKED-{n}")),
        ]


@asynccontextmanager
async def serve_both(settings: GivenSettings, clock: ManualClock) -> AsyncIterator[ApiClient]:
    """A service of `main` on a database that knows `north` too."""
    database = connect(settings)
    await store_home(database, NORTH)
    ids = Ids(random.Random(2))
    async with serve(settings, clock, ids, doorkeeper=DOOR, database=database) as api:
        yield api


async def fill(api: ApiClient) -> MarkedDay:
    """Bookings by desk and portal, one bumped, one cancelled, one waiting, one called; a closed slot."""
    desk, admin = as_("desk"), as_("admin")
    await api.add_doctor(id="snow", facilityId="north", headers=as_("north.admin"))
    doctor = await api.add_doctor(id="rao", headers=admin)
    slots = [
        await api.add_slot(doctor.id, start, end, maxCapacity=2, headers=admin)
        for start, end in (("09:00", "10:00"), ("10:00", "11:00"), ("11:00", "12:00"))
    ]
    tokens: list[str] = []
    booked_by: list[str] = []

    async def book(who: str, path: str, slot_id: str) -> str:
        n = len(tokens)
        body = {
            "slotId": slot_id,
            "patientId": f"MARKED-{n}",
            "patientName": f"Marked {n}",
            "phoneNumber": f"+91 99999 {n:05}",
        }
        headers = {**as_(who), "X-Actor": f"marked-{who}"}
        answer = await api.ask("POST", f"/api/tokens/{path}", body, headers=headers)
        tokens.append(answer.json()["id"])
        booked_by.append(who)
        return tokens[-1]

    first, second, third = (slot.id for slot in slots)
    called = await book("desk", "walkin", first)
    await book("portal", "book", first)
    await book("desk", "priority", first)  # bumps the walk-in
    await book("other.portal", "book", second)
    await book("portal", "book", second)
    await book("desk", "walkin", first)  # waits
    gone = await book("desk", "walkin", third)
    for status in ("CHECKED_IN", "CALLED"):
        body = {"status": status, "reason": "marked note"}
        await api.ask("PATCH", f"/api/tokens/{called}/status", body, headers=desk)
    note = {"reason": "marked note"}
    await api.ask("DELETE", f"/api/tokens/{gone}/cancel", note, headers=desk)
    closing = {"status": "CLOSED", "reason": "marked note"}
    await api.ask("PATCH", f"/api/slots/{third}", closing, headers=admin)
    return MarkedDay(
        {
            "doctor_id": [doctor.id],
            "slot_id": [first, second, third],
            "token_id": tokens,
            "patient_id": [f"MARKED-{n}" for n in range(len(tokens))],
        },
        tuple(booked_by),
    )
