"""How a doctor's line is run: shown, changed, and taken back."""

import asyncio

import pytest

from models.source import Source
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient

pytestmark = pytest.mark.both_databases

SETTINGS = {
    "order": "head_start",
    "headStartMinutes": {"PRIORITY": 25, "FOLLOWUP": 8, "ONLINE": 5, "WALKIN": 0},
    "weights": {"source": 1.0, "waiting": 1.0, "appointment": 1.0},
    "overflow": "tell",
    "accepting": True,
    "maxSize": None,
    "consultationMinutes": 10,
    "useHistory": True,
    "pool": False,
    "own": [],
}


async def _config(api: ApiClient, doctor_id: str, **body: object) -> dict[str, object]:
    """As the doctor's line is run, once this was asked for; without `doctorId`."""
    path = f"/api/queue/{doctor_id}/config"
    if body:
        put = await api.ask("PUT", path, body)
        assert put.json() == (await api.ask("GET", path)).json()
    config: dict[str, object] = (await api.ask("GET", path)).json()
    assert config.pop("doctorId") == doctor_id
    return config


async def test_a_line_is_run_as_the_settings_say_until_it_is_said_otherwise(
    open_client: OpenClient,
) -> None:
    async with open_client(
        queue_order="weighted", queue_weights="waiting=2.5", head_start_minutes="ONLINE=7"
    ) as api:
        doctor = await api.add_doctor()
        assert await _config(api, doctor.id) == SETTINGS | {
            "order": "weighted",
            "headStartMinutes": {"ONLINE": 7},
            "weights": {"source": 1.0, "waiting": 2.5, "appointment": 1.0},
        }


async def test_what_is_named_changes_what_is_null_is_taken_back_and_the_rest_stays(
    api: ApiClient,
) -> None:
    doctor, other = await api.add_doctor(), await api.add_doctor()
    changed = await _config(
        api,
        doctor.id,
        order="Strict",
        headStartMinutes={"ONLINE": 30, "WALKIN": None},
        weights={"waiting": 0.5},
        overflow="refuse",
        accepting=False,
        maxSize=7,
        consultationMinutes=12,
        useHistory=False,
        pool=True,
    )
    own = {
        "order": "strict",
        "headStartMinutes": {"PRIORITY": 25, "FOLLOWUP": 8, "ONLINE": 30, "WALKIN": 0},
        "weights": {"source": 1.0, "waiting": 0.5, "appointment": 1.0},
        "overflow": "refuse",
        "accepting": False,
        "maxSize": 7,
        "consultationMinutes": 12,
        "useHistory": False,
        "pool": True,
    }
    assert changed == own | {"own": list(own)}
    changed = await _config(api, doctor.id, maxSize=None, order=None, headStartMinutes={})
    assert changed == SETTINGS | {name: own[name] for name in own if name in _OTHERS} | {
        "own": _OTHERS
    }
    assert await _config(api, doctor.id, **dict.fromkeys(own)) == SETTINGS
    assert await _config(api, other.id) == SETTINGS


_OTHERS = ["weights", "overflow", "accepting", "consultationMinutes", "useHistory", "pool"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing_to_change"),
        ({"order": "by name"}, "invalid_order"),
        ({"headStartMinutes": {"ONLINE": -1}}, "invalid_head_start"),
        ({"headStartMinutes": {"EMERGENCY": 1}}, "unknown_field"),
        ({"weights": {"source": "much"}}, "invalid_weight"),
        ({"overflow": "ignore"}, "invalid_overflow"),
        ({"accepting": 1}, "invalid_accepting"),
        ({"maxSize": 0}, "invalid_max_size"),
        ({"consultationMinutes": 0}, "invalid_consultation_minutes"),
        ({"useHistory": "no"}, "invalid_use_history"),
        ({"pool": "cardiology"}, "invalid_pool"),
    ],
)
async def test_what_is_no_setting_is_refused_and_changes_nothing(
    api: ApiClient, body: dict[str, object], code: str
) -> None:
    doctor = await api.add_doctor()
    with refused(422, code):
        await api.ask("PUT", f"/api/queue/{doctor.id}/config", body)
    assert await _config(api, doctor.id) == SETTINGS


_HAPPENED = 8
"""Two slots, four bookings, two changes."""


async def _changes(api: ApiClient) -> list[tuple[str, object]]:
    async with asyncio.timeout(10):
        while True:
            events = await api.ask("GET", "/api/events")
            if len(events.json()) >= _HAPPENED:
                break
            await asyncio.sleep(0.01)
    told = [each for each in events.json() if each["type"] == "CONFIG_CHANGED"]
    return [(each["sheet"], each["reasonParams"]["what"]) for each in told]


async def test_each_day_is_told_what_changed_and_a_new_day_before_its_first_slot(
    api: ApiClient,
) -> None:
    slot = await api.make_slot(seats=9)
    doctor_id, consultation = slot.doctor_id, {"consultationMinutes": 25}
    await _config(api, doctor_id, **consultation)
    later = await api.add_slot(doctor_id, date="2030-01-22", seats=9)
    for slot_id in (slot.id, later.id):
        await api.book(slot_id, "p1", Source.WALKIN)
        second = await api.book(slot_id, "p2", Source.WALKIN)
        assert second.estimated_time is not None
        assert f"{second.estimated_time:%H:%M}" == "09:25"
    await _config(api, doctor_id, **consultation)  # nothing new
    days = [slot_id.rpartition("-")[0] for slot_id in (slot.id, later.id)]
    assert await _changes(api) == [(day, ["consultationMinutes"]) for day in days]


async def test_a_line_tells_how_long_it_is_and_takes_no_more_walk_ins_than_it_may(
    api: ApiClient,
) -> None:
    slot = await api.make_slot(seats=9)
    await api.book(slot.id, "p1", Source.ONLINE)
    await api.book(slot.id, "p2", Source.WALKIN)
    line = await api.line(slot.doctor_id, date="2030-01-15")
    assert (line.size, line.max_size, line.accepting) == (1, None, True)
    await _config(api, slot.doctor_id, maxSize=1)
    with refused(409, "queue_full") as refusal:
        await api.book(slot.id, "p3", Source.WALKIN)
    assert refusal.detail.startswith("1 patient waits")
    with refused(409, "queue_full"):
        await api.allocate(Source.WALKIN, doctorId=slot.doctor_id, date="2030-01-15")
    await _config(api, slot.doctor_id, accepting=False)
    with refused(409, "not_accepting"):
        await api.book(slot.id, "p3", Source.WALKIN)
    line = await api.line(slot.doctor_id, date="2030-01-15")
    assert (line.size, line.max_size, line.accepting) == (1, 1, False)
    other = await api.make_slot("11:00", "12:00")
    assert (await api.allocate(Source.WALKIN, date="2030-01-15")).slot_id == other.id
