"""What is handed to people and devices to let them in."""

from answers.answer import Answer, Instant
from answers.sessions import SignedInOut
from models.session import Session
from services.access.devices import NewDevice
from services.access.sign_in import GivenLink

POLL_SECONDS = 3


class LinkOut(Answer, frozen=True):
    """A one-time link: the path after the service's own address."""

    path: str
    expires_at: Instant


class NewDeviceOut(Answer, frozen=True):
    """A device shows the `code`, and asks with the `deviceSecret` every so many seconds."""

    code: str
    device_secret: str
    expires_at: Instant
    poll_seconds: int


class DeviceStateOut(Answer, frozen=True):
    """Whether the device was let in; then its session is there, and its cookie is set."""

    confirmed: bool
    session: SignedInOut | None


class DeviceOut(Answer, frozen=True):
    """A device that was let in, and the client that it is."""

    id: str
    account_id: str
    began_at: Instant


class LetInOut(Answer, frozen=True):
    """The client as which a device was let in."""

    account_id: str


def show_link(link: GivenLink) -> LinkOut:
    """Its path holds its secret."""
    return LinkOut(path=f"/password/{link.secret}", expires_at=link.expires_at)


def show_new_device(device: NewDevice) -> NewDeviceOut:
    """The code in two groups, in capitals."""
    code = device.waiting.code.upper()
    return NewDeviceOut(
        code=f"{code[:4]}-{code[4:]}",
        device_secret=device.secret,
        expires_at=device.waiting.expires_at,
        poll_seconds=POLL_SECONDS,
    )


def show_device(session: Session) -> DeviceOut:
    """Its id opens nothing."""
    return DeviceOut(id=session.id, account_id=session.account_id, began_at=session.began_at)
