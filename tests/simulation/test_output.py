"""What the command line prints, and that a seed settles all of it."""

import json
from pathlib import Path

import pytest

from tests.simulation.scenes import ROOT, simulate, simulate_apart


@pytest.mark.parametrize("arguments", [(), ("--json",), ("--load", "1", "--doctors", "1")])
def test_the_same_seed_gives_the_same_output_to_the_byte(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    first = simulate_apart(*arguments, "--seed", "7", folder=tmp_path, hash_seed=1)
    second = simulate_apart(*arguments, "--seed", "7", folder=tmp_path, hash_seed=2)
    assert first.returncode == 0
    assert first.stdout == second.stdout
    assert first.stderr == ""


def test_another_seed_gives_another_day(tmp_path: Path) -> None:
    first = simulate("--seed", "1", folder=tmp_path)
    assert first.stdout != simulate("--seed", "2", folder=tmp_path).stdout


def test_the_default_day_shows_each_queue_and_the_figures(tmp_path: Path) -> None:
    told = simulate(folder=tmp_path).stdout
    for doctor in ("Dr. Meera Rao", "Dr. Arjun Nair", "Dr. Sana Khan"):
        assert f"{doctor}, " in told
    assert told.count(": the queue at ") == 6
    assert "Waitlisted" in told
    assert "Fill rate" in told
    assert "The rules held." in told


def test_no_line_is_wider_than_the_terminal(tmp_path: Path) -> None:
    told = simulate(folder=tmp_path).stdout + simulate("--days", "2", folder=tmp_path).stdout
    assert max(map(len, told.splitlines())) <= 80
    assert "…" not in told


def test_json_is_one_document_and_nothing_else(tmp_path: Path) -> None:
    told = json.loads(simulate("--json", "--days", "2", folder=tmp_path).stdout)
    assert [day["date"] for day in told["days"]] == ["2030-01-07", "2030-01-08"]
    assert told["bySource"]["ALL"]["tokens"] == 44
    assert told["broken"] == []
    assert told["checks"] > 10


def test_a_load_draws_so_many_patients_for_the_seats(tmp_path: Path) -> None:
    told = json.loads(simulate("--json", "--doctors", "1", "--load", "1.5", folder=tmp_path).stdout)
    every = told["bySource"]["ALL"]
    assert every["tokens"] + every["refused"] == 7 * 6 * 1.5


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--doctors", "0"), "--doctors: give a whole number from 1 to 200"),
        (("--days", "x"), "--days: give a whole number from 1 to 366"),
        (("--load", "3.1"), "--load: give a number from 0.5 to 3"),
        (("--load", "nan"), "--load: give a number from 0.5 to 3"),
        (("--seed", "-1"), "--seed: give a whole number from 0 to"),
        (("--url", "localhost:8000"), "--url: give a whole URL"),
        (("--url", "http://localhost:99999"), "--url: give a whole URL"),
        (("--concurrency", "4"), "--concurrency: patients book at once over HTTP only"),
        (("--replay", "x", "--load", "1"), "--replay: the file says all"),
        (("--replay", "x", "--url", "http://localhost"), "--replay: needs a clock"),
        (("--replay", "nowhere.csv"), "--replay: nowhere.csv can't be read: No such file"),
        (("--bogus",), "unrecognized arguments: --bogus"),
    ],
)
def test_bad_arguments_give_one_clear_line(
    arguments: tuple[str, ...], line: str, tmp_path: Path
) -> None:
    done = simulate(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1


def test_a_run_in_process_heeds_neither_database_nor_hosts_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "ENVIRONMENT=production\nMONGODB_URI=mongodb://127.0.0.1:1/x\n"
        "HOST=0.0.0.0\nALLOWED_HOSTS=opd.example.org\n"
    )
    done = simulate(folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == simulate(folder=tmp_path.parent).stdout


def test_help_and_readme_say_when_a_day_is_told_line_by_line(tmp_path: Path) -> None:
    help_ = " ".join(simulate("--help", folder=tmp_path).stdout.split())
    readme = " ".join((ROOT / "README.md").read_text().split())
    for told in (help_, readme):
        assert "60 patients" in told
        assert "told line by line" in told
        assert "--tidy" in told


def test_to_tidy_up_takes_a_server(tmp_path: Path) -> None:
    done = simulate("--tidy", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--tidy: ")


def test_every_token_is_in_a_column_those_of_the_unseen_too(tmp_path: Path) -> None:
    crowd = ("--load", "3", "--doctors", "1", "--seed", "3")
    told = json.loads(simulate(*crowd, "--json", folder=tmp_path).stdout)
    for row in told["bySource"].values():
        assert row["tokens"] == sum(row[end] for end in ("seen", "noShows", "cancelled", "unseen"))
    assert told["bySource"]["ALL"]["unseen"] > 0
    assert " Unseen " in simulate(*crowd, folder=tmp_path).stdout


def test_a_footnote_tells_of_no_shows_who_came_late(tmp_path: Path) -> None:
    told = json.loads(simulate("--json", folder=tmp_path).stdout)
    kinds = [event["kind"] for day in told["days"] for event in day["events"]]
    assert told["cameLate"] == kinds.count("CAME LATE") > 0
    assert f"{told['cameLate']} more came late" in simulate(folder=tmp_path).stdout
