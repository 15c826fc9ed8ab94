"""The desk: what a hospital's staff can ask of the service, over HTTP wherever it runs."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import TypeVar

import httpx
import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from config import Environment, Settings
from models.token import Source, Status
from services.clock import Clock, ManualClock, SystemClock, stopwatch
from services.ids import Ids
from simulator.answers import (
    Booking,
    Bumped,
    Cancellation,
    Doctor,
    Line,
    Queue,
    Reallocation,
    Refused,
    Slot,
    Stats,
    Token,
    Unusable,
)

_ROUTES = {
    Source.ONLINE: "book",
    Source.WALKIN: "walkin",
    Source.PRIORITY: "priority",
    Source.FOLLOWUP: "followup",
    Source.EMERGENCY: "emergency",
}
_AT_ONCE = 1000
_TRIES = 6
_SECONDS = 15.0
_LONGEST_PAUSE = 5.0

Told = TypeVar("Told")
Pause = Callable[[float], Awaitable[None]]
MakeApp = Callable[[Settings, Clock, Ids], Starlette]
"""The service, to be run in this process."""


class NewToken(Struct, frozen=True):
    """A patient who wants a token in a slot."""

    slot_id: str
    source: Source
    patient_id: str
    name: str
    phone: str


class _Problem(Struct):
    code: str
    detail: str


class _Entry(Struct):
    reason: str


class _History(Struct):
    entries: list[_Entry]


class _Gave(Struct, rename="camel"):
    bumped: Bumped | None


@asynccontextmanager
async def open_own_desk(
    make_app: MakeApp, settings: Settings, seed: int, now: datetime
) -> AsyncIterator["Desk"]:
    """A desk at a service of our own, on an embedded database that is empty and a clock that we
    set. The same seed gives the same ids.
    """
    clock = ManualClock(now)
    embedded = settings.model_copy(
        update={"mongodb_uri": None, "environment": Environment.DEVELOPMENT}
    )
    app = make_app(embedded, clock, Ids(random.Random(seed)))

    async with app.router.lifespan_context(app) as state:

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(serve),
            base_url="http://in-process",
            headers={"X-Actor": "simulation"},
        ) as client:
            yield Desk(client, _AT_ONCE, "simulation", clock)


@asynccontextmanager
async def open_desk(url: str, concurrency: int) -> AsyncIterator["Desk"]:
    """A desk at a running server. No redirects and no proxies: it asks `url` and nobody else."""
    async with httpx.AsyncClient(
        base_url=url,
        timeout=_SECONDS,
        trust_env=False,
        headers={"X-Actor": "simulation"},
        limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
    ) as client:
        yield Desk(client, concurrency, Ids().request_id(), SystemClock())


class Desk:
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

    def at(self, instant: datetime) -> None:
        """Move the service's clock there, if it can be moved."""
        if isinstance(self._clock, ManualClock):
            self._clock.set(instant)

    async def add_doctor(self, name: str, specialization: str) -> Doctor:
        body = {"name": name, "specialization": specialization}
        return await self._create("/api/doctors", body, Doctor)

    async def add_slot(
        self, doctor_id: str, day: date, start: str, end: str, capacity: int | None
    ) -> Slot:
        body = {
            "doctorId": doctor_id,
            "date": day.isoformat(),
            "startTime": start,
            "endTime": end,
            "maxCapacity": capacity,
        }
        return await self._create("/api/slots", body, Slot)

    async def slots(self, doctor_id: str, day: date) -> list[Slot]:
        path = f"/api/slots/doctor/{doctor_id}"
        return _read(await self._ask("GET", path, query={"date": day.isoformat()}), list[Slot])

    async def delay(self, slot_id: str, minutes: int) -> Slot:
        path = f"/api/slots/{slot_id}/delay"
        return _read(await self._ask("PATCH", path, query={"delay_minutes": str(minutes)}), Slot)

    async def stats(self, slot_id: str) -> Stats:
        return _read(await self._ask("GET", f"/api/slots/{slot_id}/stats"), Stats)

    async def book(self, wanted: NewToken) -> Booking:
        body = {
            "slotId": wanted.slot_id,
            "patientId": wanted.patient_id,
            "patientName": wanted.name,
            "phoneNumber": wanted.phone,
        }
        async with self._gate:
            since = stopwatch()
            content = await self._repeat(
                "POST", f"/api/tokens/{_ROUTES[wanted.source]}", body=body, key=self._next_key()
            )
            self.booked_in.append(stopwatch() - since)
        return Booking(_read(content, Token), _read(content, _Gave).bumped)

    async def token(self, token_id: str) -> Token:
        return _read(await self._ask("GET", f"/api/tokens/{token_id}"), Token)

    async def reason(self, token_id: str) -> str:
        """Why the last thing that happened to a token happened, in the service's words."""
        history = _read(await self._ask("GET", f"/api/tokens/{token_id}/history"), _History)
        return history.entries[-1].reason if history.entries else ""

    async def queue(self, slot_id: str) -> Queue:
        return _read(await self._ask("GET", f"/api/tokens/queue/{slot_id}"), Queue)

    async def line(self, doctor_id: str, day: date) -> Line:
        path = f"/api/queue/{doctor_id}"
        return _read(await self._ask("GET", path, query={"date": day.isoformat()}), Line)

    async def set_status(self, token_id: str, status: Status) -> Token:
        path = f"/api/tokens/{token_id}/status"
        return _read(await self._ask("PATCH", path, body={"status": status.value}), Token)

    async def cancel(self, token_id: str, reason: str) -> Cancellation:
        path = f"/api/tokens/{token_id}/cancel"
        return _read(await self._ask("DELETE", path, body={"reason": reason}), Cancellation)

    async def reallocate(self, slot_id: str) -> Reallocation:
        path = f"/api/tokens/reallocate/{slot_id}"
        return _read(await self._ask("POST", path, body={}), Reallocation)

    # Asking

    def _next_key(self) -> str:
        self._keys += 1
        return f"{self.run}-{self._keys}"

    async def _create(self, path: str, body: Mapping[str, object], kind: type[Told]) -> Told:
        return _read(await self._ask("POST", path, body=body, key=self._next_key()), kind)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> bytes:
        async with self._gate:
            return await self._repeat(method, path, body=body, query=query, key=key)

    async def _repeat(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> bytes:
        headers = {} if key is None else {"Idempotency-Key": key}
        for left in reversed(range(_TRIES)):
            try:
                response = await self._client.request(
                    method, path, json=body, params=query, headers=headers
                )
            except httpx.TransportError as error:
                if isinstance(error, httpx.ConnectError) or not left:
                    raise Unusable(
                        f"--url: {self._client.base_url} does not answer ({_reason(error)})."
                    ) from error
                wait = 1.0
            else:
                if response.is_success:
                    return response.content
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or not left:
                    raise self._refusal(response)
                wait = _retry_after(response)
            self.repeats += 1
            await self._pause(wait)
        raise AssertionError("the last try returns or raises")

    def _refusal(self, response: httpx.Response) -> Exception:
        try:
            problem = msgspec.json.decode(response.content, type=_Problem)
        except msgspec.MsgspecError:
            return Unusable(
                f"--url: {self._client.base_url} answers {response.status_code} "
                f"to {response.request.method} {response.url.path}, not as this service does."
            )
        if response.is_server_error and response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return Unusable(f"--url: the server broke: {problem.detail} ({problem.code})")
        return Refused(problem.code, problem.detail)


def _read(content: bytes, kind: type[Told]) -> Told:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise Unusable(
            f"--url: the server answers, but not as this service does: {error}"
        ) from error


def _retry_after(response: httpx.Response) -> float:
    told = response.headers.get("Retry-After", "")
    return min(float(told), _LONGEST_PAUSE) if told.isdigit() else 1.0


def _reason(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__
