"""A day that passes while it is played: whatever the service does by time, its rules hold."""

import json
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest

from models.token import Status
from simulator.client import Refused
from simulator.clinic import Agenda, Script
from simulator.day import LIVE_INVARIANTS, not_ended
from simulator.doctors import works
from simulator.patients import book
from simulator.plan import REST_AT, STORY
from tests.simulation.scenes import clinic_for, simulate

BRIEF = ("--live", "--speed", "0", "--doctors", "1", "--load", "0.5", "--seed", "7")
"""Twenty-one patients; the clock is moved from one thing that happens to the next."""


def test_a_day_passes_and_all_its_rules_hold(tmp_path: Path) -> None:
    told = simulate(*BRIEF, "--json", folder=tmp_path)
    assert told.returncode == 0, told.stderr
    report = json.loads(told.stdout)
    assert report["broken"] == []
    assert set(LIVE_INVARIANTS) <= set(report["invariants"])
    (day,) = report["days"]
    assert {"DELAYED", "BREAK", "LINE", "FOR TESTS", "BACK", "CANCELLED", "SEEN"} <= {
        event["kind"] for event in day["events"]
    }
    assert "At the kiosk." in {event["why"] for event in day["events"]}
    everybody = report["bySource"]["ALL"]
    ended = everybody["seen"] + everybody["noShows"] + everybody["cancelled"]
    assert ended == everybody["tokens"] == 21
    assert report["estimates"]["compared"] == everybody["seen"]
    seen = Counter(e["tokenNumber"] for e in day["events"] if e["kind"] == "SEEN")
    assert set(seen.values()) == {1}


async def test_who_is_there_and_not_seen_or_not_at_an_end_is_told() -> None:
    async with clinic_for(STORY) as clinic:
        room = clinic.rooms[0]
        forgotten, open_ended = room.people[:2]
        await clinic.client.reach(clinic.at(-60))
        for person in (forgotten, open_ended):
            await book(person)
        forgotten.checked_in_at = clinic.at(0)
        await forgotten.stands(Status.NO_SHOW)
        assert {fault.where for fault in not_ended(room)} == {
            "Dr. Meera Rao: T001 came and is NO_SHOW",
            "Dr. Meera Rao: T002 is BOOKED",
        }


@pytest.mark.parametrize("live", [True, False])
async def test_only_where_time_and_others_have_a_hand_a_refusal_ends_what_one_does_and_no_more(
    *, live: bool
) -> None:
    async with clinic_for(STORY) as clinic:
        agenda, done = Agenda(clinic.client, clinic.at(0), live=live), []

        async def books_in_vain() -> Script:
            yield clinic.at(1)
            await clinic.client.set_status("rao-20300107-aaaaaaaaaaaa", Status.CALLED)

        async def goes_on() -> Script:
            yield clinic.at(2)
            done.append(agenda.now)

        agenda.add(books_in_vain())
        agenda.add(goes_on())
        with nullcontext() if live else pytest.raises(Refused):
            await agenda.run()
        assert done == ([clinic.at(2)] if live else [])


async def test_a_doctors_day_that_the_service_refuses_to_go_on_with_is_over() -> None:
    async with clinic_for(STORY) as clinic:
        clinic.live = True
        room = clinic.rooms[0]
        room.rests = True  # on another day than today, so it is refused
        work = works(room)
        await anext(work)
        room.agenda.now = clinic.at(REST_AT)
        with pytest.raises(Refused):
            await anext(work)
        assert room.finished


@pytest.mark.parametrize(
    "arguments",
    [
        ["--speed", "10"],
        ["--live", "--speed", "3601"],
        ["--live", "--days", "2"],
        ["--live", "--replay", "x.csv"],
    ],
)
def test_what_a_day_that_passes_can_not_do_is_told(arguments: list[str], tmp_path: Path) -> None:
    told = simulate(*arguments, folder=tmp_path)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("--")
