"""The errors of an operation, for its documentation: a route lists them, so OpenAPI is true."""

from collections import defaultdict

from models.errors import Busy, ClockOff, DatabaseUnavailable, DocumentDamaged, Refusal
from routes.errors import status_of
from services.wording.refusals import TITLES

Responses = dict[int | str, dict[str, object]]

PROBLEM = {"$ref": "#/components/schemas/Problem"}

_ALWAYS: tuple[type[Refusal], ...] = (Busy, ClockOff, DatabaseUnavailable, DocumentDamaged)


def problems(*refusals: type[Refusal], **others: int) -> Responses:
    """The error answers of an operation that may refuse with these, and with what any may.

    `others` are codes with their status, of what is refused before a service is asked.
    """
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code, status in others.items():
        by_status[status].append(f"`{code}`")
    for refusal in (*refusals, *_ALWAYS):
        by_status[status_of(refusal)].append(f"`{refusal.code}` ({TITLES[refusal]})")
    by_status[422].append("`invisible_characters`")
    by_status[422].append("a field that was refused, with its code")
    by_status[413].append("`body_too_large`")
    by_status[421].append("`unknown_host`")
    return {
        status: {
            "description": "; ".join(told),
            "content": {"application/problem+json": {"schema": PROBLEM}},
        }
        for status, told in sorted(by_status.items())
    }
