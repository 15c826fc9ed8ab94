"""Who may not read names is told none, whatever is asked; of another facility nothing is told at all."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import product

import httpx
import pytest

from models.access import ROLES, Permission
from models.source import Source
from services.clock import ManualClock
from tests.api.client import ApiClient, booking
from tests.api.documented import assert_documented
from tests.api.marked_day import MAIN_ROLES, NORTH_ROLES, MarkedDay, fill, serve_both
from tests.api.service import GivenSettings
from tests.principals import as_

NAMELESS = ["portal", "kiosk", "display", "manager", "auditor"]
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
async def api(settings: GivenSettings, clock: ManualClock) -> AsyncIterator[ApiClient]:
    async with serve_both(settings, clock) as api:
        yield api


@pytest.fixture
async def day(api: ApiClient) -> MarkedDay:
    return await fill(api)


async def _answers(api: ApiClient, day: MarkedDay, who: str) -> AsyncIterator[httpx.Response]:
    """Every operation, as who is named, with every id of the day: reading before changing."""
    paths = (await api.client.get("/openapi.json")).json()["paths"]
    for method, (path, operations) in product(METHODS, paths.items()):
        if method in operations and path.startswith("/api") and "/access/" not in path:
            for filled in _fillings(path, day):
                for body in _bodies(path, day) if method in ("post", "put", "patch") else [None]:
                    answer = await api.client.request(
                        method.upper(), filled, json=body, headers=as_(who)
                    )
                    assert answer.status_code < 500, answer.text
                    assert_documented(answer)
                    yield answer


def _fillings(path: str, day: MarkedDay) -> Iterator[str]:
    """The path with each id of the kind that it names."""
    name = path.partition("{")[2].partition("}")[0]
    suffix = {"/api/slots/{slot_id}/delay": "?delay_minutes=5"}.get(path, "")
    for id_ in day.ids.get(name, [""]):
        yield path.replace(f"{{{name}}}", id_) + suffix


_NEW = {"patientName": "New", "phoneNumber": "+91 11111 00000"}
_BODIES: Mapping[str, Sequence[Mapping[str, object]]] = {
    "/api/queue/{doctor_id}/config": [{"maxSize": 40}],
    "/api/check-in": [{"doctorId": "rao", "tokenNumber": "T002", "phoneDigits": "0001"}],
    "/api/doctors": [{"name": "New", "specialization": "ENT", "facilityId": "main"}],
    "/api/doctors/{doctor_id}": [{"name": "Other"}],
    "/api/queue/{doctor_id}/state": [{"state": "IN_SESSION"}],
    "/api/slots": [
        {"doctorId": "rao", "date": "2030-01-15", "startTime": "09:30", "endTime": "09:45"}
    ],
    "/api/slots/{slot_id}": [{"maxCapacity": 1}, {"status": "CLOSED"}],
    "/api/tokens/{token_id}/status": [{"status": "CHECKED_IN"}, {"status": "NO_SHOW"}],
    "/api/tokens/{token_id}/patient": [{"language": "hi"}],
    "/api/tokens/{token_id}/mark": [{"mark": "VIP", "reason": "A guest of honour"}],
    "/api/tokens/allocate": [
        {"source": "ONLINE", **_NEW},
        {"source": "ONLINE", "doctorId": "rao", **_NEW},
    ],
}


def _bodies(path: str, day: MarkedDay) -> Sequence[Mapping[str, object]]:
    """What is sent there; of a booking one that is refused, since that patient has a token."""
    if path.rpartition("/")[2] in {source.row.path for source in Source}:
        slots = day.ids["slot_id"]
        return [booking(slots[1], "MARKED-3"), *(booking(slot, "new") for slot in slots)]
    return _BODIES.get(path, [{}])


@pytest.mark.parametrize("who", NAMELESS)
async def test_who_may_not_read_names_is_told_none(
    api: ApiClient, day: MarkedDay, who: str
) -> None:
    """Nor a token's id, nor a note; a portal those alone of what it booked."""
    assert Permission.READ_NAMES not in ROLES[MAIN_ROLES[who]]
    secrets = day.secrets_to_portal() if who == "portal" else day.secrets()
    async for answer in _answers(api, day, who):
        told = [secret for secret in secrets if secret in answer.text]
        assert told == [], f"{answer.request.method} {answer.request.url} {answer.text}"


@pytest.mark.parametrize("who", NORTH_ROLES)
async def test_to_another_facility_nothing_of_it_exists(
    api: ApiClient, day: MarkedDay, who: str
) -> None:
    async for answer in _answers(api, day, who):
        asked = f"{answer.request.method} {answer.request.url} {answer.text}"
        assert not [secret for secret in [*day.secrets(), "rao"] if secret in answer.text], asked
        named = [id_ for ids in day.ids.values() for id_ in ids if id_ in answer.request.url.path]
        if named and "/patient/" not in answer.request.url.path:
            assert answer.status_code in (403, 404), asked
            if who == "north.admin":
                assert answer.json()["code"].startswith("unknown_"), asked
        if who == "north.admin" and answer.request.method == "POST":
            assert answer.status_code == 404 or answer.json()["code"] == "no_slot", asked
