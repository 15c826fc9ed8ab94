"""The next patient is called over HTTP, by the line; and whether the doctor is there."""

from datetime import timedelta

import pytest

from models.doctor_session import SessionState
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.service import at

pytestmark = pytest.mark.both_databases

W, O = Source.WALKIN, Source.ONLINE  # noqa: E741  # as booked


async def here(api: ApiClient, count: int = 2) -> tuple[str, list[str]]:
    """A doctor, and the tokens of so many walk-ins who are checked in."""
    slot = await api.make_slot(seats=9)
    tokens = [token.id for token in await api.book_all(slot.id, [W] * count)]
    for token in tokens:
        await api.do(token, "check-in")
    return slot.doctor_id, tokens


async def test_the_next_is_called_and_the_one_before_finished(api: ApiClient) -> None:
    doctor, tokens = await here(api)
    first = await api.call_next(doctor, room="Room 3")
    assert first.token == await api.token(tokens[0])
    assert (first.doctor_id, f"{first.date}") == (doctor, "2030-01-15")
    assert first.token is not None
    assert (first.token.status, first.token.room) == (Status.CALLED, "Room 3")
    await api.do(tokens[0], "start")
    with refused(409, "still_in") as refusal:
        await api.call_next(doctor, room="Room 3")
    assert refusal.help == {"tokenId": tokens[0], "tokenNumber": "T001"}
    second = await api.call_next(doctor, room="Room 3", finish=tokens[0])
    assert second.token == await api.token(tokens[1])
    assert (await api.token(tokens[0])).status is Status.COMPLETED


async def test_nobody_to_call_is_no_error(api: ApiClient) -> None:
    slot = await api.make_slot()
    await api.book(slot.id)
    assert (await api.call_next(slot.doctor_id)).token is None
    idle = await api.add_doctor()
    assert (await api.call_next(idle.id)).token is None
    answer = await api.ask("GET", "/api/events", query={"sheet": f"{idle.id}-20300115"})
    assert answer.json() == []


async def test_a_repeat_of_next_with_its_key_calls_nobody(api: ApiClient) -> None:
    doctor, tokens = await here(api)
    first = await api.call_next(doctor, key="k", room="1")
    assert await api.call_next(doctor, key="k", room="1") == first
    again = await api.ask(
        "POST", f"/api/queue/{doctor}/next", {"room": "1"}, headers={"Idempotency-Key": "k"}
    )
    assert again.headers["idempotent-replayed"] == "true"
    assert (await api.token(tokens[1])).status is Status.CHECKED_IN
    with refused(422, "idempotency_mismatch"):
        await api.call_next(doctor, key="k", room="2")


async def test_who_finishes_names_a_consultation_of_that_day(api: ApiClient) -> None:
    doctor, tokens = await here(api)
    with refused(409, "bad_transition"):
        await api.call_next(doctor, finish=tokens[1])
    with refused(404, "unknown_token"):
        await api.call_next(doctor, finish="nobody-20300115-aaaaaaaaaaaa")
    with refused(404, "unknown_doctor"):
        await api.call_next("nobody")


async def test_without_a_date_it_is_the_day_whose_session_runs(
    api: ApiClient, clock: ManualClock
) -> None:
    doctor = await api.add_doctor()
    night = await api.add_slot(doctor.id, "22:00", "02:00", 9)
    tomorrow = await api.add_slot(doctor.id, "09:00", "10:00", 9, date="2030-01-16")
    clock.set(at("23:50"))
    tokens = await api.book_all(night.id, [W, W, W])
    for token in tokens:
        await api.do(token.id, "check-in")
    await api.call_next(doctor.id)
    clock.set(at("00:10", days=1))
    called = await api.call_next(doctor.id)
    assert called.token is not None
    assert called.token.id == tokens[1].id
    assert f"{(await api.line(doctor.id)).date}" == "2030-01-15"
    assert f"{(await api.line(doctor.id, date='2030-01-16')).date}" == "2030-01-16"
    await api.say(doctor.id, "FINISHED")
    assert f"{(await api.line(doctor.id)).date}" == "2030-01-16"
    clock.set(at("09:00", days=1))
    newcomer = await api.book(tomorrow.id, "early", W)
    await api.do(newcomer.id, "check-in")
    called = await api.call_next(doctor.id)
    assert called.token is not None
    assert called.token.id == newcomer.id


# Without a seat


async def test_a_walk_in_is_checked_in_at_once_and_called_without_a_seat(
    api: ApiClient, clock: ManualClock
) -> None:
    slot = await api.make_slot(seats=1)
    await api.book(slot.id, "p1")
    clock.set(at("09:00"))
    walk_in = await api.book(slot.id, "p2", W, checkIn=True)
    assert (walk_in.status, walk_in.checked_in_at) == (Status.WAITLISTED, at("09:00"))
    called = await api.call_next(slot.doctor_id)
    assert called.token is not None
    assert (called.token.id, called.token.status) == (walk_in.id, Status.CALLED)
    assert (await api.slot(slot.id)).max_capacity == 2


async def test_only_who_books_at_the_desk_is_checked_in_at_once(api: ApiClient) -> None:
    slot = await api.make_slot()
    with refused(422, "unknown_field"):
        await api.book(slot.id, checkIn=True)
    with refused(422, "invalid_check_in"):
        await api.book(slot.id, source=W, checkIn="yes")


async def test_nobody_is_checked_in_at_once_before_the_day(
    api: ApiClient, clock: ManualClock
) -> None:
    clock.set(at("18:00", days=-1))
    slot = await api.make_slot()
    with refused(422, "wrong_day"):
        await api.book(slot.id, source=W, checkIn=True)
    assert (await api.slot(slot.id)).taken == 0


# The line


async def test_the_line_is_in_the_order_of_arrival_with_head_starts(
    api: ApiClient, clock: ManualClock
) -> None:
    slot = await api.make_slot(seats=9)
    walk_in, online, paid = await api.book_all(slot.id, [W, O, Source.PRIORITY])
    for minute, token in enumerate((walk_in, online, paid)):
        clock.set(at("08:55") + timedelta(minutes=minute))
        await api.do(token.id, "check-in")
    told = await api.line(slot.doctor_id)
    # 08:55, 09:10 less 5, 09:00 less 25
    assert [entry.token.token_number for entry in told.line] == ["T003", "T001", "T002"]
    assert [entry.token.queue_position for entry in told.line] == [1, 2, 3]
    assert (await api.token(walk_in.id)).queue_position == 2


async def test_the_line_tells_who_is_inside_how_many_wait_and_how_long(
    api: ApiClient, clock: ManualClock
) -> None:
    doctor, (first, second, third) = await here(api, 3)
    idle = await api.line(doctor)
    assert (idle.size, idle.in_consultation, idle.mean_wait_minutes) == (3, [], None)
    clock.set(at("08:10"))
    await api.do(first, "start")
    clock.set(at("08:30"))
    await api.do(first, "complete")
    await api.do(second, "start")
    told = await api.line(doctor)
    assert (told.as_of, told.state, told.until) == (at("08:30"), SessionState.IN_SESSION, None)
    assert [token.id for token in told.in_consultation] == [second]
    assert [entry.token.id for entry in told.line] == [third]
    assert (told.size, told.mean_wait_minutes) == (1, 20.0)
    await api.say(doctor, "ON_BREAK", until="2030-01-15T09:30:00+05:30")
    assert (await api.line(doctor)).until == at("09:30")


# The session


async def test_a_break_shifts_the_times_and_a_call_ends_it(
    api: ApiClient, clock: ManualClock
) -> None:
    doctor, (first, _) = await here(api)
    clock.set(at("09:00"))
    told = await api.say(doctor, "on break", until="2030-01-15T09:30:00+05:30", reason="Tea")
    assert (told.state, told.since, told.until) == (
        SessionState.ON_BREAK,
        at("09:00"),
        at("09:30"),
    )
    assert (await api.token(first)).estimated_time == at("09:30")
    await api.call_next(doctor)
    assert (await api.token(first)).estimated_time == at("09:00")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"state": "ASLEEP"}, "invalid_state"),
        ({"state": "ON_BREAK"}, "missing_field"),
        ({"state": "ON_BREAK", "until": "09:30"}, "invalid_moment"),
        ({"state": "ON_BREAK", "until": "2030-01-15T09:30:00"}, "invalid_moment"),
        ({"state": "ON_BREAK", "until": 1893456000}, "invalid_moment"),
        ({"state": "ON_BREAK", "until": "9999-01-15T09:30:00Z"}, "invalid_moment"),
    ],
)
async def test_a_state_that_makes_no_sense_is_refused(
    api: ApiClient, body: dict[str, str], code: str
) -> None:
    slot = await api.make_slot()
    with refused(422, code):
        await api.say(slot.doctor_id, **body)


async def test_a_session_needs_a_day_that_has_come_and_has_slots(
    api: ApiClient, clock: ManualClock
) -> None:
    idle = await api.add_doctor()
    with refused(409, "no_slot"):
        await api.say(idle.id, "IN_SESSION")
    with refused(404, "unknown_doctor"):
        await api.say("nobody", "IN_SESSION")
    clock.set(at("18:00", days=-1))
    slot = await api.make_slot()
    with refused(422, "wrong_day"):
        answer = {"state": "IN_SESSION"}
        await api.ask(
            "PUT", f"/api/queue/{slot.doctor_id}/state", answer, query={"date": "2030-01-15"}
        )
