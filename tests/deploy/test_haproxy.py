"""deploy/haproxy.cfg, run for real: which worker is asked, and what it is told."""

import asyncio
import re
import shutil
import ssl
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from bench.front import CONFIG
from server import IDLE_SECONDS
from tests.deploy.conftest import OpenFront
from tests.deploy.echo import who_answers
from tests.deploy.haproxy import need_haproxy
from tests.integration.client import Client
from tests.integration.processes import free_port

SHEET = "20300115"


def test_the_file_is_valid_and_draws_no_warning() -> None:
    told = subprocess.run(
        [need_haproxy(), "-c", "-f", str(CONFIG)], capture_output=True, text=True, check=True
    )
    assert told.stdout + told.stderr == "Configuration file is valid\n"


async def test_it_does_not_run_as_root(open_front: OpenFront) -> None:
    async with open_front(1) as (haproxy, _):
        assert haproxy.user != 0


# Who is asked


async def test_all_requests_of_a_doctor_reach_one_worker(open_front: OpenFront) -> None:
    async with open_front(3) as (haproxy, _), Client(haproxy.port) as client:
        for number in range(20):
            doctor = f"dr.{number}"
            token, slot = f"{doctor}-{SHEET}-gv6srz4p6ztu", f"{doctor}-{SHEET}-0900"
            asked = [
                await who_answers(client, "GET", f"/api/doctors/{doctor}"),
                await who_answers(client, "GET", f"/api/slots/doctor/{doctor}?date=2030-01-15"),
                await who_answers(client, "GET", f"/api/slots/doctor/{doctor}/available"),
                await who_answers(client, "POST", "/api/slots", {"doctorId": doctor}),
                await who_answers(client, "POST", "/api/slots", {"doctor_id": doctor}),
                await who_answers(client, "POST", "/api/tokens/book", {"slotId": slot}),
                await who_answers(client, "POST", "/api/tokens/book", {"slot_id": f"{slot}r"}),
                await who_answers(client, "GET", f"/api/tokens/queue/{slot}"),
                await who_answers(client, "PATCH", f"/api/slots/{slot}/delay?delay_minutes=5"),
                await who_answers(client, "DELETE", f"/api/tokens/{token}/cancel"),
                await who_answers(client, "GET", f"/api/tokens/dr%2E{number}-{SHEET}-gv6srz4p6ztu"),
                await who_answers(client, "GET", f"/api/queue/{doctor}"),
                await who_answers(client, "POST", f"/api/queue/{doctor}/next"),
                await who_answers(client, "PUT", f"/api/queue/{doctor}/state"),
                await who_answers(client, "POST", f"/api/tokens/{token}/check-in"),
                await who_answers(client, "POST", f"/api/tokens/{token}/undo"),
                await who_answers(client, "POST", "/api/check-in", {"doctorId": doctor}),
                await who_answers(client, "GET", f"/ws/queue/{doctor}"),
                await who_answers(client, "GET", f"/api/stream?doctorId={doctor}&doctorId=sen"),
                await who_answers(client, "GET", f"/api/stream?after=3&tokenId={token}"),
                await who_answers(client, "GET", f"/api/sheets/{doctor}-{SHEET}"),
            ]
            assert len(set(asked)) == 1, f"{doctor}: {asked}"


async def test_requests_without_a_doctor_are_spread_over_all_workers(open_front: OpenFront) -> None:
    async with open_front(3) as (haproxy, _), Client(haproxy.port) as client:
        for method, path, body in (
            ("GET", "/api/doctors", None),
            ("GET", "/api/events?after=3", None),
            ("GET", f"/api/tokens/patient/P-{SHEET}", None),
            ("POST", "/api/tokens/allocate", {"source": "ONLINE", "patientName": "Meera"}),
            ("POST", "/api/tokens/book", {"slotId": None}),
            ("GET", "/readyz", None),
            ("GET", "/docs", None),
        ):
            asked = Counter([await who_answers(client, method, path, body) for _ in range(60)])
            assert len(asked) == 3, f"{path}: {asked}"
            assert min(asked.values()) >= 10, f"{path}: {asked}"


async def test_doctors_are_shared_out_evenly(open_front: OpenFront) -> None:
    async with open_front(4) as (haproxy, _), Client(haproxy.port) as client:
        shares = Counter(
            [await who_answers(client, "GET", f"/api/doctors/doctor{n}") for n in range(400)]
        )
        assert len(shares) == 4
        assert min(shares.values()) > 60, shares


async def test_when_a_worker_goes_only_its_doctors_move(open_front: OpenFront) -> None:
    async def where() -> dict[str, int]:
        async with Client(haproxy.port) as client:
            return {
                doctor: await who_answers(client, "GET", f"/api/doctors/{doctor}")
                for doctor in (f"doctor{n}" for n in range(60))
            }

    async with open_front(3) as (haproxy, workers):
        before = await where()
        workers[1].ready = False
        await haproxy.until_up(1, 3)
        without = await where()
        workers[1].ready = True
        await haproxy.until_up(1, 2, 3)
        after = await where()

    moved = {doctor for doctor in before if without[doctor] != before[doctor]}
    assert moved == {doctor for doctor in before if before[doctor] == 2}
    assert {without[doctor] for doctor in moved} == {1, 3}
    assert after == before


async def test_what_a_dead_worker_refuses_goes_to_another_at_once(open_front: OpenFront) -> None:
    async with open_front(2, changed={"check inter 500ms": "check inter 1h"}) as (haproxy, workers):
        await workers[0].stop()
        async with Client(haproxy.port) as client:
            asked = {await who_answers(client, "GET", f"/api/doctors/doctor{n}") for n in range(20)}
        assert asked == {2}
        await workers[0].start()


def test_a_worker_keeps_an_idle_connection_longer_than_haproxy_does() -> None:
    """Else a request may be sent into a connection that the worker is just ending."""
    (seconds,) = re.findall(r"timeout http-keep-alive (\d+)s", CONFIG.read_text())
    assert 2 * int(seconds) < IDLE_SECONDS


# What a worker is told


async def test_a_caller_cannot_pass_for_another_address(open_front: OpenFront) -> None:
    async with open_front(1) as (haproxy, workers):
        reader, writer = await asyncio.open_connection("127.0.0.1", haproxy.port)
        writer.write(
            b"GET /api/doctors HTTP/1.0\r\nHost: opd.example\r\n"
            b"X-Forwarded-For: 10.9.9.9\r\nX-Forwarded-Proto: https\r\n\r\n"
        )
        await reader.read()
        writer.close()
        (asked,) = workers[0].asked
    assert asked.headers["x-forwarded-for"] == "127.0.0.1"
    assert asked.headers["x-forwarded-proto"] == "http"
    assert asked.headers["host"] == "opd.example"


async def test_one_line_brings_tls(open_front: OpenFront, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    pem, port = _certificate(tmp_path), free_port()
    changed = {
        "# TLS: bind :443": f"bind 127.0.0.1:{port}",
        "/etc/haproxy/opd.pem": str(pem),
    }
    trust = ssl.create_default_context(cafile=str(pem))
    async with open_front(1, changed=changed) as (_, workers):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trust, server_hostname="localhost"
        )
        writer.write(b"GET /api/doctors HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()
        (asked,) = workers[0].asked
    assert asked.headers["x-forwarded-proto"] == "https"


def _certificate(folder: Path) -> Path:
    """Of localhost, with its key, in one file."""
    key, certificate, both = folder / "key", folder / "certificate", folder / "opd.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    return both
