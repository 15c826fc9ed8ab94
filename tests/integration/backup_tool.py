"""The tool that backs up and restores, as a user runs it and as a part of this process."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from config import Settings
from tests.integration.processes import ROOT
from tools.backup.raw import BackupFailed, in_words, open_database
from tools.backup.restore import restore


async def run(what: str, folder: Path, address: str) -> tuple[int, str]:
    """The tool as a user runs it: its exit code and all that it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tools.backup",
        what,
        str(folder),
        cwd=folder.parent,  # there is no .env file
        env={**os.environ, "MONGODB_URI": address, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, told.decode()


def refusal_to_restore(folder: Path, address: str) -> str:
    """What the tool says of it, without a process of its own."""
    settings = Settings(_env_file=None, mongodb_uri=SecretStr(address))
    with (
        open_database(settings, writing=True) as database,
        pytest.raises((BackupFailed, OSError)) as refused,
    ):
        restore(database, folder, Unseen())
    return in_words(refused.value)


class Unseen:
    """Nobody looks at how far it has come."""

    def begin(self, _what: str, _total: int) -> None:
        """Of no interest."""

    def advance(self, count: int) -> None:
        """Of no interest."""


def files_of(folder: Path) -> list[Path]:
    """Every file of a backup."""
    return [path for path in folder.rglob("*") if path.is_file()]
