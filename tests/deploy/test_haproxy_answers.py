"""deploy/haproxy.cfg, run for real: what HAProxy itself answers and logs."""

import asyncio
import json
import re

import pytest

from bench.front import CONFIG
from tests.deploy.conftest import OpenFront
from tests.deploy.echo import who_answers
from tests.integration.client import Client, Gone, Reply
from tests.integration.processes import until

SHEET = "20300115"


def _assert_problem(reply: Reply, status: int, code: str) -> None:
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    told = json.loads(reply.body)
    assert told["code"] == code
    assert told["type"] == f"urn:opd:problem:{code}"
    assert told["status"] == status
    assert told["title"]
    assert told["detail"].endswith(".")


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
        await who_answers(client, "GET", "/api/doctors")
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
        await who_answers(client, "GET", "/api/tokens/patient/Quillfeather")
        workers[0].ready = False
        await haproxy.until_up()
        await client.ask("GET", "/api/tokens/patient/Quillfeather?name=Zebedee")
        await until(lambda: '"status":503' in haproxy.log)
        log = haproxy.log
    assert "Quillfeather" not in log
    assert "Zebedee" not in log
    (line,) = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert (line["status"], line["method"], line["client"]) == (503, "GET", "127.0.0.1")


async def test_a_workers_figures_are_read_at_its_own_port_alone(open_front: OpenFront) -> None:
    async with open_front(1) as (haproxy, workers), Client(haproxy.port) as client:
        _assert_problem(await client.ask("GET", "/metrics"), 404, "unknown_path")
        assert not workers[0].asked
