"""A start that bad settings stop: one line that names them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.defaults import DEFAULTS, ROOT
from tests.main_program import MainProgram


@pytest.mark.parametrize(
    ("set_", "named"),
    [
        ({"MAX_BUMPS": "many"}, "MAX_BUMPS"),
        ({"ENVIRONMENT": "production"}, "MONGODB_URI or, for the embedded database, EMBEDDED_FILE"),
        ({"ENVIRONMENT": "production", "EMBEDDED_FILE": ":memory:"}, "EMBEDDED_FILE"),
        ({"EMBEDDED_FILE": ""}, "EMBEDDED_FILE"),
        ({"EMBEDDED_FILE": "/proc/opd/opd.sqlite"}, "EMBEDDED_FILE: /proc/opd/opd.sqlite: "),
        ({"MONGODB_URI": "mongodb://keeper:/S3cret@host/db"}, "MONGODB_URI"),
    ],
    ids=str,
)
@pytest.mark.parametrize("start", ["main.py", "uvicorn"])
def test_bad_settings_stop_the_start_with_one_line(
    set_: dict[str, str],
    named: str,
    start: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = MainProgram(tmp_path, monkeypatch, capsys)
    done = program.run(**set_) if start == "main.py" else program.import_app(**set_)
    _assert_stopped(done.code, done.out, done.err, named)


@pytest.mark.parametrize(
    "command",
    [[str(ROOT / "main.py")], ["-m", "uvicorn", "--app-dir", str(ROOT), "main:app"]],
    ids=["main.py", "uvicorn"],
)
def test_as_a_process_too_it_stops_with_one_line(command: list[str], tmp_path: Path) -> None:
    kept = {name: told for name, told in os.environ.items() if name not in DEFAULTS}
    done = subprocess.run(
        [sys.executable, *command],
        env={**kept, "MONGODB_URI": "mongodb://keeper:/S3cret@host/db"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    _assert_stopped(done.returncode, done.stdout, done.stderr, "MONGODB_URI")


def _assert_stopped(code: int, out: str, err: str, named: str) -> None:
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert named in err
    assert "S3cret" not in err
