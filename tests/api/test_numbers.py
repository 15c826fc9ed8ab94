"""The numbers of days: from the events, the same however often they are worked out."""

import asyncio
from collections.abc import Mapping

import msgspec
import pytest

from answers.numbers import SpanNumbersOut
from models.access import Role
from models.source import Source
from services.access.doorkeeper import Doorkeeper
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import at
from tests.principals import Names, as_, make_principal

PLAYED = 12
"""Events: a slot, three bookings, seven steps, of which one begins the session."""


async def _numbers(api: ApiClient, events: int = 0, **query: str) -> SpanNumbersOut:
    """The numbers, once so many events can be seen."""
    async with asyncio.timeout(10):
        while True:
            newest = int((await api.ask("GET", "/api/events")).headers["X-Newest-Seq"])
            if newest >= events:
                break
            await asyncio.sleep(0.01)
    named = {name.rstrip("_"): told for name, told in query.items()}
    answer = await api.ask("GET", "/api/analytics/queue", query=named)
    return msgspec.json.decode(answer.content, type=SpanNumbersOut)


async def _walk(
    api: ApiClient, clock: ManualClock, token_id: str, steps: Mapping[str, str]
) -> None:
    for time, status in steps.items():
        clock.set(at(time))
        await api.move(token_id, status)


async def _play(api: ApiClient, clock: ManualClock) -> str:
    """One is seen after 20 minutes, one after 60, one never comes; the doctor's id."""
    slot = await api.make_slot("09:00", "11:00", seats=5)
    walkin = await api.book(slot.id, "p1", Source.WALKIN)
    online = await api.book(slot.id, "p2", Source.ONLINE)
    absent = await api.book(slot.id, "p3", Source.WALKIN)
    await _walk(api, clock, walkin.id, {"09:10": "CHECKED_IN"})
    await _walk(api, clock, online.id, {"09:20": "CHECKED_IN"})
    await _walk(api, clock, walkin.id, {"09:30": "IN_CONSULTATION", "09:50": "COMPLETED"})
    await _walk(api, clock, absent.id, {"10:10": "NO_SHOW"})
    await _walk(api, clock, online.id, {"10:20": "IN_CONSULTATION", "10:45": "COMPLETED"})
    return slot.doctor_id


async def test_a_day_is_told_together_and_by_the_hour(api: ApiClient, clock: ManualClock) -> None:
    doctor_id = await _play(api, clock)
    told = await _numbers(api, PLAYED, doctorId=doctor_id)
    assert (told.first.isoformat(), told.last.isoformat()) == ("2030-01-15", "2030-01-15")
    assert (told.doctor_id, told.target_minutes) == (doctor_id, 30)
    total = told.total
    assert (total.arrivals, total.served, total.no_shows) == (2, 2, 1)
    assert (total.waits.mean_minutes, total.waits.p50_minutes, total.waits.p90_minutes) == (
        40,
        20,
        60,
    )
    assert (total.waits.within_target, total.mean_consultation_minutes) == (0.5, 22.5)
    assert (total.idle_minutes, total.overtime_minutes, total.most_waiting) == (30, 0, 2)
    assert total.by_source[Source.WALKIN].no_shows == 1
    assert [hour.start.isoformat() for hour in told.hours] == [
        "2030-01-15T09:00:00+05:30",
        "2030-01-15T10:00:00+05:30",
    ]
    assert [hour.numbers.arrivals for hour in told.hours] == [2, 0]
    assert [hour.numbers.mean_waiting for hour in told.hours] == [1, 0.33]


async def test_of_what_patients_were_told_is_told_how_often_it_came_true(
    api: ApiClient, clock: ManualClock
) -> None:
    """They were told 09:10 and 09:30, in the order of the line, and came in at 09:30 and 10:20."""
    doctor_id = await _play(api, clock)
    await _numbers(api, PLAYED)
    path = f"/api/queue/{doctor_id}/accuracy"
    told = (await api.ask("GET", path)).json()
    assert told == {
        "doctorId": doctor_id,
        "first": "2029-12-18",
        "last": "2030-01-15",
        "compared": 2,
        "meanAbsoluteErrorMinutes": 35,
        "within10Minutes": 0.0,
        "withinRange": None,
        "words": None,
    }
    other = (await api.ask("GET", path, query={"from": "2030-01-16"})).json()
    assert (other["compared"], other["meanAbsoluteErrorMinutes"]) == (0, None)
    with refused(422, "invalid_span"):
        await api.ask("GET", path, query={"from": "2030-01-01", "to": "2030-04-03"})
    with refused(404, "unknown_doctor"):
        await api.ask("GET", "/api/queue/nobody/accuracy")


async def test_only_the_days_and_the_doctor_asked_for_count(
    api: ApiClient, clock: ManualClock
) -> None:
    await _play(api, clock)
    other = await api.make_slot("12:00", "13:00")
    assert (await _numbers(api, PLAYED + 1, doctorId=other.doctor_id)).total.arrivals == 0
    assert (await _numbers(api)).total.arrivals == 2
    assert (await _numbers(api, from_="2030-01-01", to="2030-01-31")).total.arrivals == 2
    assert (await _numbers(api, from_="2030-01-16")).total.arrivals == 0
    assert (await _numbers(api, to="2030-01-14")).hours == []


async def test_what_happens_after_counts_from_then_on(api: ApiClient, clock: ManualClock) -> None:
    slot = await api.make_slot("09:00", "10:00")
    token = await api.book(slot.id)
    await _walk(api, clock, token.id, {"09:10": "NO_SHOW"})
    assert (await _numbers(api, 3)).total.no_shows == 1
    await _walk(api, clock, token.id, {"09:20": "CHECKED_IN"})
    total = (await _numbers(api, 4)).total
    assert (total.no_shows, total.arrivals) == (0, 1)


async def test_the_target_is_a_setting(open_client: OpenClient, clock: ManualClock) -> None:
    async with open_client(target_wait=10) as api:
        await _play(api, clock)
        told = await _numbers(api, PLAYED)
        assert (told.target_minutes, told.total.waits.within_target) == (10, 0)


async def test_days_are_asked_for_in_order_and_a_quarter_at_most(api: ApiClient) -> None:
    with refused(422, "invalid_span"):
        await _numbers(api, from_="2030-01-02", to="2030-01-01")
    with refused(422, "invalid_span") as refusal:
        await _numbers(api, from_="2030-01-01", to="2030-04-03")
    assert "92 days" in refusal.detail
    await _numbers(api, from_="2030-01-01", to="2030-04-02")


@pytest.mark.parametrize("doctor_id", ["nobody", "no-id"])
async def test_an_unknown_doctor_has_no_numbers(api: ApiClient, doctor_id: str) -> None:
    with refused(404, "unknown_doctor"):
        await _numbers(api, doctorId=doctor_id)


async def test_who_may_read_the_numbers_of_some_reads_theirs_alone(
    open_client: OpenClient, clock: ManualClock
) -> None:
    names = Names([make_principal("admin", Role.ADMIN)])
    async with open_client(Doorkeeper([names])) as api:
        api.client.headers.update(as_("admin"))
        doctor_id = await _play(api, clock)
        other = await api.add_doctor()
        names.know(make_principal("own", Role.DOCTOR, doctors=[doctor_id]))
        names.know(make_principal("another", Role.DOCTOR, doctors=[other.id]))
        names.know(make_principal("elsewhere", Role.MANAGER, facility="north"))
        names.know(make_principal("nurse", Role.NURSE))
        assert (await _numbers(api, PLAYED)).total.arrivals == 2
        api.client.headers.update(as_("own"))
        assert (await _numbers(api)).total.arrivals == 2
        api.client.headers.update(as_("another"))
        assert (await _numbers(api)).total.arrivals == 0
        with refused(403, "forbidden"):
            await _numbers(api, doctorId=doctor_id)
        api.client.headers.update(as_("elsewhere"))
        with refused(404, "unknown_doctor"):
            await _numbers(api, doctorId=doctor_id)
        api.client.headers.update(as_("nurse"))
        with refused(403, "forbidden"):
            await _numbers(api)
