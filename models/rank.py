"""Rule 1: who comes first."""

from collections.abc import Iterable

from models.token import Status, Token

_CALLED = Status.CALLED


def rank(token: Token) -> tuple[int, int]:
    """Higher score first, then who came first. Total: no two tokens of a sheet are equal."""
    return (-token.score, token.number)


def ranked(tokens: Iterable[Token]) -> list[Token]:
    """The tokens, best first."""
    return sorted(tokens, key=rank)


def queue_key(token: Token) -> tuple[bool, int, int]:
    """In a slot's queue: CALLED first, then by rank."""
    return (token.status is not _CALLED, -token.score, token.number)
