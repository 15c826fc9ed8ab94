"""What is asked for while a line is run: the bodies of requests."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from models.doctor_session import SessionState
from models.line import Mark, ReturnTo
from routes.fields import Body, Reason, SomeId, any_spelling, example
from routes.line_fields import Moment, PhoneDigits, Room, TokenLink, TokenNumber
from routes.requests import SOMETHING
from services.kiosk_service import Ticket


class NextIn(Body):
    """Where the next is called to, and whose consultation ends with it."""

    model_config = example(room="Room 3")

    room: Room | None = None
    finish: SomeId | None = Field(None, examples=["dr.rao-20300115-gv6srz4p6ztu"])


class CallIn(Body):
    """Where the patient is called to."""

    model_config = example(room="Room 3")

    room: Room | None = None


class WhyIn(Body):
    """Why, in the caller's own words."""

    model_config = example(reason="X-ray of the chest")

    reason: Reason | None = None


class MarkIn(Body):
    """The mark that a token is to have, null for none; a mark has a reason."""

    model_config = example(
        mark="URGENT",
        reason="High fever",
        schema={
            "anyOf": [
                {"properties": {"mark": {"enum": [None]}}},
                {"required": ["reason"], "properties": {"reason": SOMETHING}},
            ]
        },
    )

    mark: Annotated[Mark, *any_spelling(Mark, "invalid_mark")] | None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _with_a_reason(self) -> "MarkIn":
        if self.mark is not None and not (self.reason or "").strip():
            raise PydanticCustomError("missing_field", "With a mark give a reason.")
        return self


class ReturnIn(Body):
    """Where in line the patient stands: first of all, last, or in the same place as before."""

    model_config = example(to="first")

    to: Annotated[ReturnTo, *any_spelling(ReturnTo, "invalid_to")] = ReturnTo.SAME
    reason: Reason | None = None


class SessionIn(Body):
    """Whether the doctor sees patients; a break has a time until which it should last."""

    model_config = example(
        state="ON_BREAK",
        until="2030-01-15T11:30:00+05:30",
        schema={
            "anyOf": [
                {"properties": {"state": {"enum": ["NOT_STARTED", "IN_SESSION", "FINISHED"]}}},
                {"required": ["until"], "properties": {"until": {"not": {"enum": [None]}}}},
            ]
        },
    )

    state: Annotated[SessionState, *any_spelling(SessionState, "invalid_state")]
    until: Moment | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _breaks_end(self) -> "SessionIn":
        if self.state is SessionState.ON_BREAK and self.until is None:
            raise PydanticCustomError("missing_field", "Say until when the break should last.")
        return self


class TicketIn(Body):
    """What a patient holds: the number on paper with the last digits of the phone number, or a link."""

    model_config = example(
        doctorId="dr.rao",
        tokenNumber="T007",
        phoneDigits="2345",
        schema={"anyOf": [{"required": ["tokenNumber", "phoneDigits"]}, {"required": ["link"]}]},
    )

    doctor_id: SomeId = Field(examples=["dr.rao"])
    token_number: TokenNumber | None = None
    phone_digits: PhoneDigits | None = None
    link: TokenLink | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "TicketIn":
        numbered = self.token_number is not None and self.phone_digits is not None
        if not numbered and self.link is None:
            raise PydanticCustomError(
                "missing_field", "Give tokenNumber and phoneDigits, or the link."
            )
        return self

    def ticket(self) -> Ticket:
        """What is held."""
        if self.link is not None:
            return Ticket(link=self.link.rpartition("/")[2])
        number = int("".join(filter(str.isdecimal, self.token_number or "")))
        return Ticket(number=number, digits=self.phone_digits or "")
