"""deploy/haproxy.cfg, run for real: who is asked, and what HAProxy says when nobody can be."""

import asyncio
import json
import re
import shutil
import ssl
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from bench.front import CONFIG
from main import IDLE_SECONDS
from tests.deploy.conftest import OpenFront
from tests.deploy.haproxy import need_haproxy
from tests.integration.client import Client, Gone, Reply
from tests.integration.processes import free_port, until

SHEET = "20300115"


async def _worker(client: Client, method: str, path: str, body: object = None) -> int:
    """Who answered."""
    return (await client.ask(method, path, body)).read(int)


def _assert_problem(reply: Reply, status: int, code: str) -> None:
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    told = json.loads(reply.body)
    assert told["code"] == code
    assert told["type"] == f"urn:opd:problem:{code}"
    assert told["status"] == status
    assert told["title"]
    assert told["detail"].endswith(".")


def test_the_file_is_valid_and_draws_no_warning() -> None:
    told = subprocess.run(
        [need_haproxy(), "-c", "-f", str(CONFIG)], capture_output=True, text=True, check=True
    )
    assert told.stdout + told.stderr == "Configuration file is valid\n"


# Who is asked


async def test_all_requests_of_a_doctor_reach_one_worker(open_front: OpenFront) -> None:
    async with open_front(3) as (haproxy, _), Client(haproxy.port) as client:
        for number in range(20):
            doctor = f"dr.{number}"
            token, slot = f"{doctor}-{SHEET}-gv6srz4p6ztu", f"{doctor}-{SHEET}-0900"
            asked = [
                await _worker(client, "GET", f"/api/doctors/{doctor}"),
                await _worker(client, "GET", f"/api/slots/doctor/{doctor}?date=2030-01-15"),
                await _worker(client, "GET", f"/api/slots/doctor/{doctor}/available"),
                await _worker(client, "POST", "/api/slots", {"doctorId": doctor}),
                await _worker(client, "POST", "/api/slots", {"doctor_id": doctor}),
                await _worker(client, "POST", "/api/tokens/book", {"slotId": slot}),
                await _worker(client, "POST", "/api/tokens/book", {"slot_id": f"{slot}r"}),
                await _worker(client, "GET", f"/api/tokens/queue/{slot}"),
                await _worker(client, "PATCH", f"/api/slots/{slot}/delay?delay_minutes=5"),
                await _worker(client, "DELETE", f"/api/tokens/{token}/cancel"),
                await _worker(client, "GET", f"/api/tokens/dr%2E{number}-{SHEET}-gv6srz4p6ztu"),
                await _worker(client, "GET", f"/api/queue/{doctor}"),
                await _worker(client, "GET", f"/api/sheets/{doctor}-{SHEET}"),
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
            asked = Counter([await _worker(client, method, path, body) for _ in range(60)])
            assert len(asked) == 3, f"{path}: {asked}"
            assert min(asked.values()) >= 10, f"{path}: {asked}"


async def test_doctors_are_shared_out_evenly(open_front: OpenFront) -> None:
    async with open_front(4) as (haproxy, _), Client(haproxy.port) as client:
        shares = Counter(
            [await _worker(client, "GET", f"/api/doctors/doctor{n}") for n in range(400)]
        )
        assert len(shares) == 4
        assert min(shares.values()) > 60, shares


async def test_when_a_worker_goes_only_its_doctors_move(open_front: OpenFront) -> None:
    async def where() -> dict[str, int]:
        async with Client(haproxy.port) as client:
            return {
                doctor: await _worker(client, "GET", f"/api/doctors/{doctor}")
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
            asked = {await _worker(client, "GET", f"/api/doctors/doctor{n}") for n in range(20)}
        assert asked == {2}
        await workers[0].start()


def test_a_worker_keeps_an_idle_connection_longer_than_haproxy_does() -> None:
    """Else a request may be sent into a connection that the worker is just ending."""
    (seconds,) = re.findall(r"timeout http-keep-alive (\d+)s", CONFIG.read_text())
    assert 2 * int(seconds) < IDLE_SECONDS


# What HAProxy says itself


async def test_without_a_ready_worker_its_answer_is_a_problem_that_says_when_to_try_again(
    open_front: OpenFront,
) -> None:
    async with open_front(2) as (haproxy, workers), Client(haproxy.port) as client:
        for worker in workers:
            worker.ready = False
        await haproxy.until_up()
        reply = await client.ask("POST", "/api/tokens/book", {"slotId": f"rao-{SHEET}-0900"})
        _assert_problem(reply, 503, "no_worker_ready")
        assert int(reply.headers["retry-after"]) >= 1
        assert not any(worker.asked for worker in workers)


async def test_what_a_worker_got_and_did_not_answer_is_not_sent_again(
    open_front: OpenFront,
) -> None:
    path = f"/api/tokens/rao-{SHEET}-die/die"
    async with open_front(2) as (haproxy, workers), Client(haproxy.port) as client:
        reply = await client.ask("POST", path)
        _assert_problem(reply, 502, "outcome_unknown")
        assert int(reply.headers["retry-after"]) >= 1
        assert len([*workers[0].asked, *workers[1].asked]) == 1


async def test_on_a_kept_connection_such_a_request_ends_like_one_of_the_worker_itself(
    open_front: OpenFront,
) -> None:
    """HAProxy ends the connection without a word there, as HTTP has it."""
    path = f"/api/tokens/rao-{SHEET}-die/die"
    async with open_front(2) as (haproxy, workers), Client(haproxy.port) as client:
        await _worker(client, "GET", "/api/doctors")
        with pytest.raises(Gone):
            await client.ask("POST", path)
        assert len([*workers[0].asked, *workers[1].asked]) == 2


def test_every_answer_of_its_own_is_a_problem() -> None:
    answers = re.findall(r"(?:http-error|return) status (\d+)(.*)", CONFIG.read_text())
    told = {}
    for status, rest in answers:
        if "content-type" not in rest:
            continue  # of the port for its figures
        assert "content-type application/problem+json" in rest
        (text,) = re.findall(r"string '(\{.*?\})'", rest)
        problem = json.loads(text)
        assert problem["status"] == int(status)
        assert problem.keys() == {"type", "title", "status", "detail", "code"}
        told[int(status)] = "hdr Retry-After " in rest
    assert {status for status, tells_when in told.items() if tells_when} == {429, 502, 503, 504}
    assert {400, 404, 408, 500} < told.keys()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", b""),
        (b"POST /api/tok", b"408 Request Time-out"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", b'"code": "request_timeout"'),
    ],
    ids=["nothing", "half a head", "half a body"],
)
async def test_who_does_not_end_a_request_is_let_go(
    open_front: OpenFront, sent: bytes, told: bytes
) -> None:
    changed = {"timeout http-request 10s": "timeout http-request 200ms"}
    async with open_front(1, changed=changed) as (haproxy, workers):
        reader, writer = await asyncio.open_connection("127.0.0.1", haproxy.port)
        writer.write(sent)
        answer = await reader.read()
        writer.close()
        assert told in answer
        assert not workers[0].asked


async def test_a_caller_who_asks_too_often_is_told_to_wait(open_front: OpenFront) -> None:
    environment = {"OPD_MOST_REQUESTS": "20"}
    async with open_front(1, environment=environment) as (haproxy, workers):
        async with Client(haproxy.port) as client:
            replies = [await client.ask("GET", "/api/doctors") for _ in range(25)]
        assert [reply.status for reply in replies[:20]] == [200] * 20
        for reply in replies[20:]:
            _assert_problem(reply, 429, "too_many_requests")
            assert int(reply.headers["retry-after"]) == 10
        assert len(workers[0].asked) == 20


async def test_a_caller_may_keep_so_many_connections_and_no_more(open_front: OpenFront) -> None:
    environment = {"OPD_MOST_CONNECTIONS": "5"}
    async with open_front(1, environment=environment) as (haproxy, _):
        clients = [Client(haproxy.port) for _ in range(6)]
        for client in clients[:5]:
            assert (await client.ask("GET", "/api/doctors")).status == 200
        with pytest.raises(Gone):
            await clients[5].ask("GET", "/api/doctors")
        for client in clients:
            client.leave()


async def test_its_log_has_what_went_wrong_and_no_path(open_front: OpenFront) -> None:
    """A path may hold what a patient told us."""
    async with open_front(1) as (haproxy, workers), Client(haproxy.port) as client:
        await _worker(client, "GET", "/api/tokens/patient/Quillfeather")
        workers[0].ready = False
        await haproxy.until_up()
        await client.ask("GET", "/api/tokens/patient/Quillfeather?name=Zebedee")
        await until(lambda: '"status":503' in haproxy.log)
        log = haproxy.log
    assert "Quillfeather" not in log
    assert "Zebedee" not in log
    (line,) = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert (line["status"], line["method"], line["client"]) == (503, "GET", "127.0.0.1")


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


async def test_a_workers_figures_are_read_at_its_own_port_alone(open_front: OpenFront) -> None:
    async with open_front(1) as (haproxy, workers), Client(haproxy.port) as client:
        _assert_problem(await client.ask("GET", "/metrics"), 404, "unknown_path")
        assert not workers[0].asked
