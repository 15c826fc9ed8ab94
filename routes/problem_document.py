"""The shape of every error that leaves the app."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from fastapi import Response
from msgspec import Meta

from answers.answer import Answer


class Problem(Answer, frozen=True):
    """An error, as RFC 9457 has it. `code` is stable, for machines; `detail` is for people.

    Further members help: `alternatives`, `allowed`, `tokenId` and others, by `code`.
    """

    type: Annotated[str, Meta(examples=["urn:opd:problem:slot_full"])]
    title: Annotated[str, Meta(examples=["Slot full"])]
    status: Annotated[int, Meta(examples=[409])]
    detail: Annotated[str, Meta(examples=["This slot is full."])]
    code: Annotated[str, Meta(examples=["slot_full"])]


class Fault(Answer, frozen=True):
    """One field that was refused."""

    field: str
    code: str
    detail: str


def answer(
    code: str,
    title: str,
    status: int,
    detail: str,
    *,
    help_: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error answer as application/problem+json."""
    problem = Problem(f"urn:opd:problem:{code}", title, status, detail, code)
    content = msgspec.json.encode({**msgspec.to_builtins(problem), **(help_ or {})})
    return Response(content, status, headers=headers, media_type="application/problem+json")
