"""A board on the wall is let in by the code that it shows, for as long as nobody revokes it."""

import asyncio
from datetime import timedelta

import pytest

from services.clock import ManualClock
from tests.api.browser import PASSWORD, Browser, hire_with_password
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient

pytestmark = pytest.mark.both_databases

DEVICES = "/api/access/devices"


async def _make_board(api: ApiClient, name: str = "board", role: str = "display") -> None:
    client = {"id": name, "kind": "client", "name": "A board", "role": role}
    await api.ask("POST", "/api/access/accounts", client)


async def _ask(board: Browser) -> tuple[str, str]:
    """The code that a board shows, and what it keeps to itself."""
    told = (await board.call("POST", DEVICES)).json()
    return told["code"], told["deviceSecret"]


async def _poll(board: Browser, secret: str) -> dict[str, object]:
    answer = await board.call("POST", f"{DEVICES}/session", {"deviceSecret": secret})
    told: dict[str, object] = answer.json()
    return told


async def _let_in(api: ApiClient, code: str, account: str = "board") -> None:
    await api.ask("POST", f"{DEVICES}/{code}/confirm", {"accountId": account})


async def test_a_board_shows_a_code_and_once_it_is_confirmed_it_is_its_client(
    api: ApiClient, clock: ManualClock
) -> None:
    await _make_board(api)
    board = Browser(api)
    code, secret = await _ask(board)
    assert len(code) == len("ABCD-EFGH")
    assert await _poll(board, secret) == {"confirmed": False, "session": None}
    assert board.session is None
    await _let_in(api, code)
    told = await _poll(board, secret)
    assert told["confirmed"] is True
    session = told["session"]
    assert isinstance(session, dict)
    assert (session["id"], session["expiresAt"]) == ("board", None)
    assert session["permissions"] == ["queue.read"]
    clock.advance(timedelta(days=300))
    assert (await board.call("GET", "/api/doctors")).status_code == 200
    denied = await board.call("GET", "/api/events")
    assert (denied.status_code, denied.json()["permission"]) == (403, "event.read")


async def test_its_cookie_lasts_as_long_as_browsers_keep_any(api: ApiClient) -> None:
    await _make_board(api)
    board = Browser(api)
    code, secret = await _ask(board)
    await _let_in(api, code)
    answer = await board.call("POST", f"{DEVICES}/session", {"deviceSecret": secret})
    assert f"Max-Age={400 * 24 * 3600}" in answer.headers["set-cookie"]


async def test_a_code_is_known_however_it_is_typed(api: ApiClient) -> None:
    await _make_board(api)
    for typed in (str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "):
        board = Browser(api)
        code, secret = await _ask(board)
        await _let_in(api, typed(code))
        assert (await _poll(board, secret))["confirmed"]


async def test_the_code_alone_opens_nothing(api: ApiClient) -> None:
    await _make_board(api)
    code, _ = await _ask(Browser(api))
    await _let_in(api, code)
    for guess in (code, code.replace("-", ""), code.replace("-", "").lower()):
        with refused(404, "unknown_device"):
            await api.ask("POST", f"{DEVICES}/session", {"deviceSecret": guess})


async def test_a_session_is_given_once_also_to_two_who_ask_at_once(api: ApiClient) -> None:
    await _make_board(api)
    code, secret = await _ask(Browser(api))
    await _let_in(api, code)
    told = await asyncio.gather(*(_poll(Browser(api), secret) for _ in range(5)))
    assert sorted(str(each.get("code", "let in")) for each in told) == [
        "let in",
        *["unknown_device"] * 4,
    ]


async def test_a_code_is_good_for_ten_minutes_and_for_one_confirmation(
    api: ApiClient, clock: ManualClock
) -> None:
    await _make_board(api)
    board = Browser(api)
    code, secret = await _ask(board)
    clock.advance(timedelta(minutes=10))
    with refused(404, "unknown_device"):
        await _let_in(api, code)
    assert (await _poll(board, secret))["code"] == "unknown_device"
    code, secret = await _ask(board)
    await _let_in(api, code)
    with refused(404, "unknown_device"):
        await _let_in(api, code)


async def test_codes_can_not_be_guessed_one_after_the_other(api: ApiClient) -> None:
    await _make_board(api)
    code, _ = await _ask(Browser(api))
    for n in range(10):
        with refused(404, "unknown_device"):
            await _let_in(api, f"AAAA-AAA{n}")
    with refused(429, "rate_limited"):
        await _let_in(api, code)


async def test_one_address_asks_for_so_many_codes_and_no_more(
    api: ApiClient, clock: ManualClock
) -> None:
    board = Browser(api)
    for _ in range(120):
        await _ask(board)
    answer = await board.call("POST", DEVICES)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    clock.advance(timedelta(hours=1))
    assert (await board.call("POST", DEVICES)).status_code == 201


async def test_a_device_is_listed_and_revoked(api: ApiClient) -> None:
    await _make_board(api)
    boards = [Browser(api), Browser(api)]
    for board in boards:
        code, secret = await _ask(board)
        await _let_in(api, code)
        await _poll(board, secret)
    devices = (await api.ask("GET", DEVICES)).json()
    assert [device["accountId"] for device in devices] == ["board", "board"]
    left = (await api.ask("DELETE", f"{DEVICES}/{devices[0]['id']}")).json()
    assert left == devices[1:]
    answers = [(await board.call("GET", "/api/doctors")).status_code for board in boards]
    assert sorted(answers) == [200, 401]
    with refused(404, "unknown_device"):
        await api.ask("DELETE", f"{DEVICES}/{devices[0]['id']}")


async def test_a_persons_session_is_no_device_and_is_not_revoked_as_one(api: ApiClient) -> None:
    await hire_with_password(api)
    await Browser(api).sign_in("asha", PASSWORD)
    assert (await api.ask("GET", DEVICES)).json() == []


async def test_a_client_that_is_locked_out_has_no_device_any_more(api: ApiClient) -> None:
    await _make_board(api)
    board, late = Browser(api), Browser(api)
    code, secret = await _ask(board)
    late_code, late_secret = await _ask(late)
    await _let_in(api, code)
    await _let_in(api, late_code)
    await _poll(board, secret)
    await api.ask("PATCH", "/api/access/accounts/board", {"disabled": True})
    assert (await board.call("GET", "/api/doctors")).status_code == 401
    assert (await _poll(late, late_secret))["code"] == "unknown_device"
    assert (await api.ask("GET", DEVICES)).json() == []


@pytest.mark.parametrize("account", ["asha", "nobody"])
async def test_a_device_is_let_in_as_a_client_alone(api: ApiClient, account: str) -> None:
    await hire_with_password(api)
    code, _ = await _ask(Browser(api))
    with refused(404, "unknown_account"):
        await _let_in(api, code, account)


async def test_what_is_no_secret_of_a_device_is_told_so(api: ApiClient) -> None:
    with refused(422, "invalid_device_secret"):
        await api.ask("POST", f"{DEVICES}/session", {"deviceSecret": ""})


async def test_over_plain_http_no_device_is_let_in(open_client: OpenClient) -> None:
    async with open_client(allowed_hosts="*") as api:
        board = Browser(api, "http://192.0.2.7")
        for path, body in (("", None), ("/session", {"deviceSecret": "x"})):
            answer = await board.call("POST", f"{DEVICES}{path}", body)
            assert (answer.status_code, answer.json()["code"]) == (403, "tls_needed")
