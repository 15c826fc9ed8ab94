"""What a stored thing remembers of the request that made it, so that a repeat changes nothing."""

from msgspec import Struct


class Displacement(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    """A token that gave way to a newcomer; `to_slot_id` is None when it went to the waitlist."""

    token_id: str
    number: int
    from_slot_id: str
    to_slot_id: str | None = None


class KeyedRequest(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    """A creating request that carried an Idempotency-Key.

    `key` is a hash of caller and key, `fingerprint` a hash of the body: neither can be turned
    back. `bumped` is kept for the repeat, which must answer as the first try did.
    """

    key: str
    fingerprint: str
    bumped: Displacement | None = None
