"""Rule 1: who comes first."""

from collections.abc import Iterable

from models.token import Token


def rank(token: Token) -> tuple[int, int]:
    """Higher score first, then who came first. Total: no two tokens of a sheet are equal."""
    return (-token.score, token.number)


def ranked(tokens: Iterable[Token]) -> list[Token]:
    """The tokens, best first."""
    return sorted(tokens, key=rank)
