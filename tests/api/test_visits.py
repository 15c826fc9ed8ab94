"""A token's way over HTTP: check-in, call, recall, start, complete, park, return, undo."""

from datetime import timedelta

import pytest

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


# Marks


async def test_a_marked_patient_goes_earlier(api: ApiClient, clock: ManualClock) -> None:
    doctor, (first, second) = await here(api)
    shown = await api.do(second, "mark", mark="vip", reason="A colleague")
    assert shown.mark == "VIP"
    assert [entry.token.id for entry in (await api.line(doctor)).line] == [second, first]
    clock.advance(timedelta(minutes=1))
    assert (await api.do(second, "mark", mark=None)).mark is None
    history = (await api.ask("GET", f"/api/tokens/{second}/history")).json()["entries"]
    assert [entry["note"] for entry in history][-2:] == ["A colleague", None]
    await api.cancel(first)
    with refused(409, "bad_transition"):
        await api.do(first, "mark", mark="URGENT", reason="Fever")
    with refused(404, "unknown_token"):
        await api.do("x", "mark", mark=None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"mark": "KING", "reason": "x"}, "invalid_mark"),
        ({"mark": "VIP"}, "missing_field"),
        ({"mark": "VIP", "reason": " "}, "missing_field"),
        ({"reason": "x"}, "missing_field"),
    ],
)
async def test_a_mark_has_a_reason(api: ApiClient, body: dict[str, object], code: str) -> None:
    _, (token, _) = await here(api)
    with refused(422, code):
        await api.do(token, "mark", **body)
