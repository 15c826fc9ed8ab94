"""The auditor's page: who did what, the newest first, of one person or one day."""

import re
from datetime import timedelta

from services.clock import ManualClock
from tests.api.browser import Browser, signed_in
from tests.api.client import ApiClient

PAGE = "/access/audit"


async def _rows(browser: Browser, query: str = "") -> list[list[str]]:
    """Who, what and whom, of each row."""
    page = (await browser.get(f"{PAGE}{query}")).text
    rows = re.findall(r"<tr><td>(.*?)</tr>", page)
    cells = [[re.sub(r"<[^>]+>", "", cell) for cell in row.split("</td><td>")] for row in rows]
    return [row[1:4] for row in cells]


async def test_the_newest_stands_first_and_a_person_can_be_picked(
    filled: ApiClient, clock: ManualClock
) -> None:
    await signed_in(filled, "nurse")
    clock.advance(timedelta(seconds=1))
    auditor = await signed_in(filled, "auditor")
    clock.advance(timedelta(seconds=1))
    rows = await _rows(auditor)
    assert rows[0] == ["a.auditor", "read this record", "all"]
    told = [each for each in rows if each[1] == "added the account"]
    assert [whom for _, _, whom in told] == ["a.auditor", "a.nurse"]
    own = await _rows(auditor, "?actor=a.nurse&day=")
    assert {who for who, _, _ in own} == {"a.nurse"}
    assert "chose a password" in {what for _, what, _ in own}


async def test_a_day_can_be_picked(filled: ApiClient) -> None:
    auditor = await signed_in(filled, "auditor")
    assert len(await _rows(auditor, "?actor=&day=2030-01-15")) > 1
    assert await _rows(auditor, "?actor=&day=2030-01-14") == []
    wrong = await auditor.get(f"{PAGE}?actor=&day=yesterday")
    assert wrong.status_code == 422
    assert "Write a date that exists" in wrong.text


async def test_the_last_hundred_are_shown(filled: ApiClient, clock: ManualClock) -> None:
    """Not the first hundred, which a year later nobody wants to see."""
    auditor = await signed_in(filled, "auditor")
    for n in range(101):
        clock.advance(timedelta(seconds=1))
        account = {"id": f"desk-{n}", "kind": "client", "name": "Desk"}
        await filled.ask("POST", "/api/access/accounts", account)
    clock.advance(timedelta(seconds=1))
    rows = await _rows(auditor)
    assert len(rows) == 100
    whom = [each[2] for each in rows if each[1] == "added the account"]
    assert "desk-100" in whom
    assert "desk-0" not in whom
