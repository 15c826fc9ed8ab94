"""The client: what a hospital's staff can ask of the service, over HTTP wherever it runs."""

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

from answers.doctors import DoctorOut
from answers.events import HistoryOut
from answers.slots import SlotOut, StatsOut
from answers.tokens import (
    BookingOut,
    CancellationOut,
    LineOut,
    QueueOut,
    ReallocationOut,
    TokenOut,
)
from config import IN_MEMORY, Environment, Settings
from models.patient import Patient
from models.source import Source
from models.token import Status
from services.clock import Clock, ManualClock, SystemClock, stopwatch
from services.ids import Ids

_ACTOR = {"X-Actor": "simulation"}
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


class _Problem(Struct):
    code: str
    detail: str


@asynccontextmanager
async def open_own_client(
    make_app: MakeApp, settings: Settings, seed: int, now: datetime
) -> AsyncIterator["ServiceClient"]:
    """A client of a service of our own, on an embedded database that is empty and a clock that we
    set. The same seed gives the same ids.
    """
    clock = ManualClock(now)
    embedded = settings.model_copy(
        update={
            "mongodb_uri": None,
            "embedded_file": IN_MEMORY,
            "environment": Environment.DEVELOPMENT,
            "allowed_hosts": "*",
        }
    )
    app = make_app(embedded, clock, Ids(random.Random(seed)))
    async with app.router.lifespan_context(app) as state:

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        transport = httpx.ASGITransport(serve)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://in-process", headers=_ACTOR
        ) as client:
            yield ServiceClient(client, 1000, "simulation", clock)


@asynccontextmanager
async def open_client(url: str, concurrency: int) -> AsyncIterator["ServiceClient"]:
    """A client of a running server. No redirects and no proxies: it asks `url` and nobody else."""
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(
        base_url=url, timeout=_SECONDS, trust_env=False, headers=_ACTOR, limits=limits
    ) as client:
        yield ServiceClient(client, concurrency, Ids().request_id(), SystemClock())


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

    def at(self, instant: datetime) -> None:
        """Move the service's clock there, if it can be moved."""
        if isinstance(self._clock, ManualClock):
            self._clock.set(instant)

    async def add_doctor(self, name: str, specialization: str) -> DoctorOut:
        body = {"name": name, "specialization": specialization}
        return await self._ask(DoctorOut, "POST", "/api/doctors", body)

    async def add_slot(
        self, doctor_id: str, day: date, start: str, end: str, seats: int
    ) -> SlotOut:
        body = {
            "doctorId": doctor_id,
            "date": day.isoformat(),
            "startTime": start,
            "endTime": end,
            "maxCapacity": seats,
        }
        return await self._ask(SlotOut, "POST", "/api/slots", body)

    async def slots(self, doctor_id: str, day: date) -> list[SlotOut]:
        return await self._ask(list[SlotOut], "GET", f"/api/slots/doctor/{doctor_id}?date={day}")

    async def delay(self, slot_id: str, minutes: int) -> SlotOut:
        path = f"/api/slots/{slot_id}/delay?delay_minutes={minutes}"
        return await self._ask(SlotOut, "PATCH", path)

    async def stats(self, slot_id: str) -> StatsOut:
        return await self._ask(StatsOut, "GET", f"/api/slots/{slot_id}/stats")

    async def book(self, slot_id: str, source: Source, patient: Patient) -> BookingOut:
        body = {
            "slotId": slot_id,
            "patientId": patient.id,
            "patientName": patient.name,
            "phoneNumber": patient.phone_number,
        }
        path = f"/api/tokens/{source.row.path}"
        return await self._ask(BookingOut, "POST", path, body, timed=True)

    async def token(self, token_id: str) -> TokenOut:
        return await self._ask(TokenOut, "GET", f"/api/tokens/{token_id}")

    async def reason(self, token_id: str) -> str:
        """Why the last thing that happened to a token happened, in the service's words."""
        history = await self._ask(HistoryOut, "GET", f"/api/tokens/{token_id}/history")
        return history.entries[-1].reason if history.entries else ""

    async def queue(self, slot_id: str) -> QueueOut:
        return await self._ask(QueueOut, "GET", f"/api/tokens/queue/{slot_id}")

    async def line(self, doctor_id: str, day: date) -> LineOut:
        return await self._ask(LineOut, "GET", f"/api/queue/{doctor_id}?date={day}")

    async def set_status(self, token_id: str, status: Status) -> TokenOut:
        path = f"/api/tokens/{token_id}/status"
        # The day that is played is seldom the day on which it is played.
        body = {"status": status.value, "anyDay": True, "reason": "A day is being played"}
        return await self._ask(TokenOut, "PATCH", path, body)

    async def cancel(self, token_id: str, reason: str) -> CancellationOut:
        path = f"/api/tokens/{token_id}/cancel"
        return await self._ask(CancellationOut, "DELETE", path, {"reason": reason})

    async def reallocate(self, slot_id: str) -> ReallocationOut:
        return await self._ask(ReallocationOut, "POST", f"/api/tokens/reallocate/{slot_id}", {})

    async def retire(self, doctor_id: str) -> DoctorOut:
        return await self._ask(DoctorOut, "PATCH", f"/api/doctors/{doctor_id}", {"retired": True})

    async def close(self, slot_id: str) -> SlotOut:
        return await self._ask(SlotOut, "PATCH", f"/api/slots/{slot_id}", {"status": "CLOSED"})

    # Asking

    async def _ask(
        self,
        kind: type[Told],
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        timed: bool = False,
    ) -> Told:
        request = self._client.build_request(method, path, json=body)
        if method == "POST":
            self._keys += 1
            request.headers["Idempotency-Key"] = f"{self.run}-{self._keys}"
        async with self._gate:
            since = stopwatch()
            content = await self._send(request)
            if timed:
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
