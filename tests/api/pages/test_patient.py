"""A patient's page: opened by the link alone, it tells nobody who they are.

On the filled day T001 is in room 2, T006, T004, T005 wait here, and T008 is to come at ten.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from datetime import UTC, timedelta
from hashlib import sha256

import pytest
from icalendar import Calendar, Event

from answers.tokens import BookingOut
from models.source import Source
from services.clock import ManualClock
from tests.api.browser import Browser
from tests.api.client import ApiClient
from tests.api.service import GivenSettings, at

NAME, PHONE = "Zebedee Quillfeather", "+91 70007 31337"
SLOT = "rao-20300115-1200"


@pytest.fixture
async def token(filled: ApiClient) -> BookingOut:
    """Of one who comes at twelve."""
    return await filled.book(SLOT, "MRN-Z", patientName=NAME, phoneNumber=PHONE)


@pytest.fixture
def phone(filled: ApiClient) -> Browser:
    return Browser(filled)


def path_of(token: BookingOut) -> str:
    assert token.patient_link is not None
    return token.patient_link


def told(page: str) -> dict[str, str]:
    """The figures of the page by what they are."""
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    return {name: re.sub(r"<[^>]+>|\s+", " ", figure).strip() for name, figure in pairs}


async def test_it_tells_number_place_time_and_when_to_be_there(
    phone: Browser, token: BookingOut
) -> None:
    page = (await phone.get(path_of(token))).text
    assert f"<h1>Token {token.token_number}</h1>" in page
    figures = told(page)
    assert figures["Your place, 12:00-13:00"] == str(token.position)
    assert token.estimated_time is not None
    assert figures["With the doctor at about"].startswith(f"{token.estimated_time:%H:%M}")
    assert figures["Be there at"] == "12:30"  # due at 12:20, and ten minutes late at most
    assert "Your appointment keeps its place until 12:30, however late it gets." in page
    assert "<p>Tuesday, 15 January 2030, 12:00-13:00</p>" in page
    assert f"You got token {token.token_number} for the slot 12:00-13:00." in page
    assert "Once checked in, it can&#39;t be bumped." in page


async def test_it_tells_nothing_of_who_the_patient_is(phone: Browser, token: BookingOut) -> None:
    for path in ("", "/cancel", "/calendar.ics"):
        answer = await phone.get(f"{path_of(token)}{path}")
        assert answer.status_code == 200
        for secret in ("Zebedee", "Quillfeather", "70007", "31337", "MRN-Z"):
            assert secret not in answer.text


async def test_when_to_leave_counts_the_way_that_the_patient_has(
    phone: Browser, token: BookingOut, clock: ManualClock
) -> None:
    path = path_of(token)
    assert told((await phone.get(path)).text)["Be there at"] == "12:30"
    page = (await phone.get(f"{path}?travel=45")).text
    assert told(page)["Leave home at"] == "11:45"
    assert '<option value="45" selected>' in page
    assert f"{path}/calendar.ics?travel=45" in page
    clock.set(at("12:00"))
    assert told((await phone.get(f"{path}?travel=600")).text)["Leave home at"] == "Now"
    for wrong in ("-1", "601", "x"):
        assert (await phone.get(f"{path}?travel={wrong}")).status_code == 404


async def test_who_is_here_or_done_is_not_told_to_come(
    phone: Browser, token: BookingOut, filled: ApiClient, clock: ManualClock
) -> None:
    clock.set(at("11:40"))
    await filled.do(token.id, "check-in")
    page = (await phone.get(path_of(token))).text
    assert "You are checked in. Please wait until your number is called." in page
    assert "Your place in line" in told(page)
    assert "Be there at" not in told(page)
    assert "calendar.ics" not in page
    answer = await phone.get(f"{path_of(token)}/calendar.ics")
    assert (answer.status_code, answer.headers["location"]) == (303, path_of(token))


async def test_who_is_called_is_told_to_come_in_and_where(
    phone: Browser, filled: ApiClient, clock: ManualClock
) -> None:
    emergency = await filled.book("rao-20300115-1000", "MRN-E", Source.EMERGENCY)
    clock.advance(timedelta(minutes=1))
    await filled.do(emergency.id, "check-in")
    called = await filled.call_next("rao", room="7")
    assert called.token is not None
    assert called.token.token_number == emergency.token_number
    page = (await phone.get(path_of(emergency))).text
    assert "It is your turn. Please come in now." in page
    assert "Room 7" in page


async def test_who_lost_a_seat_is_told_why_and_by_number_alone(
    phone: Browser, filled: ApiClient
) -> None:
    await filled.add_slot("iyer", "20:00", "21:00", 1)
    first = await filled.book("iyer-20300115-2000", "MRN-1", Source.ONLINE, patientName=NAME)
    other = await filled.book("iyer-20300115-2000", "MRN-2", Source.PRIORITY, patientName="Other")
    page = (await phone.get(path_of(first))).text
    assert f"Token {other.token_number} had to go first." in page
    assert "All seats are taken." in page
    assert told(page)["Your place among those who wait for a seat"] == "1"
    assert "Other" not in page
    assert "A seat that falls free in this slot goes to it." in page


async def test_the_calendar_has_the_time_to_be_there_and_an_alarm_to_leave(
    phone: Browser, token: BookingOut
) -> None:
    by_then = told((await phone.get(path_of(token))).text)["Be there at"]
    answer = await phone.get(f"{path_of(token)}/calendar.ics?travel=45")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert path_of(token).removeprefix("/t/") not in answer.text
    entry = _entry(answer.content)
    assert entry.decoded("dtstart") == at(by_then).astimezone(UTC)
    assert str(entry["summary"]).startswith(f"Token {token.token_number}, ")
    (alarm,) = entry.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(minutes=-45)
    same = _entry((await phone.get(f"{path_of(token)}/calendar.ics")).content)
    assert same["uid"] == entry["uid"]
    assert same.walk("VALARM") == []


async def test_cancelling_asks_first_and_gives_the_seat_away_once(
    phone: Browser, token: BookingOut, filled: ApiClient
) -> None:
    path = path_of(token)
    assert f'href="{path}/cancel"' in (await phone.get(path)).text
    asked = (await phone.get(f"{path}/cancel")).text
    assert f"Cancel token {token.token_number}?" in asked
    assert (await filled.token(token.id)).status == "BOOKED"
    for _ in range(2):
        answer = await phone.post(f"{path}/cancel", {})
        assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = (await phone.get(path)).text
    assert "This token is cancelled." in page
    assert "Your token was cancelled." in page
    assert "/cancel" not in page
    assert (await phone.get(f"{path}/cancel")).status_code == 303


async def test_who_can_no_longer_cancel_is_told_so(
    phone: Browser, token: BookingOut, filled: ApiClient, clock: ManualClock
) -> None:
    clock.set(at("11:40"))
    for step in ("check-in", "call", "start"):
        await filled.do(token.id, step)
    answer = await phone.post(f"{path_of(token)}/cancel", {})
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert (await filled.token(token.id)).status == "IN_CONSULTATION"


async def test_a_link_that_may_only_read_cancels_nothing(
    phone: Browser, token: BookingOut, filled: ApiClient
) -> None:
    start, _, end, _, id_ = path_of(token).split(".", 4)
    key = start.removeprefix("/t/opl_")
    signed = f"{key}.r.{end}.{id_}\n{token.phone_number}".encode()
    secret = GivenSettings().keyring[key].encode()
    proof = urlsafe_b64encode(hmac.digest(secret, signed, sha256)[:16]).decode().rstrip("=")
    path = f"{start}.r.{end}.{proof}.{id_}"
    assert "/cancel" not in (await phone.get(path)).text
    assert (await phone.get(f"{path}/cancel")).status_code == 303
    assert (await phone.post(f"{path}/cancel", {})).status_code == 403
    assert (await filled.token(token.id)).status == "BOOKED"


async def test_no_other_site_makes_it_cancel(phone: Browser, token: BookingOut) -> None:
    evil = {"origin": "https://evil.example"}
    assert (await phone.post(f"{path_of(token)}/cancel", {}, evil)).status_code == 403
    assert "You have a seat." in (await phone.get(path_of(token))).text


async def test_the_path_goes_nowhere(phone: Browser, token: BookingOut) -> None:
    """Not into an index, nor into the Referer of what the page loads, nor to the sign-in."""
    path = path_of(token)
    for each in (path, f"{path}/cancel", "/t/opl_over", f"{path}?travel=x"):
        answer = await phone.get(each)
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "strict-origin"
        assert "sign-in" not in answer.text
        assert answer.status_code != 303


async def test_a_link_that_is_over_is_told_so(
    phone: Browser, token: BookingOut, clock: ManualClock
) -> None:
    clock.set(at("00:00", days=2))
    for path in ("", "/cancel", "/calendar.ics"):
        answer = await phone.get(f"{path_of(token)}{path}")
        assert answer.status_code == 401
        assert "This link is over" in answer.text
    assert (await phone.post(f"{path_of(token)}/cancel", {})).status_code == 401
    live = await phone.get(f"{path_of(token)}/live", {"accept": "text/event-stream"})
    assert live.status_code == 401


async def test_programs_are_answered_as_ever(filled: ApiClient, token: BookingOut) -> None:
    answer = await filled.client.get(path_of(token), headers={"accept": "*/*"})
    assert answer.json()["tokenNumber"] == token.token_number


async def test_it_is_told_in_hindi(phone: Browser, token: BookingOut) -> None:
    page = (await phone.get(path_of(token), {"accept-language": "hi"})).text
    shown = re.sub(r"<[^>]+>", " ", "<" + page.partition("<main")[2])
    assert f"आपको 12:00-13:00 के लिए टोकन {token.token_number} मिला।" in shown
    assert re.findall(r"[a-z]{4,}", shown) == []


def _entry(content: bytes) -> Event:
    (entry,) = Calendar.from_ical(content).walk("VEVENT")
    assert isinstance(entry, Event)
    return entry
