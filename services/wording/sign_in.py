"""Why somebody was not signed in, or could not choose that password."""

from typing import assert_never

from models.errors import (
    AccountDisabled,
    CsrfFailed,
    IdentityUnproven,
    LinkEnded,
    NoRoleForGroups,
    PasswordProblem,
    ProviderRefused,
    ProviderUnavailable,
    SignInFailed,
    SignInNotBegun,
    SignsInElsewhere,
    TlsNeeded,
    UnknownDevice,
    WeakPassword,
)
from models.password import LEAST_LENGTH, MOST_LENGTH
from services.wording.catalogue import Catalogue

OfProvider = (
    SignInNotBegun
    | ProviderRefused
    | IdentityUnproven
    | NoRoleForGroups
    | AccountDisabled
    | SignsInElsewhere
    | ProviderUnavailable
)
OfSignIn = (
    SignInFailed | CsrfFailed | TlsNeeded | LinkEnded | WeakPassword | UnknownDevice | OfProvider
)


def word_sign_in(refusal: OfSignIn, catalogue: Catalogue) -> str:
    """What helps. Of a name and password that don't match it is not told which is wrong."""
    if isinstance(refusal, OfProvider):
        return _word_provider(refusal, catalogue)
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


def _word_provider(refusal: OfProvider, catalogue: Catalogue) -> str:
    say = catalogue.say
    match refusal:
        case SignInNotBegun():
            return say(
                "This sign-in was not begun in this browser, was used already, or took longer than "
                "ten minutes. Begin it once more."
            )
        case ProviderRefused():
            return say(
                "The hospital's sign-in service did not sign you in. Begin once more; if that does "
                "not help, tell who looks after it."
            )
        case IdentityUnproven():
            return say(
                "What the hospital's sign-in service told of you could not be verified. Begin once "
                "more; if that does not help, tell the operator."
            )
        case NoRoleForGroups():
            return say(
                "You are known, but none of your groups has a role here. Ask who looks after the "
                "hospital's accounts to put you into one."
            )
        case AccountDisabled():
            return say("Your account is locked out. Whoever manages access can let it in again.")
        case SignsInElsewhere():
            return say(
                "This person signs in with the hospital's sign-in service, has no password here, "
                "and has the roles of their groups there."
            )
        case ProviderUnavailable():
            return say(
                "The hospital's sign-in service does not answer. Try again shortly, or sign in by "
                "name and password if you have one."
            )
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
