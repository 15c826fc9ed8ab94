"""The day sheet: one doctor's slots and tokens on one local date. The aggregate."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from models.access import Facility
from models.doctor import Tenure
from models.doctor_session import DoctorSession
from models.experience import Consultation, consultations_of
from models.ids import sheet_address
from models.line_config import LineConfig
from models.rank import queue_key
from models.size import stored_size
from models.slot import ReservedHours, Slot
from models.timeline import Timeline
from models.token import PRESENT, QUEUED, SEATED, OtherToken, Status, Token

MOST_BYTES = 8_000_000
"""How large a sheet may be when something is added to it.

Databases take documents of 16 MB; what is on the sheet already, and its events, must still find
room to change.
"""
_NOT_COME_IN = (Status.CALLED, Status.MISSED)
_HEAD_BYTES = 1_000
_KEY_BYTES = 100


class Roster(Struct, frozen=True):
    """The tokens of one slot that count: those that hold a seat, and those that wait for one.

    `present` are in the house: checked in, called or in consultation; `in_consultation` are with
    the doctor. Both are counts of `seated`. `queue` are those of `seated` who are yet to be seen,
    in order: kept so, since every answer about a token tells its place.
    """

    seated: tuple[Token, ...] = ()
    waiting: tuple[Token, ...] = ()
    present: int = 0
    in_consultation: int = 0
    queue: tuple[Token, ...] = ()

    def place(self, token: Token) -> int:
        """How many of the queue stand before this token."""
        return bisect_left(self.queue, queue_key(token), key=queue_key)

    def without(self, token: Token) -> "Roster":
        """This roster less the token of that number, which stands here as `token`."""
        number = token.number
        if token.status is Status.WAITLISTED:
            waiting = tuple(other for other in self.waiting if other.number != number)
            return replace(self, waiting=waiting)
        if token.status not in SEATED:
            return self
        place = self.place(token)
        return Roster(
            tuple(other for other in self.seated if other.number != number),
            self.waiting,
            self.present - (token.status in PRESENT),
            self.in_consultation - (token.status is Status.IN_CONSULTATION),
            self.queue[:place] + self.queue[place + (token.status in QUEUED) :],
        )

    def joined_by(self, token: Token) -> "Roster":
        """This roster with `token` where its status puts it, if anywhere."""
        if token.status is Status.WAITLISTED:
            return replace(self, waiting=(*self.waiting, token))
        if token.status not in SEATED:
            return self
        queue = self.queue
        if token.status in QUEUED:
            place = self.place(token)
            queue = (*queue[:place], token, *queue[place:])
        return Roster(
            (*self.seated, token),
            self.waiting,
            self.present + (token.status in PRESENT),
            self.in_consultation + (token.status is Status.IN_CONSULTATION),
            queue,
        )


def roster_of(seated: Iterable[Token], waiting: Iterable[Token] = ()) -> Roster:
    """The roster of tokens that hold a seat and tokens that wait, counted."""
    seated = tuple(seated)
    return Roster(
        seated,
        tuple(waiting),
        sum(token.status in PRESENT for token in seated),
        sum(token.status is Status.IN_CONSULTATION for token in seated),
        tuple(sorted((token for token in seated if token.status in QUEUED), key=queue_key)),
    )


EMPTY_ROSTER = Roster()

Stamp = tuple[int, str | None]
"""One state of a sheet: its version, and the name of its last write.

The version alone would not do: where a failover or a restore has put an older state back, other
writes come to the same versions again.
"""
NEVER_STORED: Stamp = (0, None)


class Sheet(Struct, frozen=True, dict=True, kw_only=True, rename="camel"):
    """One doctor's day. Token number n is `tokens[n-1]`, for ever: nothing is removed.

    `version` grows by one at each write. `time` is the time of the last command: a sheet's time
    never goes back. `next_event` numbers the sheet's events, from 1. `declined` holds the keys of
    requests that were sent on to another sheet, so that none of their repeats books here.
    `tenure` is the doctor's: a retired one's day takes no bookings and no slots; so is `config`,
    what is otherwise with this line. `session` tells whether the doctor sees patients, `tick_at`
    when time alone will change something next.

    Two things are the store's alone: `last_write` names the write that left the sheet so, and
    `turn` the process whose turn it is to write, if one has lost too many races.
    """

    id: str
    resource_id: str
    facility_id: str
    date: date
    timezone: str
    version: int = 0
    last_write: str | None = None
    turn: str | None = None
    time: datetime = datetime.min.replace(tzinfo=UTC)
    slots: tuple[Slot, ...] = ()
    reserved_hours: tuple[ReservedHours, ...] = ()
    tokens: tuple[Token, ...] = ()
    declined: tuple[str, ...] = ()
    next_event: int = 1
    tenure: Tenure = Tenure()
    config: LineConfig = LineConfig()
    session: DoctorSession = DoctorSession()
    tick_at: datetime | None = None

    @classmethod
    def new(cls, sheet_id: str, facility: Facility) -> "Sheet":
        """The sheet of a day on which nothing is planned yet; version 0 means not stored."""
        resource_id, day = sheet_address(sheet_id)
        return cls(
            id=sheet_id,
            resource_id=resource_id,
            facility_id=facility.id,
            date=day,
            timezone=facility.timezone,
        )

    @property
    def stamp(self) -> Stamp:
        """Which state of the sheet this is."""
        return (self.version, self.last_write)

    @cached_property
    def timeline(self) -> Timeline:
        """When the slots are expected to run."""
        return Timeline(self.slots)

    @cached_property
    def rosters(self) -> Mapping[str, Roster]:
        """For each slot that has any: the tokens that hold a seat in it or wait for one."""
        return _group_by_slot(self.tokens)

    @cached_property
    def consultations(self) -> tuple[Consultation, ...]:
        """Those of the sheet's own doctor that are over, in the order in which they began."""
        return consultations_of(token for token in self.tokens if token.served_by is None)

    @cached_property
    def called(self) -> tuple[Token, ...]:
        """Who was called and has not come in: CALLED, or MISSED by now."""
        return tuple(token for token in self.tokens if token.status in _NOT_COME_IN)

    @cached_property
    def size(self) -> int:
        """Bytes that it takes where it is stored, at the most."""
        parts = sum(map(stored_size, (*self.slots, *self.reserved_hours, *self.tokens)))
        return _HEAD_BYTES + parts + _KEY_BYTES * len(self.declined)

    @cached_property
    def midnight(self) -> datetime:
        """The local midnight that ends the date."""
        next_date = self.date + timedelta(days=1)
        return datetime.combine(next_date, time(), self.zone).astimezone(UTC)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the day's hours, whatever the facility's has become since."""
        return ZoneInfo(self.timezone)

    @cached_property
    def written(self) -> dict[tuple[str, object], tuple[object, bytes]]:
        """Answers about this version of the sheet; see answers/written.py."""
        return {}

    def changed(self, **fields: object) -> "Sheet":
        """This sheet with other fields, and with all that was worked out from those that stay."""
        sheet = replace(self, **fields)
        views = sheet.__dict__
        views.update(self.__dict__)
        views.pop("written", None)
        if "slots" in fields:
            views.pop("timeline", None)
        if "tokens" in fields:
            views.pop("rosters", None)
            views.pop("consultations", None)
            views.pop("called", None)
        if not fields.keys().isdisjoint(("slots", "reserved_hours", "tokens", "declined")):
            views.pop("size", None)
        return sheet

    def with_token(self, token: Token) -> "Sheet":
        """This sheet with a token in the place of its number, the next one if it is new."""
        index = token.number - 1
        rosters = dict(self.rosters)
        for old in self.tokens[index : index + 1]:
            rosters[old.slot_id] = rosters.get(old.slot_id, EMPTY_ROSTER).without(old)
        rosters[token.slot_id] = rosters.get(token.slot_id, EMPTY_ROSTER).joined_by(token)
        sheet = self.changed(tokens=(*self.tokens[:index], token, *self.tokens[index + 1 :]))
        sheet.__dict__["rosters"] = rosters
        both = (token, *self.tokens[index : index + 1])
        if "consultations" in self.__dict__ and all(one.started_at is None for one in both):
            sheet.__dict__["consultations"] = self.consultations  # nobody was seen by this
        if "called" in self.__dict__ and all(one.status not in _NOT_COME_IN for one in both):
            sheet.__dict__["called"] = self.called
        if "size" in self.__dict__:  # else it is worked out once somebody asks
            replaced = sum(map(stored_size, self.tokens[index : index + 1]))
            sheet.__dict__["size"] = self.size + stored_size(token) - replaced
        return sheet

    def with_tokens(self, tokens: Sequence[Token]) -> "Sheet":
        """This sheet with other tokens in the places of their numbers, each number once.

        As `with_token` for each; for many at the cost of one look at all.
        """
        if len(tokens) <= 1:
            return self.with_token(tokens[0]) if tokens else self
        changed = list(self.tokens)
        for token in tokens:
            changed[token.number - 1] = token
        return self.changed(tokens=tuple(changed))

    def with_slot(self, slot: Slot) -> "Sheet":
        """This sheet with a slot in the place of the one with its id, or as one more."""
        if self.timeline.get(slot.id) is None:
            return self.changed(slots=(*self.slots, slot))
        return self.changed(slots=tuple(slot if old.id == slot.id else old for old in self.slots))

    def refer_to(self, token: Token) -> OtherToken:
        """A token of this sheet, as a refusal names it."""
        return OtherToken(
            facility_id=self.facility_id,
            doctor_id=self.resource_id,
            id=token.id,
            label=token.label,
            booked_by=token.booked_by,
        )

    def find_token(self, token_id: str) -> Token | None:
        """The token of that id, or None."""
        return next((token for token in self.tokens if token.id == token_id), None)


def _group_by_slot(tokens: Iterable[Token]) -> dict[str, Roster]:
    seated: defaultdict[str, list[Token]] = defaultdict(list)
    waiting: defaultdict[str, list[Token]] = defaultdict(list)
    for token in tokens:
        if token.status in SEATED:
            seated[token.slot_id].append(token)
        elif token.status is Status.WAITLISTED:
            waiting[token.slot_id].append(token)
    return {
        slot_id: roster_of(seated[slot_id], waiting[slot_id])
        for slot_id in seated.keys() | waiting.keys()
    }
