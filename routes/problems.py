"""The errors of an operation, for its documentation: a route lists them, so OpenAPI is true."""

from collections import defaultdict
from collections.abc import Mapping

from models.errors import Busy, ClockOff, DatabaseUnavailable, DocumentDamaged, Refusal
from routes.errors import status_of
from routes.examples import Example, of_code, of_fault, of_refusal
from routes.problem_document import Fault
from services.wording.titles import TITLES

Responses = dict[int | str, dict[str, object]]

PROBLEM = {"$ref": "#/components/schemas/Problem"}

_ALWAYS_CODES = {"invisible_characters": 422, "body_too_large": 413, "unknown_host": 421}
_ALWAYS: tuple[type[Refusal], ...] = (Busy, ClockOff, DatabaseUnavailable, DocumentDamaged)


def problems(*refusals: type[Refusal], fault: Fault | None = None, **others: int) -> Responses:
    """The error answers of an operation that may refuse with these, and with what any may.

    `others` are codes with their status, of what is refused before a service is asked; `fault` is
    one that this operation words in its own way.
    """
    by_status: defaultdict[int, dict[str, tuple[str, Example]]] = defaultdict(dict)
    for code, status in {**others, **_ALWAYS_CODES}.items():
        by_status[status][code] = f"`{code}`", of_code(code)
    if fault is not None:
        by_status[422][fault.code] = f"`{fault.code}`", of_fault(fault)
    for refusal in (*refusals, *_ALWAYS):
        told = f"`{refusal.code}` ({TITLES[refusal]})"
        by_status[status_of(refusal)][refusal.code] = told, of_refusal(refusal)
    by_status[422]["unknown_field"] = (
        "a field that was refused, with its code",
        of_code("unknown_field"),
    )
    return {status: problem(told) for status, told in sorted(by_status.items())}


def problem(told: Mapping[str, tuple[str, Example]]) -> dict[str, object]:
    """The answers of one status; by code what the documentation says, and an example."""
    examples = {code: {"summary": code, "value": example} for code, (_, example) in told.items()}
    return {
        "description": "; ".join(words for words, _ in told.values()),
        "content": {"application/problem+json": {"schema": PROBLEM, "examples": examples}},
    }
