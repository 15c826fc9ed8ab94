"""The desk over HTTP: a running server, any number of requests at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import TypeVar

import httpx
import msgspec
from msgspec import Struct

from models.token import Source, Status
from services.clock import SystemClock, stopwatch
from services.ids import Ids
from simulator.answers import (
    Booking,
    Bumped,
    Cancellation,
    Doctor,
    Queue,
    Reallocation,
    Refused,
    Slot,
    Stats,
    Token,
    Unusable,
)
from simulator.desk import NewToken

_ROUTES = {
    Source.ONLINE: "book",
    Source.WALKIN: "walkin",
    Source.PRIORITY: "priority",
    Source.FOLLOWUP: "followup",
    Source.EMERGENCY: "emergency",
}
_TRIES = 6
_SECONDS = 15.0
_LONGEST_PAUSE = 5.0

Told = TypeVar("Told")
Pause = Callable[[float], Awaitable[None]]


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
async def open_http_desk(url: str, concurrency: int) -> AsyncIterator["HttpDesk"]:
    """A desk at a running server. No redirects and no proxies: it asks `url` and nobody else."""
    async with httpx.AsyncClient(
        base_url=url,
        timeout=_SECONDS,
        trust_env=False,
        headers={"X-Actor": "simulation"},
        limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
    ) as client:
        yield HttpDesk(client, concurrency, Ids().request_id())


class HttpDesk:
    """A desk at a running server, whose clock nobody moves.

    What creates carries an Idempotency-Key under the name of this `run`, so all requests may be
    repeated: after a 503 when the server's Retry-After has passed, after a lost connection, and
    not more often than six times. `booked_in` keeps how long each booking took, in seconds,
    repeats included.
    """

    def __init__(
        self, client: httpx.AsyncClient, concurrency: int, run: str, pause: Pause = asyncio.sleep
    ) -> None:
        self._client = client
        self._gate = asyncio.Semaphore(concurrency)
        self.run = run
        self._keys = 0
        self._pause = pause
        self._clock = SystemClock()
        self.booked_in: list[float] = []
        self.repeats = 0

    def now(self) -> datetime:
        return self._clock.now()

    def at(self, instant: datetime) -> None:
        """The server's clock is its own."""

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
        history = _read(await self._ask("GET", f"/api/tokens/{token_id}/history"), _History)
        return history.entries[-1].reason if history.entries else ""

    async def queue(self, slot_id: str) -> Queue:
        return _read(await self._ask("GET", f"/api/tokens/queue/{slot_id}"), Queue)

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
