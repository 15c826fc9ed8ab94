"""A doctor's slots, listed by date and in pages; a slot's figures."""

from datetime import timedelta

import pytest

from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.service import at

DATES = ["2030-01-15", "2030-01-16", "2030-01-17", "2030-01-18"]


@pytest.fixture
def clock() -> ManualClock:
    """Stands before all these dates: what is over can't be planned."""
    return ManualClock(at("08:00", days=-3))


async def add_days(api: ApiClient) -> str:
    """A doctor with two slots on each of the dates, added in no order."""
    doctor = await api.add_doctor(id="asha")
    for date in reversed(DATES):
        await api.add_slot(doctor.id, "11:00", "12:00", date=date)
        await api.add_slot(doctor.id, "09:00", "10:00", date=date)
    await api.add_slot((await api.add_doctor(id="ash")).id)
    await api.add_slot((await api.add_doctor(id="asha.2")).id)
    return doctor.id


@pytest.mark.parametrize(
    ("query", "dates"),
    [
        ({}, DATES),
        ({"date": "2030-01-16"}, DATES[1:2]),
        ({"from_": "2030-01-16"}, DATES[1:]),
        ({"to": "2030-01-16"}, DATES[:2]),
        ({"from_": "2030-01-16", "to": "2030-01-17"}, DATES[1:3]),
        ({"from_": "2030-01-17", "to": "2030-01-17"}, DATES[2:3]),
        ({"date": "2030-02-01"}, []),
    ],
    ids=str,
)
async def test_slots_are_listed_by_date(
    api: ApiClient, query: dict[str, str], dates: list[str]
) -> None:
    doctor_id = await add_days(api)
    shown = [slot.id for slot in await api.slots(doctor_id, **query)]
    days = [date.replace("-", "") for date in dates]
    assert shown == [f"asha-{day}-{hour}" for day in days for hour in ("0900", "1100")]


async def test_pages_follow_the_link_across_days(api: ApiClient) -> None:
    doctor_id = await add_days(api)
    path, seen = f"/api/slots/doctor/{doctor_id}?limit=3&from=2030-01-16", []
    while path:
        answer = await api.ask("GET", path)
        assert len(answer.json()) <= 3
        seen += [slot["id"] for slot in answer.json()]
        path = answer.links.get("next", {}).get("url", "")
    assert seen == [slot.id for slot in await api.slots(doctor_id, from_="2030-01-16")]
    assert len(seen) == 6


@pytest.mark.parametrize(
    "query",
    [
        {"date": "2030-01-14", "from": "2030-01-14"},
        {"date": "2030-01-14", "to": "2030-01-14"},
        {"from": "2030-01-15", "to": "2030-01-14"},
    ],
    ids=str,
)
async def test_a_span_is_one_date_or_from_and_to(api: ApiClient, query: dict[str, str]) -> None:
    doctor = await api.add_doctor()
    with refused(422, "invalid_span"):
        await api.slots(doctor.id, **query)


async def test_a_page_goes_on_after_a_known_slot(api: ApiClient) -> None:
    doctor_id = await add_days(api)
    for unknown in ("x", "asha-20300115-0000", "a\x00b"):
        with refused(404, "unknown_slot"):
            await api.slots(doctor_id, after=unknown)


async def test_slots_of_an_unknown_doctor_are_not_found(api: ApiClient) -> None:
    for unknown in ("nobody", "a-b", "x" * 33):
        with refused(404, "unknown_doctor"):
            await api.slots(unknown)


# Figures


async def test_the_figures_of_an_empty_slot_are_zero(api: ApiClient) -> None:
    slot = await api.make_slot(seats=4)
    stats = await api.stats(slot.id)
    assert set(stats.by_status) == set(Status)
    assert set(stats.by_source) == set(Source)
    assert not any((*stats.by_status.values(), *stats.by_source.values()))
    assert (stats.taken, stats.fill_rate, stats.waitlisted) == (0, 0.0, 0)
    assert (stats.bumped, stats.overflow) == (0, 0)
    assert stats.mean_wait_minutes is None
    assert stats.mean_consultation_minutes is None


async def test_figures_count_by_status_and_source(api: ApiClient, clock: ManualClock) -> None:
    clock.set(at("08:00"))
    slot = await api.make_slot(seats=4)
    tokens = await api.book_all(
        slot.id, [Source.ONLINE, Source.ONLINE, Source.WALKIN, Source.FOLLOWUP, Source.WALKIN]
    )
    await api.move(tokens[0].id, "CHECKED_IN")
    await api.move(tokens[1].id, "NO_SHOW")
    stats = await api.stats(slot.id)
    assert {k: n for k, n in stats.by_status.items() if n} == {
        Status.BOOKED: 3,
        Status.CHECKED_IN: 1,
        Status.NO_SHOW: 1,
    }
    assert {k: n for k, n in stats.by_source.items() if n} == {
        Source.ONLINE: 2,
        Source.WALKIN: 2,
        Source.FOLLOWUP: 1,
    }
    assert (stats.max_capacity, stats.taken, stats.fill_rate) == (4, 4, 1.0)


async def test_figures_count_bumps_overflow_and_the_waitlist(api: ApiClient) -> None:
    slot = await api.make_slot(seats=2)
    await api.book_all(
        slot.id,
        [Source.WALKIN, Source.WALKIN, Source.PRIORITY, Source.EMERGENCY, Source.EMERGENCY],
    )
    stats = await api.stats(slot.id)
    assert (stats.bumped, stats.overflow, stats.waitlisted) == (1, 2, 1)
    assert (stats.taken, stats.fill_rate) == (4, 2.0)


async def test_a_bump_counts_where_the_token_lost_its_seat(api: ApiClient) -> None:
    first, second = await api.make_day(1, 1)
    await api.book_all(first.id, [Source.WALKIN, Source.PRIORITY])
    assert ((await api.stats(first.id)).bumped, (await api.stats(second.id)).bumped) == (1, 0)
    assert (await api.stats(second.id)).by_source[Source.WALKIN] == 1


async def test_mean_wait_and_consultation_are_in_minutes(
    api: ApiClient, clock: ManualClock
) -> None:
    slot = await api.make_slot(seats=2)
    clock.set(at("09:00"))
    for patient, wait, consultation in (("p1", 10, 5), ("p2", 15, 6)):
        token = await api.book(slot.id, patient)
        await api.move(token.id, "CHECKED_IN")
        clock.advance(timedelta(minutes=wait))
        await api.move(token.id, "IN_CONSULTATION")
        clock.advance(timedelta(minutes=consultation))
        await api.move(token.id, "COMPLETED")
    stats = await api.stats(slot.id)
    assert stats.mean_consultation_minutes == 5.5
    assert stats.mean_wait_minutes == 12.5
