"""The service: `python main.py`, or `uvicorn main:app`."""

import argparse
import gc
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import NoReturn, cast

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from config import BadSettings, Environment, Settings, load_settings
from console import add_commands, run_command
from database import Database, check_uri, connect
from routes import clock_routes, documentation, errors
from routes.browsers import PortalPages
from routes.deps import State
from routes.gate import Gate
from routes.head import HeadAsGet
from routes.middleware import RequestIds
from routes.openapi import DESCRIPTION, TAGS, describe
from routes.routers import ROUTERS
from server import serve
from services.access.doorkeeper import Doorkeeper
from services.access.try_out import key_of
from services.clock import Clock, SystemClock
from services.demo import Demo
from services.health import Health
from services.ids import Ids
from services.log import log, set_up_logging, write_log
from services.metrics import Metrics
from services.opd import build_opd
from version import VERSION
from web import routing
from web.routers import PAGES

_STORE_SECONDS = 1
"""After a stop: for the store to end what no caller waits for any more."""
_COLLECT_AT = (20_000, 20, 20)
"""Requests leave few cycles behind, so to look for them every 700 objects took a tenth of a booking."""


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
    app.state.dev_key = key_of(settings)
    of_a_try_out = [clock_routes.router] if settings.in_memory else []
    for router in (*ROUTERS, *of_a_try_out, *PAGES):
        # Flat: FastAPI looks through included routers twice for each request.
        app.router.routes += router.routes
    documentation.install(app)
    errors.install(app)
    routing.install(app)
    describe(app)
    return app


def _middleware(settings: Settings, ids: Ids, metrics: Metrics) -> list[Middleware]:
    """What a request passes, in this order. Portals' pages and proxies cost nothing without any."""
    proxies = sorted(settings.proxies)
    pages = partial(PortalPages, origins=settings.origins) if settings.origins else None
    return [
        *([Middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)] if proxies else []),
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
        opd = build_opd(settings, database, clock, ids, metrics, dev_key=app.state.dev_key)
        health = Health(
            database,
            machine_clock,
            opd.relay,
            opd.access.directory,
            process=opd.process,
            home=opd.home,
        )
        # Not for a hospital, and a demo shows no other.
        shows = settings.environment is Environment.DEVELOPMENT and not settings.in_memory
        demo = Demo() if shows else None
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
                "doorkeeper": doorkeeper or opd.access.door,
                "clock": clock,
                "health": health,
                "metrics": metrics,
                "max_connections": settings.max_connections,
                "language": settings.default_language,
                "demo": demo,
            }
        finally:
            if demo is not None:
                await demo.stop()
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
    settings = _settings_or_exit()
    commands = parser.add_subparsers(metavar="COMMAND")
    add_commands(
        commands.add_parser("access", help="who may do what, on this machine"),
        settings.facility_id,
    )
    asked = parser.parse_args()
    if hasattr(asked, "run"):
        raise SystemExit(run_command(settings, asked))
    workers = cast(int, asked.workers)
    if workers < 1:
        _exit("--workers: must be 1 or more")
    if workers > 1 and settings.mongodb_uri is None:
        _exit("--workers: several workers need a database; set MONGODB_URI")
    set_up_logging(settings.log_level, as_json=settings.environment is Environment.PRODUCTION)
    # Each of several workers makes its own.
    serve("main:app" if workers > 1 else _app_or_exit(settings), settings, workers)


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


if __name__ == "__main__":
    main()
