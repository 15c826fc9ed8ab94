"""A kiosk checks in by number and digits or by link, and tells nothing more than it must."""

from datetime import timedelta

import pytest

from answers.tokens import TokenOut
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import at

RIGHT = {"tokenNumber": "T001", "phoneDigits": "2345"}


async def kiosk(api: ApiClient, doctor_id: str, **ticket: str) -> dict[str, object]:
    answer = await api.ask("POST", "/api/check-in", {"doctorId": doctor_id, **ticket})
    told: dict[str, object] = answer.json()
    return told


async def booked(api: ApiClient, seats: int = 9) -> TokenOut:
    """One who is due at nine; it is eight."""
    slot = await api.make_slot(seats=seats)
    return await api.book(slot.id)


@pytest.mark.parametrize("number", ["T001", "t001", "1", " T 1 ", "00001"])
async def test_who_knows_number_and_digits_is_checked_in(api: ApiClient, number: str) -> None:
    token = await booked(api)
    told = await kiosk(api, token.doctor_id, tokenNumber=number, phoneDigits="12345")
    assert told == {"tokenNumber": "T001", "queuePosition": 1}
    assert (await api.token(str(token.id))).status is Status.CHECKED_IN
    assert await kiosk(api, token.doctor_id, **RIGHT) == told


async def test_who_waits_for_a_seat_has_no_place(api: ApiClient) -> None:
    token = await booked(api, seats=1)
    await api.book(token.slot_id, "p2")
    told = await kiosk(api, token.doctor_id, tokenNumber="T002", phoneDigits="2345")
    assert told == {"tokenNumber": "T002", "queuePosition": None}


async def test_all_that_is_wrong_gets_one_answer(api: ApiClient) -> None:
    token = await booked(api)
    nameless = await api.ask(
        "POST", "/api/tokens/emergency", {"slotId": token.slot_id, "patientName": "Unknown"}
    )
    assert nameless.json()["tokenNumber"] == "T002"
    idle = await api.add_doctor()
    problems = []
    for doctor, ticket in [
        (token.doctor_id, {"tokenNumber": "T001", "phoneDigits": "9999"}),
        (token.doctor_id, {"tokenNumber": "T002", "phoneDigits": "0000"}),
        (token.doctor_id, {"tokenNumber": "T003", "phoneDigits": "2345"}),
        (token.doctor_id, {"tokenNumber": "T000", "phoneDigits": "2345"}),
        (token.doctor_id, {"link": "opl_k1.r.1.2.3"}),
        (idle.id, RIGHT),
    ]:
        with refused(409, "go_to_desk") as refusal:
            await kiosk(api, doctor, **ticket)
        problems.append((refusal.detail, refusal.help))
    assert problems == [("Please go to the desk.", {})] * len(problems)
    assert (await api.token(str(token.id))).status is Status.BOOKED


async def test_five_wrong_tries_an_hour_are_all_that_a_number_takes(
    api: ApiClient, clock: ManualClock
) -> None:
    token = await booked(api)
    for number in ("T001", "T009"):  # whether it is there or not
        for _ in range(5):
            with refused(409, "go_to_desk"):
                await kiosk(api, token.doctor_id, tokenNumber=number, phoneDigits="9999")
        with refused(429, "rate_limited"):
            await kiosk(api, token.doctor_id, tokenNumber=number, phoneDigits="2345")
    clock.advance(timedelta(hours=1))
    assert await kiosk(api, token.doctor_id, **RIGHT)


async def test_twenty_wrong_tries_an_hour_are_all_that_a_kiosk_takes(api: ApiClient) -> None:
    token = await booked(api)
    for n in range(20):
        with refused(409, "go_to_desk"):
            await kiosk(api, token.doctor_id, tokenNumber=f"{n + 2}", phoneDigits="2345")
    with refused(429, "rate_limited"):
        await kiosk(api, token.doctor_id, **RIGHT)


async def test_who_was_right_is_not_counted(api: ApiClient) -> None:
    token = await booked(api)
    for _ in range(21):
        assert await kiosk(api, token.doctor_id, **RIGHT)


async def test_a_kiosk_opens_an_hour_before_the_slot(api: ApiClient, clock: ManualClock) -> None:
    token = await booked(api)
    clock.set(at("07:59"))
    late = await api.add_slot(token.doctor_id, "18:00", "19:00", 9)
    await api.book(late.id, "p2", Source.WALKIN)
    with refused(409, "too_early") as refusal:
        await kiosk(api, token.doctor_id, tokenNumber="T002", phoneDigits="2345")
    assert refusal.help == {"opensAt": "2030-01-15T17:00:00+05:30"}
    assert "17:00" in refusal.detail


async def test_after_midnight_it_is_the_night_that_still_runs(
    api: ApiClient, clock: ManualClock
) -> None:
    doctor = await api.add_doctor()
    night = await api.add_slot(doctor.id, "22:00", "02:00", 9)
    await api.add_slot(doctor.id, "09:00", "10:00", 9, date="2030-01-16")
    await api.book(night.id)
    await api.say(doctor.id, "IN_SESSION")
    clock.set(at("00:30", days=1))
    assert await kiosk(api, doctor.id, **RIGHT) == {"tokenNumber": "T001", "queuePosition": 1}


async def test_a_link_is_enough(open_client: OpenClient) -> None:
    secret = "k" * 43
    async with open_client(link_keys=f"k1:{secret}") as api:
        slot = await api.make_slot()
        other = await booked(api)
        token = await api.book(slot.id)
        link = f"https://opd.example.org{token.patient_link}"
        with refused(409, "go_to_desk"):
            await kiosk(api, other.doctor_id, link=link)
        told = await kiosk(api, token.doctor_id, link=link)
        assert told == {"tokenNumber": "T001", "queuePosition": 1}


@pytest.mark.parametrize(
    ("ticket", "code"),
    [
        ({}, "missing_field"),
        ({"tokenNumber": "T001"}, "missing_field"),
        ({"phoneDigits": "2345"}, "missing_field"),
        ({"tokenNumber": "first", "phoneDigits": "2345"}, "invalid_token_number"),
        ({"tokenNumber": "T001", "phoneDigits": "345"}, "invalid_phone_digits"),
        ({"link": "a b"}, "invalid_link"),
    ],
)
async def test_a_ticket_has_what_it_needs(
    api: ApiClient, ticket: dict[str, str], code: str
) -> None:
    token = await booked(api)
    with refused(422, code):
        await kiosk(api, token.doctor_id, **ticket)
    with refused(404, "unknown_doctor"):
        await kiosk(api, "nobody", **RIGHT)
