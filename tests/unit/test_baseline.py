"""The bench's baseline answers what the service answers, so that their rates can be compared."""

import msgspec
import pytest
from msgspec import Struct
from pydantic import BaseModel

from answers.slots import SlotOut
from answers.tokens import BookingOut, BumpedOut, OverrunOut, QueueOut, TokenOut
from bench import plain


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (BookingOut, plain.BookingOut),
        (BumpedOut, plain.BumpedOut),
        (OverrunOut, plain.OverrunOut),
        (QueueOut, plain.QueueOut),
        (TokenOut, plain.TokenOut),
        (SlotOut, plain.SlotOut),
    ],
)
def test_the_plain_app_has_the_fields_of_the_answer(
    ours: type[Struct], theirs: type[BaseModel]
) -> None:
    told = {field.encode_name for field in msgspec.structs.fields(ours)}
    assert told == {field.alias for field in theirs.model_fields.values()}
