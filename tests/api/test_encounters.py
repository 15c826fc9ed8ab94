"""The visit that a token was for."""

from pathlib import Path

import msgspec
import pytest

from answers.encounters import EncounterOut
from models.source import Source
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.marked_day import fill, serve_both
from tests.api.service import GivenSettings, at
from tests.principals import as_

pytestmark = pytest.mark.both_databases


async def _encounter(api: ApiClient, token_id: str, who: str | None = None) -> EncounterOut:
    headers = {} if who is None else as_(who)
    answer = await api.ask("GET", f"/api/tokens/{token_id}/encounter", headers=headers)
    return msgspec.json.decode(answer.content, type=EncounterOut)


async def test_a_visit_is_there_from_the_check_in_on_and_at_once(
    api: ApiClient, clock: ManualClock
) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id, "p1", Source.WALKIN)
    with refused(404, "unknown_encounter"):
        await _encounter(api, token.id)
    clock.set(at("09:00"))
    await api.do(token.id, "check-in")
    arrived = await _encounter(api, token.id)
    assert (arrived.token_id, arrived.patient_id, arrived.doctor_id) == (
        token.id,
        "p1",
        slot.doctor_id,
    )
    assert (arrived.state, arrived.arrived_at) == ("arrived", at("09:00"))
    await api.do(token.id, "undo")
    assert (await _encounter(api, token.id)).state == "entered-in-error"
    await api.do(token.id, "check-in")
    clock.set(at("09:10"))
    await api.do(token.id, "start")
    clock.set(at("09:25"))
    await api.do(token.id, "complete")
    ended = await _encounter(api, token.id)
    assert (ended.state, ended.started_at, ended.ended_at) == (
        "finished",
        at("09:10"),
        at("09:25"),
    )
    with refused(404, "unknown_token"):
        await _encounter(api, f"{token.id[:-1]}x")


async def test_a_facility_sees_its_own_alone_and_who_looked_is_recorded(
    tmp_path: Path, clock: ManualClock
) -> None:
    settings = GivenSettings(embedded_file=str(tmp_path / "opd.sqlite"))
    async with serve_both(settings, clock) as api:
        day = await fill(api)
        called = day.ids["token_id"][0]
        assert (await _encounter(api, called, "nurse")).state == "arrived"
        with refused(404, "unknown_token"):
            await _encounter(api, called, "north.admin")
        with refused(404, "unknown_token"):
            await _encounter(api, called, "portal")  # another booked it
        with refused(403, "forbidden"):
            await _encounter(api, called, "auditor")
        records = await api.ask("GET", "/api/audit", headers=as_("auditor"))
        read = [each for each in records.json() if each["what"] == "patient.read"]
        assert {each["actor"] for each in read if each["whom"] == "MARKED-0"} == {"nurse"}
