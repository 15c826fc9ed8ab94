"""The README's own commands, run one after the other as a new user would."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from routes.requests import BookingIn
from tests.integration.processes import free_port

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(bash|json)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_START_SECONDS = 120


def test_each_command_answers_as_the_readme_says(address: str, tmp_path: Path) -> None:
    script, expected = _script(address)
    run = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    answers = run.stdout.split(_MARK)[:-1]
    assert len(answers) == len(expected) > 5
    for (command, shown), answer in zip(expected, answers, strict=True):
        if shown is not None:
            assert_contains(json.loads(answer), shown, command)


def test_six_commands_lead_from_nothing_to_a_portals_first_booking(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text()
    section = text.split("### From nothing to a portal's first booking")[1].split("\n##")[0]
    (_, script), (_, shown) = _BLOCK.findall(section)
    assert len(script.replace("\\\n", "").splitlines()) == 6
    port = free_port()
    script = script.replace("localhost:8000", f"localhost:{port}")
    script = script.replace("python main.py", f"{sys.executable} {ROOT / 'main.py'}")
    run = subprocess.run(
        ["bash", "-e", "-c", f"trap 'kill $(jobs -p)' EXIT\n{script}"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PORT": str(port)},
        capture_output=True,
        text=True,
        check=True,
    )
    _, _, booked = run.stdout[run.stdout.index("{") :].replace("}{", "}\n{").splitlines()
    assert_contains(json.loads(booked), json.loads(shown), script)


def test_the_readme_names_every_field_of_a_booking() -> None:
    readme = (ROOT / "README.md").read_text()
    fields = {field.alias for field in BookingIn.model_fields.values()}
    assert {name for name in fields if f"`{name}`" not in readme} == set()


_MARK = "\n--- end of an answer ---\n"


def _script(address: str) -> tuple[str, list[tuple[str, object]]]:
    """The commands as one script, and for each its answer as shown, None for one without."""
    section = (ROOT / "README.md").read_text().split("## A day by hand")[1].split("\n## ")[0]
    blocks = _BLOCK.findall(section.replace("http://localhost:8000", address))
    expected: list[tuple[str, object]] = []
    script = ""
    for kind, text in blocks:
        if kind == "bash":
            script += f"{text}printf '%s' '{_MARK}'\n"
            expected.append((text, None))
        else:
            expected[-1] = (expected[-1][0], json.loads(text))
    return script, expected


def assert_contains(answer: object, shown: object, where: str) -> None:
    """Every member that is shown stands in the answer; lists are shown whole."""
    if isinstance(shown, dict):
        assert isinstance(answer, dict), where
        for key, value in shown.items():
            assert key in answer, f"{where}: {key}"
            assert_contains(answer[key], value, f"{where}: {key}")
    elif isinstance(shown, list):
        assert isinstance(answer, list), where
        assert len(answer) == len(shown), where
        for one, other in zip(answer, shown, strict=True):
            assert_contains(one, other, where)
    else:
        assert answer == shown, where


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A server of its own on a free port, with the embedded database."""
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "ENVIRONMENT": "development"}
    for name in ("MONGODB_URI", "DEV_KEY_FILE"):
        environment.pop(name, None)
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py")],
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(15)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # an address of our own
                return
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, "the server did not start"
