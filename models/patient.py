"""The patient: for whom a token is."""

from msgspec import Struct


class Newcomer(Struct, frozen=True, kw_only=True):
    """Who asks for a token; without an `id` a new one is made. An emergency may have no number."""

    id: str | None = None
    name: str
    phone_number: str | None = None
