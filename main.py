"""The service: `python main.py`, or `uvicorn main:app`."""

import argparse
import errno
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from tempfile import TemporaryDirectory
from typing import NoReturn, cast

import uvicorn
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from rich.console import Console
from rich.panel import Panel
from starlette.middleware import Middleware
from uvicorn.supervisors import Multiprocess

from config import BadSettings, Environment, Settings, load_settings
from database import Database, check_uri, connect
from routes import documentation, errors
from routes.browsers import PortalPages
from routes.deps import State
from routes.gate import Gate
from routes.head import HeadAsGet
from routes.middleware import RequestIds
from routes.openapi import DESCRIPTION, TAGS, describe
from routes.protocol import SPARE_CONNECTIONS, BoundedProtocol
from routes.routers import ROUTERS
from services.access.doorkeeper import Doorkeeper, anybody
from services.clock import Clock, SystemClock
from services.health import Health
from services.ids import Ids
from services.log import log, set_up_logging, write_log
from services.metrics import SHARED_FOLDER, Metrics
from services.opd import build_opd
from version import VERSION

_ANSWER_SECONDS = 6
"""After a stop: for answers that are under way. Then their connections are cut."""
_STORE_SECONDS = 1
"""And for the store to end what no caller waits for any more."""
_BACKLOG = 2048
_NOT_STARTED = 3
IDLE_SECONDS = 75
"""An idle connection is kept longer than HAProxy keeps it: the one who asks must be first to end it."""
_COLLECT_AT = (20_000, 20, 20)
"""Requests leave few cycles behind, so to look for them every 700 objects took a tenth of a booking."""
_OTHER_FILES = 256
"""The database's connections, the log, what a page is served from."""


def create_app(
    settings: Settings,
    clock: Clock | None = None,
    ids: Ids | None = None,
    *,
    machine_clock: Clock | None = None,
    doorkeeper: Doorkeeper | None = None,
    database: Database | None = None,
) -> FastAPI:
    """The app; its lifespan builds everything it needs, and closes it.

    `machine_clock` is the one that has to agree with the database's: `clock`, unless that was set
    to another day. `doorkeeper` is who lets people in, where it is another than the settings say.
    `database` is the one that the settings name, where it has been opened already.
    """
    clock = clock or SystemClock()
    ids = ids or Ids()
    metrics = Metrics()
    app = FastAPIOffline(
        title="OPD token service",
        description=DESCRIPTION,
        version=VERSION,
        openapi_tags=TAGS,
        lifespan=_lifespan(
            settings,
            clock,
            ids,
            metrics,
            machine_clock or clock,
            doorkeeper=doorkeeper,
            opened=database,
        ),
        middleware=_middleware(settings, ids, metrics),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # /metrics and the log tell what is to be told; nothing of a request goes elsewhere.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for router in ROUTERS:
        # Flat: FastAPI looks through included routers twice for each request.
        app.router.routes += router.routes
    documentation.install(app)
    errors.install(app)
    describe(app)
    return app


def _middleware(settings: Settings, ids: Ids, metrics: Metrics) -> list[Middleware]:
    """What a request passes, in this order. Portals' pages cost nothing where there are none."""
    pages = partial(PortalPages, origins=settings.origins) if settings.origins else None
    return [
        Middleware(RequestIds, ids=ids, metrics=metrics, for_browsers=pages),
        *([] if pages is None else [Middleware(pages)]),
        Middleware(Gate, hosts=settings.hosts, origins=settings.origins),
        Middleware(HeadAsGet),
    ]


def _lifespan(
    settings: Settings,
    clock: Clock,
    ids: Ids,
    metrics: Metrics,
    machine_clock: Clock,
    *,
    doorkeeper: Doorkeeper | None,
    opened: Database | None,
) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        for doubt in settings.doubts():
            log.warning("settings_doubtful", why=doubt)
        database = opened or connect(settings)
        opd = build_opd(settings, database, clock, ids, metrics)
        health = Health(database, machine_clock, opd.relay, process=opd.process, home=opd.home)
        await health.start()
        opd.start()
        log.info(
            "started",
            version=app.version,
            host=settings.host,
            port=settings.port,
            database=database.name,
            driver=database.driver,
            process=opd.process,
        )
        gc.freeze()  # what stands now stays for good: no need to look through it again and again
        gc.set_threshold(*_COLLECT_AT)
        try:
            yield {
                "opd": opd,
                "doorkeeper": doorkeeper or Doorkeeper((), everyone=anybody(settings.facility_id)),
                "clock": clock,
                "health": health,
                "metrics": metrics,
                "max_connections": settings.max_connections,
            }
        finally:
            await opd.stop(_STORE_SECONDS)
            await health.stop()
            await database.close()
            log.info("stopped")
            write_log()  # a signal may end the process now

    return lifespan


def __getattr__(name: str) -> FastAPI:
    """`main.app`, made when uvicorn asks for it, so that importing this module does no work."""
    if name != "app":
        raise AttributeError(name)
    settings = _settings_or_exit()
    set_up_logging(settings.log_level, as_json=settings.environment is Environment.PRODUCTION)
    return _app_or_exit(settings)


def main() -> None:
    """Start the service as the settings say."""
    parser = argparse.ArgumentParser(description="The OPD token service.")
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes that serve (default: 1)"
    )
    workers = cast(int, parser.parse_args().workers)
    settings = _settings_or_exit()
    if workers < 1:
        _exit("--workers: must be 1 or more")
    if workers > 1 and settings.mongodb_uri is None:
        _exit("--workers: several workers need a database; set MONGODB_URI")
    production = settings.environment is Environment.PRODUCTION
    set_up_logging(settings.log_level, as_json=production)
    app = _app_or_exit(settings) if workers == 1 else "main:app"  # each worker makes its own
    listening = _listen(settings)
    if not production:
        _welcome(settings)
    # When all is answered uvicorn raises the signal that ended it once more: a stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _allow_files(settings.max_connections + SPARE_CONNECTIONS + _OTHER_FILES)
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        workers=workers,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=_ANSWER_SECONDS,
    )
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


def _settings_or_exit() -> Settings:
    try:
        settings = load_settings()
        check_uri(settings)
    except BadSettings as error:
        _exit(f"Bad settings: {error}")
    return settings


def _app_or_exit(settings: Settings) -> FastAPI:
    """The app; the embedded file, which one process may have, is held from here on."""
    try:
        database = connect(settings) if settings.mongodb_uri is None else None
    except BadSettings as error:
        _exit(f"Bad settings: {error}")
    return create_app(settings, database=database)


def _exit(line: str) -> NoReturn:
    sys.stderr.write(f"{line}\n")
    raise SystemExit(2)


def _welcome(settings: Settings) -> None:
    shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0") else settings.host  # noqa: S104  # only shown
    address = f"http://{shown}:{settings.port}"
    console = Console(stderr=True)
    console.print(
        Panel(
            f"[bold]All there is[/] {address}\n"
            f"[bold]Try it[/]       {address}/docs\n"
            f"[bold]Read it[/]      {address}/redoc\n"
            f"[bold]Health[/]       {address}/readyz",
            title="OPD token service",
            border_style="green",
            expand=False,
        )
    )


if __name__ == "__main__":
    main()
