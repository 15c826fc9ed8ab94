"""The process that serves: what it listens on, how many it takes, how it stops, what it says first."""

import errno
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from threading import Thread

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.panel import Panel
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from config import IN_MEMORY, Environment, Settings
from routes.protocol import SPARE_CONNECTIONS, BoundedProtocol, BoundedWebSocket
from routes.streams import HEARTBEAT_SECONDS
from services.access.try_out import key_of, link_secret
from services.log import log
from services.metrics import SHARED_FOLDER

IDLE_SECONDS = 75
"""An idle connection is kept longer than HAProxy keeps it: the one who asks must be first to end it."""
_ANSWER_SECONDS = 6
"""After a stop: for answers that are under way. Then their connections are cut."""
_START_SECONDS = 60
"""A worker that has not begun by then is killed and begun anew: uvicorn's own 5 are less than a cold
disk or a busy machine needs for the imports, and no worker would ever be up."""
_MOST_ASKED_BYTES = 1024
"""Of a WebSocket's client, which has two words to say."""
_BACKLOG = 2048
_LOOK_SECONDS = 0.01
_NOT_STARTED = 3
_OTHER_FILES = 256
"""The database's connections, the log, what a page is served from."""


def serve(app: FastAPI | str, settings: Settings, workers: int) -> None:
    """Serve until a signal ends it; an app that is named is made by each of several workers."""
    listening = _listen(settings)
    if settings.environment is not Environment.PRODUCTION:
        _welcome(settings)
    # When all is answered uvicorn raises the signal that ended it once more: a stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _allow_files(settings.max_connections + SPARE_CONNECTIONS + _OTHER_FILES)
    config = configured(app, workers)
    with suppress(KeyboardInterrupt):
        if workers == 1:
            server = uvicorn.Server(config)
            server.run(sockets=[listening])
            if not server.started:
                raise SystemExit(_NOT_STARTED)
        else:
            with TemporaryDirectory(prefix="opd-metrics-") as folder:
                os.environ[SHARED_FOLDER] = folder  # for the workers, which inherit it
                Multiprocess(config, sockets=[listening]).run()


@contextmanager
def served(app: FastAPI | Starlette, port: int = 0) -> Iterator[str]:
    """Serve this machine beside what else the process does, as long as the block; its URL.

    On any port that is free, or raises OSError where the one that is named is not.
    """
    listening = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(configured(app))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(_LOOK_SECONDS)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def configured(app: FastAPI | Starlette | str, workers: int = 1) -> uvicorn.Config:
    """How the server is run: bounded, quiet, with an end to each stop."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws=BoundedWebSocket,
        ws_max_size=_MOST_ASKED_BYTES,
        ws_ping_interval=HEARTBEAT_SECONDS,
        ws_ping_timeout=HEARTBEAT_SECONDS,
        ws_per_message_deflate=False,  # each message is encoded once, for all who watch
        workers=workers,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # TRUSTED_PROXIES says whom to believe; its own default, this machine
        backlog=_BACKLOG,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=_ANSWER_SECONDS,
        timeout_worker_healthcheck=_START_SECONDS,
    )


def _listen(settings: Settings) -> socket.socket:
    """Listen before anything else is begun. Exits with one line where that can't be done."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(_BACKLOG)
    except OSError as error:
        why = "it is in use" if error.errno == errno.EADDRINUSE else error.strerror
        log.error("cannot_listen", host=settings.host, port=settings.port, why=why)
        raise SystemExit(1) from None
    return listening


def _allow_files(wanted: int) -> None:
    """Let the process open so many: each connection is one, and 1,024 is the usual limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        log.warning(
            "few_files",
            why=f"the system lets a process open {hard} (ulimit -Hn): less than MAX_CONNECTIONS",
            connections=hard - SPARE_CONNECTIONS - _OTHER_FILES,
        )


def _welcome(settings: Settings) -> None:
    shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0") else settings.host  # noqa: S104  # only shown
    address = f"http://{shown}:{settings.port}"
    console = Console(stderr=True)
    console.print(
        Panel(
            f"[bold]Begin here[/]   {address}\n"
            f"[bold]Try it[/]       {address}/docs\n"
            f"[bold]Read it[/]      {address}/redoc\n"
            f"[bold]Health[/]       {address}/readyz",
            title="OPD token service",
            border_style="green",
            expand=False,
        )
    )
    key = None if settings.dev_key_file == IN_MEMORY else key_of(settings)
    if key is not None:
        console.print(
            "[bold]Sign in[/] by this link, until somebody is an admin:\n"
            f"{address}/try-out/{link_secret(key)}",
            soft_wrap=True,
        )
