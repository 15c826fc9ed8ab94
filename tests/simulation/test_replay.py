"""The replay of consultations: figures worked out by hand on rows that were made up."""

import gzip
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from answers.doctors import DoctorOut
from engine.accuracy import compare
from models.events import ToldTime
from simulation import make_app
from simulator.client import open_own_client
from simulator.consultations import BadFile, Consultation, read_sessions
from simulator.figures import make_row
from simulator.replay import FIGURES, RuleOfThumb, Told, replay_session
from tests.simulation.scenes import SETTINGS, simulate

MIDNIGHT = datetime(2030, 1, 7, tzinfo=ZoneInfo("Asia/Kolkata"))

# With ten minutes for each consultation:
# A: at 9:00 the second is told 9:10 and comes at 9:12 (-2), the third 9:20 and comes then (0);
#    at 9:12 the third is told 9:22 and comes at 9:20 (+2); the fourth comes after a long pause.
# B: at 14:00:30 the second is told 14:10:30, less half a minute that the service has learned from
#    A, and comes at 14:30:30 (-20.55), which is not within the range.
# By the hospitals' rule, in A at 9:00, as three of four wait: 15 minutes for each place (+3, +10), at
# 9:12 with two of four 12 (+4); in B 8.75 minutes, the mean of A, times 1.2 as one of two waits
# (-19.5).
ROWS = """ID,Session,AM_PM,StartTime,PayTime,ServTime
0,A,morning,9:00:00,9:30:00,720
1,A,morning,9:12:00,9:31:00,480
2,A,morning,9:20:00,9:32:00,300
3,A,morning,10:00:00,10:20:00,600
4,B,afternoon,14:00:30,14:40:00,1500
5,B,afternoon,14:30:30,14:50:00,300
"""


def clock(text: str) -> timedelta:
    hours, minutes, seconds = map(int, text.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


async def replayed(*session: tuple[str, int]) -> Sequence[tuple[int, float]]:
    """Places back and error in minutes of each pair; consultations are start and minutes."""
    consultations = [Consultation(clock(start), timedelta(minutes=m)) for start, m in session]
    async with open_own_client(make_app, SETTINGS, 1, MIDNIGHT) as client:
        names = {"name": "A doctor", "specialization": "As recorded"}
        doctor = await client.ask(DoctorOut, "POST", "/api/doctors", **names)
        rule = RuleOfThumb(timedelta(minutes=10), len(consultations))
        told = await replay_session(client, doctor.id, consultations, MIDNIGHT, rule)
    return [(one.places, one.error.total_seconds() / 60) for one in told]


def test_the_report_is_what_a_hand_works_out(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(ROWS)
    told = json.loads(simulate("--replay", "rows.csv", "--json", folder=tmp_path).stdout)
    assert (told["sessions"], told["consultations"]) == (2, 6)
    assert told["overall"] == {
        "pairs": 4,
        "meanAbsoluteErrorMinutes": 6.14,
        "shareWithin10Minutes": 0.75,
        "shareInRange": 0.0,
        "biasMinutes": -5.14,
        "ruleMeanAbsoluteErrorMinutes": 9.12,
        "ruleShareWithin10Minutes": 0.75,
    }
    assert told["byPlaces"] == {
        "1": {
            "pairs": 3,
            "meanAbsoluteErrorMinutes": 8.18,
            "shareWithin10Minutes": 0.6667,
            "shareInRange": 0.0,
            "biasMinutes": -6.85,
            "ruleMeanAbsoluteErrorMinutes": 8.83,
            "ruleShareWithin10Minutes": 0.6667,
        },
        "2": {
            "pairs": 1,
            "meanAbsoluteErrorMinutes": 0.0,
            "shareWithin10Minutes": 1.0,
            "shareInRange": None,
            "biasMinutes": 0.0,
            "ruleMeanAbsoluteErrorMinutes": 10.0,
            "ruleShareWithin10Minutes": 1.0,
        },
    }


def test_of_the_history_nothing_is_told_but_it_is_learned_from(tmp_path: Path) -> None:
    first, last = ROWS.partition("4,B")[0], ROWS.replace(ROWS.partition("4,B")[0], "")
    (tmp_path / "first.csv").write_text(first)
    (tmp_path / "last.csv").write_text(f"{ROWS.splitlines()[0]}\n{last}")
    told = json.loads(
        simulate("--replay", "last.csv", "--history", "first.csv", "--json", folder=tmp_path).stdout
    )
    assert (told["sessions"], told["overall"]["pairs"]) == (1, 1)
    assert told["overall"]["biasMinutes"] == -20.55


def test_a_history_of_nothing_is_refused(tmp_path: Path) -> None:
    refused = simulate("--history", "first.csv", folder=tmp_path)
    assert (refused.returncode, "--replay" in refused.stderr) == (2, True)


def test_a_zipped_file_reads_the_same(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(ROWS)
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(ROWS.encode()))
    plain = simulate("--replay", "rows.csv", folder=tmp_path)
    assert plain.returncode == 0
    assert plain.stdout == simulate("--replay", "rows.csv.gz", folder=tmp_path).stdout
    assert " 6.14 " in plain.stdout
    assert "75.0%" in plain.stdout


async def test_consultations_of_the_planned_length_come_true_up_to_eight_places_back() -> None:
    session = [(f"{9 + n // 6}:{n % 6 * 10:02d}:00", 10) for n in range(10)]
    pairs = await replayed(*session)
    assert {error for _, error in pairs} == {0.0}
    # Of ten in a row nine have one ahead of them, eight have two, and so on to eight places.
    counts = [sum(places == back for places, _ in pairs) for back in range(1, 9)]
    assert counts == [9, 8, 7, 6, 5, 4, 3, 2]
    assert len(pairs) == 44


async def test_a_pause_of_twenty_minutes_counts_and_a_longer_one_does_not() -> None:
    assert await replayed(("9:00:00", 10), ("9:30:00", 10)) == [(1, -20.0)]
    assert await replayed(("9:00:00", 10), ("9:30:01", 10)) == []


async def test_a_long_pause_leaves_out_every_span_over_it() -> None:
    pairs = await replayed(("9:00:00", 10), ("9:10:00", 10), ("10:00:00", 10), ("10:10:00", 10))
    assert pairs == [(1, 0.0), (1, 0.0)]


async def test_rows_out_of_order_are_taken_in_order_of_time() -> None:
    assert await replayed(("9:10:00", 10), ("9:00:00", 10)) == [(1, 0.0)]


async def test_overlapping_consultations_both_count_as_ahead() -> None:
    # At 9:05 two are with the doctor, so the third is told 9:25.
    pairs = await replayed(("9:00:00", 15), ("9:05:00", 15), ("9:20:00", 5))
    assert pairs == [(1, 5.0), (2, 0.0), (1, 5.0)]


def test_a_share_counts_ten_minutes_as_near() -> None:
    errors = (timedelta(minutes=10), timedelta(minutes=-10, seconds=-1))
    compared = [(error, compare(ToldTime(MIDNIGHT + error), MIDNIGHT)) for error in errors]
    told = [Told(1, error, accuracy, accuracy) for error, accuracy in compared]
    assert make_row(told, FIGURES)["shareWithin10Minutes"] == 0.5


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", "has no column Session, StartTime, ServTime"),
        ("Session,StartTime\n", "has no column ServTime"),
        ("Session,StartTime,ServTime\n", "has no rows"),
        ("Session,StartTime,ServTime\nA,9:00:00,60\nA,25:00:00,60\n", "line 3"),
        ("Session,StartTime,ServTime\nA,9:00,60\n", "line 2"),
        ("Session,StartTime,ServTime\nA,9:00:00,a minute\n", "line 2"),
        ("Session,StartTime,ServTime\nA,9:00:00,-1\n", "ServTime is negative"),
        ("Session,StartTime,ServTime\nA\n", "line 2"),
    ],
)
def test_a_file_that_cannot_be_replayed_says_why(content: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(content)
    with pytest.raises(BadFile, match=line):
        read_sessions(path)


def test_a_damaged_zip_says_so(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(ROWS.encode())[:40])
    with pytest.raises(BadFile, match="can't be read"):
        read_sessions(path)
