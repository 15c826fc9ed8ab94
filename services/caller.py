"""Who asks, and under which key: what every use case is told besides its request."""

from hashlib import blake2b

from msgspec import Struct

from models.keyed_request import KeyedRequest
from services.requests import CreatingRequest


class Caller(Struct, frozen=True, kw_only=True):
    """`actor` is kept in the events; `request_id` ties them to the log.

    With an `idempotency_key`, a creating request that is repeated changes nothing.
    """

    actor: str
    request_id: str | None = None
    idempotency_key: str | None = None

    def remember(self, asked: CreatingRequest) -> KeyedRequest | None:
        """What the thing that `asked` creates shall remember of it, if it came with a key."""
        if self.idempotency_key is None:
            return None
        return KeyedRequest(key=self.key_hash(), fingerprint=asked.fingerprint())

    def key_hash(self) -> str:
        """A hash of caller and key, as long as no key of another caller can meet it."""
        text = f"={self.actor}\x00={self.idempotency_key}"
        return blake2b(text.encode(), digest_size=16).hexdigest()
