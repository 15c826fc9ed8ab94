"""What happened: the list of events, and a token's history and explanation."""

import asyncio

import pytest

from models.source import Source
from tests.api.client import ApiClient, refused

pytestmark = pytest.mark.both_databases


async def _events(api: ApiClient, count: int, **query: str | int) -> list[dict[str, object]]:
    """At least so many events, as soon as they have been copied to the list."""
    async with asyncio.timeout(10):
        while True:
            events: list[dict[str, object]] = (
                await api.ask("GET", "/api/events", query=query)
            ).json()
            if len(events) >= count:
                return events
            await asyncio.sleep(0.01)


async def test_events_are_listed_in_order_and_name_nobody(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    await api.book_all(slot.id, [Source.WALKIN, Source.PRIORITY])
    events = await _events(api, 4)
    assert [event["seq"] for event in events] == [1, 2, 3, 4]
    assert [event["n"] for event in events] == [1, 2, 3, 4]
    assert {event["type"] for event in events} == {"SLOT_ADDED", "BOOKED", "BUMPED"}
    assert "Meera" not in str(events)
    assert "98450" not in str(events)


async def test_an_event_tells_who_asked_for_whom_and_in_which_request(api: ApiClient) -> None:
    """Who asked is proven; whom that one stands for is what they say."""
    slot = await api.make_slot()
    asked = {"X-Actor": "asha@desk-7", "X-Request-ID": "trace-1"}
    token = await api.book(slot.id, headers=asked)
    (event,) = await _events(api, 1, token=token.id)
    history = (await api.ask("GET", f"/api/tokens/{token.id}/history")).json()
    for told in (event, history["entries"][0]):
        assert (told["actor"], told["onBehalfOf"]) == ("try-out", "asha@desk-7")
        assert told["requestId"] == "trace-1"
    assert (event["tokenId"], event["tokenNumber"]) == (token.id, "T001")
    assert event["after"] == {"slotId": slot.id, "status": "BOOKED"}


async def test_an_event_says_why_by_a_code_with_its_parameters(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    walkin = await api.book(slot.id, "p1", Source.WALKIN)
    await api.book(slot.id, "p2", Source.PRIORITY)
    await api.ask("PATCH", f"/api/slots/{slot.id}", {"maxCapacity": 4})
    events = await _events(api, 6)
    assert [(event["reasonCode"], event["reasonParams"]) for event in events] == [
        ("slot_planned", {}),
        ("free_seat", {}),
        ("gave_way_to_wait", {"tokenNumber": "T002", "source": "PRIORITY"}),
        ("outranked", {"tokenNumber": "T001"}),
        ("slot_set", {"maxCapacity": 4}),
        ("first_on_waitlist", {}),
    ]
    assert [event["causedBy"] for event in events] == [None, None, "T002", None, None, None]
    history = await api.ask("GET", f"/api/tokens/{walkin.id}/history")
    why = [(entry["reasonCode"], entry["reason"]) for entry in history.json()["entries"]]
    assert why[0] == ("free_seat", "The slot had a free seat.")
    assert why[1][1].startswith("Gave way to T002 (PRIORITY); no later slot")


async def test_what_the_caller_said_is_the_note_of_what_came_of_it(api: ApiClient) -> None:
    slot = await api.make_slot()
    other = await api.make_slot()
    token = await api.book(slot.id)
    await api.ask("DELETE", f"/api/tokens/{token.id}/cancel", {"reason": "Feels better"})
    await api.ask("PATCH", f"/api/slots/{other.id}", {"status": "CLOSED", "reason": "Theatre"})
    stays = await api.book(slot.id)
    await api.ask("POST", f"/api/tokens/reallocate/{slot.id}", {"reason": "Dr. Rao is ill"})
    notes = [
        (event["type"], event["note"])
        for asked, count in ((slot, 6), (other, 2))
        for event in await _events(api, count, sheet=asked.id.rsplit("-", 1)[0])
    ]
    assert notes == [
        ("SLOT_ADDED", None),
        ("BOOKED", None),
        ("STATUS_CHANGED", "Feels better"),
        ("BOOKED", None),
        ("SLOT_CHANGED", "Dr. Rao is ill"),
        ("STAYED", "Dr. Rao is ill"),
        ("SLOT_ADDED", None),
        ("SLOT_CHANGED", "Theatre"),
    ]
    history = await api.ask("GET", f"/api/tokens/{stays.id}/history")
    assert [entry["note"] for entry in history.json()["entries"]] == [None, "Dr. Rao is ill"]


async def test_events_of_one_sheet_or_after_one_seen(api: ApiClient) -> None:
    slot, other = await api.make_slot(), await api.make_slot()
    await api.book(slot.id)
    await api.book(other.id)
    await _events(api, 4)
    sheet = slot.id.rsplit("-", 1)[0]
    assert {event["sheet"] for event in await _events(api, 2, sheet=sheet)} == {sheet}
    assert [event["seq"] for event in await _events(api, 2, after=2)] == [3, 4]
    first = await api.ask("GET", "/api/events?limit=3")
    assert [event["seq"] for event in first.json()] == [1, 2, 3]
    rest = await api.ask("GET", first.links["next"]["url"])
    assert [event["seq"] for event in rest.json()] == [4]


async def test_a_cursor_is_a_number(api: ApiClient) -> None:
    for after in ("x", "-1", "1.5", "9" * 30):
        with refused(422, "invalid_cursor"):
            await api.ask("GET", "/api/events", query={"after": after})


async def test_the_newest_seq_is_told_with_every_list(api: ApiClient) -> None:
    nothing = await api.ask("GET", "/api/events")
    assert (nothing.json(), nothing.headers["x-newest-seq"]) == ([], "0")
    slot = await api.make_slot()
    await api.book(slot.id)
    await _events(api, 2)
    for query in ({}, {"limit": 1}, {"after": 1}, {"after": 2}, {"sheet": "asha-20300115"}):
        answer = await api.ask("GET", "/api/events", query=query)
        assert answer.headers["x-newest-seq"] == "2", query
    paths = (await api.ask("GET", "/openapi.json")).json()["paths"]
    assert "X-Newest-Seq" in paths["/api/events"]["get"]["responses"]["200"]["headers"]


async def test_a_cursor_beyond_the_newest_event_is_refused(api: ApiClient) -> None:
    """An empty list would be taken for "nothing new" until as much has happened again."""
    slot = await api.make_slot()
    await _events(api, 1)
    sheet = slot.id.rsplit("-", 1)[0]
    for query in ({}, {"sheet": sheet}, {"token": "x"}):
        assert (await api.ask("GET", "/api/events", query={"after": 1, **query})).json() == []
        with refused(410, "cursor_ahead") as refusal:
            await api.ask("GET", "/api/events", query={"after": 2, **query})
        assert refusal.help == {"newestSeq": 1}
        assert "after=0" in refusal.detail


async def test_no_events_of_what_is_unknown(api: ApiClient) -> None:
    for name in ("sheet", "token"):
        for unknown in ("x", "a\x00b", "😀", "", "rao-20300115", "rao-20300115-gv6srz4p6ztu"):
            assert (await api.ask("GET", "/api/events", query={name: unknown})).json() == []


async def test_a_history_tells_what_happened_to_a_token_in_words(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    walkin = await api.book(slot.id, "p1", Source.WALKIN)
    await api.book(slot.id, "p2", Source.PRIORITY)
    answer = await api.ask("GET", f"/api/tokens/{walkin.id}/history")
    entries = answer.json()["entries"]
    assert [entry["type"] for entry in entries] == ["BOOKED", "BUMPED"]
    assert all(entry["words"].strip() and entry["reason"] for entry in entries)
    assert "Meera" not in answer.text


async def test_an_explanation_tells_who_is_ahead_without_names(api: ApiClient) -> None:
    slot = await api.make_slot(seats=2)
    walkin = await api.book(slot.id, "p1", Source.WALKIN)
    await api.book(slot.id, "p2", Source.ONLINE)
    answer = await api.ask("GET", f"/api/tokens/{walkin.id}/explain")
    told = answer.json()
    assert (told["position"], told["score"]) == (2, 100)
    assert sum(part["points"] for part in told["scoreParts"]) == 100
    assert [(one["tokenNumber"], one["source"]) for one in told["ahead"]] == [("T002", "ONLINE")]
    assert told["wouldChange"]
    assert "Meera" not in answer.text


async def test_a_retirement_is_told_once_for_each_day_that_it_changes(api: ApiClient) -> None:
    slot = await api.make_slot()
    for retired in (False, True, True, False, False, True):
        await api.ask("PATCH", f"/api/doctors/{slot.doctor_id}", {"retired": retired})
    events = await _events(api, 4)
    assert [event["type"] for event in events] == [
        "SLOT_ADDED", "DOCTOR_RETIRED", "DOCTOR_RETURNED", "DOCTOR_RETIRED",
    ]  # fmt: skip
    assert events[-1]["reasonCode"] == "doctor_left"
