"""Bodies that are no JSON object, or too long; paths and methods that are not there."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from asgi_lifespan import LifespanManager

from main import create_app
from tests.api.client import ApiClient, refused
from tests.api.service import GivenSettings

POSTS = [
    "/api/doctors",
    "/api/slots",
    "/api/tokens/book",
    "/api/tokens/walkin",
    "/api/tokens/priority",
    "/api/tokens/followup",
    "/api/tokens/emergency",
    "/api/tokens/allocate",
]
LIMIT = 64 * 1024


async def test_a_body_is_json(api: ApiClient) -> None:
    for raw in (
        b"{", b"{'a': 1}", b"name=Asha", b"\xff\xfe\x00", b'{"name": "\xff"}', b"{} {}", b"[" * 60000,
        b'{"a":' * 9000, b"\x00", b'{"name": ' + b"9" * 5000 + b"}", b"undefined",
    ):  # fmt: skip
        for path in POSTS:
            with refused(422, "not_json") as refusal:
                await api.ask("POST", path, raw=raw)
            assert "JSON" in refusal.detail


async def test_a_body_is_an_object(api: ApiClient) -> None:
    for raw in (b"[]", b"null", b"1", b'"text"', b"true", b'[{"name": "Asha"}]', b"NaN"):
        for path in POSTS:
            with refused(422, "not_an_object") as refusal:
                await api.ask("POST", path, raw=raw)
            assert "JSON object" in refusal.detail


async def test_a_body_is_needed(api: ApiClient) -> None:
    for path in POSTS:
        with refused(422, "not_an_object") as refusal:
            await api.ask("POST", path)
        assert "JSON object" in refusal.detail


async def test_a_body_says_that_it_is_json(api: ApiClient) -> None:
    raw = json.dumps({"name": "Asha", "specialization": "Skin"}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        with refused(415, "unsupported_media_type") as refusal:
            await api.ask("POST", "/api/doctors", raw=raw, headers={"content-type": kind})
        assert "application/json" in refusal.detail
    for kind in ("application/json; charset=utf-8", "Application/JSON", "application/ld+json"):
        await api.ask("POST", "/api/doctors", raw=raw, headers={"content-type": kind})


async def test_optional_bodies_may_be_left_out_but_not_be_wrong(api: ApiClient) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id)
    cancel = ("DELETE", f"/api/tokens/{token.id}/cancel")
    reallocate = ("POST", f"/api/tokens/reallocate/{slot.id}")
    for method, path in (cancel, reallocate):
        for raw, code in (
            (b"{", "not_json"),
            (b"[]", "not_an_object"),
            (b'{"a":1}', "unknown_field"),
        ):
            with refused(422, code):
                await api.ask(method, path, raw=raw)
    assert (await api.token(token.id)) == (await api.token(token.id))


async def test_names_of_fields_may_be_anything_and_are_refused(api: ApiClient) -> None:
    for name in ("\ud800", "a\x00b", "", "😀", "__proto__", "$set", "a.b", "x" * 1000):
        with refused(422, "unknown_field"):
            await api.add_doctor(**{name: 1})  # type: ignore[arg-type]  # any name at all


async def test_a_body_may_have_64_kb(api: ApiClient) -> None:
    raw = b'{"name": "Asha", "specialization": "Skin"}'
    padded = raw + b" " * (LIMIT - len(raw))
    assert (await api.ask("POST", "/api/doctors", raw=padded)).status_code == 201


async def test_a_longer_body_is_refused_by_its_announced_length(api: ApiClient) -> None:
    for path in POSTS:
        with refused(413, "body_too_large") as refusal:
            await api.ask("POST", path, raw=b" " * (LIMIT + 1))
        assert "65536" in refusal.detail


async def test_the_announced_length_alone_is_enough(api: ApiClient) -> None:
    for length in ("65537", "9" * 30, "9" * 5000, "0" * 20 + "70000"):
        with refused(413, "body_too_large"):
            await api.ask("POST", "/api/doctors", raw=b"{}", headers={"content-length": length})


async def _without_length(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1024):
        yield b" " * 1024
    yield b" " * (size % 1024)


async def test_a_longer_body_of_unknown_length_is_refused_while_it_is_read(api: ApiClient) -> None:
    content_type = {"content-type": "application/json"}
    for method, path in [*(("POST", path) for path in POSTS), ("DELETE", "/api/tokens/x/cancel")]:
        answer = await api.client.request(
            method, path, content=_without_length(LIMIT + 1), headers=content_type
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert answer.headers["x-request-id"]
    answer = await api.client.post(
        "/api/doctors", content=_without_length(LIMIT), headers=content_type
    )
    assert answer.json()["code"] == "not_json"


# Paths and methods


@pytest.mark.parametrize("path", ["/api", "/api/doctors/", "/api/token/x", "/api/slots/a/b", "//"])
async def test_an_unknown_path_is_a_problem_too(api: ApiClient, path: str) -> None:
    with refused(404, "unknown_path"):
        await api.ask("GET", f"http://localhost{path}")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/doctors", "GET, POST"),
        ("PUT", "/api/slots/x", "GET, PATCH"),
        ("DELETE", "/api/slots/x", "GET, PATCH"),  # a slot is closed, never deleted
        ("GET", "/api/tokens/x/cancel", "DELETE"),
        ("POST", "/healthz", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    api: ApiClient, method: str, path: str, allowed: str
) -> None:
    with refused(405, "method_not_allowed") as refusal:
        await api.ask(method, path)
    assert refusal.headers["allow"] == allowed


async def test_to_tell_the_right_methods_makes_no_document() -> None:
    """Which would hold everybody up for half a second."""
    app = create_app(GivenSettings())
    async with LifespanManager(app) as running:
        transport = httpx.ASGITransport(app=running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.delete("/api/doctors")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert app.openapi_schema is None


# Request ids


async def test_a_request_gets_an_id_of_its_own(api: ApiClient) -> None:
    given = {(await api.ask("GET", "/healthz")).headers["x-request-id"] for _ in range(3)}
    assert len(given) == 3


async def test_a_request_keeps_the_id_that_it_came_with(api: ApiClient) -> None:
    answer = await api.ask("GET", "/healthz", headers={"X-Request-ID": "Trace-1.a_b"})
    assert answer.headers["x-request-id"] == "Trace-1.a_b"


async def test_an_id_that_is_no_id_is_replaced(api: ApiClient) -> None:
    for wrong in ("", "a b", "x" * 65, "a\tb", "{}"):
        answer = await api.ask("GET", "/healthz", headers={"X-Request-ID": wrong})
        assert answer.headers["x-request-id"] != wrong


async def test_a_length_may_begin_with_zeros(api: ApiClient) -> None:
    raw = json.dumps({"name": "Asha", "specialization": "Skin"}).encode()
    padded = {"content-length": f"{len(raw):020d}"}
    await api.ask("POST", "/api/doctors", raw=raw, headers=padded)
    too_long = {"content-length": f"{LIMIT + 1:020d}"}
    with refused(413, "body_too_large"):
        await api.ask("POST", "/api/doctors", raw=raw, headers=too_long)
