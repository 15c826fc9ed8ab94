"""`python main.py …` within this process: a process of its own takes a second and a half to begin."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import main
from tests.api.defaults import DEFAULTS


@dataclass(frozen=True)
class Ended:
    """How it ended, and what it wrote."""

    code: int
    out: str
    err: str


class MainProgram:
    """In a folder of its own, with no setting set but those given."""

    def __init__(
        self, folder: Path, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._capsys = capsys
        self._environment = environment
        environment.chdir(folder)
        for name in DEFAULTS:
            environment.delenv(name, raising=False)

    def run(self, *words: str, **settings: str) -> Ended:
        """As the command line does."""
        self._environment.setattr(sys, "argv", ["main.py", *words])
        return self._until_it_exits(main.main, settings)

    def import_app(self, **settings: str) -> Ended:
        """As uvicorn does."""
        return self._until_it_exits(lambda: main.app, settings)

    def _until_it_exits(self, begin: Callable[[], object], settings: dict[str, str]) -> Ended:
        for name, value in settings.items():
            self._environment.setenv(name, value)
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            begin()
        written = self._capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else int(code is not None), *written)
