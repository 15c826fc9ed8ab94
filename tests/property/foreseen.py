"""What is foreseen of a command."""

from msgspec import Struct

from models.errors import Refusal
from models.token import Status

Stand = tuple[str, Status]


class Foreseen(Struct, frozen=True):
    """Either `refusal`, or where the tokens that the command itself touches will stand."""

    refusal: type[Refusal] | None = None
    stands: dict[int, Stand] = {}
    bumped: int | None = None
    cause: int | None = None
    """Who it gave way to; None is the newcomer."""
