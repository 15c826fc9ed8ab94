"""The pages on which people sign in and out, without a script."""

import re
from datetime import timedelta

import pytest

from services.clock import ManualClock
from tests.api.browser import PASSWORD, Browser, hidden, hire, hire_with_password
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient


async def test_who_signs_in_goes_on_to_where_they_wanted_to_go(api: ApiClient) -> None:
    await hire_with_password(api)
    browser = Browser(api)
    page = await browser.get("/sign-in?next=%2Fdocs%3Fa%3D1")
    assert page.status_code == 200
    answer = await browser.sign_in("asha", PASSWORD, hidden(page.text, "next"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs?a=1")
    known = (await browser.call("GET", "/api/access/session")).json()
    assert (known["id"], known["name"], known["kind"]) == ("asha", "Asha Rao", "person")
    assert "You are signed in as Asha Rao." in (await browser.get("/sign-in")).text


async def test_the_cookie_is_for_this_host_alone_and_for_no_script(api: ApiClient) -> None:
    await hire_with_password(api)
    cookie = (await Browser(api).sign_in("asha", PASSWORD)).headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    value, *told = rest.split("; ")
    assert name == "__Host-opd"
    assert len(value) == 43
    assert {each.lower() for each in told} == {
        "httponly",
        "max-age=43200",
        "path=/",
        "samesite=lax",
        "secure",
    }


async def test_a_session_that_was_there_before_the_sign_in_is_not_the_one_after_it(
    api: ApiClient,
) -> None:
    await hire_with_password(api)
    await hire_with_password(api, "mallory")
    mallory, asha = Browser(api), Browser(api)
    await mallory.sign_in("mallory", PASSWORD)
    for planted in ("chosen-by-somebody-else", str(mallory.session)):
        asha.cookies["__Host-opd"] = planted
        await asha.sign_in("asha", PASSWORD)
        assert asha.session not in (planted, None)
        mallory.cookies["__Host-opd"] = planted
        known = await mallory.call("GET", "/api/access/session")
        assert known.status_code == 401 or known.json()["id"] == "mallory"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example\t",
        "javascript:alert(1)",
        "evil",
        "",
        "/a\r\nSet-Cookie: a=b",
        "/" + "a" * 2000,
    ],
)
async def test_nobody_is_led_to_another_site(api: ApiClient, elsewhere: str) -> None:
    await hire_with_password(api)
    answer = await Browser(api).sign_in("asha", PASSWORD, elsewhere)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/" or answer.headers["location"] == "/%09/evil.example"


async def test_who_fails_sees_the_form_again_and_not_whether_the_name_is_known(
    api: ApiClient,
) -> None:
    await hire_with_password(api)
    browser = Browser(api)
    told = []
    for name in ("asha", "ahsa"):
        answer = await browser.sign_in(name, "wrong", "/docs")
        assert answer.status_code == 401
        assert hidden(answer.text, "next") == "/docs"
        told.append(answer.text.replace(f'value="{name}"', ""))
    assert told[0] == told[1]
    assert "do not belong together" in told[0]
    assert browser.session is None


async def test_what_is_typed_is_shown_as_text(api: ApiClient) -> None:
    name = '"><script>alert(1)</script>'
    page = (await Browser(api).sign_in(name, "wrong")).text
    assert "<script>" not in page
    assert "&#34;&gt;&lt;script&gt;" in page


async def test_after_too_many_tries_one_is_told_to_wait(api: ApiClient) -> None:
    browser = Browser(api)
    answers = [await browser.sign_in("nobody", "wrong") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert answers[-1].headers["retry-after"] == "900"
    assert "Try again in 900 seconds." in answers[-1].text


@pytest.mark.parametrize("home", ["http://opd.example.org", "http://192.0.2.7:8000"])
async def test_over_plain_http_nobody_signs_in_and_the_page_says_why(
    open_client: OpenClient, home: str
) -> None:
    async with open_client(allowed_hosts="*") as api:
        link = await hire(api)
        await hire_with_password(api, "binu")
        browser = Browser(api, home)
        for answer in (
            await browser.get("/sign-in"),
            await browser.sign_in("binu", PASSWORD),
            await browser.get(link),
            await browser.post(link, {"password": PASSWORD, "again": PASSWORD}),
        ):
            assert answer.status_code == 403
            assert "Over plain HTTP a password could be read on its way" in answer.text
        body = {"name": "binu", "password": PASSWORD}
        told = await browser.call("POST", "/api/access/session", body)
        assert (told.status_code, told.json()["code"]) == (403, "tls_needed")
        assert browser.session is None
        assert (await Browser(api).get(link)).status_code == 200


@pytest.mark.parametrize("home", ["http://localhost", "http://127.0.0.1", "http://[::1]"])
async def test_within_one_machine_plain_http_will_do(api: ApiClient, home: str) -> None:
    await hire_with_password(api)
    assert (await Browser(api, home).sign_in("asha", PASSWORD)).status_code == 303


# Signing out


async def test_signing_out_ends_the_session_and_forgets_the_cookie(api: ApiClient) -> None:
    await hire_with_password(api)
    browser, other = Browser(api), Browser(api)
    await browser.sign_in("asha", PASSWORD)
    await other.sign_in("asha", PASSWORD)
    held = str(browser.session)
    answer = await browser.post("/sign-out", {"csrf": await browser.csrf()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert browser.session is None
    browser.cookies["__Host-opd"] = held
    assert (await browser.call("GET", "/api/access/session")).status_code == 401
    assert (await other.call("GET", "/api/access/session")).status_code == 200
    everywhere = {"csrf": await other.csrf(), "everywhere": "yes"}
    third = Browser(api)
    await third.sign_in("asha", PASSWORD)
    await other.post("/sign-out", everywhere)
    assert (await third.call("GET", "/api/access/session")).status_code == 401


async def test_without_its_csrf_token_nobody_is_signed_out(api: ApiClient) -> None:
    await hire_with_password(api)
    browser = Browser(api)
    await browser.sign_in("asha", PASSWORD)
    for form in ({}, {"csrf": "x"}, {"csrf": str(browser.session)}):
        answer = await browser.post("/sign-out", form)
        assert answer.status_code == 403
        assert "CSRF token" in answer.text
    forged = {"origin": "https://evil.example"}
    answer = await browser.post("/sign-out", {"csrf": await browser.csrf()}, forged)
    assert answer.json()["code"] == "other_origin"
    assert (await browser.call("GET", "/api/access/session")).status_code == 200


# One-time links


async def test_a_link_leads_to_a_page_that_changes_nothing_until_it_is_sent(
    api: ApiClient,
) -> None:
    link = await hire(api)
    browser = Browser(api)
    for _ in range(3):
        page = await browser.get(link)
        assert page.status_code == 200
        assert 'value="asha"' in page.text
        assert page.headers["referrer-policy"] == "same-origin"
        assert page.headers["x-robots-tag"] == "noindex"
    answer = await browser.post(link, {"password": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 303
    assert (await browser.call("GET", "/api/access/session")).json()["id"] == "asha"
    for again in (
        await browser.get(link),
        await browser.post(link, {"password": "another good password", "again": "x"}),
    ):
        assert again.status_code == 410
        assert "was used, has run out" in again.text
    assert (await Browser(api).sign_in("asha", PASSWORD)).status_code == 303


async def test_a_password_that_is_refused_leaves_the_link_as_it_was(api: ApiClient) -> None:
    link = await hire(api)
    browser = Browser(api)
    for password, again, told in (
        ("too short", "too short", "15 characters at least"),
        ("passwordpassword", "passwordpassword", "guess this password early"),
        (PASSWORD, f"{PASSWORD} ", "the same each time"),
        ("x" * 200, "x" * 200, "128 characters at most"),
    ):
        answer = await browser.post(link, {"password": password, "again": again})
        assert answer.status_code == 422
        assert told in answer.text
        assert password not in answer.text
    assert (await browser.post(link, {"password": PASSWORD, "again": PASSWORD})).status_code == 303


async def test_a_link_ends_after_three_days(api: ApiClient, clock: ManualClock) -> None:
    link = await hire(api)
    clock.advance(timedelta(days=3))
    assert (await Browser(api).get(link)).status_code == 410


# The pages themselves


@pytest.mark.parametrize("path", ["/sign-in", "/password/x"])
async def test_a_page_needs_nothing_but_the_stylesheet_and_the_script_of_this_site(
    api: ApiClient, path: str
) -> None:
    page = await Browser(api).get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    (policy,) = page.headers.get_list("content-security-policy")
    assert set(policy.split("; ")) == {
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }
    assert page.headers["cache-control"] == "no-store"
    assert re.findall(r"<(?:img|style|iframe)|style=|\bon\w+=|https?://", page.text) == []
    assert re.findall(r"<script[^>]*>(?!</script>)", page.text) == []
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    kinds = []
    for asset in assets:
        answer = await Browser(api).get(asset)
        kinds.append(answer.headers["content-type"])
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kinds == ["text/css; charset=utf-8", "text/javascript; charset=utf-8"]


async def test_what_is_no_form_is_none(api: ApiClient) -> None:
    for raw in (b"\xff\xfe", b"a=1&" * 100, b"", b"name=%ff"):
        answer = await api.client.post(
            "https://localhost/sign-in",
            content=raw,
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == 401
    with_json = await api.client.post("https://localhost/sign-in", json={"name": "asha"})
    assert with_json.status_code == 401
