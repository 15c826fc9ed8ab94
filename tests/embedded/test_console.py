"""`python main.py access …`: how a hospital begins, on the machine that the service runs on."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.sqlite_file import lock_file
from tests.api.defaults import DEFAULTS, ROOT


@pytest.fixture
def console(tmp_path: Path) -> "Console":
    """The command, in a folder of its own."""
    return Console(tmp_path)


class Console:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        environment = {name: told for name, told in os.environ.items() if name not in DEFAULTS}
        return subprocess.run(
            [sys.executable, str(ROOT / "main.py"), "access", *words],
            cwd=self._folder,
            env=environment | {"COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )

    def says(self, *words: str) -> str:
        """What it answers when all is well."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refuses(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        return done.stderr


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
