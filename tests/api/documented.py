"""Whether an answer is one of those that the OpenAPI document tells of."""

import re
from collections.abc import Mapping
from functools import cache

import httpx

from config import Settings
from main import create_app

Responses = Mapping[str, Mapping[str, object]]


def assert_documented(answer: httpx.Response) -> None:
    """Its status stands with its operation; and its code too, unless a field was refused."""
    path = answer.request.url.raw_path.decode().partition("?")[0]
    responses = _responses_of(path).get(answer.request.method)
    if responses is None:
        return
    status = str(answer.status_code)
    assert status in responses, f"{answer.request.method} {path} tells of no {status}"
    if answer.is_error and "errors" not in answer.json():
        assert f"`{answer.json()['code']}`" in str(responses[status]["description"])


def _responses_of(path: str) -> Mapping[str, Responses]:
    return next((told for template, told in _operations() if template.fullmatch(path)), {})


@cache
def _operations() -> list[tuple[re.Pattern[str], Mapping[str, Responses]]]:
    """By path template, the plainest first: the responses of each method."""
    paths = create_app(Settings.model_construct()).openapi()["paths"]
    return [
        (
            re.compile(re.sub(r"{\w+}", "[^/]+", template)),
            {method.upper(): told["responses"] for method, told in paths[template].items()},
        )
        for template in sorted(paths, key=lambda template: template.count("{"))
    ]
