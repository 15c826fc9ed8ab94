"""The service as the tests start it: nothing of the machine's environment reaches it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx
from asgi_lifespan import LifespanManager
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config import IN_MEMORY, Settings
from database import Database
from main import create_app
from models.access import Facility
from services.access.doorkeeper import Doorkeeper
from services.clock import Clock, SystemClock
from services.ids import Ids
from tests.api.client import ApiClient

ZONE = "Asia/Kolkata"
DAY = date(2030, 1, 15)  # a Tuesday
HOME = Facility("main", "OPD", ZONE)


def at(clock: str, *, days: int = 0, zone: str = ZONE) -> datetime:
    """The instant of a local time, so many days after `DAY`."""
    local = datetime.combine(DAY + timedelta(days=days), time.fromisoformat(clock), ZoneInfo(zone))
    return local.astimezone(UTC)


OPENING = at("08:00")


class GivenSettings(Settings):
    """Settings that know neither the environment nor `.env`, and keep nothing."""

    embedded_file: str = IN_MEMORY
    dev_key_file: str = IN_MEMORY

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # what pydantic-settings calls it with
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # left out on purpose
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # left out on purpose
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # left out on purpose
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    def but(self, **changed: object) -> "GivenSettings":
        """The same with some changed."""
        return GivenSettings.model_validate({**dict(self), **changed})


@asynccontextmanager
async def serve(
    settings: Settings,
    clock: Clock,
    ids: Ids,
    *,
    machine_clock: Clock | None = None,
    doorkeeper: Doorkeeper | None = None,
    address: str = "127.0.0.1",
    database: Database | None = None,
) -> AsyncIterator[ApiClient]:
    """A client of a service that runs as long as the block; it has the key of the try-out.

    `address` is where its requests come from, `database` one that has been opened already.
    """
    app = create_app(
        settings,
        clock,
        ids,
        machine_clock=machine_clock or SystemClock(),
        doorkeeper=doorkeeper,
        database=database,
    )
    async with LifespanManager(app, startup_timeout=30, shutdown_timeout=30) as running:
        transport = httpx.ASGITransport(
            app=_beginning(running.app), raise_app_exceptions=False, client=(address, 40000)
        )
        headers = {} if doorkeeper else {"Authorization": f"Bearer {app.state.dev_key}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers
        ) as client:
            yield ApiClient(client)


def _beginning(app: ASGIApp) -> ASGIApp:
    """Leaves as soon as an answer without end has begun: httpx's transport waits for the end."""

    async def leave_early(scope: Scope, receive: Receive, send: Send) -> None:
        endless = left = False

        async def send_the_beginning(message: Message) -> None:
            nonlocal endless, left
            if message["type"] == "http.response.start":
                kinds = [value for name, value in message["headers"] if name == b"content-type"]
                endless = kinds == [b"text/event-stream; charset=utf-8"]
            elif left:
                return
            elif endless:
                left, message = True, {**message, "more_body": False}
            await send(message)

        await app(scope, receive, send_the_beginning)

    return leave_early
