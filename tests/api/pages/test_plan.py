"""The plan: doctors, weeks, slots, by forms alone."""

import html

import pytest

from tests.api.browser import Browser, hidden, signed_in
from tests.api.client import ApiClient

DAY = "2030-01-16"
HOURS = {"date": DAY, "startTime": "14:00", "endTime": "16:30", "slotMinutes": "60"}


@pytest.fixture
async def browser(filled: ApiClient) -> Browser:
    return await signed_in(filled, "manager")


async def send(browser: Browser, page: str, to: str, **fields: str) -> tuple[int, str]:
    """Fill in a form of this page and send it: the status, and what is told then."""
    shown = (await browser.get(page)).text
    form = {"csrf": hidden(shown, "csrf"), "key": hidden(shown, "key"), **fields}
    return await press(browser, to, form)


async def press(browser: Browser, to: str, form: dict[str, str]) -> tuple[int, str]:
    answer = await browser.post(to, form)
    status = answer.status_code
    if status == 303:
        answer = await browser.get(answer.headers["location"])
        assert answer.status_code == 200
    return status, html.unescape(answer.text)


async def test_a_doctor_is_added_and_a_day_is_planned_in_equal_slots(
    filled: ApiClient, browser: Browser
) -> None:
    fields = {"name": "Leela Nair", "specialization": "Eyes", "id": "nair", "Tuesday": "yes"}
    status, told = await send(browser, "/plan", "/plan/doctors", **fields)
    assert (status, "Leela Nair is added" in told) == (303, True)
    assert [day.value for day in (await filled.doctor("nair")).opd_days] == ["Tuesday"]

    status, told = await send(
        browser, "/plan/doctors/rao", "/plan/doctors/rao/slots", **HOURS, maxCapacity="7"
    )
    assert (status, "3 slots are planned." in told) == (303, True)
    planned = await filled.slots("rao", date=DAY)
    hours = [(slot.start_time, slot.end_time) for slot in planned]
    assert {slot.max_capacity for slot in planned} == {7}
    assert hours == [("14:00", "15:00"), ("15:00", "16:00"), ("16:00", "16:30")]


async def test_a_form_that_is_sent_twice_plans_once(filled: ApiClient, browser: Browser) -> None:
    shown = (await browser.get("/plan/doctors/rao")).text
    form = {"csrf": hidden(shown, "csrf"), "key": hidden(shown, "key"), **HOURS}
    for _ in range(2):
        status, told = await press(browser, "/plan/doctors/rao/slots", form)
        assert (status, "3 slots are planned." in told) == (303, True)
    assert len(await filled.slots("rao", date=DAY)) == 3


async def test_what_stands_against_one_slot_is_told_with_those_before_it(
    filled: ApiClient, browser: Browser
) -> None:
    await filled.add_slot("rao", "15:00", "15:30", 3, date=DAY)
    status, told = await send(browser, "/plan/doctors/rao", "/plan/doctors/rao/slots", **HOURS)
    assert status == 409
    assert "The doctor already has a slot at that time" in told
    assert "1 slot was planned before that. It stands against 15:00–16:00." in told
    assert [slot.start_time for slot in await filled.slots("rao", date=DAY)] == ["14:00", "15:00"]


async def test_a_field_that_is_wrong_is_told_beside_it_and_kept(
    filled: ApiClient, browser: Browser
) -> None:
    wrong = {**HOURS, "slotMinutes": "3"}
    status, told = await send(browser, "/plan/doctors/rao", "/plan/doctors/rao/slots", **wrong)
    assert status == 422
    assert 'id="slotMinutes-fault">A slot lasts a whole number of minutes' in told
    assert 'value="14:00"' in told
    assert not await filled.slots("rao", date=DAY)


async def test_a_doctor_who_retires_takes_no_slots_until_taken_back(
    filled: ApiClient, browser: Browser
) -> None:
    at = "/plan/doctors/rao"
    status, told = await send(browser, at, f"{at}/tenure", retired="yes")
    assert (status, "Plan a day" in told) == (303, False)
    assert (await filled.doctor("rao")).retired
    form = {"csrf": await browser.csrf()}
    assert "Plan a day" in (await press(browser, f"{at}/tenure", form))[1]
    assert not (await filled.doctor("rao")).retired


async def test_a_doctors_name_and_days_are_changed(filled: ApiClient, browser: Browser) -> None:
    at = "/plan/doctors/rao"
    await send(browser, at, at, name="Asha R. Rao", specialization="Heart", Friday="yes")
    doctor = await filled.doctor("rao")
    assert (doctor.name, doctor.specialization) == ("Asha R. Rao", "Heart")
    assert [day.value for day in doctor.opd_days] == ["Friday"]


async def test_the_seats_and_the_delay_of_a_slot_are_changed(
    filled: ApiClient, browser: Browser
) -> None:
    at = "/plan/slots/rao-20300115-1200"
    form = {"csrf": await browser.csrf(), "maxCapacity": "9"}
    assert (await press(browser, f"{at}/seats", form))[0] == 303
    form = {"csrf": form["csrf"], "delay_minutes": "25"}
    assert "Everybody is told the new times." in (await press(browser, f"{at}/delay", form))[1]
    slot = await filled.slot("rao-20300115-1200")
    assert (slot.max_capacity, slot.delay_minutes) == (9, 25)

    form = {"csrf": form["csrf"], "delay_minutes": "900"}
    status, told = await press(browser, f"{at}/delay", form)
    assert (status, 'id="delay_minutes-fault"' in told) == (422, True)


async def test_a_slot_is_closed_with_its_patients_moved_or_not_and_opened(
    filled: ApiClient, browser: Browser
) -> None:
    at, csrf = "/plan/slots/iyer-20300115-0900", await browser.csrf()
    taken = (await filled.slot("iyer-20300115-0900")).taken
    assert taken
    form = {"csrf": csrf, "reason": "The room floods"}
    assert "The slot is closed." in (await press(browser, f"{at}/close", form))[1]
    assert (await filled.slot("iyer-20300115-0900")).taken == taken
    assert "The slot is open." in (await press(browser, f"{at}/open", {"csrf": csrf}))[1]

    _, told = await press(browser, f"{at}/close", {**form, "move": "yes"})
    assert f"The slot is closed. {taken} patients moved." in told
    slot = await filled.slot("iyer-20300115-0900")
    assert (slot.taken, slot.status) == (0, "CLOSED")


async def test_a_week_shows_its_seats_and_leads_to_the_next(browser: Browser) -> None:
    shown = (await browser.get("/plan")).text
    assert "12 of 24 seats taken" in shown
    assert 'href="/plan?week=2030-01-21" rel="next"' in shown
    assert "seats taken" not in (await browser.get("/plan?week=2030-01-22")).text
    assert (await browser.get("/plan?week=tomorrow")).status_code == 404


async def test_this_week_is_that_of_a_clock_which_was_set(
    filled: ApiClient, browser: Browser
) -> None:
    await filled.ask("PUT", "/api/dev/clock", {"now": "2030-01-23T09:00:00+05:30", "speed": 0})
    assert 'href="/plan?week=2030-01-28" rel="next"' in (await browser.get("/plan")).text


async def test_a_doctor_plans_their_own_days_and_no_others(filled: ApiClient) -> None:
    browser = await signed_in(filled, "doctor")
    shown = (await browser.get("/plan")).text
    assert "Asha Rao" in shown
    assert "Vikram Iyer" not in shown
    assert "Add a doctor" not in shown
    assert (await browser.get("/plan/doctors/iyer")).status_code in {403, 404}
