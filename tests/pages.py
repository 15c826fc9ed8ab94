"""The pages there are: each is held to what every page is held to, and has its pictures taken."""

from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from models.access import Role
from services.access.try_out import link_secret
from tests.api.client import ApiClient, Refused

MOST_BYTES = 60_000
"""A page with all that it loads, uncompressed."""
_SLOT = "iyer-20300115-1200"


class Shown(Struct, frozen=True):
    """A page, by the name of its pictures, its path on the filled day, and who looks at it."""

    name: str
    path: str
    role: Role | None

    async def path_for(self, api: ApiClient) -> str:
        """Its path, with what it leads to: the token of a patient who comes at noon, a person."""
        if "{link}" in self.path or "{token}" in self.path:
            once = {"Idempotency-Key": "patients-page"}
            token = await api.book(_SLOT, "MRN-link", headers=once, patientName="Kavya Menon")
            assert token.patient_link is not None
            return self.path.format(link=token.patient_link.removeprefix("/t/"), token=token.id)
        if "{secret}" in self.path:
            key = api.client.headers["authorization"].removeprefix("Bearer ")
            return self.path.format(secret=link_secret(key))
        if "anita" in self.path or "{password}" in self.path:
            await _hire(api)
        if "{password}" in self.path:
            made = (await api.ask("POST", "/api/access/accounts/anita/link")).json()["path"]
            return self.path.format(password=made.removeprefix("/password/"))
        return self.path


async def _hire(api: ApiClient) -> None:
    person = {"id": "anita", "kind": "person", "name": "Anita Desai", "role": "receptionist"}
    with suppress(Refused):  # whoever looked before has
        await api.ask("POST", "/api/access/accounts", person)


PAGES: Sequence[Shown] = (
    Shown("start", "/", None),
    Shown("sign-in", "/sign-in", None),
    Shown("try-out", "/try-out/{secret}", None),
    Shown("password", "/password/{password}", None),
    Shown("desk", "/desk", Role.RECEPTIONIST),
    Shown("desk-doctor", "/desk/rao", Role.RECEPTIONIST),
    Shown("slip", "/slips/{token}", Role.RECEPTIONIST),
    Shown("doctors", "/doctor", Role.RECEPTIONIST),
    Shown("doctor", "/doctor/rao", Role.DOCTOR),
    Shown("board", "/board?doctor=rao&doctor=iyer", Role.RECEPTIONIST),
    Shown("patient", "/t/{link}?travel=30", None),
    Shown("patient-cancel", "/t/{link}/cancel", None),
    Shown("kiosk", "/kiosk", Role.RECEPTIONIST),
    Shown("device", "/device", None),
    Shown("plan", "/plan", Role.MANAGER),
    Shown("plan-doctor", "/plan/doctors/rao", Role.MANAGER),
    Shown("plan-slot", "/plan/slots/rao-20300115-0900", Role.MANAGER),
    Shown("numbers", "/numbers", Role.MANAGER),
    Shown("access", "/access", Role.ADMIN),
    Shown("account", "/access/accounts/anita", Role.ADMIN),
    Shown("audit", "/access/audit", Role.AUDITOR),
)
