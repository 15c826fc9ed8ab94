"""Headers that several answers share."""

from collections.abc import Sequence

from fastapi import Request, Response

_INCOMPLETE = "X-Incomplete"
MAY_BE_INCOMPLETE = {
    "responses": {
        "200": {
            "headers": {
                _INCOMPLETE: {
                    "description": "The ids of days that can't be read and are left out; absent "
                    "on a list that has all",
                    "schema": {"type": "string"},
                    "required": False,
                }
            }
        }
    }
}
"""How an operation documents what `mark_incomplete` says."""


def link_next(request: Request, response: Response, after: str | None) -> None:
    """Link to the next page of a list, if there is one (RFC 8288)."""
    if after is not None:
        url = request.url.include_query_params(after=after)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'


def mark_replay(response: Response, *, replayed: bool) -> None:
    """Say that an earlier request with the same Idempotency-Key had done it already."""
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"


def mark_incomplete(response: Response, left_out: Sequence[str]) -> None:
    """Name the documents that can't be read and would have had more to tell."""
    if left_out:
        response.headers[_INCOMPLETE] = ", ".join(left_out)
