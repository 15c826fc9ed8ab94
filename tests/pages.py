"""The pages there are: each is held to what every page is held to, and has its pictures taken."""

from collections.abc import Sequence

from msgspec import Struct

from models.access import Role
from tests.api.client import ApiClient


class Shown(Struct, frozen=True):
    """A page, by the name of its pictures, its path on the filled day, and who looks at it."""

    name: str
    path: str
    role: Role | None

    async def path_for(self, api: ApiClient) -> str:
        """Its path, with the link of a patient who comes at noon where it has one."""
        if "{link}" not in self.path:
            return self.path
        once = {"Idempotency-Key": "patients-page"}
        token = await api.book("iyer-20300115-1200", "MRN-link", headers=once)
        assert token.patient_link is not None
        return self.path.format(link=token.patient_link.removeprefix("/t/"))


PAGES: Sequence[Shown] = (
    Shown("start", "/", None),
    Shown("sign-in", "/sign-in", None),
    Shown("desk", "/desk", Role.RECEPTIONIST),
    Shown("doctors", "/doctor", Role.RECEPTIONIST),
    Shown("doctor", "/doctor/rao", Role.DOCTOR),
    Shown("desk-doctor", "/desk/rao", Role.RECEPTIONIST),
    Shown("numbers", "/numbers", Role.MANAGER),
    Shown("plan", "/plan", Role.MANAGER),
    Shown("plan-doctor", "/plan/doctors/rao", Role.MANAGER),
    Shown("plan-slot", "/plan/slots/rao-20300115-0900", Role.MANAGER),
    Shown("board", "/board?doctor=rao&doctor=iyer", Role.RECEPTIONIST),
    Shown("device", "/device", None),
    Shown("kiosk", "/kiosk", Role.RECEPTIONIST),
    Shown("patient", "/t/{link}?travel=30", None),
    Shown("patient-cancel", "/t/{link}/cancel", None),
    Shown("access", "/access", Role.ADMIN),
    Shown("audit", "/access/audit", Role.AUDITOR),
)
