"""A token's way through the day: status moves and cancelling."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.service import ZONE, at

pytestmark = pytest.mark.both_databases


async def test_a_visit_is_stamped_at_each_step(api: ApiClient, clock: ManualClock) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id)
    shown = await api.token(token.id)
    for minute, status in enumerate(
        [Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION, Status.COMPLETED]
    ):
        clock.set(at("09:00") + timedelta(minutes=minute))
        shown = await api.move(token.id, status)
        assert shown.status is status
    stamps = [shown.checked_in_at, shown.called_at, shown.started_at, shown.ended_at]
    assert stamps == [at("09:00") + timedelta(minutes=n) for n in range(4)]


@pytest.mark.parametrize(
    "spelling",
    ["checked_in", "CHECKED_IN", " checked_in ", "checked in", "Checked-In", "checkedIn"],
)
async def test_a_status_is_read_however_it_is_spelled(api: ApiClient, spelling: str) -> None:
    token = await api.book((await api.make_slot()).id)
    assert (await api.move(token.id, spelling)).status is Status.CHECKED_IN


async def test_a_no_show_may_have_a_dash(api: ApiClient) -> None:
    token = await api.book((await api.make_slot()).id)
    assert (await api.move(token.id, "no-show")).status is Status.NO_SHOW


async def test_what_is_no_status_is_refused(api: ApiClient) -> None:
    token = await api.book((await api.make_slot()).id)
    for status in ["ARRIVED", "", 1, None, ["BOOKED"], "OPEN"]:
        with refused(422, "invalid_status") as refusal:
            await api.move(token.id, status)  # type: ignore[arg-type]  # wrong types on purpose
        assert "CHECKED_IN" in refusal.detail


async def test_a_move_that_is_not_allowed_names_those_that_are(api: ApiClient) -> None:
    token = await api.book((await api.make_slot()).id)
    for status in (Status.COMPLETED, Status.WAITLISTED, Status.MOVED, Status.CALLED):
        with refused(409, "bad_transition") as refusal:
            await api.move(token.id, status)
        assert refusal.help == {
            "present": "BOOKED",
            "allowed": ["CHECKED_IN", "CANCELLED", "NO_SHOW"],
        }
    assert (await api.token(token.id)).status is Status.BOOKED


async def test_the_present_status_again_is_no_error(api: ApiClient) -> None:
    token = await api.book((await api.make_slot()).id)
    once = await api.move(token.id, "CHECKED_IN")
    assert await api.move(token.id, "CHECKED_IN") == once


async def test_a_no_show_gives_up_its_seat(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    first, second = await api.book_all(slot.id, [Source.ONLINE, Source.ONLINE])
    await api.move(first.id, "NO_SHOW")
    assert (await api.token(second.id)).status is Status.BOOKED


async def test_who_comes_late_is_taken_back(api: ApiClient) -> None:
    token = await api.book((await api.make_slot()).id)
    back = await api.move(token.id, "NO_SHOW", "CHECKED_IN")
    assert (back.status, back.position) == (Status.CHECKED_IN, 1)


async def test_a_late_return_keeps_one_seat_for_an_emergency(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    late = await api.book(slot.id, "late")
    await api.move(late.id, "NO_SHOW")
    await api.book_all(slot.id, [Source.ONLINE, Source.EMERGENCY, Source.EMERGENCY])
    with refused(409, "slot_full"):
        await api.move(late.id, "CHECKED_IN")
    assert (await api.token(late.id)).status is Status.NO_SHOW


async def test_a_late_return_against_a_newer_token_is_refused(api: ApiClient) -> None:
    slot = await api.make_slot()
    late = await api.book(slot.id, "p1")
    await api.move(late.id, "NO_SHOW")
    newer = await api.book(slot.id, "p1")
    with refused(409, "already_booked") as refusal:
        await api.move(late.id, "CHECKED_IN")
    assert refusal.help == {"tokenId": newer.id, "tokenNumber": newer.token_number}


async def test_nobody_comes_back_after_the_day(api: ApiClient, clock: ManualClock) -> None:
    token = await api.book((await api.make_slot()).id)
    await api.move(token.id, "NO_SHOW")
    clock.set(at("23:59"))
    assert (await api.move(token.id, "CHECKED_IN", "NO_SHOW")).status is Status.NO_SHOW
    clock.set(at("00:00", days=1))
    with refused(422, "day_over"):
        await api.move(token.id, "CHECKED_IN")


# Cancelling


async def test_who_went_home_is_counted_apart(api: ApiClient) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id)
    await api.do(token.id, "check-in")
    path = f"/api/tokens/{token.id}/cancel"
    with refused(422, "invalid_code"):
        await api.ask("DELETE", path, {"code": "day_ended"})
    answer = await api.ask("DELETE", path, {"code": "left", "reason": "Too long"})
    assert answer.json()["token"]["endCode"] == "left"
    stats = (await api.ask("GET", f"/api/slots/{slot.id}/stats")).json()
    assert stats["byEndCode"] == {"left": 1, "day_ended": 0, "not_seen": 0}


async def test_cancelling_tells_who_got_the_seat(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    first, second, third = await api.book_all(
        slot.id, [Source.FOLLOWUP, Source.WALKIN, Source.ONLINE]
    )
    done = await api.cancel(first.id, "Feels better")
    assert (done.token.status, done.token.cancel_reason) == (Status.CANCELLED, "Feels better")
    assert [token.id for token in done.promoted] == [third.id]
    assert (done.promoted[0].status, done.promoted[0].position) == (Status.BOOKED, 1)
    assert (await api.token(second.id)).waitlist_position == 1


@pytest.mark.parametrize("body", [None, {}, {"reason": None}], ids=str)
async def test_a_reason_is_optional(api: ApiClient, body: object) -> None:
    token = await api.book((await api.make_slot()).id)
    answer = await api.ask("DELETE", f"/api/tokens/{token.id}/cancel", body)
    assert answer.status_code == 200
    assert answer.json()["token"]["cancelReason"] is None
    assert answer.json()["promoted"] == []


async def test_cancelling_twice_changes_nothing(api: ApiClient, clock: ManualClock) -> None:
    token = await api.book((await api.make_slot()).id)
    once = await api.cancel(token.id, "first")
    clock.advance(timedelta(minutes=1))
    assert await api.cancel(token.id, "second") == once


async def test_who_waits_can_cancel(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    _, waiting = await api.book_all(slot.id, [Source.ONLINE, Source.ONLINE])
    assert (await api.cancel(waiting.id)).token.status is Status.CANCELLED
    assert (await api.slot(slot.id)).waitlisted == 0


async def test_what_has_begun_cant_be_cancelled(api: ApiClient) -> None:
    token = await api.book((await api.make_slot()).id)
    await api.move(token.id, "CHECKED_IN", "CALLED")
    with refused(409, "bad_transition") as refusal:
        await api.cancel(token.id)
    assert refusal.help["allowed"] == ["IN_CONSULTATION", "PARKED", "MISSED", "NO_SHOW"]


async def test_a_number_is_never_given_twice(api: ApiClient) -> None:
    slot = await api.make_slot()
    first = await api.book(slot.id)
    await api.cancel(first.id)
    assert (await api.book(slot.id)).token_number == "T002"


async def test_a_reason_has_at_most_300_characters(api: ApiClient) -> None:
    token = await api.book((await api.make_slot()).id)
    for reason in ("x" * 301, 7, ["x"]):
        with refused(422, "invalid_reason") as refusal:
            await api.ask("DELETE", f"/api/tokens/{token.id}/cancel", {"reason": reason})
        assert "300" in refusal.detail
    assert (await api.cancel(token.id, "x" * 300)).token.cancel_reason == "x" * 300


# The calendar

EARLY = [Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION]


@pytest.mark.parametrize("evening", [at("08:00", days=-3), at("23:59:59", days=-1)])
async def test_nobody_is_checked_in_before_the_tokens_date(
    api: ApiClient, clock: ManualClock, evening: datetime
) -> None:
    clock.set(evening)
    token = await api.book((await api.make_slot()).id)
    with refused(422, "wrong_day") as refusal:
        await api.move(token.id, Status.CHECKED_IN)
    today = f"{evening.astimezone(ZoneInfo(ZONE)):%Y-%m-%d}"
    assert refusal.help == {"date": "2030-01-15", "today": today}
    assert "2030-01-15" in refusal.detail
    assert (await api.token(token.id)).status is Status.BOOKED


async def test_who_says_so_with_a_reason_checks_in_on_any_day(
    api: ApiClient, clock: ManualClock
) -> None:
    clock.set(at("18:00", days=-1))
    token = await api.book((await api.make_slot()).id)
    for status in EARLY:
        shown = await api.move(token.id, status, anyDay=True, reason="The doctor leaves tonight")
        assert shown.status is status
    history = (await api.ask("GET", f"/api/tokens/{token.id}/history")).json()
    assert [entry["note"] for entry in history["entries"]] == [
        None,
        *["The doctor leaves tonight"] * 3,
    ]


@pytest.mark.parametrize("reason", [{}, {"reason": None}, {"reason": ""}, {"reason": "  "}])
async def test_any_day_needs_a_reason(api: ApiClient, reason: dict[str, object]) -> None:
    token = await api.book((await api.make_slot()).id)
    with refused(422, "missing_field"):
        await api.move(token.id, Status.CHECKED_IN, anyDay=True, **reason)


async def test_any_day_is_true_or_false(api: ApiClient) -> None:
    token = await api.book((await api.make_slot()).id)
    with refused(422, "invalid_any_day"):
        await api.move(token.id, Status.CHECKED_IN, anyDay="yes", reason="why")


async def test_a_status_may_have_a_reason_on_its_day_too(api: ApiClient) -> None:
    token = await api.book((await api.make_slot()).id)
    shown = await api.move(token.id, Status.NO_SHOW, reason="Rang up")
    assert (shown.status, shown.cancel_reason) == (Status.NO_SHOW, None)
