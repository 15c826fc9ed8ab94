"""The image, its steps taken one by one without Docker: what is in it, and that it serves."""

import compileall
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.programs import Program, copy_of_the_service
from tests.integration.processes import ROOT, free_port

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def _environment() -> dict[str, str]:
    """What the ENV lines set."""
    lines = re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE)
    return dict(pair.split("=", 1) for line in lines for pair in line.split())


def _command(instruction: str) -> list[str]:
    (told,) = re.findall(rf"^{instruction} (\[.*\])$", DOCKERFILE, re.MULTILINE)
    words: list[str] = json.loads(told)
    assert words[0] == "python"
    return [sys.executable, *words[1:]]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The folder of the image, copied and compiled."""
    folder = copy_of_the_service(tmp_path / "app")
    assert compileall.compile_dir(folder, quiet=1)
    return folder


def test_the_image_is_pinned() -> None:
    assert re.search(r"^FROM python:3\.\d+\.\d+-slim-[a-z]+$", DOCKERFILE, re.MULTILINE)


def test_the_image_has_what_serves_and_backs_up_and_no_more(app: Path) -> None:
    names = {path.name for path in app.iterdir()} - {"__pycache__"}
    assert names >= {"main.py", "config.py", "models", "engine", "services", "routes", "tools"}
    for needed in ("templates/base.html", "static/style.css"):
        assert (app / "web" / needed).is_file()
    assert list((app / "services" / "wording" / "languages").glob("*/*.po"))
    assert not names & {"tests", "bench", "docs", "deploy", "data", "Makefile", ".git", ".env"}
    tools = {path.name for path in (app / "tools").iterdir()}
    assert tools & {"backup", "backup.py"}
    assert not tools & {"check", "testdb", "venv", "imports", "words.py"}


def test_the_image_serves_is_found_healthy_and_writes_nothing_into_its_folder(app: Path) -> None:
    """The user of the image may not write there."""
    assert "\nUSER opd\n" in DOCKERFILE
    set_ = {**_environment(), "PORT": str(free_port())}
    assert set_["HOST"] == "0.0.0.0"
    before = sorted(app.rglob("*"))
    with Program(_command("CMD"), app, set_) as program:
        assert program.ask(int(set_["PORT"]), "/healthz") == {"status": "alive"}
        subprocess.run(_healthcheck(), env={**os.environ, **set_}, check=True, timeout=60)
        assert program.stop() == 0
    assert sorted(app.rglob("*")) == before
    dead = subprocess.run(
        _healthcheck(), env={**os.environ, **set_}, check=False, capture_output=True, timeout=60
    )
    assert dead.returncode != 0


def _healthcheck() -> list[str]:
    line = DOCKERFILE.split("HEALTHCHECK")[1].split("\n")[0]
    (told,) = re.findall(r"CMD (\[.*\])$", line)
    words: list[str] = json.loads(told)
    return [sys.executable, *words[1:]]


def test_the_image_can_back_up(app: Path) -> None:
    """Without a database it gets as far as saying so."""
    told = subprocess.run(
        [sys.executable, "-m", "tools.backup", "backup", "/backups/monday"],
        cwd=app,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr.startswith(
        "Bad settings: EMBEDDED_FILE: data/opd.sqlite: there is no such file"
    )
    assert "install -d -o opd -m 0700 /backups" in DOCKERFILE
