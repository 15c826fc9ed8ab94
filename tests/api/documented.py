"""Whether an answer is one of those that the OpenAPI document tells of."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from config import Settings
from main import create_app


def assert_documented(answer: httpx.Response) -> None:
    """Its status stands with its operation, and its body is of the schema that stands there.

    The code of a refusal stands there too, unless a field was refused.
    """
    path = answer.request.url.raw_path.decode().partition("?")[0]
    operation = next((told for template, told in _operations() if template.fullmatch(path)), {})
    responses = operation.get(answer.request.method)
    if responses is None:
        return
    status = str(answer.status_code)
    assert status in responses, f"{answer.request.method} {path} tells of no {status}"
    description, bodies, headers = responses[status]
    told = {name for name in HEADERS if name in answer.headers}
    always = {name.lower() for name, header in headers.items() if header["required"]}
    assert always <= told <= {name.lower() for name in headers}
    kind = answer.headers["content-type"].partition(";")[0]
    if kind == "text/event-stream":
        for data in re.findall("^data: (.*)$", answer.text, re.MULTILINE):
            _validator(bodies[kind]).validate(json.loads(data))
        return
    body = answer.json()
    _validator(bodies[kind]).validate(body)
    if answer.is_error and "errors" not in body:
        assert f"`{body['code']}`" in description


HEADERS = (
    "x-request-id",
    "retry-after",
    "link",
    "idempotent-replayed",
    "x-incomplete",
    "x-newest-seq",
)
_Responses = Mapping[str, tuple[str, Mapping[str, str], Mapping[str, Mapping[str, object]]]]
"""By status: its description, by media type the schema of its bodies as JSON, and its headers."""


def unfolded(document: dict[str, Any]) -> dict[str, Any]:
    """The document with answers, headers and examples where they are pointed at; schemas stay."""

    def unfold(part: object) -> object:
        if isinstance(part, list):
            return [unfold(each) for each in part]
        if not isinstance(part, dict):
            return part
        place = str(part.get("$ref", SCHEMAS)).split("/")
        if "schemas" in place:
            return {key: unfold(each) for key, each in part.items()}
        return unfold(document["components"][place[-2]][place[-1]])

    return {name: unfold(part) for name, part in document.items()}


SCHEMAS = "#/components/schemas/"


@cache
def _document() -> Mapping[str, Any]:
    return unfolded(create_app(Settings.model_construct()).openapi())


@cache
def _validator(schema: str) -> jsonschema_rs.Validator:
    """Made when first needed: each holds all components, and there are a thousand schemas."""
    return jsonschema_rs.validator_for(
        {**json.loads(schema), "components": _document()["components"]}, validate_formats=True
    )


@cache
def _operations() -> list[tuple[re.Pattern[str], Mapping[str, _Responses]]]:
    """By path template, the plainest first: the responses of each method."""
    return [
        (
            re.compile(re.sub(r"{\w+}", "[^/]+", template)),
            {
                method.upper(): {
                    status: (
                        response["description"],
                        {
                            kind: json.dumps(told["schema"])
                            for kind, told in response["content"].items()
                        },
                        response["headers"],
                    )
                    for status, response in told_of["responses"].items()
                }
                for method, told_of in operations.items()
            },
        )
        for template, operations in sorted(
            _document()["paths"].items(), key=lambda path: path[0].count("{")
        )
    ]
