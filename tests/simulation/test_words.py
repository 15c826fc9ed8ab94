"""The simulation's words: in a second language, which is one file, no English of its own is left."""

import io
import re
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from models.events import EventType
from simulation import make_app
from simulator.command_line import read_options
from simulator.happenings import OF_EVENTS, Kind
from simulator.plan import DOCTORS
from simulator.run import run_days
from tests.second_language import make_language
from tests.simulation.scenes import SETTINGS

NAMES = {word for names in DOCTORS for name in names for word in re.findall(r"\w+", name)}
NAMES |= {word for month in range(1, 13) for word in f"{date(2030, month, 1):%B %b}".split()}
NAMES |= {word for day in range(1, 8) for word in f"{date(2030, 1, day):%A %a}".split()}
_OF_NO_PATIENT = ("SLOT_", "HOURS_", "KEY_", "DOCTOR_", "SESSION_", "CONFIG_")
UNTOLD = {event for event in EventType if event.startswith(_OF_NO_PATIENT)}
DONE = {
    EventType.STATUS_CHANGED,
    EventType.PATIENT_CORRECTED,
    EventType.RECALLED,
    EventType.UNDONE,
    EventType.MARKED,
}
"""What the day's people do themselves."""


@pytest.mark.parametrize("kind", Kind)
def test_every_happening_has_words_in_each_language(kind: Kind, tmp_path: Path) -> None:
    assert make_language(tmp_path).say(kind) == f"<{kind}>"


def test_every_event_that_concerns_a_patients_place_is_told() -> None:
    assert OF_EVENTS.keys() == set(EventType) - UNTOLD - DONE


_BRIEF = ["--live", "--speed", "0", "--doctors", "1", "--load", "0.5"]


@pytest.mark.parametrize(
    "arguments", [[], ["--load", "3", "--doctors", "1", "--seed", "3"], _BRIEF]
)
async def test_a_day_is_told_in_the_second_language(arguments: list[str], tmp_path: Path) -> None:
    printed = io.StringIO()
    console = Console(file=printed, width=400, color_system=None)
    words = make_language(tmp_path)
    report = await run_days(read_options(arguments), SETTINGS, console, make_app, words)
    events = report.days[0].events
    told = printed.getvalue()
    # The service speaks for itself, in its own language: here in English.
    for why in sorted({event.why for event in events if event.why[:1] != "<"}, key=len)[::-1]:
        told = told.replace(why, "") if why else told
    while told != (less := re.sub(r"<[^<>]*>", "", told)):
        told = less
    patients = {word for event in events for word in (event.patient or "").split()}
    assert set(re.findall(r"[^\W\d_]{2,}", told)) - NAMES - patients == set()
