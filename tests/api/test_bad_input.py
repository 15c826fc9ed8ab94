"""What the fields of requests accept, and what they say to the rest."""

from datetime import UTC, datetime

import pytest

from services.clock import ManualClock
from tests.api.client import ApiClient, booking, refused
from tests.api.service import at


async def test_a_phone_number_is_returned_as_it_was_written(api: ApiClient) -> None:
    slot = await api.make_slot(seats=50)
    for n, number in enumerate(
        [
            "9845012345",
            "1234567",
            "123456789012345",
            "+91 98450 12345",
            "+91-98450-12345",
            "(080) 2345-6789",
            "+1 (555) 010-9999",
            "(+91) 98450 12345",
            " 9845012345 ",
            "080-23456789-",
        ]
    ):
        token = await api.book(slot.id, f"p{n}", phoneNumber=number)
        assert token.phone_number == number


async def test_what_is_no_phone_number_is_refused(api: ApiClient) -> None:
    slot = await api.make_slot()
    for number in (
        "",
        "123456",
        "1234567890123456",
        "not a number",
        "98450x12345",
        "98450+12345",
        "++9845012345",
        "٩٨٤٥٠١٢٣٤٥",
        "９８４５０１２３４５",
        "98450.12345",
        "1" + " " * 40 + "234567",
        9845012345,
        ["9845012345"],
        "98450\u00a012345",
    ):
        with refused(422, "invalid_phone_number") as refusal:
            await api.book(slot.id, phoneNumber=number)
        assert "7 to 15 digits" in refusal.detail


async def test_a_date_exists(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    wrong = [
        "2030-02-30", "2030-13-01", "2030-00-10", "2029-02-29", "2030-1-15", "15-01-2030", "20300115",
        "2030-01-15T09:00", "2030-01-15\n", " 2030-01-15", "tomorrow", "", "٢٠٣٠-٠١-١٥",
        "1999-12-31", "3000-01-01", "0000-01-01", "9999-12-31",
    ]  # fmt: skip
    for date in wrong:
        with refused(422, "invalid_date") as refusal:
            await api.add_slot(doctor.id, date=date)
        assert "YYYY-MM-DD" in refusal.detail
        for name in ("date", "from_", "to"):
            with refused(422, "invalid_date"):
                await api.slots(doctor.id, **{name: date})
        with refused(422, "invalid_date"):
            await api.available(doctor.id, date=date)
        with refused(422, "invalid_date"):
            await api.allocate(date=date)


async def test_a_date_is_a_text(api: ApiClient) -> None:
    wrong: list[object] = [20300115, 1894665600, None, [], True]
    for date in wrong:
        body = {"doctorId": "x", "date": date, "startTime": "09:00", "endTime": "10:00"}
        with refused(422, "invalid_date"):
            await api.ask("POST", "/api/slots", body)


async def test_a_time_is_within_the_day(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    wrong: list[object] = [
        "24:00", "25:00", "09:60", "9:00", "0900", "09:00:00", "-1:00", "", "noon", "09:00 ",
        "09:00\n", "09:00R", "09:00rr", 900, None, "٠٩:٠٠",
    ]  # fmt: skip
    for time in wrong:
        for name in ("startTime", "endTime"):
            body = {
                "doctorId": doctor.id,
                "date": "2030-01-15",
                "startTime": "09:00",
                "endTime": "10:00",
            }
            with refused(422, "invalid_time") as refusal:
                await api.ask("POST", "/api/slots", {**body, name: time})
            assert "HH:MM" in refusal.detail


async def test_the_first_and_the_last_minute_are_within_the_day(
    api: ApiClient, clock: ManualClock
) -> None:
    clock.set(at("00:00"))
    doctor = await api.add_doctor()
    assert (await api.add_slot(doctor.id, "00:00", "00:01")).start_time == "00:00"
    assert (await api.add_slot(doctor.id, "23:58", "23:59")).end_time == "23:59"


async def test_the_years_go_from_2000_to_2999(api: ApiClient, clock: ManualClock) -> None:
    clock.set(datetime(2000, 1, 1, tzinfo=UTC))
    doctor = await api.add_doctor()
    for date in ("2000-01-01", "2999-12-31"):
        slot = await api.add_slot(doctor.id, "23:00", "01:00", date=date)
        assert (await api.delay(slot.id, 480)).date.isoformat() == date


async def test_several_faults_are_all_told(api: ApiClient) -> None:
    body = {"slotId": "x", "patientName": "", "phoneNumber": "x", "colour": 1}
    with refused(422, "missing_field") as refusal:
        await api.ask("POST", "/api/tokens/book", body)
    faults = {(fault["field"], fault["code"]) for fault in refusal.faults}
    assert faults == {
        ("patientId", "missing_field"),
        ("patientName", "invalid_name"),
        ("phoneNumber", "invalid_phone_number"),
        ("colour", "unknown_field"),
    }
    assert all(fault["detail"].endswith((".", "!")) for fault in refusal.faults)


@pytest.mark.parametrize(
    ("path", "field", "value", "wanted"),
    [
        ("/api/tokens/book", "patientId", 1234, "Send a text, in quotes."),
        ("/api/tokens/book", "patientName", ["Meera"], "Send a text, in quotes."),
        ("/api/tokens/book", "phoneNumber", 9845012345, "Send a text, in quotes."),
        ("/api/tokens/book", "slotId", None, "Send a text, in quotes."),
        ("/api/tokens/book", "ifFull", True, "Send a text, in quotes."),
        ("/api/tokens/allocate", "source", 1, "Send a text, in quotes."),
        ("/api/doctors", "id", 7, "Send a text, in quotes."),
        ("/api/doctors", "specialization", {}, "Send a text, in quotes."),
        ("/api/doctors", "opdDays", "Monday", "Send a list, in [ ]."),
        ("/api/slots", "date", 20300115, "Send a text, in quotes."),
        ("/api/slots", "startTime", 900, "Send a text, in quotes."),
        ("/api/slots", "maxCapacity", "6", "Send a number, without quotes."),
        ("/api/slots", "maxCapacity", True, "Send a number, without quotes."),
        ("/api/tokens/reallocate/x", "close", "true", "Send true or false, without quotes."),
    ],
)
async def test_a_value_of_another_type_is_told_which_is_wanted(
    api: ApiClient, path: str, field: str, value: object, wanted: str
) -> None:
    answer = await api.client.post(path, json={field: value})
    told = {fault["field"]: fault["detail"] for fault in answer.json()["errors"]}
    assert wanted in told[field]


async def test_a_value_of_the_right_type_is_told_no_type(api: ApiClient) -> None:
    for path, field, value in (
        ("/api/tokens/book", "patientId", ""),
        ("/api/slots", "maxCapacity", 6.5),
        ("/api/slots", "maxCapacity", 0),
        ("/api/doctors", "opdDays", [1]),
    ):
        answer = await api.client.post(path, json={field: value})
        told = {fault["field"]: fault["detail"] for fault in answer.json()["errors"]}
        assert "Send" not in told[field]
    with refused(422, "invalid_limit") as refusal:
        await api.doctors(limit="x")
    assert "Send" not in refusal.detail


async def test_an_id_in_a_body_is_a_text(api: ApiClient) -> None:
    wrong: list[object] = [7, None, [], {}]
    for value in wrong:
        with refused(422, "invalid_id"):
            await api.ask("POST", "/api/tokens/book", {**booking("x"), "slotId": value})


async def test_unknown_query_parameters_are_refused_everywhere(api: ApiClient) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id)
    for method, path, body in (
        ("GET", "/api/doctors", None),
        ("GET", f"/api/doctors/{slot.doctor_id}", None),
        ("POST", "/api/doctors", {"name": "A", "specialization": "B"}),
        ("GET", f"/api/slots/{slot.id}", None),
        ("GET", f"/api/slots/doctor/{slot.doctor_id}", None),
        ("GET", f"/api/slots/doctor/{slot.doctor_id}/available", None),
        ("PATCH", f"/api/slots/{slot.id}/delay?delay_minutes=1", None),
        ("POST", "/api/tokens/book", booking(slot.id, "p2")),
        ("GET", f"/api/tokens/{token.id}", None),
        ("DELETE", f"/api/tokens/{token.id}/cancel", None),
        ("GET", "/api/events", None),
    ):
        with refused(422, "unknown_field") as refusal:
            await api.ask(method, f"{path}{'&' if '?' in path else '?'}colour=red", body)
        assert "colour" in refusal.detail
    assert (await api.slot(slot.id)).taken == 1


async def test_an_actor_has_1_to_64_plain_characters(api: ApiClient) -> None:
    for actor in ("", "a b", "x" * 65, "a/b", "a,b"):
        with refused(422, "invalid_actor"):
            await api.add_doctor(headers={"X-Actor": actor})
    await api.add_doctor(headers={"X-Actor": "Desk-2.main_hall@opd"})
