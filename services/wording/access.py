"""What is refused of access, in words: who asks, what they may, and what they may give."""

from typing import assert_never

from models.errors import (
    AccountExists,
    DoctorsNeeded,
    FacilityExists,
    Forbidden,
    InvalidExpiry,
    LastAdmin,
    NoAdmin,
    NotYourLine,
    TooManyKeys,
    Unauthenticated,
    UnknownAccount,
    UnknownGrant,
    UnknownKey,
)
from services.wording.catalogue import Catalogue

OfAccess = (
    UnknownAccount
    | UnknownKey
    | UnknownGrant
    | AccountExists
    | FacilityExists
    | TooManyKeys
    | LastAdmin
    | NotYourLine
    | InvalidExpiry
    | DoctorsNeeded
    | NoAdmin
    | Unauthenticated
    | Forbidden
)


def word_access(  # noqa: C901, PLR0911, PLR0912  # one case for each, proven total by mypy
    known: OfAccess, catalogue: Catalogue
) -> str:
    """The sentence for each."""
    say = catalogue.say
    match known:
        case Unauthenticated():
            return say(
                "Say who you are: send a key as Authorization: Bearer, or sign in. "
                "If you did, it is unknown here, has ended, or was revoked."
            )
        case Forbidden():
            return say(
                "This needs the permission {permission}. Whoever manages access can give it.",
                permission=known.permission.value,
            )
        case UnknownAccount():
            return say("There is no such person or client. GET /api/access/accounts lists them.")
        case UnknownKey():
            return say("This client has no key of that id.")
        case UnknownGrant():
            return say("This account has no grant of that id.")
        case AccountExists():
            return say("This id is taken by a person or a client. Choose another.")
        case FacilityExists():
            return say("This id is taken by another facility. Choose another.")
        case TooManyKeys():
            return say("Two keys of this client are valid. Revoke one, then make the new one.")
        case LastAdmin():
            return say(
                "Nobody would be left who may give rights here. "
                "Make somebody else an admin, for good, then do this."
            )
        case NotYourLine():
            return say("Only who was given this doctor's line themselves can delegate it.")
        case InvalidExpiry():
            if known.latest is None:
                return say("This must end in the future.")
            return say("This can't end later than {latest}.", latest=known.latest.isoformat())
        case DoctorsNeeded():
            return say("This role is given for named doctors: tell which, in doctors.")
        case NoAdmin():
            return say(
                "Nobody has been given any rights yet. "
                "Run `python main.py access create-admin` on the service's machine."
            )
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(known)
