"""A second reading of DESIGN §5, in the plainest words: what the engine's answers are held to.

It works all out anew from tokens and slots, and asks the engine nothing. Slow and simple on
purpose.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from models.doctor_session import SessionState
from models.line import Mark, Order, Weights
from models.line_config import LineConfig
from models.policy import Policy
from models.sheet import Sheet
from models.slot import Slot, SlotStatus
from models.source import Source
from models.token import Status, Token

PRESENT = {Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION}
AWAY = {Status.PARKED, Status.MISSED}
LIVE = {Status.WAITLISTED, Status.BOOKED} | PRESENT | AWAY
HOLDS_SEAT = {Status.BOOKED, Status.COMPLETED} | PRESENT | AWAY

STATUS_TABLE = {
    Status.WAITLISTED: {Status.CHECKED_IN, Status.CANCELLED},
    Status.BOOKED: {Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW},
    Status.CHECKED_IN: {
        Status.CALLED,
        Status.IN_CONSULTATION,
        Status.PARKED,
        Status.CANCELLED,
        Status.NO_SHOW,
    },
    Status.CALLED: {Status.IN_CONSULTATION, Status.PARKED, Status.MISSED, Status.NO_SHOW},
    Status.IN_CONSULTATION: {Status.PARKED, Status.COMPLETED},
    Status.PARKED: {Status.CHECKED_IN, Status.CANCELLED},
    Status.MISSED: {Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW},
    Status.NO_SHOW: {Status.CHECKED_IN},
    Status.COMPLETED: set(),
    Status.CANCELLED: set(),
}


def _as_the_line_has_it(policy: Policy, config: LineConfig) -> Policy:
    """Rule 23: what the doctor has otherwise counts."""
    own = {
        "order": config.order or policy.order,
        "head_starts": {**policy.head_starts, **(config.head_starts or {})},
        "consultation_minutes": config.consultation_minutes or policy.consultation_minutes,
        "max_size": config.max_size,
        "accepting": config.accepting is not False,
        "pool": config.pool is True,
        "overflow": config.overflow or policy.overflow,
    }
    if config.weights is not None and config.weights.waiting is not None:
        own["weights"] = Weights(waiting=config.weights.waiting)
    return replace(policy, **own)


_WORTH = {None: 0, Mark.VIP: 15, Mark.URGENT: 30, Mark.EMERGENCY: 0, Mark.PRIORITY: 0}


class Reading:
    """A sheet at an instant. `once_seated`: the numbers of the tokens that ever held a seat."""

    def __init__(
        self,
        sheet: Sheet,
        policy: Policy,
        now: datetime,
        once_seated: Collection[int],
        steps: Mapping[int, tuple[datetime, Token]] | None = None,
        undone: Collection[int] = (),
    ) -> None:
        self.sheet = sheet
        self.policy = _as_the_line_has_it(policy, sheet.config)
        self.now = now
        self.once_seated = once_seated
        self.steps = steps or {}
        """Of each token that a step brought where it is: when, and how it was before."""
        self.undone = undone
        """Those whose step was ever undone."""
        self.slots = {slot.id: slot for slot in sheet.slots}
        self.in_order = [slot.id for slot in sorted(sheet.slots, key=lambda slot: slot.start)]
        self._times: dict[str, tuple[datetime, datetime]] = {}

    # Slots

    def expected(self, slot_id: str) -> tuple[datetime, datetime]:
        """Rule 9: expected start and end."""
        if slot_id not in self._times:
            slot = self.slots[slot_id]
            start = slot.start + timedelta(minutes=slot.delay_minutes)
            nearest = self._nearest_earlier_open(slot)
            if nearest is not None:
                start = max(start, self.expected(nearest)[1])
            self._times[slot_id] = (start, start + (slot.end - slot.start))
        return self._times[slot_id]

    def _nearest_earlier_open(self, slot: Slot) -> str | None:
        earlier = [
            other
            for other in self.sheet.slots
            if other.start < slot.start and other.status is SlotStatus.OPEN
        ]
        return max(earlier, key=lambda other: other.start).id if earlier else None

    def is_over(self, slot_id: str) -> bool:
        return self.now >= self.expected(slot_id)[1]

    def is_open(self, slot_id: str) -> bool:
        return self.slots[slot_id].status is SlotStatus.OPEN

    def gives_seats(self, slot_id: str) -> bool:
        here = not self.sheet.tenure.retired
        return here and self.is_open(slot_id) and not self.is_over(slot_id)

    def takes_urgent(self, slot_id: str) -> bool:
        """Also when it is over, while its patients are still being seen."""
        seen = any(
            token.slot_id == slot_id and token.status in PRESENT for token in self.sheet.tokens
        )
        here = self.is_open(slot_id) and not self.sheet.tenure.retired
        return here and (seen or not self.is_over(slot_id))

    def taken(self, slot_id: str) -> int:
        return sum(
            token.slot_id == slot_id and token.status in HOLDS_SEAT for token in self.sheet.tokens
        )

    def has_free_seat(self, slot_id: str) -> bool:
        return self.gives_seats(slot_id) and self.taken(slot_id) < self.slots[slot_id].max_capacity

    def has_overflow(self, slot_id: str, kept: int = 0) -> bool:
        overflow = max(0, self.policy.emergency_overflow - kept)
        return self.taken(slot_id) < self.slots[slot_id].max_capacity + overflow

    def later(self, slot_id: str) -> list[str]:
        return self.in_order[self.in_order.index(slot_id) + 1 :]

    def midnight(self) -> datetime:
        """The local midnight at which the sheet's date begins."""
        return datetime.fromisoformat(f"{self.sheet.date}T00:00+05:30")

    def end_of_day(self) -> datetime:
        """The local midnight after the sheet's date, or the end of the last slot if later."""
        midnight = datetime.fromisoformat(f"{self.sheet.date + timedelta(days=1)}T00:00+05:30")
        return max([midnight, *(self.expected(slot_id)[1] for slot_id in self.in_order)])

    # Keys

    def uses_of(self, key: str) -> list[tuple[str, str]]:
        """What a key stands for on this sheet, with the fingerprint of what was asked with it."""
        made = [("token", token.request) for token in self.sheet.tokens]
        made += [("slot", slot.request) for slot in self.sheet.slots]
        made += [("call", token.call) for token in self.sheet.tokens]
        uses = [(what, asked.fingerprint) for what, asked in made if asked and asked.key == key]
        return uses + [("declined", "") for declined in self.sheet.declined if declined == key]

    # Tokens

    def has_live(self, patient_id: str, slot_id: str) -> bool:
        return any(
            token.patient.id == patient_id and token.slot_id == slot_id and token.status in LIVE
            for token in self.sheet.tokens
        )

    def slot_for(self, token: Token, slot_ids: list[str]) -> str | None:
        """The first of these slots with a free seat where the patient has no token."""
        for slot_id in slot_ids:
            if self.has_free_seat(slot_id) and not self.has_live(token.patient.id, slot_id):
                return slot_id
        return None

    def waiters(self, slot_id: str) -> list[Token]:
        """Rule 7: who a free seat of this slot would go to, best first."""
        earlier = self.in_order[: self.in_order.index(slot_id)]
        found = [
            token
            for token in self.sheet.tokens
            if token.status is Status.WAITLISTED
            and (
                token.slot_id == slot_id
                or (
                    token.slot_id in earlier
                    and token.number in self.once_seated
                    and not self.has_live(token.patient.id, slot_id)
                )
            )
        ]
        return sorted(found, key=lambda token: (-token.score, token.number))

    def due(self, token: Token) -> datetime:
        """Rule 14: when it was its turn, if nobody were early or late."""
        better = [
            other
            for other in self.sheet.tokens
            if other.slot_id == token.slot_id
            and other.status in HOLDS_SEAT | {Status.NO_SHOW}
            and (-other.score, other.number) < (-token.score, token.number)
        ]
        minutes = self.policy.consultation_minutes * len(better)
        return self.expected(token.slot_id)[0] + timedelta(minutes=minutes)

    def timed_out(self) -> dict[int, Status]:
        """Rule 19: what time alone makes of tokens by now, before the day ends."""
        session = self.sheet.session.state
        made: dict[int, Status] = {}
        tokens = [one for one in self.sheet.tokens if one.served_by or session != "NOT_STARTED"]
        here = [token for token in self.sheet.tokens if token.status is Status.CHECKED_IN]
        for token in tokens:
            if token.status is Status.CALLED and self._waited_long(token.called_at):
                made[token.number] = Status.MISSED
            if token.status is Status.MISSED and self._waited_long(token.away_at):
                made[token.number] = Status.NO_SHOW
            if token.status is Status.BOOKED and session is SessionState.IN_SESSION:
                due = self.due(token)
                first = all(due <= self.due(other) for other in here)
                if first and self._waited_long(due):
                    made[token.number] = Status.NO_SHOW
        return made

    def _waited_long(self, since: datetime | None) -> bool:
        assert since is not None
        return self.now >= since + timedelta(minutes=self.policy.no_show_minutes)

    def line(self) -> list[Token]:
        """Rule 15: who is called next. Each in turn is one whom nobody left goes before."""
        return self._in_line(
            [token for token in self.sheet.tokens if token.status is Status.CHECKED_IN]
        )

    def waitlist(self) -> list[Token]:
        """Rule 16: who is here without a seat and is called when nobody with one waits."""
        ends = [self.expected(slot_id)[1] for slot_id in self.in_order if self.is_open(slot_id)]
        if self.sheet.tenure.retired or not any(self.now < end for end in ends):
            return []
        here = [
            token
            for token in self.sheet.tokens
            if token.status is Status.WAITLISTED and token.checked_in_at is not None
        ]
        return self._in_line(here)

    def _in_line(self, left: list[Token]) -> list[Token]:
        line = []
        while left:
            first = left[0]
            for other in left[1:]:
                if self._goes_before(other, first):
                    first = other
            left.remove(first)
            line.append(first)
        return line

    def _goes_before(self, one: Token, other: Token) -> bool:
        urgent = [token.source is Source.EMERGENCY for token in (one, other)]
        if urgent[0] != urgent[1]:
            return urgent[0]
        in_front = [token.front_at is not None for token in (one, other)]
        if not urgent[0] and in_front[0] != in_front[1]:
            return in_front[0]
        mine, theirs = self._merit(one), self._merit(other)
        if mine != theirs:
            return mine < theirs
        if one.score == other.score and one.mark != other.mark:
            return _WORTH[one.mark] > _WORTH[other.mark]
        return (-one.score, one.number) < (-other.score, other.number)

    def _merit(self, token: Token) -> float:
        """By what two of one kind are told apart; the lower goes first."""
        came = token.arrival
        assert came is not None
        order = self.policy.order
        if token.source is Source.EMERGENCY:
            return max(came, token.raised.at if token.raised else came).timestamp()
        if token.front_at is not None:
            return token.front_at.timestamp()
        if order is Order.STRICT:
            return self.slots[token.slot_id].start.timestamp()
        if order is Order.HEAD_START:
            minutes = self.policy.head_starts.get(token.source, 0) + _WORTH[token.mark]
            return (came - timedelta(minutes=minutes)).timestamp()
        waited = max(timedelta(), self.now - came) / timedelta(minutes=1)
        weights = self.policy.weights
        points = weights.source * (token.score / 10) + weights.waiting * min(50, waited / 2)
        if token.source is not Source.WALKIN:
            apart = abs(self.now - self.due(token))
            points += weights.appointment * 30 * (apart <= timedelta(minutes=30))
            between = timedelta(minutes=30) < apart <= timedelta(hours=1)
            points += weights.appointment * 15 * between
        return -points - _WORTH[token.mark]

    def bumpable(self, slot_id: str, by: Source) -> list[Token]:
        """Rule 4: who may be made to give up a seat here, the first to go first."""
        started = self.now >= self.slots[slot_id].start
        found = [
            token
            for token in self.sheet.tokens
            if token.slot_id == slot_id
            and token.status is Status.BOOKED
            and token.source is not Source.EMERGENCY
            and len(token.bumps) < self.policy.max_bumps
            and not (started and by is not Source.EMERGENCY)
        ]
        return sorted(found, key=lambda token: (token.score, -token.number))
