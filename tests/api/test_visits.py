"""A line is run over HTTP: check-in, next, call, recall, start, complete, park, return, state."""

from datetime import timedelta

import pytest

from models.doctor_session import SessionState
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.service import at

W, O = Source.WALKIN, Source.ONLINE  # noqa: E741  # as booked


async def here(api: ApiClient, count: int = 2) -> tuple[str, list[str]]:
    """A doctor, and the tokens of so many walk-ins who are checked in."""
    slot = await api.make_slot(seats=9)
    tokens = [token.id for token in await api.book_all(slot.id, [W] * count)]
    for token in tokens:
        await api.do(token, "check-in")
    return slot.doctor_id, tokens


async def test_a_visit_goes_by_its_verbs(api: ApiClient, clock: ManualClock) -> None:
    shown = await api.book((await api.make_slot()).id)
    token, stands = shown.id, []
    for verb in ("check-in", "call", "park", "return", "call", "recall", "start", "complete"):
        clock.advance(timedelta(minutes=1))
        await api.do(token, verb)
        stands.append((await api.token(token)).status)
    assert stands == [
        Status.CHECKED_IN,
        Status.CALLED,
        Status.PARKED,
        Status.CHECKED_IN,
        Status.CALLED,
        Status.CALLED,
        Status.IN_CONSULTATION,
        Status.COMPLETED,
    ]
    seen = await api.token(token)
    assert (seen.recalls, seen.started_at, seen.ended_at) == (1, at("08:07"), at("08:08"))
    history = (await api.ask("GET", f"/api/tokens/{token}/history")).json()["entries"]
    assert [entry["reasonCode"] for entry in history][1:] == [
        "arrived",
        "was_called",
        "sent_for_tests",
        "came_back",
        "was_called",
        "called_again",
        "consultation_began",
        "consultation_ended",
    ]


async def test_a_verb_and_its_status_are_one_thing(api: ApiClient) -> None:
    token = (await api.book((await api.make_slot()).id)).id
    for verb, status in [
        ("check-in", "CHECKED_IN"),
        ("call", "CALLED"),
        ("park", "PARKED"),
        ("return", "CHECKED_IN"),
        ("start", "IN_CONSULTATION"),
        ("complete", "COMPLETED"),
    ]:
        shown = await api.do(token, verb)
        assert await api.move(token, status) == shown
    for verb in ("call", "recall", "start", "no-show", "park", "return"):
        with refused(409, "bad_transition") as refusal:
            await api.do(token, verb)
        assert refusal.help == {"present": "COMPLETED", "allowed": []}


async def test_a_reason_is_kept_in_the_history(api: ApiClient) -> None:
    _, (token, _) = await here(api)
    await api.do(token, "park", reason="X-ray")
    await api.do(token, "return", to="last", reason="No film today")
    await api.do(token, "no-show", reason="Rang up")
    history = (await api.ask("GET", f"/api/tokens/{token}/history")).json()["entries"]
    assert [entry["note"] for entry in history][2:] == ["X-ray", "No film today", "Rang up"]


@pytest.mark.parametrize(
    "verb", ["check-in", "call", "recall", "start", "complete", "no-show", "park", "return"]
)
async def test_a_verb_needs_a_token_that_is_there(api: ApiClient, verb: str) -> None:
    slot = await api.make_slot()
    for unknown in (f"{slot.id[:-5]}-aaaaaaaaaaaa", "x", slot.id):
        with refused(404, "unknown_token"):
            await api.do(unknown, verb)


async def test_what_is_done_before_its_day_is_refused(api: ApiClient, clock: ManualClock) -> None:
    clock.set(at("18:00", days=-1))
    slot = await api.make_slot()
    token = await api.book(slot.id)
    with refused(422, "wrong_day"):
        await api.do(token.id, "check-in")
    with refused(422, "wrong_day"):
        await api.call_next(slot.doctor_id, date="2030-01-15")
    await api.move(token.id, "CHECKED_IN", anyDay=True, reason="Leaves tonight")
    for verb in ("call", "start"):
        with refused(422, "wrong_day"):
            await api.do(token.id, verb)


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [
        ("return", {"to": "middle"}, "invalid_to"),
        ("call", {"room": ""}, "invalid_room"),
        ("call", {"room": "x" * 41}, "invalid_room"),
        ("start", {"rooms": "1"}, "unknown_field"),
        ("park", {"reason": 3}, "invalid_reason"),
    ],
)
async def test_a_verb_takes_what_it_knows(
    api: ApiClient, verb: str, body: dict[str, object], code: str
) -> None:
    token = await api.book((await api.make_slot()).id)
    with refused(422, code):
        await api.do(token.id, verb, **body)


# Undo


async def test_a_slip_is_taken_back_within_two_minutes(api: ApiClient, clock: ManualClock) -> None:
    _, (token, _) = await here(api)
    before = await api.token(token)
    await api.do(token, "no-show")
    clock.advance(timedelta(minutes=2))
    assert await api.do(token, "undo") == before
    history = (await api.ask("GET", f"/api/tokens/{token}/history")).json()["entries"]
    assert history[-1]["reasonCode"] == "step_undone"
    assert history[-1]["reasonParams"] == {"status": "NO_SHOW"}
    with refused(409, "undo_expired"):
        await api.do(token, "undo")
    for unknown in (f"{token[:-12]}aaaaaaaaaaaa", "x"):
        with refused(404, "unknown_token"):
            await api.do(unknown, "undo")


async def test_a_seat_that_is_gone_does_not_come_back(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    first, _ = await api.book_all(slot.id, [O, O])
    await api.cancel(first.id)
    with refused(409, "seat_gone"):
        await api.do(first.id, "undo")


# Next


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
