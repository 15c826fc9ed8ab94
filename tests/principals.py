"""Who asks in tests, and a way in that knows them: `Authorization: Bearer nurse` is the nurse."""

from collections.abc import Iterable, Mapping

from models.access import Grant, Kind, Permission, Principal, Role
from services.access.doorkeeper import Credentials, Doorkeeper
from services.caller import Caller

FACILITY = "main"


def make_principal(
    name: str,
    *roles: Role,
    facility: str = FACILITY,
    doctors: Iterable[str] = (),
    scope: frozenset[Permission] | None = None,
    kind: Kind = Kind.PERSON,
) -> Principal:
    """One who has these roles at a facility, for these doctors or for all."""
    grants = tuple(
        Grant(id=f"{name}-{role}", role=role, facility_id=facility, doctors=tuple(doctors))
        for role in roles
    )
    return Principal(id=name, kind=kind, grants=grants, scope=scope)


def make_caller(
    name: str = "desk", *, request_id: str | None = None, idempotency_key: str | None = None
) -> Caller:
    """One who may all."""
    return Caller(
        principal=make_principal(name, Role.ADMIN),
        request_id=request_id,
        idempotency_key=idempotency_key,
    )


class Names:
    """Whoever says a name that it knows is who they say."""

    def __init__(self, principals: Iterable[Principal]) -> None:
        self._known: dict[str, Principal] = {}
        for each in principals:
            self.know(each)

    def know(self, principal: Principal, name: str | None = None) -> None:
        """From now on, by the id or another name."""
        self._known[f"Bearer {name or principal.id}"] = principal

    async def recognise(self, given: Credentials) -> Principal | None:
        return self._known.get(given.authorization or "")


def knowing(*principals: Principal) -> Doorkeeper:
    """Lets nobody else in."""
    return Doorkeeper([Names(principals)])


class _Always:
    """Whoever asks is that one."""

    def __init__(self, principal: Principal) -> None:
        self._principal = principal

    async def recognise(self, _: Credentials) -> Principal:
        return self._principal


def letting_in(principal: Principal) -> Doorkeeper:
    """Takes everybody for that one."""
    return Doorkeeper([_Always(principal)])


def as_(name: str) -> Mapping[str, str]:
    """The headers with which that one asks."""
    return {"Authorization": f"Bearer {name}"}
