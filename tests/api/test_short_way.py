"""Well-formed requests of the busy operations take a short way; whatever else, FastAPI's own."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from answers.tokens import BookingOut
from main import create_app
from models.source import Source
from routes.direct import with_short_way
from tests.api.client import ApiClient, booking, refused
from tests.api.service import GivenSettings

BUSY = [
    *(("POST", f"/api/tokens/{source.row.path}") for source in Source),
    ("POST", "/api/tokens/allocate"),
    ("GET", "/api/tokens/queue/{slot_id}"),
    ("GET", "/api/tokens/{token_id}"),
    ("PATCH", "/api/tokens/{token_id}/status"),
    ("DELETE", "/api/tokens/{token_id}/cancel"),
    ("GET", "/api/slots/doctor/{doctor_id}/available"),
    ("GET", "/api/queue/{doctor_id}"),
]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(GivenSettings())


@pytest.mark.parametrize(("method", "path"), BUSY)
def test_a_busy_operation_has_a_short_way(app: FastAPI, method: str, path: str) -> None:
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    route = next(each for each in routes if each.path == path and method in (each.methods or ()))
    assert with_short_way(route) is not route.app


def test_an_operation_that_names_the_parts_of_its_query_one_by_one_has_none(app: FastAPI) -> None:
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    route = next(each for each in routes if each.path == "/board")
    assert with_short_way(route) is route.app


async def test_of_a_query_that_comes_twice_the_last_counts(api: ApiClient) -> None:
    slot = await api.make_slot()
    day, other = slot.date.isoformat(), (slot.date + timedelta(days=1)).isoformat()
    path = f"/api/slots/doctor/{slot.doctor_id}/available"
    for dates, found in ((other, day), [slot.id]), ((day, other), []):
        answer = await api.client.get(path, params=[("date", each) for each in dates])
        assert [each["id"] for each in answer.json()] == found


async def test_a_malformed_query_is_refused_as_ever(api: ApiClient) -> None:
    slot = await api.make_slot()
    path = f"/api/slots/doctor/{slot.doctor_id}/available"
    for query, code in (
        ({"date": ""}, "invalid_date"),
        ({"date": "2030-02-30"}, "invalid_date"),
        ({"date": slot.date.isoformat(), "vip": "1"}, "unknown_field"),
    ):
        with refused(422, code):
            await api.ask("GET", path, query=query)


async def _in_pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 10):
        yield content[start : start + 10]


async def test_a_body_may_come_in_pieces_well_formed_or_not(api: ApiClient) -> None:
    slot = await api.make_slot()
    for wrong, status, code in (
        ({}, 201, None),
        ({"patientName": " "}, 422, "invalid_name"),
        ({"vip": True}, 422, "unknown_field"),
    ):
        raw = json.dumps({**booking(slot.id), **wrong}).encode()
        answer = await api.client.post(
            "/api/tokens/book",
            content=_in_pieces(raw),
            headers={"content-type": "application/json"},
        )
        assert (answer.status_code, answer.json().get("code")) == (status, code)


async def test_a_body_in_another_encoding_of_json_is_understood(api: ApiClient) -> None:
    slot = await api.make_slot()
    raw = json.dumps(booking(slot.id)).encode("utf-16")
    answer = await api.ask("POST", "/api/tokens/book", raw=raw)
    assert msgspec.json.decode(answer.content, type=BookingOut).slot_id == slot.id


async def test_of_a_header_that_comes_twice_the_first_counts(api: ApiClient) -> None:
    slot = await api.make_slot()
    for actors, status in (("a b", "desk"), 422), (("desk", "a b"), 201):
        headers = [("X-Actor", actor) for actor in actors]
        answer = await api.client.post("/api/tokens/book", json=booking(slot.id), headers=headers)
        assert answer.status_code == status


async def test_a_malformed_header_is_refused_as_ever(api: ApiClient) -> None:
    slot = await api.make_slot()
    for name, code in (
        ("X-Actor", "invalid_actor"),
        ("Idempotency-Key", "invalid_idempotency_key"),
    ):
        with refused(422, code):
            await api.ask("POST", "/api/tokens/book", booking(slot.id), headers={name: "a b" * 200})
    with refused(422, "unknown_field"):
        await api.ask("POST", "/api/tokens/book", booking(slot.id), query={"vip": 1})
