"""A key counts once on a sheet, whatever it made there: its request again, or a mismatch."""

from collections.abc import Iterable
from itertools import chain
from typing import TypeVar

from models.errors import IdempotencyMismatch
from models.keyed_request import KeyedRequest
from models.sheet import Sheet
from models.slot import Slot
from models.token import Token

Made = TypeVar("Made", Token, Slot)


def token_made_by(sheet: Sheet, request: KeyedRequest | None) -> Token | None:
    """The token of an earlier try. Raises IdempotencyMismatch when its key made something else."""
    return _made_by(sheet, sheet.tokens, sheet.slots, request)


def token_called_by(sheet: Sheet, request: KeyedRequest | None) -> Token | None:
    """The token that an earlier try called. Raises IdempotencyMismatch, also for another's key."""
    if request is None:
        return None
    _refuse_other_use(request, sheet.tokens, sheet.slots)
    for token in sheet.tokens:
        if token.call is not None and token.call.key == request.key:
            if token.call.fingerprint != request.fingerprint:
                raise IdempotencyMismatch
            return token
    return None


def slot_made_by(sheet: Sheet, request: KeyedRequest | None) -> Slot | None:
    """The slot of an earlier try. Raises IdempotencyMismatch when its key was used otherwise.

    Also for a request that was sent on to another sheet: it wanted a token.
    """
    if request is not None and request.key in sheet.declined:
        raise IdempotencyMismatch
    return _made_by(sheet, sheet.slots, sheet.tokens, request)


def _made_by(
    sheet: Sheet,
    alike: Iterable[Made],
    others: Iterable[Token | Slot],
    request: KeyedRequest | None,
) -> Made | None:
    if request is None:
        return None
    _refuse_other_use(request, others)
    if any(token.call is not None and token.call.key == request.key for token in sheet.tokens):
        raise IdempotencyMismatch
    for made in alike:
        if made.request is not None and made.request.key == request.key:
            if made.request.fingerprint != request.fingerprint:
                raise IdempotencyMismatch
            return made
    return None


def _refuse_other_use(request: KeyedRequest, *others: Iterable[Token | Slot]) -> None:
    """Raises IdempotencyMismatch when the key made one of these."""
    for other in chain(*others):
        if other.request is not None and other.request.key == request.key:
            raise IdempotencyMismatch
