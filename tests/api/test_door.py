"""Who asks is found out, and whether they may at all, before anything else is looked at."""

from collections.abc import AsyncIterator

import pytest

from models.access import Permission, Role
from tests.api.client import ApiClient, booking, refused
from tests.api.conftest import OpenClient
from tests.principals import as_, knowing, make_principal

DOOR = knowing(
    make_principal("desk", Role.RECEPTIONIST),
    make_principal("nurse", Role.NURSE),
    make_principal("kiosk", Role.KIOSK),
    make_principal("admin", Role.ADMIN),
    make_principal("scoped", Role.ADMIN, scope=frozenset({Permission.READ_QUEUE})),
)


@pytest.fixture
async def api(open_client: OpenClient) -> AsyncIterator[ApiClient]:
    async with open_client(DOOR) as api:
        yield api


class _Unread:
    """A body that nobody may read."""

    def __aiter__(self) -> "_Unread":
        return self

    async def __anext__(self) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("headers", [{}, as_("nobody"), {"Authorization": "Basic eDp5"}])
async def test_nobody_unknown_gets_in_or_has_their_body_read(
    api: ApiClient, headers: dict[str, str]
) -> None:
    answer = await api.client.post(
        "/api/tokens/book",
        content=_Unread(),
        headers={**headers, "content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_who_lacks_a_permission_is_told_which_before_their_body_is_read(
    api: ApiClient,
) -> None:
    answer = await api.client.post(
        "/api/tokens/book",
        content=_Unread(),
        headers={**as_("nurse"), "content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert answer.json()["permission"] == "token.book.online"


async def test_who_has_it_passes(api: ApiClient) -> None:
    slot = await api.make_slot(headers=as_("admin"))
    assert (await api.book(slot.id, headers=as_("desk"))).token_number == "T001"


async def test_any_of_several_permissions_opens_a_route(api: ApiClient) -> None:
    slot = await api.make_slot(headers=as_("admin"))
    token = await api.book(slot.id, headers=as_("desk"))
    path = f"/api/tokens/{token.id}/status"
    body = {"status": "CHECKED_IN"}
    assert (await api.ask("PATCH", path, body, headers=as_("nurse"))).status_code == 200


async def test_a_scope_closes_what_a_role_would_open(api: ApiClient) -> None:
    assert (await api.ask("GET", "/api/doctors", headers=as_("scoped"))).json() == []
    with refused(403, "forbidden") as refusal:
        await api.add_doctor(headers=as_("scoped"))
    assert refusal.help == {"permission": "doctor.manage"}


async def test_what_is_malformed_is_told_to_nobody_unknown(api: ApiClient) -> None:
    with refused(401, "unauthenticated"):
        await api.ask("POST", "/api/tokens/book", booking("x", vip=True))
    with refused(403, "forbidden"):
        await api.ask("POST", "/api/tokens/book", {"vip": True}, headers=as_("kiosk"))
