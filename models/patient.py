"""The patient: for whom a token is."""

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import asdict


class Particulars(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    """What is known of a patient besides an id. An emergency may have no phone number.

    `language`: a BCP 47 tag, such as `hi` or `en-IN`; None is not known.
    """

    name: str
    phone_number: str | None = None
    language: str | None = None


class Particular(StrEnum):
    """Each of these."""

    NAME = "name"
    PHONE_NUMBER = "phoneNumber"
    LANGUAGE = "language"


class Patient(Particulars, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    """For whom a token is. Two tokens of one id are one patient's."""

    id: str


class Newcomer(
    Particulars, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"
):
    """Who asks for a token; without an `id` a new one is made."""

    id: str | None = None

    def as_patient(self, new_id: Callable[[], str]) -> Patient:
        """The patient that the newcomer is from now on."""
        return Patient(**{**asdict(self), "id": self.id or new_id()})
