"""Each route names the permission that opens it, or stands among those that are open."""

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from main import create_app
from models.access import Permission, Role
from routes.replies import AnswerRoute
from routes.stream_routes import SocketRoute
from tests.api.conftest import OpenClient
from tests.api.documented import unfolded
from tests.api.service import GivenSettings
from tests.principals import as_, knowing, make_principal

OPEN = {
    "/",
    "/docs",
    "/healthz",
    "/openapi.json",
    "/readyz",
    "/redoc",
    "/redoc/redoc.standalone.js",
    "/static-offline-docs",
    # Signing in and out, and who it is that asks.
    "/api/access/devices",
    "/api/access/devices/session",
    "/api/access/password",
    "/api/access/session",
    "/device",
    "/language",
    "/password/{link}",
    "/sign-in",
    "/sign-in/oidc",
    "/sign-out",
    "/static/{name}",
    "/t/{link}",
    "/t/{link}/calendar.ics",
    "/t/{link}/cancel",
    "/t/{link}/live",
    "/try-out/{link}",
}
APP = create_app(GivenSettings())


def _needs_nothing(route: object) -> bool:
    return not (isinstance(route, AnswerRoute | SocketRoute) and route.permissions)


def test_every_route_that_is_not_open_declares_its_permission() -> None:
    silent = set()
    for route in APP.routes:
        assert isinstance(route, APIRoute | SocketRoute | Route | Mount)
        if _needs_nothing(route):
            silent.add(route.path)
    assert silent == OPEN


def test_the_documentation_tells_what_opens_an_operation_and_how_it_refuses() -> None:
    """So that Authorize in /docs takes a key, and clients are made with one."""
    document = unfolded(APP.openapi())
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    open_ones = set()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if "security" not in operation:
                open_ones.add(path)
                continue
            needed = [each["key"][0] for each in operation["security"] if "key" in each]
            assert set(needed) <= {each.value for each in Permission}
            refusals = {
                status: operation["responses"][status]["content"]["application/problem+json"]
                for status in ("401", "403", "429")
            }
            assert "unauthenticated" in refusals["401"]["examples"]
            assert "rate_limited" in refusals["429"]["examples"]
            example = refusals["403"]["examples"]["forbidden"]["value"]
            assert example["permission"] == needed[0]
            assert needed[-1] in operation["responses"]["403"]["description"]
    assert open_ones == OPEN & set(document["paths"])


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/docs", "/redoc", "/openapi.json"])
async def test_what_is_open_is_so_to_anybody(open_client: OpenClient, path: str) -> None:
    async with open_client(knowing()) as api:
        for headers in ({}, as_("nobody")):
            assert (await api.client.get(path, headers=headers)).status_code == 200


async def test_readyz_tells_causes_and_metrics_are_told_only_to_who_may_read_them(
    open_client: OpenClient,
) -> None:
    door = knowing(make_principal("auditor", Role.AUDITOR), make_principal("desk", Role.NURSE))
    async with open_client(door) as api:
        told = (await api.ask("GET", "/readyz", headers=as_("auditor"))).json()
        assert {"status", "reason", "database", "driver", "databaseAnswers"} <= set(told)
        for other in ({}, as_("desk"), as_("nobody")):
            assert (await api.ask("GET", "/readyz", headers=other)).json() == {"status": "ready"}
        statuses = [
            (await api.client.get("/metrics", headers=headers)).status_code
            for headers in (as_("auditor"), as_("desk"), {})
        ]
        assert statuses == [200, 403, 401]
