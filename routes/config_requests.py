"""How a doctor's line is to be run: the body of the request."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from models.line import Order
from models.line_config import Overflow
from routes.fields import Body, any_spelling, example, refused_as, whole
from routes.requests import NOTHING_TO_CHANGE

HeadStart = Annotated[
    int,
    Field(ge=0, le=999, strict=True, examples=[25]),
    BeforeValidator(whole),
    refused_as("invalid_head_start", "A head start is 0 to 999 whole minutes.", int),
]
Weight = Annotated[
    float,
    Field(ge=0, le=100, strict=True, allow_inf_nan=False, examples=[1.5]),
    refused_as("invalid_weight", "A weight is a number from 0 to 100.", int),
]
MaxSize = Annotated[
    int,
    Field(ge=1, le=10_000, strict=True, examples=[40]),
    BeforeValidator(whole),
    refused_as("invalid_max_size", "maxSize is a whole number from 1 to 10000.", int),
]
ConsultationMinutes = Annotated[
    int,
    Field(ge=1, le=480, strict=True, examples=[12]),
    BeforeValidator(whole),
    refused_as("invalid_consultation_minutes", "A consultation takes 1 to 480 whole minutes.", int),
]
Accepting = Annotated[
    bool,
    Field(strict=True),
    refused_as("invalid_accepting", "accepting says whether walk-ins are taken.", bool),
]
UseHistory = Annotated[
    bool,
    Field(strict=True),
    refused_as("invalid_use_history", "useHistory says whether the past counts.", bool),
]
Pool = Annotated[
    bool,
    Field(strict=True),
    refused_as("invalid_pool", "pool says whether the line is shared.", bool),
]


class HeadStartsIn(Body):
    """Minutes of earlier arrival by source; one that is left out or null has the settings'."""

    priority: HeadStart | None = Field(None, alias="PRIORITY")
    followup: HeadStart | None = Field(None, alias="FOLLOWUP")
    online: HeadStart | None = Field(None, alias="ONLINE")
    walkin: HeadStart | None = Field(None, alias="WALKIN")


class WeightsIn(Body):
    """What each part counts in the order weighted; left out or null it counts as the settings say."""

    source: Weight | None = None
    waiting: Weight | None = None
    appointment: Weight | None = None


class ConfigIn(Body):
    """What to change; what is left out stays, and null is as the service's settings have it."""

    model_config = example(
        order="head_start",
        headStartMinutes={"PRIORITY": 15},
        accepting=True,
        maxSize=40,
        schema={"minProperties": 1},
    )

    order: Annotated[Order, *any_spelling(Order, "invalid_order")] | None = None
    head_start_minutes: HeadStartsIn | None = None
    weights: WeightsIn | None = None
    overflow: Annotated[Overflow, *any_spelling(Overflow, "invalid_overflow")] | None = None
    accepting: Accepting | None = None
    max_size: MaxSize | None = None
    consultation_minutes: ConsultationMinutes | None = None
    use_history: UseHistory | None = None
    pool: Pool | None = None

    @model_validator(mode="after")
    def _something(self) -> "ConfigIn":
        if not self.model_fields_set:
            raise PydanticCustomError("nothing_to_change", NOTHING_TO_CHANGE)
        return self

    def asked(self) -> dict[str, object | None]:
        """What is to be changed, by the names of a request; nothing in a group is none of it."""
        given = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return {
            name: {part: told for part, told in value.items() if told is not None} or None
            if isinstance(value, dict)
            else value
            for name, value in given.items()
        }
