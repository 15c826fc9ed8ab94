"""The kiosk's page tells a number and a place, and of all that is wrong the same.

On the filled day iyer's tokens are all yet to come, each with a phone number.
"""

import pytest

from answers.tokens import BookingOut
from services.clock import ManualClock
from tests.api.browser import Browser, hidden, signed_in
from tests.api.client import ApiClient
from tests.api.service import at

PAGE = "/kiosk"
NAME, PHONE = "Zebedee Quillfeather", "+91 70007 31337"


@pytest.fixture
async def token(filled: ApiClient) -> BookingOut:
    return await filled.book("iyer-20300115-1000", "MRN-Z", patientName=NAME, phoneNumber=PHONE)


@pytest.fixture
async def kiosk(filled: ApiClient) -> Browser:
    """A device that was let in as a kiosk."""
    client = {"id": "kiosk-1", "kind": "client", "name": "A kiosk", "role": "kiosk"}
    await filled.ask("POST", "/api/access/accounts", client)
    screen = Browser(filled)
    asked = await screen.get(PAGE)
    door = asked.headers["location"]
    assert (asked.status_code, door) == (303, "/device?next=/kiosk")
    code = (await screen.get(door)).text.partition('id="code"')[2].split(">")[2].split("<")[0]
    await filled.ask("POST", f"/api/access/devices/{code}/confirm", {"accountId": "kiosk-1"})
    assert (await screen.get(door)).headers["location"] == PAGE
    return screen


async def _press(kiosk: Browser, **fields: str) -> tuple[int, str]:
    csrf = hidden((await kiosk.get(PAGE)).text, "csrf")
    answer = await kiosk.post(PAGE, {"csrf": csrf, **fields})
    return answer.status_code, answer.text


def _numbered(token: BookingOut, **changed: str) -> dict[str, str]:
    number = {"doctorId": "iyer", "tokenNumber": token.token_number, "phoneDigits": "1337"}
    return {**number, **changed}


async def test_who_knows_number_and_digits_is_told_number_and_place_alone(
    kiosk: Browser, token: BookingOut, filled: ApiClient
) -> None:
    for _ in range(2):
        status, page = await _press(kiosk, **_numbered(token))
        assert status == 200
        assert f'<p class="figure">{token.token_number}</p>' in page
        assert 'Your place in line <strong class="figure">1</strong>' in page
        for secret in ("Zebedee", "31337", "MRN-Z", token.id):
            assert secret not in page
    assert (await filled.token(token.id)).status == "CHECKED_IN"


async def test_a_scanned_slip_checks_in_with_whichever_doctor_and_stands_in_no_address(
    kiosk: Browser, token: BookingOut, filled: ApiClient
) -> None:
    status, page = await _press(kiosk, link=f"https://opd.example.org{token.patient_link}")
    assert status == 200
    assert f'<p class="figure">{token.token_number}</p>' in page
    assert "opl_" not in page
    assert (await filled.token(token.id)).status == "CHECKED_IN"


async def test_all_that_is_wrong_is_sent_to_the_desk_alike(
    kiosk: Browser, token: BookingOut, filled: ApiClient
) -> None:
    no_phone = await filled.ask(
        "POST", "/api/tokens/emergency", {"slotId": token.slot_id, "patientName": "Unknown"}
    )
    told = set()
    for ticket in (
        _numbered(token, phoneDigits="9999"),
        _numbered(token, tokenNumber="T999"),
        _numbered(token, tokenNumber=no_phone.json()["tokenNumber"], phoneDigits="0000"),
        _numbered(token, doctorId="nobody"),
        {"link": "https://opd.example.org/t/opl_tryout.c.1.2.3"},
        {"link": "x"},
    ):
        status, page = await _press(kiosk, **ticket)
        told.add((status, page.partition("<main")[2].replace(hidden(page, "csrf"), "")))
    ((status, page),) = told
    assert status == 409
    assert "Please go to the desk." in page
    assert (await filled.token(token.id)).status == "BOOKED"


async def test_too_many_tries_are_sent_to_the_desk_too(kiosk: Browser, token: BookingOut) -> None:
    for _ in range(5):
        await _press(kiosk, **_numbered(token, phoneDigits="9999"))
    _, page = await _press(kiosk, **_numbered(token))
    assert "Please go to the desk." in page


async def test_who_is_early_is_told_from_when_on(kiosk: Browser, filled: ApiClient) -> None:
    late = await filled.book("iyer-20300115-1200", "MRN-L", phoneNumber=PHONE)
    status, page = await _press(kiosk, **_numbered(late))
    assert status == 409
    assert "You are early. You can check in from 11:" in page


async def test_the_answer_clears_itself_with_a_script_and_without(
    kiosk: Browser, token: BookingOut
) -> None:
    _, page = await _press(kiosk, **_numbered(token))
    assert 'data-look-in="10"' in page
    assert '<noscript><meta http-equiv="refresh" content="10; url=/kiosk"></noscript>' in page


async def test_it_shows_the_doctors_of_today(kiosk: Browser, filled: ApiClient) -> None:
    await filled.add_doctor("Nobody Today", "Skin", id="idle")
    page = (await kiosk.get(PAGE)).text
    assert 'value="rao"' in page
    assert 'value="iyer"' in page
    assert "Nobody Today" not in page


async def test_what_lacks_is_said_beside_its_field(kiosk: Browser, token: BookingOut) -> None:
    status, page = await _press(kiosk, **_numbered(token, phoneDigits="13", doctorId=""))
    assert status == 422
    assert "Give the last four digits of the phone number, or more." in page
    assert "This field is needed." in page


async def test_without_the_hidden_field_nobody_is_checked_in(
    kiosk: Browser, token: BookingOut, filled: ApiClient
) -> None:
    answer = await kiosk.post(PAGE, _numbered(token))
    assert answer.status_code == 403
    assert (await filled.token(token.id)).status == "BOOKED"


async def test_a_slip_of_another_day_is_for_the_desk(
    kiosk: Browser, token: BookingOut, clock: ManualClock
) -> None:
    clock.set(at("09:00", days=1))
    status, page = await _press(kiosk, link=str(token.patient_link))
    assert status == 409
    assert "Please go to the desk." in page


async def test_who_may_check_in_nobody_has_no_kiosk(filled: ApiClient) -> None:
    assert (await (await signed_in(filled, "manager")).get(PAGE)).status_code == 403
