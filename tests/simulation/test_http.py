"""Over HTTP: the same day against a running server, and how the client takes trouble on the way."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from answers.tokens import BookingOut
from models.patient import Patient
from models.source import Source
from models.token import Status
from services.clock import SystemClock
from simulator.client import Refused, ServiceClient, Unusable
from tests.integration.processes import Service
from tests.keys import bearer
from tests.simulation.scenes import simulate, simulate_apart

pytestmark = pytest.mark.xdist_group("a server")  # which they share

PATIENT = Patient(id="P1", name="Asha Rao", phone_number="+91 98450 12345")
WANTED = ("d-20300107-0900", Source.WALKIN, PATIENT)
BOOKED = msgspec.to_builtins(
    BookingOut(
        id="d-20300107-aaaaaaaaaaaa",
        token_number="T001",
        slot_id="d-20300107-0900",
        doctor_id="d",
        date=date(2030, 1, 7),
        patient_id="P1",
        patient_name="Asha Rao",
        phone_number="+91 98450 12345",
        language=None,
        source=Source.WALKIN,
        priority=100,
        status=Status.BOOKED,
        position=1,
        waitlist_position=None,
        queue_position=None,
        estimated_time=None,
        estimated_range=None,
        room=None,
        served_by=None,
        recalls=0,
        mark=None,
        booked_at=datetime(2030, 1, 7, tzinfo=UTC),
        booked_by=None,
        checked_in_at=None,
        called_at=None,
        started_at=None,
        away_since=None,
        ended_at=None,
        cancel_reason=None,
        end_code=None,
        bumped=None,
        patient_link=None,
        notice=None,
    )
)
BUSY = httpx.Response(
    503, headers={"Retry-After": "3"}, json={"code": "busy", "detail": "The service is busy."}
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on the embedded database and a free port of this machine."""
    service = Service(tmp_path_factory.mktemp("server"), {"LOG_LEVEL": "ERROR"})
    asyncio.run(service.serve())
    yield f"http://127.0.0.1:{service.port}"
    service.terminate()
    asyncio.run(service.ended(20))


def rules_shown(told: str) -> list[list[str]]:
    """What the rules did, with the service's reasons; not when patients were seen."""
    shown = {"BOOKED", "EXTRA SEAT", "BUMPED", "WAITLISTED", "PROMOTED", "CANCELLED"}
    shown |= {"DELAYED", "CLOSED", "MOVED", "STAYED", "NO-SHOW", "CAME LATE", "TOO LATE", "REFUSED"}
    (day,) = json.loads(told)["days"]
    return sorted(
        [event["kind"], event["text"], event["why"]]
        for event in day["events"]
        if event["kind"] in shown
    )


@pytest.mark.timeout(360)
def test_the_same_day_plays_in_process_and_over_http(url: str, tmp_path: Path) -> None:
    here = simulate("--json", "--seed", "4", folder=tmp_path)
    there = simulate("--json", "--seed", "4", "--url", url, folder=tmp_path)
    assert there.returncode == 0, there.stderr
    assert rules_shown(there.stdout) == rules_shown(here.stdout)


@pytest.mark.timeout(360)
def test_any_number_of_patients_at_once_leave_the_rules_unbroken(url: str, tmp_path: Path) -> None:
    done = simulate(
        *("--url", url, "--concurrency", "12", "--doctors", "1", "--load", "1", "--json"),
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["broken"] == []
    assert told["traffic"]["bookings"] == 7 * 6
    # Nobody is there before the time at which they would have asked.
    assert all(row["p95WaitMinutes"] < 240 for row in told["bySource"].values())
    assert told["traffic"]["p50Ms"] <= told["traffic"]["p95Ms"] <= told["traffic"]["slowestMs"]


@pytest.mark.timeout(360)
def test_a_run_prints_verdict_throughput_and_latencies(url: str, tmp_path: Path) -> None:
    done = simulate("--url", url, "--concurrency", "4", folder=tmp_path)
    assert "22 bookings at " in done.stdout
    assert "The rules held." in done.stdout


def _on(server: httpx.Client, path: str) -> Any:  # noqa: ANN401  # JSON of several shapes
    return server.get(path).raise_for_status().json()


@pytest.mark.timeout(360)
def test_a_run_says_what_it_leaves_and_tidied_it_leaves_nothing_live(
    url: str, tmp_path: Path
) -> None:
    left = simulate("--url", url, "--seed", "8", folder=tmp_path)
    assert "On the server stay 3 doctors, 21 slots and 22 tokens. --tidy retires" in " ".join(
        left.stdout.split()
    )
    with httpx.Client(base_url=url, trust_env=False, headers=bearer(), timeout=60) as server:
        before = {doctor["id"] for doctor in _on(server, "/api/doctors")}
        tidied = simulate("--url", url, "--seed", "8", "--tidy", folder=tmp_path)
        assert tidied.returncode == 0, tidied.stderr
        assert "They are retired, closed, and over or cancelled." in " ".join(tidied.stdout.split())
        mine = [one for one in _on(server, "/api/doctors") if one["id"] not in before]
        assert [one["retired"] for one in mine] == [True] * 3
        for doctor in mine:
            for slot in _on(server, f"/api/slots/doctor/{doctor['id']}"):
                assert slot["status"] == "CLOSED"
                queue = _on(server, f"/api/tokens/queue/{slot['id']}")
                assert (queue["queue"], queue["waitlist"]) == ([], [])


@pytest.mark.timeout(360)
def test_a_broken_rule_is_told_and_is_the_exit_status(url: str, tmp_path: Path) -> None:
    # The rules here allow no seat beyond capacity, and the server's do.
    (tmp_path / ".env").write_text("EMERGENCY_OVERFLOW=0\n")
    done = simulate("--url", url, folder=tmp_path)
    assert done.returncode == 1
    assert "The rules did not hold." in done.stdout
    assert "09:00 has 3 seats taken, 2 at most" in done.stdout


def test_nobody_at_the_url_is_one_line(tmp_path: Path) -> None:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = simulate_apart("--url", address, folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"--url: {address} does not answer")
    assert done.stderr.count("\n") == 1


class Server:
    """Answers in turn, and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.pauses: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[ServiceClient]:
        transport = httpx.MockTransport(self.answer)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
            yield ServiceClient(client, 1, "run", SystemClock(), self.pause)


async def test_a_busy_server_is_asked_again_with_the_same_key_when_it_says() -> None:
    server = Server(BUSY, httpx.ReadError("lost"), httpx.Response(201, json=BOOKED))
    async with server.client() as client:
        booking = await client.book(*WANTED)
    assert booking.token_number == "T001"
    assert {request.headers["Idempotency-Key"] for request in server.asked} == {"run-1"}
    assert {request.url.path for request in server.asked} == {"/api/tokens/walkin"}
    assert server.pauses == [3.0, 1.0]
    assert client.repeats == 2


async def test_each_booking_has_a_key_of_its_own() -> None:
    server = Server(httpx.Response(201, json=BOOKED), httpx.Response(201, json=BOOKED))
    async with server.client() as client:
        await client.book(*WANTED)
        await client.book(*WANTED)
    keys = [request.headers["Idempotency-Key"] for request in server.asked]
    assert keys == ["run-1", "run-2"]


async def test_a_server_that_stays_busy_is_not_asked_for_ever() -> None:
    server = Server(*[BUSY] * 6)
    async with server.client() as client:
        with pytest.raises(Refused, match="busy"):
            await client.book(*WANTED)
    assert len(server.asked) == 6


def broken() -> httpx.Response:
    return httpx.Response(500, json={"code": "internal_error", "detail": "It broke."})


def another() -> httpx.Response:
    return httpx.Response(200, html="<p>A shop</p>")


@pytest.mark.parametrize("answer", [broken, another])
async def test_a_server_that_breaks_or_is_another_is_of_no_use(
    answer: Callable[[], httpx.Response],
) -> None:
    server = Server(answer())
    async with server.client() as client:
        with pytest.raises(Unusable):
            await client.book(*WANTED)
    assert len(server.asked) == 1


def test_no_real_day_passes_live(url: str, tmp_path: Path) -> None:
    told = simulate("--live", "--url", url, folder=tmp_path)
    assert told.returncode == 1
    assert told.stderr.startswith("The service refused what the day needs: ")
