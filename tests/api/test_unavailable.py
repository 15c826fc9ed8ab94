"""When the service can't do it now: 503 with Retry-After, and what /healthz and /readyz say."""

from datetime import timedelta

import pytest
from pydantic import SecretStr
from pymongo import MongoClient

from config import Driver
from models.errors import Unavailable
from services.clock import ManualClock, SystemClock
from services.ids import Ids
from tests.api.client import ApiClient, booking, refused
from tests.api.service import GivenSettings, serve

pytestmark = pytest.mark.both_databases

NOBODY = "mongodb://127.0.0.1:1/opd?serverSelectionTimeoutMS=100&connectTimeoutMS=100"


async def _refused_commands(api: ApiClient, code: str) -> None:
    """Every kind of command and query is refused with this code."""
    for method, path, body in (
        ("POST", "/api/doctors", {"name": "Asha", "specialization": "Skin"}),
        ("GET", "/api/doctors", None),
        ("GET", "/api/doctors/asha", None),
        ("POST", "/api/tokens/book", booking("asha-20300115-0900")),
        ("POST", "/api/tokens/emergency", booking("asha-20300115-0900")),
        ("POST", "/api/tokens/allocate", {"source": "EMERGENCY", "patientName": "Meera"}),
        ("GET", "/api/tokens/queue/asha-20300115-0900", None),
        ("GET", "/api/tokens/patient/p1", None),
        ("PATCH", "/api/slots/asha-20300115-0900/delay?delay_minutes=5", None),
        ("GET", "/api/events", None),
    ):
        with refused(503, code) as refusal:
            await api.ask(method, path, body)
        assert int(refusal.headers["retry-after"]) == Unavailable.retry_after_seconds


@pytest.mark.parametrize("driver", list(Driver), ids=str)
async def test_without_an_answering_database_the_service_starts_and_says_so_in_one_line(
    driver: Driver, clock: ManualClock, ids: Ids, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = GivenSettings(mongodb_uri=SecretStr(NOBODY), mongodb_driver=driver)
    async with serve(settings, clock, ids) as api:
        lines = capsys.readouterr().out.splitlines()
        (line,) = [line for line in lines if " started " not in line]
        assert "database_unanswered" in line
        assert (await api.ask("GET", "/healthz")).json() == {"status": "alive"}
        ready = await api.client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
        assert ready.json()["databaseAnswers"] is False
        assert ready.json()["driver"] == driver
        await _refused_commands(api, "database_unavailable")


async def test_a_service_that_is_ready_says_so(api: ApiClient, settings: GivenSettings) -> None:
    assert (await api.ask("GET", "/healthz")).json() == {"status": "alive"}
    answer = (await api.ask("GET", "/readyz")).json()
    assert (answer["status"], answer["databaseAnswers"]) == ("ready", True)
    assert answer["driver"] == (settings.mongodb_driver if settings.mongodb_uri else "embedded")


async def test_metrics_are_told_in_the_text_format_of_prometheus(api: ApiClient) -> None:
    await api.make_slot()
    answer = await api.ask("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'opd_requests_total{method="POST",route="/api/slots",status="201"} 1.0' in answer.text


@pytest.mark.integration
@pytest.mark.parametrize("seconds", [-40, 40])
async def test_a_clock_that_is_off_takes_no_commands(address: str, ids: Ids, seconds: int) -> None:
    off = ManualClock(SystemClock().now() + timedelta(seconds=seconds))
    settings = GivenSettings(mongodb_uri=SecretStr(address))
    async with serve(settings, off, ids, machine_clock=off) as api:
        ready = await api.client.get("/readyz")
        assert ready.status_code == 503
        assert round(ready.json()["clockSkewSeconds"] / seconds) == 1
        await _refused_commands(api, "clock_off")


@pytest.mark.integration
@pytest.mark.parametrize("seconds", [-20, 20])
async def test_a_clock_that_is_almost_right_will_do(address: str, ids: Ids, seconds: int) -> None:
    clock = ManualClock(SystemClock().now() + timedelta(seconds=seconds))
    settings = GivenSettings(mongodb_uri=SecretStr(address))
    async with serve(settings, clock, ids, machine_clock=clock) as api:
        assert (await api.client.get("/readyz")).status_code == 200
        assert (await api.make_slot()).taken == 0


@pytest.mark.integration
async def test_a_damaged_document_refuses_alone_and_is_named(
    address: str, clock: ManualClock, ids: Ids, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = GivenSettings(mongodb_uri=SecretStr(address))
    async with serve(settings, clock, ids) as api:
        slot, other = await api.make_slot(), await api.make_slot()
        await api.book(slot.id)
        sheet_id = slot.id.rsplit("-", 1)[0]
        with MongoClient[dict[str, object]](address) as client:
            client.get_default_database()["day_sheets"].update_one(
                {"_id": sheet_id}, {"$set": {"tokens.0.status": "LOST"}, "$inc": {"version": 1}}
            )
        for ask in (api.queue(slot.id), api.slot(slot.id), api.book(slot.id, "p2")):
            with refused(503, "document_damaged") as refusal:
                await ask
            assert refusal.help == {"documentId": sheet_id}
        assert (await api.book(other.id)).position == 1
        assert sheet_id in capsys.readouterr().out
