"""The numbers that a facility may choose, as the rules see them."""

from collections.abc import Mapping

from msgspec import Struct

from models.token import Source


class Policy(Struct, frozen=True, kw_only=True):
    """`scores` rank the sources, higher first; `consultation_minutes` is one consultation's length.

    `emergency_overflow`: seats beyond capacity that only emergencies take. `max_bumps`: how often
    one token may be bumped. `max_tokens_per_sheet`: how many tokens one doctor's day may hold.
    """

    scores: Mapping[Source, int]
    consultation_minutes: int = 10
    emergency_overflow: int = 3
    max_bumps: int = 2
    max_tokens_per_sheet: int = 2000
