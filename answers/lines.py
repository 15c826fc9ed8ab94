"""The line of a doctor's day, who is called in it, and what a kiosk shows."""

from datetime import date

from answers.answer import Answer, Instant
from answers.sight import Sight
from answers.tokens import TokenOut, show_token
from models.doctor_session import SessionState
from models.sheet import Sheet
from services.views import CalledView, DoctorsLine, TokenView


class LinePlaceOut(Answer, frozen=True):
    """A token with its place in the doctor's line, 1 first."""

    place: int
    token: TokenOut


class LineOut(Answer, frozen=True):
    """Who is next in a doctor's day, in order, all its slots together.

    `pool` are the doctors who share this line, empty where it is not shared; `queuePosition` and
    `estimatedTime` are then those of the shared line, of which `line` shows this doctor's. `size`
    counts those who were called or are here, walk-ins and who has no seat included; `line` goes on
    with who is yet to come.
    """

    doctor_id: str
    date: date
    as_of: Instant
    state: SessionState
    until: Instant | None
    pool: list[str]
    in_consultation: list[TokenOut]
    size: int
    max_size: int | None
    accepting: bool
    mean_wait_minutes: float | None
    line: list[LinePlaceOut]


class CalledOut(Answer, frozen=True):
    """Who was called, null when nobody is there to be called."""

    doctor_id: str
    date: date
    token: TokenOut | None


class KioskOut(Answer, frozen=True):
    """What a kiosk shows: the number, and the place in line; null for one who waits for a seat."""

    token_number: str
    queue_position: int | None


class SessionOut(Answer, frozen=True):
    """Whether the doctor sees patients on a day: since when, and until when a break lasts."""

    doctor_id: str
    date: date
    state: SessionState
    since: Instant | None
    until: Instant | None


def show_line(view: DoctorsLine, sight: Sight) -> LineOut:
    """A doctor's line's answer."""
    until, wait = view.sheet.session.until, view.mean_wait
    return LineOut(
        doctor_id=view.sheet.resource_id,
        date=view.sheet.date,
        as_of=view.at.astimezone(view.sheet.zone),
        state=view.sheet.session.state,
        until=until and until.astimezone(view.sheet.zone),
        pool=view.pool,
        in_consultation=[show_token(each, sight) for each in view.inside],
        size=view.size,
        max_size=view.max_size,
        accepting=view.accepting,
        mean_wait_minutes=None if wait is None else round(wait.total_seconds() / 60, 2),
        line=[
            LinePlaceOut(place=place, token=show_token(each, sight))
            for place, each in enumerate(view.line, start=1)
        ],
    )


def show_called(view: CalledView, sight: Sight) -> CalledOut:
    """The answer to who asks for the next."""
    return CalledOut(
        doctor_id=view.doctor_id,
        date=view.date,
        token=None if view.token is None else show_token(view.token, sight),
    )


def show_at_kiosk(view: TokenView) -> KioskOut:
    """A kiosk's answer, which anybody behind the patient may read."""
    return KioskOut(view.token.label, view.standing.queue_position)


def show_session(sheet: Sheet) -> SessionOut:
    """A session's answer."""
    since, until = sheet.session.since, sheet.session.until
    return SessionOut(
        doctor_id=sheet.resource_id,
        date=sheet.date,
        state=sheet.session.state,
        since=since and since.astimezone(sheet.zone),
        until=until and until.astimezone(sheet.zone),
    )
