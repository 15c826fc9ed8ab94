"""Why somebody was not signed in, or could not choose that password."""

from typing import assert_never

from models.errors import (
    CsrfFailed,
    LinkEnded,
    PasswordProblem,
    SignInFailed,
    TlsNeeded,
    UnknownDevice,
    WeakPassword,
)
from models.password import LEAST_LENGTH, MOST_LENGTH
from services.wording.catalogue import Catalogue


def word_sign_in(
    refusal: SignInFailed | CsrfFailed | TlsNeeded | LinkEnded | WeakPassword | UnknownDevice,
    catalogue: Catalogue,
) -> str:
    """What helps. Of a name and password that don't match it is not told which is wrong."""
    say = catalogue.say
    match refusal:
        case SignInFailed():
            return say(
                "This name and this password do not belong together. Whoever manages access can "
                "give you a link to choose a new password."
            )
        case CsrfFailed():
            return say(
                "A session may change something only with its CSRF token, in the header "
                "X-CSRF-Token; GET /api/access/session tells it. On a page: load it once more."
            )
        case TlsNeeded():
            return say(
                "Over plain HTTP a password could be read on its way, and browsers would not keep "
                "the session. Ask by https://, or on this machine by http://localhost."
            )
        case LinkEnded():
            return say(
                "This link was used, has run out, or was followed by a newer one. "
                "Whoever manages access can give you another."
            )
        case UnknownDevice():
            return say(
                "No device waits with this code. A code is good for ten minutes, and for one "
                "device: have it show a new one."
            )
        case WeakPassword():
            return _word_password(refusal.problem, catalogue)
        case _:
            assert_never(refusal)


def _word_password(problem: PasswordProblem, catalogue: Catalogue) -> str:
    match problem:
        case PasswordProblem.TOO_SHORT:
            return catalogue.say(
                "A password has {n} characters at least. Three or four words do: spaces count.",
                n=LEAST_LENGTH,
            )
        case PasswordProblem.TOO_LONG:
            return catalogue.say("A password has {n} characters at most.", n=MOST_LENGTH)
        case PasswordProblem.NOT_THE_SAME:
            return catalogue.say("Type the new password twice, the same each time.")
        case PasswordProblem.COMMON:
            return catalogue.say(
                "Others would guess this password early: it is common, repeats itself, or follows "
                "the keyboard. Choose words that do not belong together."
            )
        case _:
            assert_never(problem)
