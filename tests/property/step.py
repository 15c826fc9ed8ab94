"""A command that was decided, with the day before and after it."""

from typing import TypeVar

from msgspec import Struct

from engine.decide import SheetCommand
from engine.decision import Decision
from models.events import Event, Happening
from models.token import Token
from tests.property.reading import Reading

Kind = TypeVar("Kind", bound=Happening)


class Step(Struct, frozen=True):
    """A command that was decided: the day before and after it, both at the command's time."""

    before: Reading
    after: Reading
    command: SheetCommand
    decision: Decision

    @property
    def events(self) -> tuple[Event, ...]:
        return self.decision.events

    def changed(self) -> list[tuple[Token, Token]]:
        """The tokens that were there already and differ, as they were and as they are."""
        tokens = zip(self.before.sheet.tokens, self.after.sheet.tokens, strict=False)
        return [(old, new) for old, new in tokens if old != new]

    def told_of(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.events if isinstance(event, kind)]
