"""Who asks, and under which key: what every use case is told besides its request."""

from hashlib import blake2b
from typing import TypedDict

from msgspec import Struct
from msgspec.structs import replace

from models.access import Principal
from models.keyed_request import KeyedRequest
from services.requests import CreatingRequest


class Signature(TypedDict):
    """What every command is told of its caller."""

    actor: str
    on_behalf_of: str | None
    request_id: str | None


class Caller(Struct, frozen=True, kw_only=True):
    """`principal` is who was proven to ask; `request_id` ties events to the log.

    `on_behalf_of` is what a client says of the person behind it: kept as a note, never proof. With
    an `idempotency_key`, a creating request that is repeated changes nothing.
    """

    principal: Principal
    on_behalf_of: str | None = None
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def actor(self) -> str:
        """Who did it, as the events keep it."""
        return self.principal.id

    @property
    def counted_as(self) -> str:
        """By what its requests are counted."""
        return self.principal.counted_as

    @property
    def signature(self) -> Signature:
        """For a command: `Book(**caller.signature, slot_id=…)`."""
        return {
            "actor": self.principal.id,
            "on_behalf_of": self.on_behalf_of,
            "request_id": self.request_id,
        }

    def with_key_of(self, part: str) -> "Caller":
        """The same, asking for one of the several things that a request with this key is for."""
        if self.idempotency_key is None:
            return self
        return replace(self, idempotency_key=f"{self.idempotency_key} {part}")

    def remember(self, asked: CreatingRequest) -> KeyedRequest | None:
        """What the thing that `asked` creates shall remember of it, if it came with a key."""
        if self.idempotency_key is None:
            return None
        return KeyedRequest(key=self.key_hash(), fingerprint=asked.fingerprint())

    def key_hash(self) -> str:
        """A hash of principal and key, as long as no key of another principal can meet it."""
        text = f"={self.actor}\x00={self.idempotency_key}"
        return blake2b(text.encode(), digest_size=16).hexdigest()
