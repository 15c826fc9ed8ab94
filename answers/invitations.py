"""What is handed to people and devices to let them in."""

from answers.answer import Answer, Instant
from services.access.sign_in import GivenLink


class LinkOut(Answer, frozen=True):
    """A one-time link: the path after the service's own address."""

    path: str
    expires_at: Instant


def show_link(link: GivenLink) -> LinkOut:
    """Its path holds its secret."""
    return LinkOut(path=f"/password/{link.secret}", expires_at=link.expires_at)
