"""The shape of every error that leaves the app."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from fastapi import Response
from msgspec import UNSET, Meta, UnsetType

from answers.answer import Answer, Instant
from models.offer import Offer
from models.slot import Alternative
from models.token import Status


class Fault(Answer, frozen=True):
    """One field that was refused."""

    field: str
    code: str
    detail: str


class TakenSeat(Answer, frozen=True):
    """A token that sits in the slot; its id is told to who may read names, or booked it."""

    token_number: str
    token_id: str | UnsetType = UNSET


class Problem(Answer, frozen=True, omit_defaults=True):
    """An error, as RFC 9457 has it. `code` is stable, for machines; `detail` is for people.

    The members after `code` help; which of them are there depends on the `code`.
    """

    type: Annotated[str, Meta(examples=["urn:opd:problem:slot_full"])]
    title: Annotated[str, Meta(examples=["Slot full"])]
    status: Annotated[int, Meta(examples=[409])]
    detail: Annotated[str, Meta(examples=["This slot is full."])]
    code: Annotated[str, Meta(examples=["slot_full"])]
    alternatives: list[Alternative] | UnsetType = UNSET
    present: Status | UnsetType = UNSET
    allowed: list[Status] | UnsetType = UNSET
    token_id: str | UnsetType = UNSET
    token_number: str | UnsetType = UNSET
    slot_id: str | UnsetType = UNSET
    taken: list[TakenSeat] | UnsetType = UNSET
    newest_seq: int | UnsetType = UNSET
    opd_days: list[str] | UnsetType = UNSET
    document_id: str | UnsetType = UNSET
    expected_end: Instant | UnsetType = UNSET
    offer: Offer | UnsetType = UNSET
    errors: list[Fault] | UnsetType = UNSET


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
