"""The pages there are: each is held to what every page is held to, and has its pictures taken."""

from collections.abc import Sequence

from msgspec import Struct

from models.access import Role


class Shown(Struct, frozen=True):
    """A page, by the name of its pictures, its path on the filled day, and who looks at it."""

    name: str
    path: str
    role: Role | None


PAGES: Sequence[Shown] = (
    Shown("start", "/", None),
    Shown("sign-in", "/sign-in", None),
    Shown("desk", "/desk", Role.RECEPTIONIST),
    Shown("doctors", "/doctor", Role.RECEPTIONIST),
    Shown("doctor", "/doctor/rao", Role.DOCTOR),
    Shown("desk-doctor", "/desk/rao", Role.RECEPTIONIST),
    Shown("plan", "/plan", Role.MANAGER),
    Shown("plan-doctor", "/plan/doctors/rao", Role.MANAGER),
    Shown("plan-slot", "/plan/slots/rao-20300115-0900", Role.MANAGER),
    Shown("board", "/board?doctor=rao&doctor=iyer", Role.RECEPTIONIST),
    Shown("device", "/device", None),
)
