"""Where tokens come from. Each source is one row with all in which it differs from the others.

A source without its row, or with a row that lacks something, fails when this is imported; one
without a score, when the policy is made at the start of the service.
"""

from enum import Enum, StrEnum, auto

from msgspec import Struct

from models.access import Permission


class Asked(Enum):
    """What a booking must tell of the patient besides a name."""

    NOTHING = auto()
    PHONE_NUMBER = auto()
    ID_AND_PHONE_NUMBER = auto()


class SourceRow(Struct, frozen=True, kw_only=True):
    """`words` name it to people, and stand first, where translators' tools find them.

    `score_setting` names the setting that ranks the source; `path` is that of its bookings.
    `permission` is what a booking of it needs. `emergency`: seated beyond capacity, never
    waitlisted, never bumped, first to move and first in line. `appointment`: the patient was told
    a time. `follow_up`: the doctor knows the patient, so estimates tell it from others.
    `walk_in`: the patient is there from the start, and a line may refuse them.
    `least_loaded`: `allocate` picks the least loaded doctor's earliest slot, not the earliest of all.
    """

    words: str
    score_setting: str
    path: str
    permission: Permission
    asked: Asked = Asked.PHONE_NUMBER
    emergency: bool = False
    appointment: bool = False
    follow_up: bool = False
    least_loaded: bool = False
    walk_in: bool = False
    summary: str
    description: str


class Source(StrEnum):
    """Where a token comes from."""

    row: SourceRow

    def __new__(cls, value: str, row: SourceRow) -> "Source":
        source = str.__new__(cls, value)
        source._value_ = value
        source.row = row
        return source

    EMERGENCY = (
        "EMERGENCY",
        SourceRow(
            words="emergency",
            score_setting="emergency_priority",
            path="emergency",
            permission=Permission.BOOK_EMERGENCY,
            asked=Asked.NOTHING,
            emergency=True,
            least_loaded=True,
            summary="Seat an emergency",
            description="Seated beyond capacity if need be; refused with alternatives, never waitlisted.",
        ),
    )
    PRIORITY = (
        "PRIORITY",
        SourceRow(
            words="priority",
            score_setting="paid_priority",
            path="priority",
            permission=Permission.BOOK_PRIORITY,
            appointment=True,
            least_loaded=True,
            summary="Book a paid priority seat",
            description="In a full slot the lowest-scored booking may give way; `bumped` says which and where to.",
        ),
    )
    FOLLOWUP = (
        "FOLLOWUP",
        SourceRow(
            words="follow-up",
            score_setting="followup_priority",
            path="followup",
            permission=Permission.BOOK_FOLLOWUP,
            appointment=True,
            follow_up=True,
            summary="Book a follow-up",
            description="For a patient whom the doctor asked to come again.",
        ),
    )
    ONLINE = (
        "ONLINE",
        SourceRow(
            words="online",
            score_setting="online_priority",
            path="book",
            permission=Permission.BOOK_ONLINE,
            appointment=True,
            asked=Asked.ID_AND_PHONE_NUMBER,
            summary="Book a seat online",
            description='Into a full slot: the waitlist, or with `ifFull: "reject"` a refusal with alternatives.',
        ),
    )
    WALKIN = (
        "WALKIN",
        SourceRow(
            words="walk-in",
            score_setting="walkin_priority",
            path="walkin",
            permission=Permission.BOOK_WALKIN,
            walk_in=True,
            summary="Give a walk-in a token",
            description="For a patient who came without a booking.",
        ),
    )
