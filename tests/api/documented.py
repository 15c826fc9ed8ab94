"""Whether an answer is one of those that the OpenAPI document tells of."""

import json
import re
from collections.abc import Mapping
from functools import cache

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
            bodies[kind].validate(json.loads(data))
        return
    body = answer.json()
    bodies[kind].validate(body)
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
_Responses = Mapping[
    str, tuple[str, Mapping[str, jsonschema_rs.Validator], Mapping[str, Mapping[str, object]]]
]
"""By status: its description, by media type what holds of its bodies, and its headers."""


@cache
def _operations() -> list[tuple[re.Pattern[str], Mapping[str, _Responses]]]:
    """By path template, the plainest first: the responses of each method."""
    document = create_app(Settings.model_construct()).openapi()

    def validators(
        content: Mapping[str, Mapping[str, Mapping[str, object]]],
    ) -> Mapping[str, jsonschema_rs.Validator]:
        return {
            kind: jsonschema_rs.validator_for(
                {**told["schema"], "components": document["components"]}, validate_formats=True
            )
            for kind, told in content.items()
        }

    return [
        (
            re.compile(re.sub(r"{\w+}", "[^/]+", template)),
            {
                method.upper(): {
                    status: (
                        response["description"],
                        validators(response["content"]),
                        response["headers"],
                    )
                    for status, response in told["responses"].items()
                }
                for method, told in operations.items()
            },
        )
        for template, operations in sorted(
            document["paths"].items(), key=lambda path: path[0].count("{")
        )
    ]
