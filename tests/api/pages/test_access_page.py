"""The pages of access: people, clients, keys, roles and devices, by forms alone."""

import html
import re

import httpx
import pytest

from tests.api.browser import PASSWORD, Browser, hidden, signed_in
from tests.api.client import ApiClient

PORTAL = "/access/accounts/city-portal"


@pytest.fixture
async def chief(filled: ApiClient) -> Browser:
    """Who manages access."""
    return await signed_in(filled, "admin")


async def _send(browser: Browser, path: str, **fields: str) -> httpx.Response:
    """A form, with what its page hides in it."""
    csrf = hidden((await browser.get("/access")).text, "csrf")
    return await browser.post(path, {"csrf": csrf, **fields})


async def _sent(browser: Browser, path: str, **fields: str) -> str:
    """A form that works; what is shown then."""
    answer = await _send(browser, path, **fields)
    assert answer.status_code == 303, answer.text
    return (await browser.get(answer.headers["location"])).text


async def _add_portal(chief: Browser) -> str:
    fields = {"id": "city-portal", "kind": "client", "name": "City portal", "role": "portal"}
    return await _sent(chief, "/access/accounts", **fields)


def _secret(page: str) -> str:
    found = re.search(r'<input id="secret-text" value="([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


async def test_a_client_is_added_and_its_page_follows(chief: Browser) -> None:
    page = await _add_portal(chief)
    assert "City portal was added." in page
    assert "Booking portal" in page
    assert 'href="/access/accounts/city-portal"' in (await chief.get("/access")).text


async def test_an_id_that_is_taken_is_told_and_the_fields_stay(chief: Browser) -> None:
    await _add_portal(chief)
    fields = {"id": "city-portal", "kind": "client", "name": "Another"}
    answer = await _send(chief, "/access/accounts", **fields)
    assert answer.status_code == 409
    assert "This id can&#39;t be used" in answer.text
    assert 'value="Another"' in answer.text
    wrong = await _send(chief, "/access/accounts", **{**fields, "id": "No Id"})
    assert wrong.status_code == 422
    assert 'id="id-fault"' in wrong.text


async def test_a_key_is_shown_once_opens_what_its_client_may_and_is_revoked(
    chief: Browser, filled: ApiClient
) -> None:
    await _add_portal(chief)
    made = await _send(chief, f"{PORTAL}/keys", days="30")
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    key = _secret(made.text)
    assert "opd-told" not in str(made.headers.get_list("set-cookie"))
    again = (await chief.get(PORTAL)).text
    assert key not in again
    assert "never used" in again
    as_portal = {"Authorization": f"Bearer {key}"}
    assert (await filled.client.get("/api/doctors", headers=as_portal)).status_code == 200
    [revoke] = re.findall(rf'action="({PORTAL}/keys/[^"]+/revoke)"', again)
    page = await _sent(chief, revoke)
    assert "The key was revoked." in page
    assert "revoked on" in page
    assert (await filled.client.get("/api/doctors", headers=as_portal)).status_code == 401


async def test_a_third_key_is_refused_and_told_why(chief: Browser) -> None:
    await _add_portal(chief)
    for _ in range(2):
        assert (await _send(chief, f"{PORTAL}/keys", days="30")).status_code == 200
    answer = await _send(chief, f"{PORTAL}/keys", days="30")
    assert answer.status_code == 409
    assert "Two keys of this client are valid." in answer.text


async def test_a_one_time_link_is_shown_once_and_lets_a_person_in(
    chief: Browser, filled: ApiClient
) -> None:
    person = {"id": "asha", "kind": "person", "name": "Asha Rao", "role": "receptionist"}
    await _sent(chief, "/access/accounts", **person)
    made = await _send(chief, "/access/accounts/asha/link")
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
    link = _secret(made.text)
    assert link.startswith("https://localhost/password/")
    assert link not in (await chief.get("/access/accounts/asha")).text
    asha = Browser(filled)
    form = {"password": PASSWORD, "again": PASSWORD}
    assert (await asha.post(link.removeprefix("https://localhost"), form)).status_code == 303
    assert (await asha.get("/desk")).status_code == 200


async def test_a_role_is_given_up_to_a_day_and_taken_back(chief: Browser) -> None:
    nurse = {"id": "asha", "kind": "person", "name": "Asha Rao"}
    assert "None: nothing is open to them." in await _sent(chief, "/access/accounts", **nurse)
    at = "/access/accounts/asha"
    asked = {"role": "doctor", "doctorId": "rao", "until": "2030-01-20"}
    page = await _sent(chief, f"{at}/grants", **asked)
    assert "The role Doctor was given." in page
    assert "<strong>Doctor</strong> · rao" in page
    assert "until Monday, 21 January 2030, 00:00" in page  # of the next day's beginning
    [take] = re.findall(rf'action="({at}/grants/[^"]+/revoke)"', page)
    page = await _sent(chief, take)
    assert "The role was taken back." in page
    assert "None: nothing is open to them." in page
    answer = await _send(chief, f"{at}/grants", role="doctor")
    assert answer.status_code == 422
    assert "This role is given for named doctors" in answer.text


async def test_who_is_locked_out_is_out_until_let_in_again(
    chief: Browser, filled: ApiClient
) -> None:
    nurse = await signed_in(filled, "nurse")
    at = "/access/accounts/a.nurse"
    page = await _sent(chief, f"{at}/lock", disabled="true")
    assert "A.Nurse Rao is locked out." in page
    assert (await nurse.get("/desk")).status_code == 303
    page = await _sent(chief, f"{at}/lock", disabled="false")
    assert "A.Nurse Rao may come in again." in page
    assert (await nurse.get("/desk")).status_code == 200


async def test_a_device_is_let_in_by_its_code_and_revoked(
    chief: Browser, filled: ApiClient
) -> None:
    board = {"id": "board-1", "kind": "client", "name": "Board", "role": "display"}
    await _sent(chief, "/access/accounts", **board)
    wall = Browser(filled)
    waiting = (await wall.call("POST", "/api/access/devices")).json()
    wrong = await _send(chief, "/access/devices", code="AAAA-AAAA", accountId="board-1")
    assert wrong.status_code == 404
    assert "No device waits with this code." in wrong.text
    page = await _sent(chief, "/access/devices", code=waiting["code"], accountId="board-1")
    assert "The device is let in as Board." in page
    told = {"deviceSecret": waiting["deviceSecret"]}
    assert (await wall.call("POST", "/api/access/devices/session", told)).json()["confirmed"]
    page = (await chief.get("/access")).text
    [revoke] = re.findall(r'action="(/access/devices/[^"]+/revoke)"', page)
    page = await _sent(chief, revoke)
    assert "The device was revoked." in page
    assert "No device was let in." in page


async def test_what_shuts_somebody_out_is_asked_twice(chief: Browser) -> None:
    """Its button stands behind another, which needs no script."""
    await _add_portal(chief)
    await _send(chief, f"{PORTAL}/keys", days="30")
    page = (await chief.get(PORTAL)).text
    for action in ("/revoke", "/lock"):
        forms = re.findall(rf'<form method="post" action="[^"]+{action}"', page)
        assert forms
        for form in forms:
            before = page.partition(form)[0]
            assert before.rfind("<details") > before.rfind("</details>")


async def test_without_the_hidden_field_nothing_is_made(chief: Browser) -> None:
    await _add_portal(chief)
    assert (await chief.post(f"{PORTAL}/keys", {"days": "30"})).status_code == 403
    assert "None yet." in (await chief.get(PORTAL)).text


async def test_a_name_is_shown_as_text(chief: Browser) -> None:
    evil = {"id": "evil", "kind": "person", "name": "<script>alert(1)</script>"}
    for page in (
        await _sent(chief, "/access/accounts", **evil),
        (await chief.get("/access")).text,
    ):
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
