"""The systemd units: systemd finds nothing wrong with them, and what they start serves."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from console import add_commands
from tests.deploy.programs import Program, copy_of_the_service
from tests.integration.processes import ROOT, free_port

UNITS = {"opd.service": "opd.service", "opd@.service": "opd@8001.service"}
HOME = "/opt/opd"


def _settings(unit: str, key: str, instance: str = "8001") -> list[str]:
    """All values of a key, with the instance filled in."""
    lines = (ROOT / "deploy" / unit).read_text().splitlines()
    values = [line.split("=", 1)[1] for line in lines if line.startswith(f"{key}=")]
    return [value.replace("%i", instance) for value in values]


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_wrong(unit: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    home = tmp_path / "opd"
    (home / ".venv" / "bin").mkdir(parents=True)
    (home / ".venv" / "bin" / "python").symlink_to(sys.executable)
    file = tmp_path / UNITS[unit]
    file.write_text((ROOT / "deploy" / unit).read_text().replace(HOME, str(home)))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in told.stderr.splitlines() if "opd" in line]
    assert not ours
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("unit", UNITS)
def test_what_a_unit_starts_serves_as_production_and_ends_on_sigterm(
    unit: str, tmp_path: Path
) -> None:
    home = copy_of_the_service(tmp_path / "opd")
    port = free_port()
    (home / ".env").write_text(f"PORT={port}\nENVIRONMENT=development\n")
    (command,) = _settings(unit, "ExecStart")
    assert _settings(unit, "WorkingDirectory") == [HOME]
    (told,) = _settings(unit, "Environment", instance=str(port))
    set_ = dict(pair.split("=", 1) for pair in told.split())
    assert set_["ENVIRONMENT"] == "production"
    arguments = command.replace(f"{HOME}/.venv/bin/python", sys.executable).split()
    with Program(arguments, home, set_) as program:
        assert program.ask(port, "/healthz") == {"status": "alive"}
        assert program.stop() == 0
    assert all(line.startswith("{") for line in program.lines)


def test_a_unit_lets_the_service_answer_what_it_has_taken() -> None:
    for unit in UNITS:
        (seconds,) = _settings(unit, "TimeoutStopSec")
        assert int(seconds) > 10
        assert _settings(unit, "Restart") == ["always"]


def test_the_workers_of_haproxy_are_units_on_this_machine() -> None:
    (told,) = _settings("opd@.service", "Environment")
    assert "PORT=8001" in told.split()
    assert "HOST=127.0.0.1" in told.split()
    assert "ALLOWED_HOSTS=*" in told.split()
    assert "TRUSTED_PROXIES=127.0.0.1" in told.split()
    assert "haproxy.service" in _settings("opd@.service", "Wants")
    for worker in ("OPD_WORKER_1 127.0.0.1:8001", "OPD_WORKER_2 127.0.0.1:8002"):
        assert f"presetenv {worker}\n" in (ROOT / "deploy" / "haproxy.cfg").read_text()


def test_who_has_nobody_in_front_believes_no_forwarded_address() -> None:
    (told,) = _settings("opd.service", "Environment")
    assert "TRUSTED_PROXIES" not in told


@pytest.mark.parametrize(
    "file", ["deploy/opd.service", "deploy/opd@.service", "docker-compose.yml"]
)
def test_each_way_to_run_it_says_how_the_first_admin_comes_to_be(file: str) -> None:
    comments = [line for line in (ROOT / file).read_text().splitlines() if line.startswith("#")]
    (told,) = [line for line in comments if "create-admin" in line]
    words = told.partition("main.py access ")[2].split()
    parser = argparse.ArgumentParser()
    add_commands(parser, "main")
    assert parser.parse_args([word.lower() for word in words]).id == "name"
