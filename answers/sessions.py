"""Who is signed in."""

from answers.answer import Answer, Instant
from models.access import Kind, Permission


class SignedOut(Answer, frozen=True):
    """Which sessions ended: the one that asked, or all of whoever it was."""

    everywhere: bool


class SignedInOut(Answer, frozen=True):
    """Who asks, and what they may do somewhere.

    `expiresAt` and `csrfToken` are a session's; who comes with a key has none. The token goes into
    the header `X-CSRF-Token` of each request that changes something.
    """

    id: str
    kind: Kind
    name: str
    permissions: list[Permission]
    expires_at: Instant | None
    csrf_token: str | None
