"""Lines of the log are written together, off the loop, and none is lost."""

import json
import subprocess
import sys

import pytest

from tests.api.defaults import ROOT

LINES = 2000
LOG = f"""
import os, sys
from services.log import log, set_up_logging, write_log
set_up_logging("INFO", as_json=True)
def writes():
    return next(int(line.split()[1]) for line in open("/proc/self/io") if line.startswith("syscw"))
before = writes()
for number in range({LINES}):
    log.info("line", number=number)
"""


def _run(then: str) -> tuple[int, list[dict[str, object]]]:
    done = subprocess.run(
        [sys.executable, "-c", LOG + then], cwd=ROOT, capture_output=True, check=False
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "end",
    [
        "",
        "sys.exit(3)",
        "raise RuntimeError",
        "write_log(); os.kill(os.getpid(), 15)",
        "log.error('last'); os.kill(os.getpid(), 9)",
    ],
)
def test_no_line_is_lost_when_the_process_ends(end: str) -> None:
    _, lines = _run(end)
    assert [line["number"] for line in lines if line["event"] == "line"] == [*range(LINES)]


def test_lines_share_writes() -> None:
    _, lines = _run("write_log(); log.info('writes', count=writes() - before)")
    assert 0 < int(str(lines[-1]["count"])) < LINES / 20


def test_a_line_is_written_though_none_follows() -> None:
    then = "import time; time.sleep(1); os.kill(os.getpid(), 9)"
    assert len(_run(then)[1]) == LINES
