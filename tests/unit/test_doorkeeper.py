"""Each way in is asked in turn; nobody passes whom none of them knows."""

import pytest

from models.access import Kind, Principal
from models.errors import Unauthenticated
from services.access.doorkeeper import Credentials, Doorkeeper

PORTAL = Principal(id="portal", kind=Kind.CLIENT)
DESK = Principal(id="desk", kind=Kind.PERSON)


class _Keys:
    async def recognise(self, given: Credentials) -> Principal | None:
        if given.authorization == "Bearer ended":
            raise Unauthenticated
        return PORTAL if given.authorization == "Bearer key" else None


class _Sessions:
    async def recognise(self, given: Credentials) -> Principal | None:
        return DESK if given.session == "cookie" else None


async def test_who_shows_what_a_way_knows_is_recognised() -> None:
    door = Doorkeeper([_Keys(), _Sessions()])
    assert await door.recognise(Credentials(authorization="Bearer key")) == PORTAL
    assert await door.recognise(Credentials(session="cookie")) == DESK


@pytest.mark.parametrize(
    "given",
    [
        Credentials(),
        Credentials(authorization="Bearer other"),
        Credentials(authorization="Bearer ended", session="cookie"),
    ],
)
async def test_who_shows_nothing_known_is_nobody(given: Credentials) -> None:
    with pytest.raises(Unauthenticated):
        await Doorkeeper([_Keys(), _Sessions()]).recognise(given)
