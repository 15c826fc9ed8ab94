"""Days to look at: parts of a day, and what the command makes of arguments."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest

from config import Settings
from services.home import policy_from
from simulation import make_app
from simulator.client import open_own_client
from simulator.clinic import Clinic
from simulator.command_line import main
from simulator.day import add_doctors, open_clinic
from simulator.patients import book
from simulator.plan import STORY, Plan
from simulator.snapshot import Snapshot, take_snapshot
from tests.keys import dev_key_file

ROOT = Path(__file__).parents[2]
SETTINGS = Settings(_env_file=None, facility_timezone="Asia/Kolkata", mongodb_uri=None)
POLICY = policy_from(SETTINGS)
DAY = date(2030, 1, 7)
DAWN = datetime(2030, 1, 6, tzinfo=UTC)


def simulate(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`python simulation.py` with these arguments, in a folder without an .env: here and now."""
    told, complained = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as environment:
        environment.chdir(folder)
        for name in os.environ:
            environment.delenv(name)
        environment.setenv("COLUMNS", "80")
        environment.setenv("DEV_KEY_FILE", str(dev_key_file()))
        with redirect_stdout(told), redirect_stderr(complained):
            try:
                status = main(arguments, make_app)
            except SystemExit as left:  # as --help does
                status = int(left.code or 0)
    return subprocess.CompletedProcess(arguments, status, told.getvalue(), complained.getvalue())


def simulate_apart(
    *arguments: str, folder: Path, hash_seed: int = 0
) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, which takes a second more to start."""
    return subprocess.run(
        [sys.executable, str(ROOT / "simulation.py"), *arguments],
        env={"COLUMNS": "80", "PYTHONHASHSEED": str(hash_seed), "PYTHONUTF8": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=150,
        check=False,
    )


@asynccontextmanager
async def clinic_for(plan: Plan) -> AsyncIterator[Clinic]:
    """The doctors of a plan with its patients, before anything has happened."""
    async with open_own_client(make_app, SETTINGS, 1, DAWN) as client:
        doctors = await add_doctors(client, plan.doctors)
        clinic = await open_clinic(client, POLICY, plan, DAY, doctors, seed="1")
        yield clinic


async def snapshots_before_opening() -> dict[str, Snapshot]:
    """Each doctor's day with all that is booked before nine, by the doctor's last name."""
    async with clinic_for(STORY) as clinic:
        await clinic.client.reach(clinic.at(-60))
        for visit in STORY.visits:
            person = next(one for one in clinic.people if one.visit is visit)
            if visit.at < 0:
                await book(person)
        return {room.name.split()[-1]: await take_snapshot(room) for room in clinic.rooms}
