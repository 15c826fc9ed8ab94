"""The service as what is deployed starts it: from a folder of its own, with given variables alone."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from types import TracebackType

import httpx

from tests.integration.processes import ROOT

SECONDS = 120.0
NOBODY = "mongodb://127.0.0.1:1/opd?serverSelectionTimeoutMS=100&connectTimeoutMS=100"
"""A database that never answers: a service starts without it."""


class Program:
    """A process, its output kept, that is ended with the block."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
    ) -> None:
        self._output = folder.parent / f"{folder.name}-{time.monotonic_ns()}.log"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={"PATH": os.environ["PATH"], "MONGODB_URI": NOBODY, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> "Program":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()  # a parent ends its workers
        try:
            self._process.wait(SECONDS)
        finally:
            self._process.kill()

    @property
    def lines(self) -> list[str]:
        """All that it has written so far, to either output."""
        return self._output.read_text().splitlines()

    def events(self) -> list[dict[str, object]]:
        """Its lines as JSON."""
        return [json.loads(line) for line in self.lines]

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds."""
        deadline = time.monotonic() + SECONDS
        while not holds():
            assert self._process.poll() is None, self.lines
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.02)

    def ask(self, port: int, path: str) -> object:
        """What it answers, as soon as it does."""
        self.until(lambda: any("started" in line for line in self.lines))
        return httpx.get(f"http://127.0.0.1:{port}{path}").json()

    def ended(self) -> int:
        """Its exit code, when it has ended by itself."""
        return self._process.wait(SECONDS)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self.ended()


def copy_of_the_service(folder: Path) -> Path:
    """What `COPY . .` of the Dockerfile brings into the image."""
    for source in _copied():
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    return folder


def _copied() -> Iterator[Path]:
    """The files that .dockerignore lets through; the last pattern that matches decides."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in tracked.stdout.splitlines():
        ignored = False
        for pattern in patterns:
            if _matches(name, pattern.removeprefix("!")):
                ignored = not pattern.startswith("!")
        if not ignored and (ROOT / name).is_file():
            yield ROOT / name


def _matches(name: str, pattern: str) -> bool:
    """Whether a pattern names a file or a folder that it is in."""
    depth = pattern.count("/")
    parts = name.split("/")
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern.removeprefix("**/")) for part in parts)
    return len(parts) > depth and fnmatch("/".join(parts[: depth + 1]), pattern)
