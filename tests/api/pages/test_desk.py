"""The desk, as it works without a script."""

import html
import re
from collections.abc import Mapping

import pytest

from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.browser import Browser, hidden, signed_in
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient
from tests.api.service import at
from tests.filled_day import fill_day
from tests.integration.processes import until_so

NINE, TEN = "rao-20300115-0900", "rao-20300115-1000"
NEWCOMER = {
    "patientName": "Anil Gupta",
    "phoneNumber": "080 555 1234",
    "slotId": "rao-20300115-1100",
    "source": "WALKIN",
    "checkIn": "true",
    "doctor": "rao",
}


@pytest.fixture
async def desk(filled: ApiClient) -> Browser:
    """A receptionist's browser."""
    return await signed_in(filled)


async def _send(
    desk: Browser, path: str, fields: Mapping[str, str], *, on: str = "/desk/rao"
) -> tuple[str, str]:
    """What is told then, and the page: after a form is sent with what its page has hidden."""
    page = (await desk.get(on)).text
    sealed = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key")}
    answer = await desk.post(path, {**sealed, **fields})
    if answer.status_code == 303:
        answer = await desk.get(answer.headers["location"])
    told = re.search(r'<p class="happened">(.*?)</p>', answer.text)
    return (html.unescape(told[1]) if told else "", answer.text)


async def test_a_walk_in_is_seated_and_checked_in_by_one_form(
    desk: Browser, filled: ApiClient
) -> None:
    told, page = await _send(desk, "/desk/book", NEWCOMER)
    assert re.fullmatch(r"T013 seated \d\d:\d\d\.", told)
    assert "Anil Gupta" in page
    line = {each.token.token_number: each.token for each in (await filled.line("rao")).line}
    assert line["T013"].status is Status.CHECKED_IN
    assert line["T013"].booked_by == "a.receptionist"
    slip = re.search(r'href="(/slips/[^"]+)"', page)
    assert slip is not None
    assert slip[1] == f"/slips/{line['T013'].id}"


async def test_what_is_told_is_told_once(desk: Browser) -> None:
    told, _ = await _send(desk, "/desk/book", NEWCOMER)
    assert told
    assert 'class="happened"' not in (await desk.get("/desk/rao")).text


async def test_a_page_that_renews_itself_leaves_what_happened_to_the_next(desk: Browser) -> None:
    page = (await desk.get("/desk/rao")).text
    sealed = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key")}
    await desk.post("/desk/book", {**sealed, **NEWCOMER})
    assert 'class="happened"' not in (await desk.get("/desk/rao", {"x-live": "1"})).text
    assert 'class="happened"' in (await desk.get("/desk/rao")).text


async def test_nobody_else_can_have_a_page_say_something(desk: Browser) -> None:
    await _send(desk, "/desk/book", NEWCOMER)
    for told in ("Your account is closed", "", "0" * 64 + "VHJhbnNmZXI="):
        desk.cookies["opd-told"] = told
        assert 'class="happened"' not in (await desk.get("/desk/rao")).text


async def test_a_form_that_is_sent_twice_books_once(desk: Browser, filled: ApiClient) -> None:
    before = len((await filled.line("rao")).line)
    page = (await desk.get("/desk/rao")).text
    form = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), **NEWCOMER}
    answers = [await desk.post("/desk/book", form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len((await filled.line("rao")).line) == before + 1


async def test_what_the_rules_did_is_told_in_words(desk: Browser, filled: ApiClient) -> None:
    for n in range(3):
        await filled.book(TEN, f"w{n}", patientName="Walk In")
    told, _ = await _send(
        desk, "/desk/book", {**NEWCOMER, "slotId": TEN, "source": "PRIORITY", "checkIn": ""}
    )
    assert re.fullmatch(r"T016 seated \d\d:\d\d\. T\d{3} moved to 11:00\.", told), told


async def test_who_finds_no_seat_waits_for_one(desk: Browser, filled: ApiClient) -> None:
    for n in range(3):
        await filled.book(TEN, f"w{n}")
    told, _ = await _send(desk, "/desk/book", {**NEWCOMER, "slotId": TEN, "checkIn": ""})
    assert told == "T016 waits for a seat at 10:00, as number 1."


async def test_a_fault_stands_beside_its_field_and_the_fields_stay(desk: Browser) -> None:
    _, page = await _send(desk, "/desk/book", {**NEWCOMER, "phoneNumber": "12"})
    field = re.search(r'<input id="phoneNumber"[^>]*>', page)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert 'aria-describedby="phoneNumber-fault "' in field[0]
    assert "A phone number has 7 to 15 digits" in page
    assert 'value="Anil Gupta"' in page
    assert 'role="alert"' in page


async def test_a_refusal_leaves_the_form_as_it_was_with_its_key(desk: Browser) -> None:
    page = (await desk.get("/desk/rao")).text
    form = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), **NEWCOMER}
    again = await desk.post("/desk/book", {**form, "slotId": "rao-20300115-2300"})
    assert again.status_code == 404
    assert hidden(again.text, "key") == form["key"]
    assert 'value="Anil Gupta"' in again.text


async def test_a_form_without_its_pages_proof_changes_nothing(
    desk: Browser, filled: ApiClient
) -> None:
    before = await filled.line("rao")
    for csrf in ("", "0" * 64):
        answer = await desk.post("/desk/book", {**NEWCOMER, "csrf": csrf})
        assert answer.status_code == 403
        assert "Not from this service" in answer.text
    assert await filled.line("rao") == before


async def test_an_emergency_needs_no_number(desk: Browser) -> None:
    told, _ = await _send(
        desk, "/desk/book", {**NEWCOMER, "phoneNumber": "", "source": "EMERGENCY"}
    )
    assert told.startswith("T013 seated")


async def test_a_patient_who_came_before_fills_the_form_and_keeps_the_id(
    desk: Browser, filled: ApiClient
) -> None:
    async def is_found() -> bool:
        _, page = await _send(desk, "/desk/find", {"who": "98450 10002", "doctor": "rao"})
        return 'name="patientId" value="MRN-1002"' in page

    await until_so(is_found)
    _, page = await _send(desk, "/desk/find", {"who": "MRN-1002"}, on="/desk")
    fields = ("patientId", "language")
    form = {
        **NEWCOMER,
        **{name: hidden(page, name) for name in fields},
        "slotId": "iyer-20300115-1100",
    }
    assert 'value="Lakshmi Iyer"' in page
    told, _ = await _send(desk, "/desk/book", form)
    assert told.startswith("T013 seated 11:")
    assert len(await filled.tokens_of("MRN-1002")) == 2


async def test_of_several_who_share_a_number_the_desk_chooses(
    desk: Browser, filled: ApiClient
) -> None:
    for patient in ("MRN-1", "MRN-2"):
        await filled.book("iyer-20300115-1200", patient, phoneNumber="080 555 9999")

    async def are_found() -> bool:
        _, page = await _send(desk, "/desk/find", {"who": "080 555 9999"})
        return page.count('<button class="quiet" name="patientId"') == 2

    await until_so(are_found)
    _, page = await _send(desk, "/desk/find", {"who": "080 555 9999", "patientId": "MRN-1"})
    assert hidden(page, "patientId") == "MRN-1"
    _, page = await _send(desk, "/desk/find", {"who": "080 555 0000"})
    assert "Nobody has this number or id." in page


@pytest.mark.parametrize("number", ["12", "T012", "t12"])
async def test_a_patient_is_checked_in_by_number_and_a_second_click_does_no_harm(
    desk: Browser, filled: ApiClient, clock: ManualClock, number: str
) -> None:
    clock.set(at("12:00"))
    for _ in range(2):
        told, _ = await _send(desk, "/desk/check-in", {"number": number, "doctor": "rao"})
        assert told.startswith("T012: here, number ")
    line = {each.token.token_number: each.token for each in (await filled.line("rao")).line}
    assert line["T012"].status is Status.CHECKED_IN


@pytest.mark.parametrize("number", ["", "x", "T", "1e3", "123456", "²"])
async def test_what_is_no_number_of_a_token_is_said_beside_the_field(
    desk: Browser, number: str
) -> None:
    _, page = await _send(desk, "/desk/check-in", {"number": number, "doctor": "rao"})
    assert 'id="number-fault"' in page


async def test_cancelling_tells_who_got_the_seat_and_can_be_taken_back(
    desk: Browser, filled: ApiClient
) -> None:
    for n in range(3):
        await filled.book(TEN, f"w{n}")
    await _send(desk, "/desk/book", {**NEWCOMER, "slotId": TEN, "checkIn": ""})
    told, page = await _send(desk, "/desk/cancel", {"number": "T015", "doctor": "rao"})
    assert told == "T015: cancelled. T016 got a seat at 10:00."
    told, _ = await _send(desk, "/desk/cancel", {"number": "T015", "doctor": "rao"})
    assert told == "T015: cancelled."
    token = re.search(r'<button class="quiet" name="token" value="([^"]+)" data-key="u"', page)
    assert token is not None
    _, page = await _send(desk, "/desk/undo", {"token": token[1], "doctor": "rao"})
    assert "Seat gone" in page


async def test_who_waits_for_a_seat_is_moved_to_another_time(
    desk: Browser, filled: ApiClient
) -> None:
    for n in range(3):
        await filled.book(TEN, f"w{n}")
    await _send(desk, "/desk/book", {**NEWCOMER, "slotId": TEN, "checkIn": ""})
    told, _ = await _send(
        desk, "/desk/move", {"slotId": TEN, "targetSlotId": "", "reason": "", "doctor": "rao"}
    )
    assert told == "T016 moved to 11:00."
    told, _ = await _send(desk, "/desk/move", {"slotId": TEN, "doctor": "rao"})
    assert told == "There was nobody to move."


async def test_closing_a_time_is_for_those_who_may(desk: Browser, filled: ApiClient) -> None:
    form = {"slotId": TEN, "doctor": "rao", "close": "true"}
    _, page = await _send(desk, "/desk/move", form)
    assert "slot.close" in page
    told, _ = await _send(await signed_in(filled, "doctor"), "/desk/move", form)
    assert told.count("moved to") == 3


async def test_the_slip_leads_to_the_patients_own_page(desk: Browser, filled: ApiClient) -> None:
    token = (await filled.line("rao")).line[0].token
    page = (await desk.get(f"/slips/{token.id}")).text
    assert f"<h1>{token.token_number}</h1>" in page
    assert "<svg" in page
    assert "style=" not in page


async def test_a_name_is_shown_as_text(desk: Browser) -> None:
    name = "<script>alert(1)</script>"
    _, page = await _send(desk, "/desk/book", {**NEWCOMER, "patientName": name})
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_another_day_is_shown_by_its_date(desk: Browser, filled: ApiClient) -> None:
    await filled.add_slot("rao", date="2030-01-16")
    told, page = await _send(
        desk,
        "/desk/book",
        {**NEWCOMER, "slotId": "rao-20300116-0900", "date": "2030-01-16", "checkIn": ""},
        on="/desk/rao?date=2030-01-16",
    )
    assert told == "T001 seated 09:00."
    assert "Wednesday, 16 January 2030" in page
    assert (await desk.get("/desk/rao?date=tomorrow")).status_code == 404
    assert (await desk.get("/desk/nobody")).status_code == 404


async def test_a_walk_in_to_a_day_that_ends_late_is_offered_another_or_waits_all_the_same(
    desk: Browser, filled: ApiClient
) -> None:
    sen = await filled.add_doctor("Kavya Sen", "Cardiology", id="sen")
    slot = await filled.add_slot(sen.id, "10:00", "11:00", 30)
    await filled.book_all(slot.id, [Source.ONLINE] * 10)
    await filled.ask("PUT", "/api/queue/sen/config", {"overflow": "offer"})
    form = {**NEWCOMER, "slotId": slot.id, "doctor": "sen"}
    told, page = await _send(desk, "/desk/book", form, on="/desk/sen")
    assert told == ""
    assert "Asha Rao should be free at" in page
    assert '<button class="quiet" name="despiteOverrun" value="true">' in page
    told, _ = await _send(desk, "/desk/book", {**form, "despiteOverrun": "true"}, on="/desk/sen")
    assert "T011 seated 10:00. The doctor's day is expected to end at 11:50" in told
    assert len((await filled.line("sen")).line) == 11


async def test_of_many_the_first_are_shown_and_all_when_they_are_asked_for(
    open_client: OpenClient, clock: ManualClock
) -> None:
    async with open_client() as api:
        await fill_day(api, clock, 80, here=38)
        desk = await signed_in(api)
        first, all_ = [(await desk.get(f"/desk/rao{query}")).text for query in ("", "?all=true")]
    for page, rows in ((first, 1 + 30 + 2), (all_, 1 + 35 + 2)):
        assert "Wait here (35)" in page
        assert page.count('<tr><th scope="row">') == rows
    assert ('href="?all=true"' in first, 'href="?all=true"' in all_) == (True, False)
