"""Errors: each refusal has its status, and each code a test that meets it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import errors
from models.errors import Refusal
from routes.errors import status_of
from tests.api.defaults import ROOT

MET_ELSEWHERE = {
    "busy": "tests/integration: it takes more commands at once than the store lets wait",
    "outcome_unknown": "tests/integration: it takes a database that falls silent during a write",
    "key_declined": "tests/unit: allocate answers it by choosing again; others can meet it only "
    "with a key that an allocation has used before",
    "facility_exists": "tests/embedded: a facility is made on the service's machine alone",
    "no_admin": "tests/integration: it takes a service in production",
    "invalid_slot_minutes": "tests/api/pages: a form tells it in words",
    **dict.fromkeys(
        (
            "provider_refused",
            "provider_unavailable",
            "account_disabled",
            "account_exists",
            "sign_in_not_begun",
        ),
        "tests/api/oidc: a page tells it in words",
    ),
    "too_many_watchers": "tests/watching: it takes two thousand",
    "http_error": "what the framework may yet refuse by itself; nothing in it does now",
    "invalid_value": "a type of pydantic's that is no code; none of its types is that now",
}

NAMED_APART = {
    "unknown_field", "not_json", "not_an_object", "missing_field", "control_characters",
    "invisible_characters",
    "invalid_value",
}  # fmt: skip


def _leaves(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    below = kind.__subclasses__()
    if not below and kind.__module__ == "models.errors":
        yield kind
    for cls in below:
        yield from _leaves(cls)


LEAVES = sorted(_leaves(Refusal), key=lambda leaf: leaf.__name__)


@pytest.mark.parametrize("refusal", LEAVES)
def test_no_refusal_is_unmapped(refusal: type[Refusal]) -> None:
    assert status_of(refusal) in {401, 403, 404, 409, 410, 422, 429, 503}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.Gone, 410),
        (errors.TooLate, 422),
        (errors.Unacceptable, 422),
        (errors.Unavailable, 503),
    ],
)
def test_a_refusal_has_the_status_of_its_kind(kind: type[Refusal], status: int) -> None:
    assert {status_of(leaf) for leaf in _leaves(kind)} == {status}


def test_a_refusal_of_no_kind_would_be_found() -> None:
    with pytest.raises(KeyError):
        status_of(Refusal)


def _texts(folder: str, *functions: str) -> set[str]:
    """The literal texts of a folder's modules; or those handed to functions of these names."""
    nodes = [
        node
        for path in (ROOT / folder).rglob("*.py")
        if path != Path(__file__)
        for node in ast.walk(ast.parse(path.read_text()))
    ]
    if functions:
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        nodes = [
            arg for call in calls if getattr(call.func, "id", "") in functions for arg in call.args
        ]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return {text for text in texts if isinstance(text, str) and text.isidentifier()}


def _codes() -> set[str]:
    """Every code that an answer may carry."""
    made = _texts("routes", "refused_as", "any_spelling", "PydanticCustomError", "answer")
    return made | NAMED_APART | {leaf.code for leaf in LEAVES}


def test_every_code_is_met_by_a_test_of_the_api() -> None:
    met = _texts("tests/api") | _texts("tests/front")
    assert _codes() - met - set(MET_ELSEWHERE) == set()


def test_no_test_waits_for_a_code_that_is_not_there() -> None:
    assert set(MET_ELSEWHERE) <= _codes()
    assert _texts("tests/api", "refused") <= _codes()
