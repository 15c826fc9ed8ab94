"""The documentation pages work without internet; the OpenAPI document says all that it should."""

import json
import re

import msgspec
import pytest

from answers.tokens import BookingOut
from models.source import Source
from tests.api.desk import Desk

METHODS = {"get", "post", "patch", "put", "delete"}


async def _operations(desk: Desk) -> list[tuple[str, str, dict[str, object]]]:
    paths = (await desk.ask("GET", "/openapi.json")).json()["paths"]
    return [
        (method, path, operation)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in METHODS
    ]


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_page_loads_nothing_from_elsewhere(desk: Desk, page: str) -> None:
    answer = await desk.ask("GET", page)
    assert answer.headers["content-type"].startswith("text/html")
    assert re.findall(r"""(?:https?:)?//[\w.-]+\.\w+""", answer.text) == []
    assets = re.findall(r"""(?:src|href)=["']([^"']+)["']""", answer.text)
    scripts = [asset for asset in assets if asset.endswith(".js")]
    assert scripts
    for asset in assets:
        served = await desk.ask("GET", asset)
        assert served.content
    assert (
        (await desk.ask("GET", scripts[0]))
        .headers["content-type"]
        .startswith(("text/javascript", "application/javascript"))
    )
    assert "/openapi.json" in answer.text


async def test_every_operation_has_a_summary_a_description_and_a_tag(desk: Desk) -> None:
    for method, path, operation in await _operations(desk):
        for member in ("summary", "description", "tags", "operationId"):
            assert operation.get(member), f"{method} {path} has no {member}"


async def test_an_operation_is_called_as_its_function_would_be(desk: Desk) -> None:
    """Generators of clients make methods of these."""
    ids = [str(operation["operationId"]) for _, _, operation in await _operations(desk)]
    assert {"book_online", "allocate", "add_doctor", "list_events"} <= set(ids)
    assert len(set(ids)) == len(ids)
    assert [
        each for each in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)*", each) or "api" in each
    ] == []


async def test_every_operation_tells_its_errors_as_problems(desk: Desk) -> None:
    for _, path, operation in await _operations(desk):
        if path.startswith("/api/"):
            responses = operation["responses"]
            assert isinstance(responses, dict)
            refusals = {status: told for status, told in responses.items() if status >= "400"}
            assert {"413", "422", "503"} <= set(refusals)
            assert ("{" in path) <= ("404" in refusals)
            for told in refusals.values():
                assert set(told["content"]) == {"application/problem+json"}
            named = " ".join(told["description"] for told in refusals.values())
            assert {"`busy`", "`database_unavailable`", "`body_too_large`"} <= set(named.split())


async def test_every_body_has_an_example(desk: Desk) -> None:
    document = (await desk.ask("GET", "/openapi.json")).json()
    for method, path, operation in await _operations(desk):
        if "requestBody" in operation:
            assert _example(document, operation), f"{method} {path} has no example"


def _example(document: dict[str, object], operation: dict[str, object]) -> object:
    """What Swagger UI offers to send."""
    schema = json.loads(json.dumps(operation["requestBody"]))["content"]["application/json"][
        "schema"
    ]
    references = re.findall(r"#/components/schemas/(\w+)", json.dumps(schema))
    components = json.loads(json.dumps(document["components"]))
    return components["schemas"][references[0]]["examples"][0]


async def test_the_examples_work_when_sent_one_after_the_other(desk: Desk) -> None:
    document = (await desk.ask("GET", "/openapi.json")).json()

    async def send(method: str, path: str, **ids: str) -> dict[str, object]:
        operation = document["paths"][path][method.lower()]
        body = _example(document, operation)
        answer = await desk.ask(method, path.format(**ids), body)
        assert f"{answer.status_code}" in operation["responses"]
        told: dict[str, object] = answer.json()
        return told

    await send("POST", "/api/doctors")
    slot = await send("POST", "/api/slots")
    slot_id = str(slot["id"])
    tokens = [
        msgspec.convert(await send("POST", f"/api/tokens/{path}"), BookingOut)
        for path in (*(source.row.path for source in reversed(Source)), "allocate")
    ]
    assert [token.source for token in tokens] == [*reversed(Source), Source.ONLINE]
    assert {token.slot_id for token in tokens} == {slot_id}
    assert (await send("PATCH", "/api/slots/{slot_id}", slot_id=slot_id))["maxCapacity"] == 8
    moved = await send("PATCH", "/api/tokens/{token_id}/status", token_id=tokens[0].id)
    assert moved["status"] == "CHECKED_IN"
    cancelled = await send("DELETE", "/api/tokens/{token_id}/cancel", token_id=tokens[1].id)
    assert cancelled["promoted"] == []
    stayed = await send("POST", "/api/tokens/reallocate/{slot_id}", slot_id=slot_id)
    assert stayed["moved"] == []
