"""The whole program: what it writes from its first line to its last, and what its workers add up."""

import json
import os
import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.api.defaults import ROOT
from tests.deploy.programs import Program
from tests.integration.processes import free_port
from tests.keys import bearer, dev_key_file


def start(folder: Path, set_: Mapping[str, str], *arguments: str) -> Program:
    """`python main.py`, without a database."""
    return Program([sys.executable, str(ROOT / "main.py"), *arguments], folder, set_)


@pytest.fixture
def port() -> int:
    """One that nobody listens on."""
    return free_port()


def _count(program: Program, event: str) -> int:
    return sum(event in line for line in program.lines)


@pytest.mark.parametrize("workers", [1, 2])
def test_in_production_every_line_is_json_and_names_its_worker(
    tmp_path: Path, port: int, workers: int
) -> None:
    set_ = {"PORT": str(port), "ENVIRONMENT": "production"}
    with start(tmp_path, set_, "--workers", str(workers)) as program:
        program.until(lambda: _count(program, '"started"') == workers)
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"no HTTP\r\n\r\n")
            line.recv(1000)
        httpx.get(f"http://127.0.0.1:{port}/api/doctors")
        assert program.stop() == 0
    told = program.events()
    assert all(isinstance(event["worker"], int) for event in told)
    for name in ("started", "stopped"):
        by = [event["worker"] for event in told if event["event"] == name]
        assert len(by) == len(set(by)) == workers
    assert next(event for event in told if event["event"] == "started")["port"] == port
    (request,) = [event for event in told if event["event"] == "request"]
    assert request["worker"] in {event["worker"] for event in told if event["event"] == "started"}


_SLOW = """
import sys, time
if any("spawn_main" in argument for argument in sys.orig_argv): time.sleep(7)
"""


def test_workers_that_take_long_to_begin_are_waited_for(tmp_path: Path, port: int) -> None:
    """As with a cold disk, or on a machine that starts all its programs at once."""
    (tmp_path / "sitecustomize.py").write_text(_SLOW)
    set_ = {"PORT": str(port), "PYTHONPATH": str(tmp_path)}
    with start(tmp_path, set_, "--workers", "2") as program:
        program.until(lambda: _count(program, " started ") == 2)
        assert program.stop() == 0


@pytest.mark.parametrize("environment", ["production", "development"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_in_use_is_told_in_one_line(tmp_path: Path, environment: str, workers: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        set_ = {"PORT": str(other.getsockname()[1]), "ENVIRONMENT": environment}
        program = start(tmp_path, set_, "--workers", str(workers))
        assert program.ended() == 1
    (line,) = program.lines
    assert "cannot_listen" in line
    assert "it is in use" in line
    assert set_["PORT"] in line


def test_what_libraries_log_is_json_without_the_values_in_it(tmp_path: Path) -> None:
    script = (
        "import asyncio, warnings; from services.log import set_up_logging\n"
        "set_up_logging('INFO', as_json=True)\n"
        "async def fail(): raise ValueError('Zebedee Quillfeather')\n"
        "async def main():\n"
        "    warnings.warn('look')\n"
        "    task = asyncio.create_task(fail()); await asyncio.sleep(0); await asyncio.sleep(0)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.stderr == ""
    assert [event["logger"] for event in told] == ["py.warnings", "asyncio"]
    assert told[1]["error"] == "ValueError"
    assert "Zebedee" not in done.stdout


# Figures


def _figure(text: str, name: str) -> float:
    (value,) = re.findall(rf"^{re.escape(name)} (.*)$", text, re.MULTILINE)
    return float(value)


def test_the_figures_of_workers_that_share_a_port_are_added_up(tmp_path: Path, port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    set_ = {"PORT": str(port), "DEV_KEY_FILE": str(dev_key_file()), "TMPDIR": str(tmp_path)}
    (tmp_path / "opd-metrics-old").mkdir()
    with start(tmp_path, set_, "--workers", "2") as program:
        program.until(lambda: _count(program, " started ") == 2)
        asked = 0
        while len(_answered(program)) < 2:  # the kernel picks a worker for each connection
            assert httpx.get(f"{url}/api/doctors", headers=bearer()).status_code == 503
            asked += 1
            assert asked < 500
        program.until(lambda: sum(_answered(program).values()) == asked)
        name = 'opd_requests_total{method="GET",route="/api/doctors",status="503"}'
        for _ in range(8):
            assert _figure(httpx.get(f"{url}/metrics", headers=bearer()).text, name) == asked
        assert (
            _figure(httpx.get(f"{url}/metrics", headers=bearer()).text, "opd_commands_waiting") == 0
        )
        assert program.stop() == 0
    assert [path.name for path in tmp_path.glob("opd-metrics-*")] == ["opd-metrics-old"]


def _answered(program: Program) -> Counter[str]:
    """How many requests each worker logged."""
    requests = [line for line in program.lines if " request " in line]
    return Counter(found[1] for line in requests if (found := re.search(r"worker=(\d+)", line)))


_SET = """
import sys; from services.metrics import Metrics
metrics = Metrics(); metrics.waiting({waiting}); metrics.backlog(1); metrics.conflicted()
print("set", flush=True); sys.stdin.read()
"""


def test_what_a_dead_worker_had_open_is_open_no_more_and_what_it_counted_stays(
    tmp_path: Path,
) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }

    def start(waiting: int) -> "subprocess.Popen[str]":
        worker = subprocess.Popen(
            [sys.executable, "-c", _SET.format(waiting=waiting)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == "set\n"
        return worker

    def read() -> dict[str, float]:
        script = "from services.metrics import Metrics; print(Metrics().text().decode())"
        told = subprocess.check_output([sys.executable, "-c", script], env=environment, text=True)
        names = ("opd_commands_waiting", "opd_outbox_backlog", "opd_conflicts_total")
        return {name: _figure(told, name) for name in names}

    with start(3) as one, start(4) as other:
        both = read()
        one.kill()
        one.wait()
        left = read()
        other.kill()
    assert list(both.values()) == [7, 2, 2]
    assert list(left.values()) == [4, 1, 2]
