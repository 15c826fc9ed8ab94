"""What the doctor's page sends: the bodies of its forms."""

from enum import StrEnum, auto
from typing import Annotated

from pydantic import Field

from models.doctor_session import SessionState
from models.line import ReturnTo
from routes.fields import Body, any_spelling, refused_as
from routes.line_fields import Room


class Step(StrEnum):
    """What can be done with one patient."""

    START = auto()
    COMPLETE = auto()
    RECALL = auto()
    PARK = auto()
    ABSENT = auto()
    BACK = auto()
    UNDO = auto()


class StepIn(Body):
    """A step; `to`: where one who is back stands."""

    step: Annotated[Step, *any_spelling(Step, "invalid_step")]
    room: Room | None = None
    to: Annotated[ReturnTo, *any_spelling(ReturnTo, "invalid_to")] = ReturnTo.SAME


class StateIn(Body):
    """Whether the doctor sees patients; a break lasts so many minutes."""

    state: Annotated[SessionState, *any_spelling(SessionState, "invalid_state")]
    minutes: Annotated[
        int,
        Field(ge=1, le=240),
        refused_as("invalid_minutes", "Write whole minutes from 1 to 240."),
    ] = 15


class RoomIn(Body):
    """Where the screen stands."""

    room: Room | None = None
