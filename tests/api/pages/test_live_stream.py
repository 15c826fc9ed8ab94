"""What pages listen to."""

import json

import pytest

from tests.api.browser import Browser, signed_in
from tests.api.client import ApiClient


def _told(stream: str) -> list[dict[str, object]]:
    return [
        json.loads(line.removeprefix("data: "))
        for line in stream.splitlines()
        if line.startswith("data: ")
    ]


async def test_it_tells_whose_day_changed_and_nothing_of_what_is_in_it(filled: ApiClient) -> None:
    answer = await (await signed_in(filled)).get("/live")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert _told(answer.text) == [{"doctorId": "iyer"}, {"doctorId": "rao"}]


@pytest.mark.parametrize("by", ["after", "header"])
async def test_it_goes_on_behind_what_was_seen(filled: ApiClient, by: str) -> None:
    browser = await signed_in(filled)
    stream = (await browser.get("/live")).text
    seq = stream.partition("id: ")[2].partition("\n")[0]
    if by == "after":
        again = await browser.get(f"/live?after={seq}")
    else:
        again = await browser.get("/live", {"last-event-id": seq})
    assert _told(again.text) == []


@pytest.mark.parametrize("path", ["/live?after=-1", "/live?after=x"])
async def test_what_is_no_event_is_refused(filled: ApiClient, path: str) -> None:
    answer = await (await signed_in(filled)).get(path, {"accept": "text/event-stream"})
    assert answer.status_code == 422


async def test_a_doctors_own_pages_hear_of_the_own_line_alone(filled: ApiClient) -> None:
    answer = await (await signed_in(filled, "doctor")).get("/live")
    assert _told(answer.text) == [{"doctorId": "rao"}]


async def test_without_a_session_nobody_listens(filled: ApiClient) -> None:
    answer = await Browser(filled).get("/live", {"accept": "text/event-stream"})
    assert answer.status_code == 401
