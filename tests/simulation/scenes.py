"""Days to look at: the story played in process, and the command line in a process of its own."""

import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from config import Settings
from services.opd import policy_from
from simulation import make_app
from simulator.agenda import Agenda
from simulator.clinic import Clinic, Room
from simulator.day import Day, DayPlayer
from simulator.desk import Desk, open_own_desk
from simulator.front_desk import FrontDesk, Patience
from simulator.journal import Entry, Journal, Kind
from simulator.people import Person, draw_people
from simulator.plan import HOURS, doctor_names
from simulator.snapshot import Snapshot, take_snapshot
from simulator.story import STORY

ROOT = Path(__file__).parents[2]
SETTINGS = Settings(_env_file=None, facility_timezone="Asia/Kolkata", mongodb_uri=None)
POLICY = policy_from(SETTINGS)
PATIENCE = Patience(after_call=timedelta(minutes=15), after_estimate=timedelta(minutes=10))
DAY = date(2030, 1, 7)
DAWN = datetime(2030, 1, 6, tzinfo=UTC)


def simulate(*arguments: str, folder: Path, hash_seed: int = 0) -> subprocess.CompletedProcess[str]:
    """`python simulation.py` with these arguments, in a folder without an .env."""
    return subprocess.run(
        [sys.executable, str(ROOT / "simulation.py"), *arguments],
        env={"COLUMNS": "80", "PYTHONHASHSEED": str(hash_seed), "PYTHONUTF8": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=50,
        check=False,
    )


async def play_story(seed: int) -> Day:
    """The default day."""
    async with open_own_desk(make_app, SETTINGS, seed, DAWN) as desk:
        doctors = [await desk.add_doctor(*names) for names in doctor_names(STORY.doctors)]
        player = DayPlayer(desk, STORY, policy=POLICY, patience=PATIENCE, journal=Journal())
        return await player.play(DAY, doctors, _people(seed), at_once=False)


async def snapshots_before_opening() -> dict[str, Snapshot]:
    """Each doctor's day with all that is booked before nine, by the doctor's last name."""
    async with open_own_desk(make_app, SETTINGS, 1, DAWN) as desk:
        clinic = await _clinic(desk, _people(1))
        now = clinic.opening - timedelta(hours=1)
        desk.at(now)
        front = FrontDesk(desk, Agenda(desk, now), Journal(), clinic, PATIENCE)
        for visit in STORY.visits:
            room = clinic.rooms[visit.doctor]
            person = next(one for one in room.people if one.visit is visit)
            if visit.at < 0:
                await front.book(room, person)
        return {
            room.name.split()[-1]: await take_snapshot(desk, clinic, room) for room in clinic.rooms
        }


def of_kind(day: Day, kind: Kind) -> list[Entry]:
    """The entries of a kind."""
    return [entry for entry in day.journal.entries if entry.kind is kind]


def person_of(day: Day, key: str) -> Person:
    """The patient whom the script calls so."""
    return next(person for person in day.clinic.people if person.visit.key == key)


async def _clinic(desk: Desk, people: Sequence[Person]) -> Clinic:
    rooms = []
    for index, names in enumerate(doctor_names(STORY.doctors)):
        doctor = await desk.add_doctor(*names)
        slots = [await desk.add_slot(doctor.id, DAY, *hours, STORY.capacity) for hours in HOURS]
        rooms.append(Room(doctor, slots, [one for one in people if one.visit.doctor == index]))
    return Clinic(rooms[0].slots[0].start, rooms)


def _people(seed: int) -> list[Person]:
    return draw_people(STORY.visits, random.Random(seed), prefix="P", consultation_minutes=10)
