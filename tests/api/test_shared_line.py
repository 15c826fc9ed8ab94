"""Doctors of one specialization share a line: the next is called from whichever sheet it stands on."""

import asyncio
from datetime import timedelta

import pytest

from answers.lines import CalledOut
from models.access import Role
from models.doctor_session import SessionState
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import at
from tests.principals import as_, knowing, make_principal

pytestmark = pytest.mark.both_databases

W = Source.WALKIN


async def _open(
    api: ApiClient, clock: ManualClock, *doctors: str, specialization: str = "Cardiology"
) -> None:
    """Doctors with a slot each, whose lines are shared, at nine."""
    for doctor in doctors:
        await api.add_doctor(f"Dr {doctor}", specialization, id=doctor)
        await api.add_slot(doctor, seats=9)
        await _share(api, doctor)
    clock.set(at("09:00"))


async def _share(api: ApiClient, doctor: str, *, pool: bool | None = True) -> None:
    await api.ask("PUT", f"/api/queue/{doctor}/config", {"pool": pool})


async def _here(api: ApiClient, clock: ManualClock, doctor: str, count: int = 1) -> list[str]:
    """The tokens of so many walk-ins who came to this doctor, a second after each other."""
    tokens = []
    for _ in range(count):
        patient = f"{doctor}{clock.now():%H%M%S}"
        token = await api.book(f"{doctor}-20300115-0900", patient, W)
        await api.do(token.id, "check-in")
        tokens.append(token.id)
        clock.advance(timedelta(seconds=1))
    return tokens


def _id(called: CalledOut) -> str | None:
    return None if called.token is None else called.token.id


async def test_the_next_is_the_best_of_all_sheets_and_stays_on_its_own(
    api: ApiClient, clock: ManualClock
) -> None:
    await _open(api, clock, "asha", "vikram")
    (his,) = await _here(api, clock, "vikram")
    (hers,) = await _here(api, clock, "asha")
    called = await api.call_next("asha", room="1")
    assert (called.doctor_id, called.token) == ("asha", await api.token(his))
    assert called.token is not None
    assert (called.token.doctor_id, called.token.served_by) == ("vikram", "asha")
    assert (called.token.status, called.token.room) == (Status.CALLED, "1")
    again = await api.call_next("vikram", room="2")
    assert again.token == await api.token(hers)
    assert again.token is not None
    assert (again.token.doctor_id, again.token.served_by) == ("asha", "vikram")


async def test_the_asking_doctor_is_there_and_the_other_one_is_not(
    api: ApiClient, clock: ManualClock
) -> None:
    await _open(api, clock, "asha", "vikram")
    (his,) = await _here(api, clock, "vikram")
    await api.call_next("asha")
    await api.do(his, "start")
    assert (await api.line("asha")).state is SessionState.IN_SESSION
    assert (await api.line("vikram")).state is SessionState.NOT_STARTED


async def test_who_is_finished_may_stand_on_either_sheet(
    api: ApiClient, clock: ManualClock
) -> None:
    await _open(api, clock, "asha", "vikram")
    his = await _here(api, clock, "vikram", 2)
    hers = await _here(api, clock, "asha", 2)
    assert _id(await api.call_next("asha", room="1")) == his[0]
    await api.do(his[0], "start")
    with refused(409, "still_in") as refusal:
        await api.call_next("asha", room="1")
    assert refusal.help == {"tokenId": his[0], "tokenNumber": "T001"}
    order = [his[1], hers[0], hers[1], None]
    finished = his[0]
    for expected in order:
        called = _id(await api.call_next("asha", room="1", finish=finished))
        assert called == expected
        assert (await api.token(finished)).status is Status.COMPLETED
        if called is not None:
            await api.do(called, "start")
            finished = called


async def test_nobody_finishes_whom_another_doctor_sees(api: ApiClient, clock: ManualClock) -> None:
    await _open(api, clock, "asha", "vikram")
    (his,) = await _here(api, clock, "vikram")
    await api.call_next("vikram")
    await api.do(his, "start")
    with refused(404, "unknown_token"):
        await api.call_next("asha", finish=his)
    assert (await api.token(his)).status is Status.IN_CONSULTATION


async def test_who_stopped_sharing_finishes_whom_they_see(
    api: ApiClient, clock: ManualClock
) -> None:
    await _open(api, clock, "asha", "vikram")
    his = await _here(api, clock, "vikram", 2)
    await api.call_next("asha")
    await api.do(his[0], "start")
    await _share(api, "asha", pool=None)
    assert _id(await api.call_next("asha", finish=his[0])) is None
    assert (await api.token(his[0])).status is Status.COMPLETED


@pytest.mark.parametrize("apart", ["specialization", "pool", "retired", "date"])
async def test_only_who_shares_and_is_of_the_same_kind_on_the_same_day_is_meant(
    api: ApiClient, clock: ManualClock, apart: str
) -> None:
    await _open(api, clock, "asha", "vikram")
    (his,) = await _here(api, clock, "vikram")
    match apart:
        case "specialization":
            await api.ask("PATCH", "/api/doctors/vikram", {"specialization": "Dentistry"})
        case "pool":
            await _share(api, "vikram", pool=False)
        case "retired":
            await api.ask("PATCH", "/api/doctors/vikram", {"retired": True})
        case "date":
            await api.add_slot("asha", date="2030-01-16", seats=1)
            clock.set(at("09:00", days=1))
    assert _id(await api.call_next("asha")) is None
    assert (await api.token(his)).status is Status.CHECKED_IN


async def test_pooling_lifts_nobodys_rights(open_client: OpenClient, clock: ManualClock) -> None:
    """Who may not call from another's line gets no patient of it, and neither finishes one."""
    owner = make_principal("owner", Role.ADMIN)
    doctor = make_principal("doctor", Role.DOCTOR, doctors=["asha"])
    async with open_client(doorkeeper=knowing(owner, doctor)) as api:
        api.client.headers.update(as_("owner"))
        await _open(api, clock, "asha", "vikram")
        his = await _here(api, clock, "vikram", 2)
        (hers,) = await _here(api, clock, "asha")
        assert _id(await api.call_next("asha")) == his[0]
        await api.do(his[0], "start")
        api.client.headers.update(as_("doctor"))
        with refused(403, "forbidden"):
            await api.call_next("asha", finish=his[0])
        assert _id(await api.call_next("asha")) == hers
        assert _id(await api.call_next("asha")) is None
        api.client.headers.update(as_("owner"))
        stands = [(await api.token(token)).status for token in his]
        assert stands == [Status.IN_CONSULTATION, Status.CHECKED_IN]


async def test_a_repeat_with_the_key_calls_nobody_more_wherever_the_first_call_went(
    api: ApiClient, clock: ManualClock
) -> None:
    await _open(api, clock, "asha", "vikram")
    his = await _here(api, clock, "vikram", 2)
    first = await api.call_next("asha", key="k")
    assert _id(first) == his[0]
    assert await api.call_next("asha", key="k") == first
    for doctor in ("asha", "vikram"):
        await _share(api, doctor, pool=False)
    assert _id(await api.call_next("asha", key="k")) == his[0]
    assert (await api.token(his[1])).status is Status.CHECKED_IN
    with refused(422, "idempotency_mismatch"):
        await api.call_next("asha", key="k", room="1")


async def test_a_key_that_found_nobody_may_call_later(api: ApiClient, clock: ManualClock) -> None:
    await _open(api, clock, "asha", "vikram")
    assert _id(await api.call_next("asha", key="k")) is None
    (his,) = await _here(api, clock, "vikram")
    assert _id(await api.call_next("asha", key="k")) == his
    assert _id(await api.call_next("asha", key="k")) == his
    assert _id(await api.call_next("asha", key="other")) is None


async def test_the_patient_is_told_who_called(api: ApiClient, clock: ManualClock) -> None:
    await _open(api, clock, "asha", "vikram")
    (his,) = await _here(api, clock, "vikram")
    await api.call_next("asha")
    entries = await _history(api, his, 3)
    assert entries[-1]["words"] == "Dr asha called you."
    assert entries[-1]["reasonParams"] == {"doctorId": "asha", "doctor": "Dr asha"}


async def _history(api: ApiClient, token: str, count: int) -> list[dict[str, object]]:
    async with asyncio.timeout(10):
        while True:
            told = (await api.ask("GET", f"/api/tokens/{token}/history")).json()["entries"]
            if len(told) >= count:
                return list(told)
            await asyncio.sleep(0.01)


async def test_the_line_tells_who_shares_it_and_each_place_in_it(
    api: ApiClient, clock: ManualClock
) -> None:
    await _open(api, clock, "asha", "vikram")
    assert (await api.line("asha")).pool == ["asha", "vikram"]
    for doctor in ("vikram", "asha", "asha", "vikram"):
        await _here(api, clock, doctor)
    for doctor, expected in (("asha", [2, 3]), ("vikram", [1, 4])):
        line = (await api.line(doctor)).line
        assert [each.token.queue_position for each in line] == expected
        tokens = [await api.token(each.token.id or "") for each in line]
        assert [each.queue_position for each in tokens] == expected
        assert tokens == [each.token for each in line]
    await _share(api, "vikram", pool=False)
    assert (await api.line("asha")).pool == ["asha"]
    assert (await api.line("vikram")).pool == []
    assert [each.token.queue_position for each in (await api.line("asha")).line] == [1, 2]


async def test_two_doctors_see_the_line_in_half_the_time(
    api: ApiClient, clock: ManualClock
) -> None:
    """Six wait with one doctor, ten minutes each; the other one is in session, or is not."""
    await _open(api, clock, "asha", "vikram")
    await _here(api, clock, "asha", 6)

    async def minutes() -> list[int]:
        line = (await api.line("asha")).line
        times = [each.token.estimated_time for each in line]
        return [round((time - clock.now()).total_seconds() / 60) for time in times if time]

    await api.say("asha", "IN_SESSION")
    assert await minutes() == [0, 10, 20, 30, 40, 50]
    await api.say("vikram", "IN_SESSION")
    assert await minutes() == [0, 0, 10, 10, 20, 20]
    await api.say("vikram", "ON_BREAK", until=(clock.now() + timedelta(minutes=15)).isoformat())
    assert await minutes() == [0, 10, 15, 20, 25, 30]
    await api.say("vikram", "FINISHED")
    assert await minutes() == [0, 10, 20, 30, 40, 50]


@pytest.mark.parametrize("way", ["verb", "booking", "kiosk"])
async def test_the_time_that_is_told_at_check_in_and_kept_is_of_the_shared_line(
    api: ApiClient, clock: ManualClock, way: str
) -> None:
    """Two wait before, and two doctors are in session: it is the third's turn after one, not two."""
    await _open(api, clock, "asha", "vikram")
    before = await _here(api, clock, "asha", 2)
    for doctor in ("asha", "vikram"):
        await api.say(doctor, "IN_SESSION")  # nobody has looked at the line since
    slot, phone = "asha-20300115-0900", "+91 98450 12345"
    if way == "booking":
        token = (await api.book(slot, "third", W, checkIn=True)).id
    else:
        booked = await api.book(slot, "third", W, phoneNumber=phone)
        token = booked.id
        kiosk = {"doctorId": "asha", "tokenNumber": "T003", "phoneDigits": "2345"}
        if way == "kiosk":
            await api.ask("POST", "/api/check-in", kiosk)
        else:
            await api.do(token, "check-in")
    told = (await api.token(token)).estimated_time
    assert told is not None
    assert round((told - clock.now()) / timedelta(minutes=1)) == 10
    for each in before:
        await api.cancel(each)
    clock.set(told)
    await api.call_next("vikram")
    await api.do(token, "start")
    assert await _mean_error(api) == 0


async def _mean_error(api: ApiClient) -> object:
    """Of the times told at check-in that Asha's patients were, once one can be compared."""
    async with asyncio.timeout(10):
        while True:
            accuracy = (await api.ask("GET", "/api/queue/asha/accuracy")).json()
            if accuracy["compared"]:
                return accuracy["meanAbsoluteErrorMinutes"]
            await asyncio.sleep(0.01)
