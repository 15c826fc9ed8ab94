"""Drawn days of one specialization, to be served in several orders: the same patients in each.

Whatever chance decides is drawn before anybody is served, a consultation's length with its patient:
so that days differ by the order alone (common random numbers).
"""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from engine.arrival import due_time, virtual_arrival
from engine.day import Day
from engine.line import waiting_line
from models.access import Facility
from models.line import Order
from models.patient import Patient
from models.policy import Policy
from models.sheet import Sheet
from models.slot import Slot
from models.source import Source
from models.token import Status, Token

DOCTORS = 3
HOURS, SEATS = 4, 5
"""Slots of each doctor, of an hour, and the appointments in each."""
SESSION = 60.0 * HOURS
"""Minutes."""
CONSULTATION = 10.0
"""Minutes in the mean."""
SPREAD = 0.45
"""Of the lengths, by their mean: that of consultations of a clinic."""
PACE_SPREAD = 0.15
"""Of the doctors' means, from day to day."""
LATE = 10.0
"""Minutes that a doctor begins late, in the mean."""
STAYS_AWAY = 0.2
EARLY, PUNCTUALITY = 12.0, 15.0
"""Minutes before the due time that an appointment checks in, in the mean, and their spread."""
WALKINS, EMERGENCIES = 6.0, 0.4
"""Of each doctor, in the mean."""
MIX = {Source.ONLINE: 12, Source.FOLLOWUP: 6, Source.PRIORITY: 2}
"""How often an appointment is of which source."""

_OPENING = datetime(2030, 1, 15, 9, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_SHEET = Sheet.new("study-20300115", Facility("study", "Study", "UTC"))

_SLOTS = tuple(
    Slot(
        id=f"{_SHEET.id}-{9 + hour:02d}00",
        start=_OPENING + timedelta(hours=hour),
        end=_OPENING + timedelta(hours=hour + 1),
        max_capacity=100,
    )
    for hour in range(HOURS)
)


class Arrival(Struct, frozen=True, gc=False):
    """A patient who comes, so many minutes after the session's planned beginning.

    `length` is by the doctor's mean. `places`: who has the lower one is served first, by order.
    """

    source: Source
    doctor: int
    came: float
    length: float
    places: Mapping[str, int]


class Doctor(Struct, frozen=True, gc=False):
    """`pace` is the mean of the consultations, in minutes."""

    begins: float
    pace: float


class DrawnDay(Struct, frozen=True):
    """Who comes, in the order in which they come, and to whom."""

    arrivals: Sequence[Arrival]
    doctors: Sequence[Doctor]


FIRST_COME, STRICT, HEAD_START = "first come", "strict", "head start"
_ORDERS = {STRICT: Order.STRICT, HEAD_START: Order.HEAD_START}


def draw_day(chance: random.Random, policy: Policy) -> DrawnDay:
    """A day of `DOCTORS` doctors, each with appointments, walk-ins and emergencies."""
    doctors = [
        Doctor(chance.expovariate(1 / LATE), CONSULTATION * _spread(chance, PACE_SPREAD))
        for _ in range(DOCTORS)
    ]
    drawn: list[_Drawn] = []
    for doctor in range(DOCTORS):
        drawn += _draw_patients(chance, doctor, len(drawn), policy)
    places = _places([each.token for each in drawn], policy)
    arrivals = [
        Arrival(
            each.token.source,
            each.doctor,
            each.came,
            _spread(chance, SPREAD),
            {order: place[each.token.number] for order, place in places.items()},
        )
        for each in drawn
        if chance.random() >= STAYS_AWAY or not each.token.source.row.appointment
    ]
    return DrawnDay(sorted(arrivals, key=lambda each: each.came), doctors)


class _Drawn(Struct, frozen=True):
    token: Token
    doctor: int
    came: float


def _draw_patients(chance: random.Random, doctor: int, known: int, policy: Policy) -> list[_Drawn]:
    """Those of one doctor, numbered on from the `known` ones, as they stand when they came."""
    booked = [
        _token(known + n, chance.choices(list(MIX), list(MIX.values()))[0], n % HOURS, policy)
        for n in range(1, HOURS * SEATS + 1)
    ]
    sheet = _SHEET.changed(slots=_SLOTS, tokens=tuple(booked))
    drawn = []
    for token in booked:
        due = (due_time(Day(sheet, policy, _OPENING), token) - _OPENING) / _MINUTE
        came = due - chance.gauss(EARLY, PUNCTUALITY)
        drawn.append(_Drawn(_here(sheet, policy, token, came), doctor, came))
    for source, mean in ((Source.WALKIN, WALKINS), (Source.EMERGENCY, EMERGENCIES)):
        came = chance.expovariate(mean / SESSION)
        while came < SESSION:
            hour = int(came // 60)
            token = _token(known + len(drawn) + 1, source, hour, policy)
            drawn.append(_Drawn(_here(sheet, policy, token, came), doctor, came))
            came += chance.expovariate(mean / SESSION)
    return drawn


def _token(number: int, source: Source, slot: int, policy: Policy) -> Token:
    return Token(
        id=f"{_SHEET.id}-{number}",
        number=number,
        slot_id=_SLOTS[slot].id,
        patient=Patient(id=str(number), name="Patient"),
        source=source,
        score=policy.scores[source],
        status=Status.BOOKED,
        booked_at=_OPENING - timedelta(days=1),
    )


def _here(sheet: Sheet, policy: Policy, token: Token, came: float) -> Token:
    day = Day(sheet, policy, _OPENING + came * _MINUTE)
    return replace(
        token,
        status=Status.CHECKED_IN,
        checked_in_at=day.now,
        arrival=virtual_arrival(day, token),
    )


def _places(tokens: Sequence[Token], policy: Policy) -> Mapping[str, Mapping[int, int]]:
    """By order and number, where each would stand if all were here at once.

    Neither order asks what time it is, so who stands before whom never changes. The engine says it,
    of all doctors' patients in one line; a doctor's own line is a part of that.
    """
    sheet = _SHEET.changed(slots=_SLOTS, tokens=tuple(tokens))
    lines = {
        name: waiting_line(Day(sheet, replace(policy, order=order), _OPENING))
        for name, order in _ORDERS.items()
    }
    lines[FIRST_COME] = sorted(
        tokens, key=lambda token: (not token.source.row.emergency, token.checked_in_at or _OPENING)
    )
    return {
        name: {token.number: place for place, token in enumerate(line)}
        for name, line in lines.items()
    }


def _spread(chance: random.Random, share: float) -> float:
    """Around 1, so wide by its mean; never below nothing: a gamma distribution."""
    shape = share**-2
    return chance.gammavariate(shape, 1 / shape)
