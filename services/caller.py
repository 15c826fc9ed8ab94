"""Who asks, and under which key: what every use case is told besides its request."""

from hashlib import blake2b

from msgspec import Struct

from models.request import Request


class Caller(Struct, frozen=True, kw_only=True):
    """`actor` is kept in the events; `request_id` ties them to the log.

    With an `idempotency_key`, a creating request that is repeated changes nothing.
    """

    actor: str
    request_id: str | None = None
    idempotency_key: str | None = None

    def request(self, *body: object) -> Request | None:
        """What the thing that `body` creates shall remember of this request, if it has a key."""
        if self.idempotency_key is None:
            return None
        return Request(key=self.key_hash(), fingerprint=_digest(body))

    def key_hash(self) -> str:
        """A hash of caller and key, as long as no key of another caller can meet it."""
        return _digest((self.actor, self.idempotency_key))


def _digest(parts: tuple[object, ...]) -> str:
    text = "\x00".join("" if part is None else f"={part}" for part in parts)
    return blake2b(text.encode(), digest_size=16).hexdigest()
