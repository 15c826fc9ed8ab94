"""A walk-in at a doctor's whose day should end too late is told, offered another, or refused."""

from collections.abc import Mapping

import pytest

from answers.tokens import BookingOut
from models.access import Role
from models.source import Source
from services.access.doorkeeper import Doorkeeper
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import at
from tests.principals import Names, as_, make_principal

pytestmark = pytest.mark.both_databases


async def _full_day(api: ApiClient, overflow: str, doctor_id: str | None = None) -> str:
    """An hour that is booked for 100 minutes, of a doctor with this setting; the slot's id."""
    added = await (api.add_doctor(id=doctor_id) if doctor_id else api.add_doctor())
    slot = await api.add_slot(added.id, seats=30)
    await api.book_all(slot.id, [Source.ONLINE] * 10)
    await api.ask("PUT", f"/api/queue/{added.id}/config", {"overflow": overflow})
    return slot.id


async def _walk_in(
    api: ApiClient, slot_id: str, headers: Mapping[str, str] | None = None, **more: object
) -> BookingOut:
    return await api.book(slot_id, "walker", Source.WALKIN, headers=headers, **more)


async def test_a_walk_in_is_told_with_code_and_words_and_others_are_not(api: ApiClient) -> None:
    slot_id = await _full_day(api, "tell")
    notice = (await _walk_in(api, slot_id)).notice
    assert notice is not None
    assert (notice.code, notice.expected_end) == ("day_overruns", at("10:50"))
    assert "10:50" in notice.words
    assert (await api.book(slot_id, "p1")).notice is None
    other = await api.make_slot()
    assert (await _walk_in(api, other.id)).notice is None


async def test_a_walk_in_is_offered_who_is_free_soonest_and_nothing_is_booked(
    api: ApiClient,
) -> None:
    slot_id = await _full_day(api, "offer")
    later = await api.add_doctor("Kavya Iyer")
    await api.add_slot(later.id, "09:30", "10:30")
    sooner = await api.add_doctor("Ravi Menon", "cardiology")
    free = await api.add_slot(sooner.id, "09:00", "10:00")
    await api.book(free.id, "p1")
    skin = await api.add_doctor("Sen", "Skin")
    await api.add_slot(skin.id)
    with refused(409, "day_overruns") as refusal:
        await _walk_in(api, slot_id)
    assert refusal.help == {
        "expectedEnd": "2030-01-15T10:50:00+05:30",
        "offer": {
            "doctorId": sooner.id,
            "doctorName": "Ravi Menon",
            "slotId": free.id,
            "startTime": "09:00",
            "endTime": "10:00",
            "estimatedTime": "2030-01-15T09:10:00+05:30",
        },
    }
    assert "Ravi Menon should be free at 09:10" in refusal.detail
    assert len((await api.queue(slot_id)).queue) == 10
    assert len((await api.queue(free.id)).queue) == 1

    insisting = await _walk_in(api, slot_id, despiteOverrun=True)
    assert insisting.notice is not None


async def test_with_nobody_to_offer_a_walk_in_is_booked_and_told_and_a_repeat_is_known(
    api: ApiClient,
) -> None:
    slot_id = await _full_day(api, "offer")
    again = {"Idempotency-Key": "k1"}
    first = await _walk_in(api, slot_id, headers=again)
    assert first.notice is not None
    repeat = await _walk_in(api, slot_id, headers=again)
    assert (repeat.id, repeat.notice) == (first.id, first.notice)
    allocated = await api.allocate(Source.WALKIN, date="2030-01-15")
    assert allocated.notice is not None


async def test_a_line_that_refuses_walk_ins_then_says_so(api: ApiClient) -> None:
    slot_id = await _full_day(api, "refuse")
    with refused(409, "not_accepting"):
        await _walk_in(api, slot_id, despiteOverrun=True)
    doctor_id = slot_id.partition("-")[0]
    assert not (await api.line(doctor_id, date="2030-01-15")).accepting


async def test_the_settings_say_what_becomes_of_walk_ins(open_client: OpenClient) -> None:
    async with open_client(queue_overflow="refuse", overflow_minutes=60) as api:
        slot = await api.make_slot(seats=30)
        await api.book_all(slot.id, [Source.ONLINE] * 11)
        await _walk_in(api, slot.id)
        with refused(409, "not_accepting"):
            await api.book(slot.id, "another", Source.WALKIN)


async def test_nobody_is_offered_with_whom_the_caller_may_not_book(open_client: OpenClient) -> None:
    names = Names(())
    names.know(make_principal("all", Role.ADMIN))
    names.know(make_principal("one", Role.RECEPTIONIST, doctors=["rao"]))
    async with open_client(Doorkeeper([names])) as api:
        api.client.headers.update(as_("all"))
        slot_id = await _full_day(api, "offer", "rao")
        other = await api.add_doctor()
        await api.add_slot(other.id)
        with refused(409, "day_overruns"):
            await _walk_in(api, slot_id)
        assert (await _walk_in(api, slot_id, headers=as_("one"))).notice is not None


@pytest.mark.parametrize("told", ["yes", 1, None])
async def test_insisting_is_said_with_true(api: ApiClient, told: object) -> None:
    slot = await api.make_slot()
    with refused(422, "invalid_despite_overrun"):
        await api.ask(
            "POST",
            "/api/tokens/walkin",
            {
                "slotId": slot.id,
                "patientName": "Meera",
                "phoneNumber": "098450 12345",
                "despiteOverrun": told,
            },
        )
