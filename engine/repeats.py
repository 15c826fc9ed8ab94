"""A key counts once on a sheet, whatever it made there: its request again, or a mismatch."""

from collections.abc import Iterable
from typing import TypeVar

from models.errors import IdempotencyMismatch
from models.keyed_request import KeyedRequest
from models.sheet import Sheet
from models.slot import Slot
from models.token import Token

Made = TypeVar("Made", Token, Slot)


def token_made_by(sheet: Sheet, request: KeyedRequest | None) -> Token | None:
    """The token of an earlier try. Raises IdempotencyMismatch when its key made something else."""
    return _made_by(sheet.tokens, sheet.slots, request)


def slot_made_by(sheet: Sheet, request: KeyedRequest | None) -> Slot | None:
    """The slot of an earlier try. Raises IdempotencyMismatch when its key was used otherwise.

    Also for a request that was sent on to another sheet: it wanted a token.
    """
    if request is not None and request.key in sheet.declined:
        raise IdempotencyMismatch
    return _made_by(sheet.slots, sheet.tokens, request)


def _made_by(
    alike: Iterable[Made], others: Iterable[Token | Slot], request: KeyedRequest | None
) -> Made | None:
    if request is None:
        return None
    if any(other.request is not None and other.request.key == request.key for other in others):
        raise IdempotencyMismatch
    for made in alike:
        if made.request is not None and made.request.key == request.key:
            if made.request.fingerprint != request.fingerprint:
                raise IdempotencyMismatch
            return made
    return None
