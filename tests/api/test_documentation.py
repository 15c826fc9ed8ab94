"""The documentation pages work without internet; the OpenAPI document says all that it should."""

import json
import re
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from pydantic.alias_generators import to_camel

from answers.tokens import BookingOut
from models.source import Source
from routes.glossary import MEANING
from tests.api.client import ApiClient, Refused
from tests.api.documented import HEADERS, unfolded
from tests.api.service import GivenSettings

ALLOCATE = {"source": "ONLINE", "patientName": "Meera", "phoneNumber": "098450 54321"}
METHODS = {"get", "post", "patch", "put", "delete"}


async def _operations(api: ApiClient) -> list[tuple[str, str, dict[str, object]]]:
    paths = unfolded((await api.ask("GET", "/openapi.json")).json())["paths"]
    return [
        (method, path, operation)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in METHODS
    ]


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_page_loads_nothing_from_elsewhere(api: ApiClient, page: str) -> None:
    answer = await api.ask("GET", page)
    assert answer.headers["content-type"].startswith("text/html")
    assert re.findall(r"""(?:https?:)?//[\w.-]+\.\w+""", answer.text) == []
    assets = re.findall(r"""(?:src|href)=["']([^"']+)["']""", answer.text)
    scripts = [asset for asset in assets if asset.endswith(".js")]
    assert scripts
    for asset in assets:
        served = await api.ask("GET", asset)
        assert served.content
    assert (
        (await api.ask("GET", scripts[0]))
        .headers["content-type"]
        .startswith(("text/javascript", "application/javascript"))
    )
    assert "/openapi.json" in answer.text


async def test_every_operation_has_a_summary_a_description_and_a_tag(api: ApiClient) -> None:
    for method, path, operation in await _operations(api):
        for member in ("summary", "description", "tags", "operationId"):
            assert operation.get(member), f"{method} {path} has no {member}"


async def test_an_operation_is_called_as_its_function_would_be(api: ApiClient) -> None:
    """Generators of clients make methods of these."""
    ids = [str(operation["operationId"]) for _, _, operation in await _operations(api)]
    assert {"book_online", "allocate", "add_doctor", "list_events"} <= set(ids)
    assert len(set(ids)) == len(ids)
    assert [
        each for each in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)*", each) or "api" in each
    ] == []


async def test_every_operation_tells_its_errors_as_problems(api: ApiClient) -> None:
    for _, path, operation in await _operations(api):
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


async def test_every_body_has_an_example(api: ApiClient) -> None:
    document = (await api.ask("GET", "/openapi.json")).json()
    for method, path, operation in await _operations(api):
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


async def test_the_examples_work_when_sent_one_after_the_other(api: ApiClient) -> None:
    document = (await api.ask("GET", "/openapi.json")).json()

    async def send(method: str, path: str, **ids: str) -> dict[str, object]:
        operation = document["paths"][path][method.lower()]
        body = _example(document, operation)
        answer = await api.ask(method, path.format(**ids), body)
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


# What fields, headers and errors are


async def _document(api: ApiClient) -> dict[str, Any]:
    document: dict[str, Any] = (await api.ask("GET", "/openapi.json")).json()
    return document


async def test_every_field_and_parameter_says_what_it_is(api: ApiClient) -> None:
    document = await _document(api)
    fields = {
        f"{name}.{field}": told
        for name, schema in document["components"]["schemas"].items()
        for field, told in schema.get("properties", {}).items()
    }
    parameters = {
        f"{operation['operationId']}.{told['name']}": told
        for _, _, operation in await _operations(api)
        for told in json.loads(json.dumps(operation.get("parameters", [])))
    }
    silent = [name for name, told in (fields | parameters).items() if not told.get("description")]
    assert silent == [], "routes/glossary.py, or the field itself, says what it is"


async def test_every_header_that_an_answer_may_carry_stands_with_some_answer(
    api: ApiClient,
) -> None:
    told = {
        name.lower()
        for _, _, operation in await _operations(api)
        for response in json.loads(json.dumps(operation["responses"])).values()
        for name in response["headers"]
    }
    assert set(HEADERS) == told


async def test_what_many_operations_say_stands_once(api: ApiClient) -> None:
    """The page at /docs reads the document in a browser, on whatever machine there is."""
    document = await _document(api)
    assert document != unfolded(document)
    once = [
        part
        for operations in document["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        for part in [
            *answer.get("headers", {}).values(),
            *([answer] if status >= "400" else []),
            *(
                example
                for body in answer.get("content", {}).values()
                for example in body.get("examples", {}).values()
            ),
        ]
        if "$ref" not in part
    ]
    texts = [json.dumps(part) for part in once]
    assert len(set(texts)) == len(texts)


async def test_titles_are_words(api: ApiClient) -> None:
    schemas = (await _document(api))["components"]["schemas"]
    assert schemas["BookingIn"]["properties"]["patientId"]["title"] == "Patient id"
    assert schemas["TokenOut"]["properties"]["waitlistPosition"]["title"] == "Waitlist position"
    for _, _, operation in await _operations(api):
        for told in json.loads(json.dumps(operation.get("parameters", []))):
            assert told["name"].startswith(("X-", "I")) or told["schema"]["title"][1:].islower()


async def test_the_glossary_means_nothing_that_is_not_there(
    api: ApiClient, settings: GivenSettings
) -> None:
    document = await _document(api)
    names = set()
    for name, schema in document["components"]["schemas"].items():
        names |= {
            part for field in schema.get("properties", ()) for part in (field, f"{name}.{field}")
        }
    for _, _, operation in await _operations(api):
        for told in json.loads(json.dumps(operation.get("parameters", []))):
            names |= {told["name"], f"{operation['operationId']}.{told['name']}"}
            names.add(to_camel(told["name"]))  # in a path it means what a field does
    of_the_clock = {"speed", "ClockIn.now", "ClockOut.now"}
    assert MEANING.keys() - names == (set() if settings.in_memory else of_the_clock)


async def test_every_error_has_an_example_of_each_code_and_it_is_as_the_schema_says(
    api: ApiClient,
) -> None:
    document = await _document(api)
    problem = jsonschema_rs.validator_for(
        {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    )
    for _, path, operation in await _operations(api):
        for status, told in json.loads(json.dumps(operation["responses"])).items():
            content = told["content"].get("application/problem+json")
            if content is None:
                continue
            codes = set(re.findall(r"`(\w+)`", told["description"]))
            examples = {code: example["value"] for code, example in content["examples"].items()}
            assert codes <= examples.keys(), f"{path} {status}"
            for code, example in examples.items():
                problem.validate(example)
                assert (example["code"], example["status"]) == (code, int(status)), path


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/slots/doctor/rao?date=2030-01-02&from=2030-01-01", None),
        ("PATCH", "/api/doctors/rao", {}),
        ("POST", "/api/tokens/allocate", {"source": "ONLINE", "patientName": "Meera"}),
        ("POST", "/api/tokens/allocate", {**ALLOCATE, "language": "?"}),
        ("POST", "/api/tokens/allocate", {**ALLOCATE, "patientName": "Me\u202eera"}),
        ("POST", "/api/tokens/allocate", {**ALLOCATE, "colour": "red"}),
        ("GET", "/api/tokens/patient/a%0Ab", None),
        ("GET", "/api/doctors/nobody", None),
        (
            "PATCH",
            "/api/tokens/rao-20300115-gv6srz4p6ztu/status",
            {"status": "CALLED", "anyDay": True},
        ),
    ],
)
async def test_an_example_of_the_operation_is_what_the_service_says(
    api: ApiClient, method: str, path: str, body: object
) -> None:
    with pytest.raises(Refused) as refused:
        await api.ask(method, path, body)
    told = refused.value.problem
    examples = [
        example["value"]
        for verb, template, operation in await _operations(api)
        if verb == method.lower() and _is_at(template, path)
        for response in json.loads(json.dumps(operation["responses"])).values()
        for example in response["content"]
        .get("application/problem+json", {"examples": {}})["examples"]
        .values()
    ]
    assert told in examples


def _is_at(template: str, path: str) -> bool:
    """Whether a path is one of an operation's."""
    return re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path.partition("?")[0]) is not None
