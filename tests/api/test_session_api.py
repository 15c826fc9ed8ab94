"""Sessions by the API: who asks, signing in and out, and the CSRF token that changes need."""

import pytest

from tests.api.browser import PASSWORD, Browser, hire, hire_with_password
from tests.api.client import ApiClient, refused

DOCTOR = {"name": "Asha Rao", "specialization": "Skin"}


async def test_a_script_signs_in_asks_who_it_is_and_signs_out(api: ApiClient) -> None:
    await hire_with_password(api, role="nurse")
    browser = Browser(api)
    body = {"name": "asha", "password": PASSWORD}
    begun = await browser.call("POST", "/api/access/session", body)
    assert begun.status_code == 201
    told = begun.json()
    assert told["permissions"] == [
        "patient.read",
        "queue.call",
        "queue.read",
        "queue.read.names",
        "token.check_in",
    ]
    assert told["expiresAt"] == "2030-01-15T14:30:00Z"
    assert (await browser.call("GET", "/api/access/session")).json() == told
    token = {"x-csrf-token": told["csrfToken"]}
    ended = await browser.call("DELETE", "/api/access/session", headers=token)
    assert ended.json() == {"everywhere": False}
    assert browser.session is None


async def test_who_fails_is_told_the_same_of_every_name(api: ApiClient) -> None:
    await hire_with_password(api)
    told = []
    for name in ("asha", "nobody"):
        with refused(401, "sign_in_failed") as refusal:
            body = {"name": name, "password": "wrong"}
            await api.ask("POST", "/api/access/session", body)
        told.append(refusal.detail)
    assert told[0] == told[1]


async def test_a_session_changes_something_only_with_its_csrf_token(api: ApiClient) -> None:
    await hire_with_password(api, role="manager")
    browser, other = Browser(api), Browser(api)
    await browser.sign_in("asha", PASSWORD)
    await other.sign_in("asha", PASSWORD)
    token, others = await browser.csrf(), await other.csrf()
    assert token != others
    for headers in ({}, {"x-csrf-token": ""}, {"x-csrf-token": others}):
        for method, path, body in (
            ("POST", "/api/doctors", DOCTOR),
            ("DELETE", "/api/access/session", None),
        ):
            answer = await browser.call(method, path, body, headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert (await browser.call("GET", "/api/doctors")).json() == []
    answer = await browser.call("POST", "/api/doctors", DOCTOR, {"x-csrf-token": token})
    assert answer.status_code == 201


async def test_a_header_that_browsers_add_by_themselves_is_no_way_around_it(
    api: ApiClient,
) -> None:
    await hire_with_password(api, role="manager")
    browser = Browser(api)
    await browser.sign_in("asha", PASSWORD)
    basic = {"authorization": "Basic eDp5"}
    answer = await browser.call("POST", "/api/doctors", DOCTOR, basic)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


async def test_a_key_counts_alone(api: ApiClient) -> None:
    await hire_with_password(api, role="manager")
    browser = Browser(api)
    await browser.sign_in("asha", PASSWORD)
    token = {"x-csrf-token": await browser.csrf(), "authorization": "Bearer opd_x_y"}
    for method, body in (("GET", None), ("POST", DOCTOR)):
        answer = await browser.call(method, "/api/doctors", body, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_script_chooses_a_password_with_a_link(api: ApiClient) -> None:
    link = (await hire(api)).removeprefix("/password/")
    browser = Browser(api)
    for password, cause in (
        ("too short", "too_short"),
        ("x7!" * 50, "too_long"),
        ("passwordpassword", "common"),
    ):
        with refused(422, "weak_password") as refusal:
            await api.ask("POST", "/api/access/password", {"link": link, "password": password})
        assert refusal.help == {"cause": cause}
    body = {"link": link, "password": PASSWORD}
    assert (await browser.call("POST", "/api/access/password", body)).status_code == 201
    assert (await browser.call("GET", "/api/access/session")).json()["id"] == "asha"
    with refused(410, "link_ended"):
        await api.ask("POST", "/api/access/password", body)


async def test_what_is_no_name_password_or_link_is_told_so(api: ApiClient) -> None:
    for path, body, code in (
        ("session", {"name": 7, "password": "x"}, "invalid_name"),
        ("session", {"name": "asha", "password": ""}, "invalid_password"),
        ("password", {"link": "", "password": "x"}, "invalid_link"),
    ):
        with refused(422, code):
            await api.ask("POST", f"/api/access/{path}", body)


@pytest.mark.parametrize("session", ["", "x", "a" * 5000])
async def test_a_session_that_never_was_opens_nothing(api: ApiClient, session: str) -> None:
    browser = Browser(api)
    browser.cookies["__Host-opd"] = session
    assert (await browser.call("GET", "/api/doctors")).status_code == 401
    assert (await browser.get("/sign-in")).status_code == 200


async def test_who_made_up_too_many_sessions_waits_and_may_still_sign_in(api: ApiClient) -> None:
    await hire_with_password(api, role="nurse")
    browser = Browser(api)
    statuses = []
    for n in range(301):
        browser.cookies["__Host-opd"] = f"made-up-{n}"
        statuses.append((await browser.call("GET", "/api/access/session")).status_code)
    assert statuses == [401] * 300 + [429]
    assert 'name="password"' in (await browser.get("/sign-in")).text
    await browser.sign_in("asha", PASSWORD)
    assert (await browser.call("GET", "/api/access/session")).json()["id"] == "asha"


async def test_nobody_hands_out_a_way_in_to_more_than_they_have(api: ApiClient) -> None:
    with refused(404, "unknown_account"):
        await api.ask("POST", "/api/access/accounts/nobody/link")
    await api.ask(
        "POST", "/api/access/accounts", {"id": "portal", "kind": "client", "name": "Portal"}
    )
    with refused(404, "unknown_account"):
        await api.ask("POST", "/api/access/accounts/portal/link")
