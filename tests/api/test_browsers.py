"""What pages of other sites may do, and what browsers are told of each answer."""

import json
import re
from collections.abc import Mapping

import httpx
import pytest
from asgi_lifespan import LifespanManager

from main import create_app
from tests.api.client import ApiClient, booking, refused
from tests.api.conftest import OpenClient
from tests.api.service import GivenSettings

PORTAL = "https://portal.example.org"
EVIL = "https://evil.example"
PROBES = ("/healthz", "/readyz", "/metrics")
ON_EACH_ANSWER = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
ASKED_FIRST = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,idempotency-key,x-actor,x-request-id",
}


# Another site's page


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "", "http://localhost:9999", "http://localhost.evil.example"]
)
async def test_another_sites_page_changes_nothing(api: ApiClient, origin: str) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id)
    for method, path, body in (
        ("POST", f"/api/tokens/reallocate/{slot.id}", None),
        ("POST", "/api/tokens/book", booking(slot.id, "p2")),
        ("PATCH", f"/api/slots/{slot.id}", {"status": "CLOSED"}),
        ("DELETE", f"/api/tokens/{token.id}/cancel", None),
    ):
        with refused(403, "other_origin"):
            await api.ask(method, path, body, headers={"Origin": origin})
    assert await api.slot(slot.id) == slot.__replace__(taken=1, available=1)


async def test_another_sites_page_may_ask_what_it_can_not_read(api: ApiClient) -> None:
    answer = await api.ask("GET", "/api/doctors", headers={"Origin": EVIL})
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost", "localhost"),
        ("http://LOCALHOST:8000", "localhost:8000"),
        ("https://localhost", "localhost"),
    ],
)
async def test_the_services_own_page_may_change(api: ApiClient, origin: str, host: str) -> None:
    await api.add_doctor(headers={"Origin": origin, "Host": host})


async def test_what_is_no_browser_sends_no_origin_and_may_change(api: ApiClient) -> None:
    await api.add_doctor()


async def test_a_form_can_send_no_body(api: ApiClient) -> None:
    """A form of another site can send these three kinds without asking first."""
    slot = await api.make_slot()
    raw = json.dumps({"close": True}).encode()
    path = f"/api/tokens/reallocate/{slot.id}"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        with refused(415, "unsupported_media_type") as refusal:
            await api.ask("POST", path, raw=raw, headers={"content-type": kind})
        assert "application/json" in refusal.detail
    assert (await api.slot(slot.id)).status == "OPEN"


# A portal's page


async def test_a_portals_page_may_do_all(open_client: OpenClient) -> None:
    async with open_client(cors_origins=f"{PORTAL} https://other.example.org:8443") as api:
        for origin in (PORTAL, "https://other.example.org:8443"):
            asked = {"Origin": origin, **ASKED_FIRST}
            allowed = (await api.client.options("/api/tokens/book", headers=asked)).headers
            assert allowed["access-control-allow-origin"] == origin
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                assert method in allowed["access-control-allow-methods"]
            answer = await api.ask(
                "POST",
                "/api/doctors",
                {"name": "Asha", "specialization": "Skin"},
                headers={"Origin": origin},
            )
            _may_read(answer, origin)


async def test_a_portals_page_may_read_refusals_too(open_client: OpenClient) -> None:
    async with open_client(cors_origins=PORTAL) as api:
        for method, path, raw in (
            ("GET", "/api/tokens/x", b""),
            ("POST", "/api/tokens/book", b"{"),
            ("POST", "/api/tokens/book", b" " * 70_000),
        ):
            answer = await api.client.request(
                method,
                path,
                content=raw,
                headers={"Origin": PORTAL, "content-type": "application/json"},
            )
            assert answer.is_error
            _may_read(answer, PORTAL)


async def test_a_portals_page_may_read_an_error_of_the_service_itself() -> None:
    app = create_app(GivenSettings(cors_origins=PORTAL))

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError

    async with LifespanManager(app) as running:
        transport = httpx.ASGITransport(app=running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get("/broken", headers={"Origin": PORTAL})
    assert answer.json()["code"] == "internal_error"
    _may_read(answer, PORTAL)


def _may_read(answer: httpx.Response, origin: str) -> None:
    assert answer.headers["access-control-allow-origin"] == origin
    assert "Origin" in answer.headers["vary"]
    shown = set(answer.headers["access-control-expose-headers"].split(", "))
    assert {"X-Request-ID", "Retry-After", "Link", "Idempotent-Replayed"} <= shown


async def test_other_sites_than_the_portals_stay_out(open_client: OpenClient) -> None:
    async with open_client(cors_origins=PORTAL) as api:
        with refused(400, "preflight_refused"):
            await api.ask("OPTIONS", "/api/doctors", headers={"Origin": EVIL, **ASKED_FIRST})
        with refused(400, "preflight_refused"):
            asked = {**ASKED_FIRST, "access-control-request-method": "TRACE"}
            await api.ask("OPTIONS", "/api/doctors", headers={"Origin": PORTAL, **asked})
        with refused(403, "other_origin"):
            await api.add_doctor(headers={"Origin": EVIL})
        answer = await api.ask("GET", "/api/doctors", headers={"Origin": EVIL})
        assert "access-control-allow-origin" not in answer.headers


async def test_without_portals_nobody_may_ask_first(api: ApiClient) -> None:
    with refused(405, "method_not_allowed") as refusal:
        await api.ask("OPTIONS", "/api/doctors", headers={"Origin": PORTAL, **ASKED_FIRST})
    assert not [name for name in refusal.headers if name.startswith("access-control")]


# Host names


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
async def test_who_listens_for_this_machine_alone_answers_to_its_names(
    open_client: OpenClient, host: str
) -> None:
    async with open_client(host=host) as api:
        for name in ("localhost", "LOCALHOST:8000", "127.0.0.1:80", "[::1]:8000"):
            await api.ask("GET", "/api/doctors", headers={"Host": name})
        for name in ("evil.example", "localhost.evil.example", "10.0.0.1", "", "localhost:80:80"):
            for path in ("/api/doctors", "/docs", "/openapi.json", "/nothing"):
                with refused(421, "unknown_host"):
                    await api.ask("GET", path, headers={"Host": name})


@pytest.mark.parametrize(("host", "allowed"), [("0.0.0.0", ""), ("127.0.0.1", "*")])
async def test_others_answer_to_any_name(open_client: OpenClient, host: str, allowed: str) -> None:
    async with open_client(host=host, allowed_hosts=allowed) as api:
        for name in ("opd.example.org", "10.0.0.1:8000", ""):
            await api.ask("GET", "/api/doctors", headers={"Host": name})


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
async def test_allowed_hosts_are_those_and_no_others(open_client: OpenClient, host: str) -> None:
    async with open_client(host=host, allowed_hosts="opd.example.org, Opd") as api:
        for name in ("opd.example.org", "OPD:8000"):
            await api.ask("GET", "/api/doctors", headers={"Host": name})
        for name in ("localhost", "example.org"):
            with refused(421, "unknown_host"):
                await api.ask("GET", "/api/doctors", headers={"Host": name})


async def test_probes_may_come_by_any_name(api: ApiClient) -> None:
    for path in PROBES:
        await api.ask("GET", path, headers={"Host": "10.0.0.1"})


# What each answer says


async def test_each_answer_is_kept_by_nobody_and_framed_by_nobody(api: ApiClient) -> None:
    for path in ("/api/doctors", "/api/doctors/x", "/nothing", "/openapi.json", *PROBES):
        answer = await api.client.get(path)
        assert ON_EACH_ANSWER.items() <= dict(answer.headers).items()
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; frame-ancestors 'none'"
        )


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_page_runs_the_services_own_scripts_alone(api: ApiClient, page: str) -> None:
    answer = await api.ask("GET", page)
    assert ON_EACH_ANSWER.items() <= dict(answer.headers).items()
    policy = _policy(answer.headers)
    assert policy["default-src"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["script-src"][0] == "'self'"
    assert all(re.fullmatch(r"'sha256-[\w+/=]{44}'", told) for told in policy["script-src"][1:])
    assert len(policy["script-src"]) == 1 + answer.text.count("<script>")


def _policy(headers: Mapping[str, str]) -> dict[str, list[str]]:
    parts = [part.split() for part in headers["content-security-policy"].split(";")]
    return {name: told for name, *told in parts}
