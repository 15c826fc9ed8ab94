"""The doctor's page: one button that does what comes next, and all that a line is run with.

On the filled day T001 is in room 2, and T006, T004, T005 wait in this order.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from services.clock import ManualClock
from tests.api.browser import Browser, hidden, signed_in
from tests.api.client import ApiClient
from tests.filled_day import share_raos_line

PAGE = "/doctor/rao"


@pytest.fixture
async def doctor(filled: ApiClient) -> Browser:
    return await signed_in(filled, "doctor")


async def _ids(filled: ApiClient) -> Mapping[str, str]:
    """By number the id of each token of rao's that stands in line or is in."""
    line = await filled.line("rao")
    tokens = [*line.in_consultation, *(entry.token for entry in line.line)]
    return {token.token_number: token.id for token in tokens if token.id is not None}


async def _press(browser: Browser, path: str, **fields: str) -> str:
    """Send a form of the page and follow it; what is shown then."""
    csrf = hidden((await browser.get(PAGE)).text, "csrf")
    answer = await browser.post(f"{PAGE}/{path}", {"csrf": csrf, **fields})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE), answer.text
    return (await browser.get(PAGE)).text


async def _step(browser: Browser, filled: ApiClient, token: str, step: str, **more: str) -> str:
    ids = await _ids(filled)
    return await _press(browser, f"tokens/{ids[token]}", step=step, room="2", **more)


def _big(page: str) -> str:
    """What the big button says."""
    found = re.search(r'<button[^>]* id="big"[^>]*>(.*?)</button>', page, re.DOTALL)
    assert found, page
    return re.sub(r"<[^>]+>", "", found[1]).strip()


async def test_it_tells_who_is_in_who_is_next_and_why(doctor: Browser) -> None:
    page = (await doctor.get(PAGE)).text
    for told in (
        "In consultation · Room 2",
        "In line as of 09:05, before all others.",
        "Sees patients since 09:00",
        "<dt>Seen</dt><dd>2</dd>",
        "<dt>Wait here</dt><dd>3</dd>",
        "11 min, planned 10",
    ):
        assert told in page
    assert _big(page) == "Next Finish T001, call T006"


async def test_one_button_takes_each_patient_in_and_out(doctor: Browser) -> None:
    """Next finishes and calls; then it says that the patient is in; then it is Next again."""
    before = (await doctor.get(PAGE)).text
    fields = {name: hidden(before, name) for name in ("csrf", "key", "room")}
    finish = re.findall(r'name="finish" value="([^"]+)"', before)
    answer = await doctor.post(f"{PAGE}/next", {**fields, "finish": finish[0]})
    assert answer.status_code == 303
    page = (await doctor.get(PAGE)).text
    assert "T006 is called to room 2." in page
    assert _big(page) == "T006 is in The consultation begins"
    action = re.findall(r'action="([^"]+)" data-enhance>\s+.*\s+.*\s+<button [^>]*id="big"', page)
    form = {"csrf": fields["csrf"], "room": "2", "step": "start"}
    assert (await doctor.post(action[0], form)).status_code == 303
    assert _big((await doctor.get(PAGE)).text) == "Next Finish T006, call T004"


async def test_a_repeated_press_calls_one(doctor: Browser, filled: ApiClient) -> None:
    await _step(doctor, filled, "T001", "complete")
    page = (await doctor.get(PAGE)).text
    form = {name: hidden(page, name) for name in ("csrf", "key", "room")}
    for _ in range(2):
        assert (await doctor.post(f"{PAGE}/next", form)).status_code == 303
    line = await filled.line("rao")
    assert [entry.token.token_number for entry in line.line if entry.token.status == "CALLED"] == [
        "T006"
    ]


async def test_who_is_still_in_is_finished_by_the_same_press(
    doctor: Browser, filled: ApiClient
) -> None:
    """The page was older than what somebody else did meanwhile."""
    csrf = hidden((await doctor.get(PAGE)).text, "csrf")
    answer = await doctor.post(f"{PAGE}/next", {"csrf": csrf, "key": "k", "room": "2"})
    assert answer.status_code == 409
    assert "Ends the consultation of T001, and calls the next." in answer.text
    ids = await _ids(filled)
    card = answer.text.partition("big again")[0].rpartition("<form")[2]
    assert f'name="finish" value="{ids["T001"]}"' in card
    page = await _press(doctor, "next", key=hidden(card, "key"), room="2", finish=ids["T001"])
    assert "T006 is called to room 2." in page


async def test_the_last_one_is_finished_and_nobody_is_called(
    doctor: Browser, filled: ApiClient
) -> None:
    for token in ("T004", "T005", "T006"):
        await _step(doctor, filled, token, "park")
    assert _big((await doctor.get(PAGE)).text) == "Finish T001 is the last one here"
    page = await _press(doctor, "next", room="2", finish=(await _ids(filled))["T001"])
    assert "Nobody is here to be called." in page
    assert _big(page) == "Next Nobody waits here"


async def test_an_emergency_is_next_and_said_why(doctor: Browser, filled: ApiClient) -> None:
    booked = await filled.ask(
        "POST", "/api/tokens/emergency", {"slotId": "rao-20300115-1000", "patientName": "X"}
    )
    await filled.do(booked.json()["id"], "check-in")
    page = (await doctor.get(PAGE)).text
    assert "An emergency goes before all others." in page
    assert _big(page) == "Next Finish T001, call T013"


async def test_who_was_called_in_vain_is_called_again_then_missed_then_back(
    doctor: Browser, filled: ApiClient
) -> None:
    await _step(doctor, filled, "T001", "complete")
    await _press(doctor, "next", key="k", room="2")
    called = (await _ids(filled))["T006"]
    for _ in range(3):
        page = (await doctor.get(PAGE)).text
        assert "Call again: counts as missed" not in page
        page = await _press(doctor, f"tokens/{called}", step="recall")
        assert "T006 is called again." in page
    assert "Call again: counts as missed" in (await doctor.get(PAGE)).text
    page = await _press(doctor, f"tokens/{called}", step="recall")
    assert "T006 was called too often, and counts as missed." in page
    assert "called in vain, at 09:39 the last time" in page
    page = await _press(doctor, f"tokens/{called}", step="back", to="first")
    assert "T006 is back in line." in page
    assert "Is back, and was to be the next." in page


async def test_a_step_can_be_taken_back_while_that_is_good_and_no_longer(
    doctor: Browser, filled: ApiClient, clock: ManualClock
) -> None:
    ids = await _ids(filled)
    page = await _press(doctor, f"tokens/{ids['T006']}", step="absent")
    assert "Just now: T006 · did not come" in page
    assert 'data-look-in="121"' in page
    page = await _press(doctor, f"tokens/{ids['T006']}", step="undo")
    assert "The last step of T006 was taken back." in page
    assert "Just now" not in page
    await _press(doctor, f"tokens/{ids['T006']}", step="park")
    clock.advance(timedelta(minutes=2, seconds=1))
    page = (await doctor.get(PAGE)).text
    assert "Just now" not in page
    csrf = hidden(page, "csrf")
    late = await doctor.post(
        f"{PAGE}/tokens/{ids['T006']}", {"csrf": csrf, "step": "undo", "room": "2"}
    )
    assert late.status_code == 409
    assert 'role="alert"' in late.text


async def test_a_break_goes_by_a_clock_that_was_set(filled: ApiClient, doctor: Browser) -> None:
    await filled.ask("PUT", "/api/dev/clock", {"now": "2030-01-15T10:00:00+05:30", "speed": 0})
    page = await _press(doctor, "state", state="ON_BREAK", minutes="20")
    assert "On a break until 10:20" in page


async def test_a_break_the_way_back_and_the_end_of_the_day(doctor: Browser) -> None:
    page = await _press(doctor, "state", state="ON_BREAK", minutes="20")
    assert "On a break until 09:59" in page
    page = await _press(doctor, "state", state="IN_SESSION")
    assert "Sees patients since 09:39" in page
    page = await _press(doctor, "state", state="FINISHED")
    assert "Has finished for the day" in page
    csrf = hidden(page, "csrf")
    wrong = await doctor.post(
        f"{PAGE}/state", {"csrf": csrf, "state": "ON_BREAK", "minutes": "1000"}
    )
    assert wrong.status_code == 422


async def test_two_rooms_of_one_line_do_not_mix(doctor: Browser, filled: ApiClient) -> None:
    """A screen that stands elsewhere finishes nobody of the other room."""
    assert "This screen is in room 2" in (await doctor.get(PAGE)).text
    page = await _press(doctor, "room", room="3")
    assert "This screen is in room 3" in page
    assert _big(page) == "Next Call T006"
    page = await _press(doctor, "next", key="k", room="3")
    assert "T006 is called to room 3." in page
    nurse = await signed_in(filled, "nurse")
    await _press(nurse, "room", room="2")
    assert _big((await nurse.get(PAGE)).text) == "Next Finish T001, call T004"


async def test_a_doctor_is_led_to_the_own_page_and_others_choose(
    filled: ApiClient, doctor: Browser
) -> None:
    answer = await doctor.get("/doctor")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    page = (await (await signed_in(filled, "nurse")).get("/doctor")).text
    assert 'href="/doctor/rao"' in page
    assert 'href="/doctor/iyer"' in page


async def test_another_doctors_page_is_not_shown(filled: ApiClient, doctor: Browser) -> None:
    assert (await doctor.get("/doctor/iyer")).status_code == 403
    assert (await doctor.get("/doctor/nobody")).status_code == 404
    before = await filled.line("iyer")
    csrf = hidden((await doctor.get(PAGE)).text, "csrf")
    refused = await doctor.post("/doctor/iyer/next", {"csrf": csrf, "key": "k"})
    assert refused.status_code == 403
    assert await filled.line("iyer") == before


async def test_without_the_hidden_field_nothing_is_called(
    doctor: Browser, filled: ApiClient
) -> None:
    before = await filled.line("rao")
    answer = await doctor.post(f"{PAGE}/next", {"key": "k", "room": "3"})
    assert answer.status_code == 403
    assert await filled.line("rao") == before


async def test_a_name_is_shown_as_text(filled: ApiClient, doctor: Browser) -> None:
    booked = await filled.book("rao-20300115-1000", "evil", patientName="<script>alert(1)</script>")
    await filled.do(booked.id, "check-in")
    page = (await doctor.get(PAGE)).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


async def test_a_shared_line_is_run_from_one_page(filled: ApiClient) -> None:
    """Who stands on another's sheet is named with that doctor, comes in and is finished as any."""
    await share_raos_line(filled)
    nurse = await signed_in(filled, "nurse")
    page = (await nurse.get(PAGE)).text
    assert "One line with Ravi Sen" in page
    assert "Line of Ravi Sen" in page
    assert _big(page) == "Next Finish T001, call T001"
    finish = re.findall(r'name="finish" value="([^"]+)"', page)
    page = await _press(nurse, "next", key="k", room="2", finish=finish[0])
    assert "T001 is called to room 2." in page
    assert _big(page) == "T001 is in The consultation begins"
    action = re.findall(r'action="([^"]+)" data-enhance>\s+.*\s+.*\s+<button [^>]*id="big"', page)
    page = await _press(nurse, action[0].removeprefix(f"{PAGE}/"), step="start", room="2")
    assert "<dt>Seen</dt><dd>3</dd>" in page
    assert _big(page) == "Next Finish T001, call T006"
    finish = re.findall(r'name="finish" value="([^"]+)"', page)
    assert finish[0].startswith("sen-")
    page = await _press(nurse, "next", key="l", room="2", finish=finish[0])
    assert "<dt>Seen</dt><dd>4</dd>" in page
    assert (await filled.token(finish[0])).served_by == "rao"


async def test_who_may_run_one_line_alone_sees_that_alone(
    filled: ApiClient, doctor: Browser
) -> None:
    await share_raos_line(filled)
    page = (await doctor.get(PAGE)).text
    assert "One line with" not in page
    assert _big(page) == "Next Finish T001, call T006"
