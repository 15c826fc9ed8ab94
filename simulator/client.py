"""The client: asks the service over HTTP, wherever it runs."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

import httpx
import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from answers.clock import ClockOut
from answers.tokens import BookingOut, TokenOut
from config import IN_MEMORY, Environment, Settings
from models.events import ToldTime
from models.patient import Patient
from models.source import Source
from models.token import Status
from services.clock import Clock, DayClock, ManualClock, SystemClock, stopwatch
from services.ids import Ids

_ACTOR = {"X-Actor": "simulation"}
_PLAYED = "A day is being played"
_TRIES = 6
_SECONDS = 15.0
_LONGEST_PAUSE = 5.0

Told = TypeVar("Told")
Pause = Callable[[float], Awaitable[None]]
MakeApp = Callable[[Settings, Clock, Ids], Starlette]
"""The service, to be run in this process."""


class Refused(Exception):
    """The service refused; `str()` is its own sentence."""


class Unusable(Exception):
    """Nobody answers at the URL, or not as this service would. `str()` is one line."""


def told_time(token: TokenOut) -> ToldTime | None:
    """When its patient is to be seen, as told."""
    if token.estimated_time is None:
        return None
    span = token.estimated_range
    return ToldTime(token.estimated_time, None if span is None else (span.earliest, span.latest))


class _Problem(Struct):
    code: str
    detail: str


@asynccontextmanager
async def open_own_client(
    make_app: MakeApp, settings: Settings, seed: int, now: datetime | None
) -> AsyncIterator["ServiceClient"]:
    """A client of a service of our own, on an embedded database that is empty.

    From `now` on its clock stands until it is moved; None: it is the machine's. The same seed gives
    the same ids.
    """
    clock = SystemClock() if now is None else ManualClock(now)
    app = make_app(keeping_nothing(settings), clock, Ids(random.Random(seed)))
    async with app.router.lifespan_context(app) as state:

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        transport = httpx.ASGITransport(serve)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://in-process", headers=_headers(app.state.dev_key)
        ) as client:
            yield ServiceClient(client, 1000, "simulation", clock)


def keeping_nothing(settings: Settings) -> Settings:
    """The same rules, for a service of our own that is empty and stays so."""
    return settings.model_copy(
        update={
            "mongodb_uri": None,
            "embedded_file": IN_MEMORY,
            "environment": Environment.DEVELOPMENT,
            "dev_key_file": IN_MEMORY,
            "allowed_hosts": "*",
        }
    )


@asynccontextmanager
async def open_client(
    url: str, concurrency: int, key: str | None
) -> AsyncIterator["ServiceClient"]:
    """A client of a running server. No redirects and no proxies: it asks `url` and nobody else."""
    async with httpx.AsyncClient(
        base_url=url,
        timeout=_SECONDS,
        trust_env=False,
        headers=_headers(key),
        limits=httpx.Limits(),
    ) as client:
        yield ServiceClient(client, concurrency, Ids().request_id(), SystemClock())


def _headers(key: str | None) -> dict[str, str]:
    return _ACTOR if key is None else {**_ACTOR, "Authorization": f"Bearer {key}"}


class ServiceClient:
    """Each question raises Refused with the service's own sentence, or Unusable.

    What creates carries an Idempotency-Key under the name of this `run`, so all requests may be
    repeated: after a 503 when the server's Retry-After has passed, after a lost connection, and
    not more often than six times. `booked_in` keeps how long each booking took, in seconds,
    repeats included.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        concurrency: int,
        run: str,
        clock: Clock,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._client = client
        self._gate = asyncio.Semaphore(concurrency)
        self.run = run
        self._keys = 0
        self._pause = pause
        self._clock = clock
        self.booked_in: list[float] = []
        self.repeats = 0

    def now(self) -> datetime:
        """What the service's clock says, as far as is known here."""
        return self._clock.now()

    async def set_clock(self, speed: float, now: datetime | None = None) -> datetime:
        """Have the service's clock pass so fast, from an instant on or from where it stands."""
        body = {} if now is None else {"now": now.isoformat()}
        told = await self.ask(ClockOut, "PUT", "/api/dev/clock", speed=speed, **body)
        self._clock = DayClock(SystemClock(), told.now, told.speed)
        return told.now

    async def reach(self, instant: datetime) -> None:
        """Be there: move a clock that stands until it is set, wait for one that passes.

        On a clock of its own that was never set, no time counts.
        """
        if isinstance(self._clock, DayClock):
            left = (instant - self._clock.now()).total_seconds()
            if left > 0 and not self._clock.speed:
                await self.set_clock(0, instant)
            elif left > 0:
                await self._pause(left / self._clock.speed)
        elif isinstance(self._clock, ManualClock):
            self._clock.set(instant)

    async def get(self, kind: type[Told], path: str) -> Told:
        """Read what stands at a path."""
        return await self.ask(kind, "GET", path)

    async def book(self, slot_id: str, source: Source, patient: Patient) -> BookingOut:
        """Ask for a token."""
        named = {"patientName": patient.name, "phoneNumber": patient.phone_number}
        path, body = f"/api/tokens/{source.row.path}", {"patientId": patient.id, **named}
        return await self.ask(BookingOut, "POST", path, slotId=slot_id, **body)

    async def set_status(self, token_id: str, status: Status, why: str = "") -> TokenOut:
        """Tell where a patient stands. The day that is played is seldom the one it is played on."""
        path, body = f"/api/tokens/{token_id}/status", {"anyDay": True, "reason": why or _PLAYED}
        return await self.ask(TokenOut, "PATCH", path, status=status, **body)

    async def ask(self, kind: type[Told], method: str, path: str, **body: object) -> Told:
        """The answer to a request; its body's fields as the API spells them."""
        request = self._client.build_request(method, path, json=None if method == "GET" else body)
        if method == "POST":
            self._keys += 1
            request.headers["Idempotency-Key"] = f"{self.run}-{self._keys}"
        async with self._gate:
            since = stopwatch()
            content = await self._send(request)
            if kind is BookingOut:
                self.booked_in.append(stopwatch() - since)
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.MsgspecError as error:
            raise Unusable(f"the server answers, but not as this service does: {error}") from error

    async def _send(self, request: httpx.Request) -> bytes:
        url = self._client.base_url
        for left in reversed(range(_TRIES)):
            try:
                response = await self._client.send(request)
            except httpx.TransportError as error:
                if isinstance(error, httpx.ConnectError) or not left:
                    said = str(error) or type(error).__name__
                    raise Unusable(f"{url} does not answer ({said}).") from error
                wait = 1.0
            else:
                if response.is_success:
                    return response.content
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or not left:
                    raise self._refusal(response)
                told = response.headers.get("Retry-After", "")
                wait = min(float(told), _LONGEST_PAUSE) if told.isdigit() else 1.0
            self.repeats += 1
            await self._pause(wait)
        raise AssertionError("the last try returns or raises")

    def _refusal(self, response: httpx.Response) -> Exception:
        try:
            problem = msgspec.json.decode(response.content, type=_Problem)
        except msgspec.MsgspecError:
            return Unusable(
                f"{self._client.base_url} answers {response.status_code} "
                f"to {response.request.method} {response.url.path}, not as this service does."
            )
        if response.is_server_error and response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return Unusable(f"the server broke: {problem.detail} ({problem.code})")
        return Refused(problem.detail)
