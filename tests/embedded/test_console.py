"""`python main.py access …`: how a hospital begins, on the machine that the service runs on."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.sqlite_file import lock_file
from tests.api.defaults import DEFAULTS, ROOT
from tests.main_program import MainProgram


@pytest.fixture
def console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> "Console":
    """The command, in a folder of its own."""
    monkeypatch.setenv("COLUMNS", "200")
    return Console(MainProgram(tmp_path, monkeypatch, capsys))


class Console:
    def __init__(self, program: MainProgram) -> None:
        self._program = program

    def says(self, *words: str) -> str:
        """What it answers when all is well."""
        done = self._program.run("access", *words)
        assert done.code == 0, done.err
        return done.out

    def refuses(self, *words: str) -> str:
        done = self._program.run("access", *words)
        assert done.code != 0
        assert done.out == ""
        return done.err


def test_from_nothing_to_an_admin_a_client_and_its_key(console: Console) -> None:
    link = console.says("create-admin", "asha")
    assert re.search(r"http://localhost:8000/password/[\w-]{43}\n", link)
    console.says("create-client", "city-portal", "--role", "portal")
    key = console.says("create-key", "city-portal", "--scope", "queue.read")
    assert re.fullmatch(r"opd_[a-z2-7]{12}_[\w-]{43}\n", key)
    listed = console.says("list")
    assert "admin at main" in listed
    assert "portal at main" in listed
    assert "never used" in listed
    key_id = key.split("_")[1]
    console.says("revoke", "city-portal", key_id)
    assert f"{key_id}: revoked" in console.says("list")
    assert "last" in console.refuses("revoke", "asha").lower() or "left" in console.refuses(
        "revoke", "asha"
    )


def test_a_client_and_its_first_key_are_one_command_that_tells_the_key_alone(
    console: Console,
) -> None:
    key = console.says("create-client", "city-portal", "--role", "portal", "--key")
    assert re.fullmatch(r"opd_[a-z2-7]{12}_[\w-]{43}\n", key)
    assert f"{key.split('_')[1]}: until" in console.says("list")
    assert "taken" in console.refuses("create-client", "city-portal", "--role", "portal")


def test_another_facility_is_made_and_an_admin_may_be_one_there_too(console: Console) -> None:
    console.says("create-admin", "asha")
    console.says("create-facility", "north", "--timezone", "Asia/Kolkata")
    assert "taken" in console.refuses("create-facility", "north", "--timezone", "Asia/Kolkata")
    console.says("create-admin", "asha", "--facility", "north")
    assert "admin at north" in console.says("list")


@pytest.mark.parametrize(
    "words",
    [
        ("create-client", "Portal!", "--role", "portal"),
        ("create-client", "portal", "--role", "emperor"),
        ("create-facility", "north", "--timezone", "Nowhere"),
        ("create-key", "nobody"),
        ("create-key", "nobody", "--days", "0"),
        ("create-admin", "asha", "--facility", "nowhere"),
        (),
    ],
)
def test_what_can_t_be_is_told_in_words(console: Console, words: tuple[str, ...]) -> None:
    assert console.refuses(*words)


def test_while_a_service_holds_the_database_it_says_so_and_where_to_ask(
    console: Console, tmp_path: Path
) -> None:
    held = lock_file(tmp_path / "data" / "opd.sqlite")
    told = console.refuses("list")
    os.close(held)
    assert "in use" in told
    assert "/api/access" in told


def test_as_a_process_it_tells_and_refuses_without_a_trace(tmp_path: Path) -> None:
    environment = {name: told for name, told in os.environ.items() if name not in DEFAULTS}
    told, refused = (
        subprocess.run(
            [sys.executable, str(ROOT / "main.py"), "access", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        for words in (("create-admin", "asha"), ("create-key", "nobody"))
    )
    assert told.returncode == 0
    assert "http://localhost:8000/password/" in told.stdout
    assert refused.returncode != 0
    assert "nobody" in refused.stderr or "account" in refused.stderr
    assert "Traceback" not in refused.stderr
