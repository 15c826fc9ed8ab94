"""What all answers have in common."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct


class Answer(Struct, frozen=True, gc=False, rename="camel"):
    """An answer, in camelCase. Its docstrings and types are its documentation at `/docs`.

    Answers are trees, so the garbage collector need not look at them.
    """


Instant = Annotated[datetime, Meta(tz=True)]
"""With its offset; the facility's wherever it belongs to a day."""
