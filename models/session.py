"""A session: that somebody is signed in, on one browser."""

from datetime import datetime

from msgspec import Struct


class Session(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """`id` is the SHA-256 of what the browser holds. A device's has no end, until it is revoked.

    It holds while its account's `epoch` is still this one.
    """

    id: str
    account_id: str
    epoch: int
    began_at: datetime
    expires_at: datetime | None = None
    ended_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it has neither run out nor been ended."""
        return self.ended_at is None and (self.expires_at is None or now < self.expires_at)
