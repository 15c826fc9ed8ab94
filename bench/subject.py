"""What is measured: servers started as a user starts them, each with a database of its own."""

import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from pymongo import MongoClient

from bench import procs
from bench.access import KEY, give_access

ROOT = Path(__file__).resolve().parent.parent

SERVICE = ("main.py",)
WITH_NOOP = ("-m", "bench.app")
UNGUARDED = ("-m", "bench.unguarded")
OBVIOUS = ("-m", "bench.obvious")
PLAIN = ("-m", "bench.plain")

NOOP_PATH = "/api/tokens/noop"

_UNLIMITED = {"MOST_REQUESTS": "1000000000", "MOST_LOOK_UPS": "1000000000"}
"""All load comes by one key; it is counted all the same."""
_START_SECONDS = 30
_STOP_SECONDS = 15


class Server:
    """A server process on a free port of this machine, from start to stop."""

    def __init__(self, command: tuple[str, ...], uri: str | None, **more: str) -> None:
        self.port = free_port()
        environment = {
            **os.environ,
            "PORT": str(self.port),
            "ENVIRONMENT": "production",
            **_UNLIMITED,
            **({} if uri is None else {"MONGODB_URI": uri}),
            **more,
        }
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed by stop()
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
        )

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def wait_for(self, path: str) -> float:
        """Wait until a path answers 200; the seconds since the start. Raises RuntimeError."""
        while (passed := time.perf_counter() - self.began) < _START_SECONDS:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended: {self._last_complaint()}")
            if self.get(path) is not None:
                return time.perf_counter() - self.began
            time.sleep(0.005)
        raise RuntimeError(f"{path} gave no answer within {passed:.0f} s")

    def get(self, path: str) -> str | None:
        """The body of an answer 200, else None."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {KEY}"})
            answer = connection.getresponse()
            body = answer.read().decode()
            return body if answer.status == http.client.OK else None
        except OSError:
            return None
        finally:
            connection.close()

    def metric(self, name: str, label: str = "") -> float:
        """The sum of a metric over its labels, or over the lines with one of them, `status="503"`.

        Raises RuntimeError where there is none.
        """
        pattern = rf"^{re.escape(name)}(\{{[^}}]*\}})? (\S+)$"
        lines = re.findall(pattern, self.get("/metrics") or "", re.MULTILINE)
        if not lines:
            raise RuntimeError(f"the service has no metric {name}")
        return sum(float(value) for labels, value in lines if label in labels)

    def _last_complaint(self) -> str:
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "without a word")

    def stop(self) -> None:
        """End it as an operator would, or by force when it does not end."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()


@contextmanager
def serving(command: tuple[str, ...], uri: str, **more: str) -> Iterator[Server]:
    """A server that answers."""
    server = Server(command, uri, **more)
    try:
        server.wait_for("/readyz")
        yield server
    finally:
        server.stop()


@contextmanager
def own_database(server_uri: str) -> Iterator[str]:
    """The address of a new database, dropped at the end."""
    name = f"bench_{uuid.uuid4().hex}"
    uri = urlunsplit(urlsplit(server_uri)._replace(path=f"/{name}"))
    try:
        give_access(uri)
        yield uri
    finally:
        client: MongoClient[Mapping[str, object]] = MongoClient(server_uri)
        client.drop_database(name)
        client.close()


def database_server() -> str:
    """The address in TEST_MONGODB_URI, else that of tools/testdb, started if need be."""
    given = os.environ.get("TEST_MONGODB_URI")
    if given:
        return given
    started = subprocess.run(
        ["tools/testdb", "up"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return started.stdout.strip()


def database_processes(server_uri: str) -> dict[str, int]:
    """The processes of the database that run on this machine, by name.

    Behind a gateway stands a second server, which the gateway keeps connections to.
    """
    parts = urlsplit(server_uri)
    if parts.hostname not in ("127.0.0.1", "localhost"):
        return {}
    front = procs.listener(parts.port or 27017)
    if front is None:
        return {}
    client: MongoClient[Mapping[str, object]] = MongoClient(server_uri)
    client.admin.command("ping")
    behind = procs.servers_of(front)
    client.close()
    return {_name(pid): pid for pid in (front, *behind)}


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
