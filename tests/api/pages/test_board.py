"""The screen on the wall: whose turn it is and who is next, for anybody to see; and how it is let in."""

import html
import re
from datetime import timedelta

from services.clock import ManualClock
from tests.api.browser import Browser, hidden, signed_in
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient
from tests.filled_day import NAMES, share_raos_line

BOARD = "/board?doctor=rao"


def _in_english(page: str) -> str:
    """What is shown while it is the turn of English, without tags."""
    part = page.partition('id="board-en"')[2].partition('id="board-hi"')[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part.partition(">")[2])).split())


async def _code(screen: Browser, path: str = BOARD) -> str:
    """What a screen shows that is not let in."""
    answer = await screen.get(path)
    assert answer.status_code == 303
    shown = await screen.get(answer.headers["location"])
    found = re.search(r'id="code"[^>]*><span[^>]*>([A-Z2-7]{4}-[A-Z2-7]{4})<', shown.text)
    assert found, shown.text
    return found[1]


async def _let_in(filled: ApiClient, code: str) -> None:
    client = {"id": "board", "kind": "client", "name": "A board", "role": "display"}
    await filled.ask("POST", "/api/access/accounts", client)
    await filled.ask("POST", f"/api/access/devices/{code}/confirm", {"accountId": "board"})


async def test_it_shows_who_is_in_and_in_which_room_who_is_next_and_how_late(
    filled: ApiClient,
) -> None:
    browser = await signed_in(filled, "receptionist")
    page = _in_english((await browser.get(BOARD)).text)
    assert "Asha Rao Cardiology T001 Is inside Room 2" in page
    assert "About 20 minutes late" in page
    assert "Next T006 T004 T005" in page
    assert "Vikram Iyer" not in page
    token = (await filled.line("rao")).in_consultation[0].id
    await filled.call_next("rao", finish=token, room="2")
    page = _in_english((await browser.get(BOARD)).text)
    assert "T006 Please come in Room 2" in page


async def test_the_doctor_is_no_later_for_the_time_that_somebody_was_away(
    filled: ApiClient, clock: ManualClock
) -> None:
    browser = await signed_in(filled, "receptionist")
    inside = (await filled.line("rao")).in_consultation[0].id
    assert inside is not None
    await filled.do(inside, "park")
    clock.advance(timedelta(hours=1))
    await filled.do(inside, "return", to="first")
    page = _in_english((await browser.get(BOARD)).text)
    assert "Next T001" in page
    assert "late" not in page


async def test_five_are_next_at_the_most(filled: ApiClient) -> None:
    line = await filled.line("rao")
    for entry in line.line:
        if entry.token.status == "BOOKED" and entry.token.id is not None:
            await filled.do(entry.token.id, "check-in")
    browser = await signed_in(filled, "receptionist")
    page = (await browser.get(BOARD)).text
    english = page.partition('id="board-en"')[2].partition('id="board-hi"')[0]
    assert len(re.findall(r"<li>T\d+</li>", english)) == 5


async def test_a_break_and_the_end_of_the_day_are_told(filled: ApiClient) -> None:
    browser = await signed_in(filled, "receptionist")
    await filled.say("rao", "ON_BREAK", until="2030-01-15T10:00:00+05:30")
    assert "On a break until 10:00" in (await browser.get(BOARD)).text
    await filled.say("rao", "FINISHED")
    page = _in_english((await browser.get(BOARD)).text)
    assert "Has finished for the day" in page
    assert "late" not in page


async def test_every_language_stands_there_ones_own_first(filled: ApiClient) -> None:
    browser = await signed_in(filled, "receptionist")
    page = (await browser.get(BOARD, {"accept-language": "hi"})).text
    assert re.findall(r'<div class="lines[^>]*lang="(\w+)"', page) == ["hi", "en"]
    assert "अंदर हैं" in page
    assert "Is inside" in page


async def test_it_has_no_personal_data_whoever_looks(filled: ApiClient) -> None:
    browser = await signed_in(filled, "receptionist")
    page = (await browser.get("/board")).text
    told = [*NAMES, "98450", "MRN-", "rao-20300115"]
    assert [each for each in told if html.escape(each) in page or each in page] == []


async def test_without_a_doctor_named_it_shows_all(filled: ApiClient) -> None:
    browser = await signed_in(filled, "receptionist")
    page = _in_english((await browser.get("/board")).text)
    assert "Asha Rao" in page
    assert "Vikram Iyer" in page
    assert (await browser.get("/board?doctor=nobody")).status_code == 404
    many = "&".join(f"doctor=d{n}" for n in range(13))
    assert (await browser.get(f"/board?{many}")).status_code == 404


async def test_what_is_said_aloud_is_another_for_each_call(filled: ApiClient) -> None:
    browser = await signed_in(filled, "receptionist")
    token = (await filled.line("rao")).in_consultation[0].id
    called = (await filled.call_next("rao", finish=token, room="2")).token
    assert called is not None
    assert called.id is not None
    first = (await browser.get(BOARD)).text
    assert 'data-say="Number 6, for Asha Rao: please come in, room 2."' in first
    await filled.do(called.id, "recall")
    again = (await browser.get(BOARD)).text
    calls = [set(re.findall(r'data-call="([^"]+)"', page)) for page in (first, again)]
    assert [len(each) for each in calls] == [1, 1]
    assert calls[0] != calls[1]


# A screen that is not let in


async def test_a_screen_shows_its_code_until_it_is_confirmed_and_then_the_board(
    filled: ApiClient,
) -> None:
    screen = Browser(filled)
    code = await _code(screen)
    assert await _code(screen) == code
    assert screen.session is None
    await _let_in(filled, code)
    waits_at = (await screen.get(BOARD)).headers["location"]
    answer = await screen.get(waits_at)
    assert (answer.status_code, answer.headers["location"]) == (303, BOARD)
    page = (await screen.get(BOARD)).text
    assert "Is inside" in page
    assert "Sign out" not in page


async def test_a_code_that_is_past_is_replaced(filled: ApiClient, clock: ManualClock) -> None:
    screen = Browser(filled)
    code = await _code(screen)
    clock.advance(timedelta(minutes=11))
    assert await _code(screen) != code


async def test_a_revoked_screen_shows_a_code_again(filled: ApiClient) -> None:
    screen = Browser(filled)
    await _let_in(filled, await _code(screen))
    await screen.get("/device")
    assert (await screen.get(BOARD)).status_code == 200
    (device,) = (await filled.ask("GET", "/api/access/devices")).json()
    await filled.ask("DELETE", f"/api/access/devices/{device['id']}")
    assert re.fullmatch(r".{4}-.{4}", await _code(screen))


async def test_the_code_leads_nobody_to_another_site(filled: ApiClient) -> None:
    screen = Browser(filled)
    page = (await screen.get("/device?next=//evil.example")).text
    assert hidden(page, "next") == "/"


async def test_no_code_is_shown_where_others_read_along(open_client: OpenClient) -> None:
    async with open_client(allowed_hosts="*") as api:
        answer = await Browser(api, "http://192.0.2.7").get("/device")
    assert answer.status_code == 403
    assert "opd-device" not in answer.headers.get("set-cookie", "")


async def test_who_is_called_by_another_doctor_is_told_with_whom(filled: ApiClient) -> None:
    """On the board of the own doctor, whose number it is, and with the room of the other."""
    urgent = await share_raos_line(filled)
    await filled.call_next("rao", room="7")
    browser = await signed_in(filled, "receptionist")
    page = _in_english((await browser.get("/board?doctor=sen")).text)
    assert "Ravi Sen Cardiology T001 Please come in with Asha Rao Room 7" in page
    await filled.do(urgent.id, "start")
    page = _in_english((await browser.get("/board?doctor=sen")).text)
    assert "Ravi Sen Cardiology T001 Is inside with Asha Rao Room 7" in page
