"""The clock of the days can be set where nothing is kept; the machine's goes its own way."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from models.access import Role
from models.source import Source
from models.token import Status
from services.access.try_out import link_secret
from services.clock import ManualClock, SystemClock
from services.ids import Ids
from tests.api.browser import Browser
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import GivenSettings, at, serve
from tests.principals import as_, knowing, make_principal

PATH = "/api/dev/clock"


@pytest.fixture
def settings() -> GivenSettings:
    """The database that keeps nothing."""
    return GivenSettings()


async def set_clock(api: ApiClient, speed: float = 1, **asked: object) -> str:
    """Where it says that it stands."""
    told: str = (await api.ask("PUT", PATH, {"speed": speed, **asked})).json()["now"]
    return told


async def test_the_days_follow_the_clock_that_was_set(api: ApiClient, clock: ManualClock) -> None:
    (slot,) = await api.make_day(2)
    assert await set_clock(api, 60, now="2030-01-15T09:00:00+05:30") == "2030-01-15T03:30:00Z"
    clock.advance(timedelta(seconds=30))  # half an hour of the day
    token = await api.book(slot.id, "p1", Source.WALKIN)
    assert token.booked_at == at("09:30")
    clock.advance(timedelta(seconds=30))
    assert (await api.slot(slot.id)).over


async def test_a_new_speed_counts_from_where_the_clock_stands(
    api: ApiClient, clock: ManualClock
) -> None:
    await set_clock(api, 60, now="2030-01-15T09:00:00Z")
    clock.advance(timedelta(minutes=1))
    assert await set_clock(api, 0) == "2030-01-15T10:00:00Z"
    clock.advance(timedelta(hours=3))
    assert await set_clock(api) == "2030-01-15T10:00:00Z"


async def test_the_clock_never_goes_back(api: ApiClient) -> None:
    await set_clock(api, 0, now="2030-01-15T09:00:00Z")
    with refused(409, "clock_goes_back") as refusal:
        await set_clock(api, now="2030-01-15T08:59:59.999Z")
    assert refusal.help == {"now": "2030-01-15T09:00:00+00:00"}
    assert await set_clock(api, 0, now="2030-01-15T09:00:00Z") == "2030-01-15T09:00:00Z"


@pytest.mark.parametrize("speed", [-1, 3601, "fast", True])
async def test_a_speed_is_from_0_to_3600(api: ApiClient, speed: object) -> None:
    with refused(422, "invalid_speed"):
        await api.ask("PUT", PATH, {"speed": speed})


async def test_sessions_keep_the_time_of_the_machine(api: ApiClient, clock: ManualClock) -> None:
    key = api.client.headers["authorization"].removeprefix("Bearer ")
    browser = Browser(api)
    await browser.post(f"/try-out/{link_secret(key)}", {})
    await set_clock(api, now="2030-03-15T09:00:00Z")
    assert (await browser.call("GET", "/api/access/session")).status_code == 200
    clock.advance(timedelta(days=60))
    assert (await browser.call("GET", "/api/access/session")).status_code == 401


async def test_the_audit_and_limits_keep_the_time_of_the_machine(
    open_client: OpenClient,
) -> None:
    door = knowing(make_principal("admin", Role.ADMIN), make_principal("nurse", Role.NURSE))
    async with open_client(door) as api:
        api.client.headers.update(as_("admin"))
        token = await api.book((await api.make_slot()).id)
        await set_clock(api, now="2030-01-15T09:00:00Z")
        await api.ask("GET", f"/api/tokens/{token.id}", headers=as_("nurse"))
        read = (await api.ask("GET", "/api/audit?actor=nurse")).json()
        assert [each["at"] for each in read] == ["2030-01-15T02:30:00Z"]
        wrong = [await api.client.get("/t/opl_x") for _ in range(61)]
        assert wrong[-1].status_code == 429
        await set_clock(api, now="2030-01-15T12:00:00Z")
        assert (await api.client.get("/t/opl_x")).status_code == 429


async def test_a_patients_link_ends_by_the_clock_of_the_days(api: ApiClient) -> None:
    link = (await api.book((await api.make_slot()).id)).patient_link
    assert link is not None
    await set_clock(api, now="2030-01-17T00:00:00+05:30")
    assert (await api.client.get(link)).status_code == 401


async def test_what_is_due_is_done_in_time_however_fast_the_clock(ids: Ids) -> None:
    """At 3600 times its pace a quarter of an hour is a quarter of a second."""
    async with serve(GivenSettings(), SystemClock(), ids) as api:
        await set_clock(api, now="2050-01-15T09:00:00+05:30")
        doctor = await api.add_doctor()
        slot = await api.add_slot(doctor.id, date="2050-01-15")
        token = await api.book(slot.id)
        await api.move(token.id, "CHECKED_IN", "CALLED")
        await set_clock(api, 3600)
        async with asyncio.timeout(5):
            while (await api.token(token.id)).status is not Status.MISSED:
                pass
        missed = (await api.token(token.id)).away_since
        assert missed is not None
        assert missed - token.booked_at < timedelta(minutes=30)


async def test_where_anything_is_kept_no_clock_is_set(
    open_client: OpenClient, tmp_path: Path
) -> None:
    async with open_client(embedded_file=str(tmp_path / "opd.sqlite")) as api:
        with refused(404, "unknown_path"):
            await set_clock(api)
        assert PATH not in (await api.ask("GET", "/openapi.json")).json()["paths"]
