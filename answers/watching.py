"""What those who watch are told: each message tells what happened, and how that is seen stands now."""

from datetime import date

from answers.answer import Answer
from answers.events import EventOut
from answers.lines import LineOut
from answers.tokens import TokenOut


class QueueMessage(Answer, frozen=True, tag_field="type", tag="queue"):
    """A doctor's line. `changes` are the events since the message before; none where all is shown.

    `seq` is that of the newest event it tells of: whoever was cut off comes again with it.
    """

    seq: int
    doctor_id: str
    date: date
    changes: list[EventOut]
    queue: LineOut


class TokenMessage(Answer, frozen=True, tag_field="type", tag="token"):
    """A token. `changes` are its own events since the message before, others' may have moved it.

    `seq` is that of the newest event it tells of: whoever was cut off comes again with it.
    """

    seq: int
    changes: list[EventOut]
    token: TokenOut


Told = QueueMessage | TokenMessage
