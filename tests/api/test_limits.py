"""Who guesses, or cries emergency, too often is refused for a while; who asks for what is there is not."""

from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest

from models.access import Role
from models.source import Source
from services.clock import ManualClock
from tests.api.client import ApiClient, booking
from tests.api.conftest import OpenClient
from tests.api.service import GivenSettings
from tests.principals import as_, knowing, make_principal


def _is_limited(answer: httpx.Response) -> bool:
    if answer.status_code != 429:
        return False
    assert answer.json()["code"] == "rate_limited"
    assert int(answer.headers["retry-after"]) >= 1
    return True


async def _first_refused(api: ApiClient, path: str, most: int, **headers: str) -> int:
    """Which request of these is the first that is one too many."""
    for n in range(1, most + 1):
        if _is_limited(await api.client.get(path, headers=headers)):
            return n
    raise AssertionError(f"{most} were let through")


@pytest.mark.parametrize("by", ["page", "bearer"])
async def test_wrong_links_are_counted_by_address(
    api: ApiClient, clock: ManualClock, by: str
) -> None:
    token = await api.book((await api.make_slot()).id)
    assert token.patient_link is not None
    wrong = token.patient_link.replace(".c.", ".r.")
    for _ in range(100):
        assert (await api.client.get(token.patient_link)).status_code == 200
    headers = {"Authorization": f"Bearer {wrong.removeprefix('/t/')}"} if by == "bearer" else {}
    path = wrong if by == "page" else f"/api/tokens/{token.id}"
    assert await _first_refused(api, path, 100, **headers) == 61
    assert _is_limited(await api.client.get(token.patient_link))
    clock.advance(timedelta(minutes=16))
    assert (await api.client.get(token.patient_link)).status_code == 200


async def test_look_ups_of_patients_that_find_nothing_are_counted_by_principal(
    open_client: OpenClient, clock: ManualClock
) -> None:
    door = knowing(
        make_principal("portal", Role.PORTAL),
        make_principal("other", Role.PORTAL),
        make_principal("admin", Role.ADMIN),
    )
    async with open_client(door) as api:
        admin = as_("admin")
        doctor = await api.add_doctor(headers=admin)
        slot = await api.add_slot(doctor.id, headers=admin)
        await api.book(slot.id, "mine", headers=as_("portal"))
        await api.book(slot.id, "theirs", headers=as_("other"))
        for _ in range(100):
            found = await api.client.get("/api/tokens/patient/mine", headers=as_("portal"))
            assert len(found.json()) == 1
        for name in ("nobody", "theirs"):  # which of them there is, nobody learns
            path = f"/api/tokens/patient/{name}"
            assert await _first_refused(api, path, 100, **as_("portal")) == 61
            clock.advance(timedelta(minutes=2))
        asked = await api.client.get("/api/tokens/patient/theirs", headers=as_("other"))
        assert len(asked.json()) == 1


async def test_look_ups_of_patients_are_counted_by_principal_whatever_they_find(
    clock: ManualClock, open_client: OpenClient
) -> None:
    assert GivenSettings().most_look_ups == 600, (
        "a desk with forty people in front of it never meets it"
    )
    door = knowing(make_principal("desk", Role.ADMIN), make_principal("other", Role.ADMIN))
    async with open_client(door, most_look_ups=70) as api:
        doctor = await api.add_doctor(headers=as_("desk"))
        slot = await api.add_slot(doctor.id, headers=as_("desk"))
        await api.book(slot.id, "p1", headers=as_("desk"))
        path = "/api/tokens/patient/p1"
        assert await _first_refused(api, path, 100, **as_("desk")) == 71
        assert (await api.client.get(path, headers=as_("other"))).status_code == 200
        clock.advance(timedelta(minutes=1))
        assert (await api.client.get(path, headers=as_("desk"))).status_code == 200


async def test_who_asks_without_end_is_refused_whatever_it_is_and_the_others_are_not(
    clock: ManualClock, open_client: OpenClient
) -> None:
    door = knowing(make_principal("wild", Role.PORTAL), make_principal("desk", Role.RECEPTIONIST))
    async with open_client(door, most_requests=50) as api:
        assert await _first_refused(api, "/api/doctors", 100, **as_("wild")) == 51
        assert _is_limited(await api.client.get("/api/tokens/x", headers=as_("wild")))
        # From the same address, which is not counted for who is known.
        assert (await api.client.get("/api/doctors", headers=as_("desk"))).status_code == 200
        clock.advance(timedelta(minutes=1))
        assert (await api.client.get("/api/doctors", headers=as_("wild"))).status_code == 200


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/doctors", {}),
        ("/api/doctors", as_("nobody")),
        ("/docs", {}),
        ("/nowhere", {}),
    ],
)
async def test_who_is_not_known_is_counted_by_address(
    clock: ManualClock,
    open_client: OpenClient,
    path: str,
    headers: Mapping[str, str],
) -> None:
    door = knowing(make_principal("desk", Role.RECEPTIONIST))
    async with open_client(door, most_requests=50) as api:
        assert await _first_refused(api, path, 100, **headers) == 51
        assert (await api.client.get("/api/doctors", headers=as_("desk"))).status_code == 200
        for probe in ("/healthz", "/readyz"):
            assert (await api.client.get(probe)).status_code == 200
        clock.advance(timedelta(minutes=1))
        assert not _is_limited(await api.client.get(path, headers=headers))


async def test_emergencies_are_counted_by_principal(api: ApiClient, clock: ManualClock) -> None:
    slot = await api.make_slot(seats=1)
    path = f"/api/tokens/{Source.EMERGENCY.row.path}"
    taken = [
        await api.client.post(path, json=booking(slot.id, "p1")) for _ in range(121)
    ]  # the first has a token, the others are refused one, and counted all the same
    assert [_is_limited(each) for each in taken] == [False] * 120 + [True]
    clock.advance(timedelta(minutes=2))
    assert not _is_limited(await api.client.post(path, json=booking(slot.id, "p1")))
