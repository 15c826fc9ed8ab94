"""A client: what a test asks of the service, typed, and checked in what holds for every answer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
import msgspec
import pytest

from answers.doctors import DoctorOut
from answers.lines import CalledOut, LineOut, SessionOut
from answers.slots import SlotOut, StatsOut
from answers.tokens import BookingOut, CancellationOut, QueueOut, ReallocationOut, TokenOut
from models.source import Source
from models.token import Status
from tests.api.documented import assert_documented

PHONE = "+91 98450 12345"
PATIENT = {"patientName": "Meera Nair", "phoneNumber": PHONE}

_PROBLEM = {"type", "title", "status", "detail", "code"}


class Refused(Exception):
    """The service answered with a problem."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.problem: dict[str, object] = answer.json()
        super().__init__(f"{answer.status_code} {answer.text}")


@dataclass
class Refusal:
    """A refusal that was expected.

    `help` holds what the problem has besides its five members, `faults` what was wrong with fields.
    """

    status: int = 0
    code: str = ""
    detail: str = ""
    help: Mapping[str, object] = field(default_factory=dict)
    faults: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def refused(status: int, code: str) -> Iterator[Refusal]:
    """The block must be refused with this status and code."""
    refusal = Refusal()
    with pytest.raises(Refused) as caught:
        yield refusal
    problem = caught.value.problem
    assert (caught.value.answer.status_code, problem["code"]) == (status, code), str(caught.value)
    refusal.status, refusal.code, refusal.detail = status, code, str(problem["detail"])
    refusal.help = {name: told for name, told in problem.items() if name not in _PROBLEM}
    refusal.faults = caught.value.answer.json().get("errors", ())
    refusal.headers = caught.value.answer.headers


class ApiClient:
    """Asks the service. Whatever is refused raises `Refused`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> httpx.Response:
        """One request: with `body` as JSON, or `raw` as it is."""
        given = {"content-type": "application/json"} if raw is not None or body is not None else {}
        answer = await self.client.request(
            method,
            path,
            content=json.dumps(body) if raw is None and body is not None else raw,
            headers={**given, **(headers or {})},
            params=query,
        )
        assert len(answer.headers.get_list("x-request-id")) == 1
        assert_documented(answer)
        if answer.is_error:
            _is_a_problem(answer)
            _names_nobody(answer, body)
            raise Refused(answer)
        return answer

    async def fields_of(self, path: str) -> list[str]:
        """The fields of a POST's body, as the documentation has them."""
        document = (await self.ask("GET", "/openapi.json")).json()
        body = document["paths"][path]["post"]["requestBody"]
        name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        return list(document["components"]["schemas"][name]["properties"])

    # Doctors

    async def add_doctor(
        self,
        name: str = "Asha Rao",
        specialization: str = "Cardiology",
        *,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> DoctorOut:
        body = {"name": name, "specialization": specialization, **more}
        answer = await self.ask("POST", "/api/doctors", body, headers=headers)
        assert answer.status_code == 201
        return msgspec.json.decode(answer.content, type=DoctorOut)

    async def doctor(self, doctor_id: str) -> DoctorOut:
        answer = await self.ask("GET", f"/api/doctors/{_in_path(doctor_id)}")
        return msgspec.json.decode(answer.content, type=DoctorOut)

    async def doctors(self, **query: str | int) -> list[DoctorOut]:
        answer = await self.ask("GET", "/api/doctors", query=query)
        return msgspec.json.decode(answer.content, type=list[DoctorOut])

    # Slots

    async def add_slot(
        self,
        doctor_id: str,
        start: str = "09:00",
        end: str = "10:00",
        seats: int | None = None,
        *,
        date: str = "2030-01-15",
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> SlotOut:
        body = {"doctorId": doctor_id, "date": date, "startTime": start, "endTime": end, **more}
        if seats is not None:
            body["maxCapacity"] = seats
        answer = await self.ask("POST", "/api/slots", body, headers=headers)
        assert answer.status_code == 201
        return msgspec.json.decode(answer.content, type=SlotOut)

    async def make_slot(
        self,
        start: str = "09:00",
        end: str = "10:00",
        seats: int = 2,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> SlotOut:
        """A slot of a new doctor."""
        doctor = await self.add_doctor(headers=headers)
        return await self.add_slot(doctor.id, start, end, seats, headers=headers)

    async def make_day(self, *seats: int) -> list[SlotOut]:
        """Hourly slots of a new doctor from 09:00 on, with so many seats each."""
        doctor = await self.add_doctor()
        return [
            await self.add_slot(doctor.id, f"{9 + n:02}:00", f"{10 + n:02}:00", count)
            for n, count in enumerate(seats)
        ]

    async def slot(self, slot_id: str) -> SlotOut:
        answer = await self.ask("GET", f"/api/slots/{_in_path(slot_id)}")
        return msgspec.json.decode(answer.content, type=SlotOut)

    async def slots(self, doctor_id: str, **query: str | int) -> list[SlotOut]:
        """Lists slots; `from_` stands for `from`."""
        named = {name.rstrip("_"): told for name, told in query.items()}
        path = f"/api/slots/doctor/{_in_path(doctor_id)}"
        return msgspec.json.decode(
            (await self.ask("GET", path, query=named)).content, type=list[SlotOut]
        )

    async def available(self, doctor_id: str, **query: str) -> list[SlotOut]:
        path = f"/api/slots/doctor/{_in_path(doctor_id)}/available"
        return msgspec.json.decode(
            (await self.ask("GET", path, query=query)).content, type=list[SlotOut]
        )

    async def change_slot(self, slot_id: str, **changes: object) -> SlotOut:
        answer = await self.ask("PATCH", f"/api/slots/{_in_path(slot_id)}", changes)
        return msgspec.json.decode(answer.content, type=SlotOut)

    async def delay(self, slot_id: str, minutes: int | str) -> SlotOut:
        query = {"delay_minutes": minutes}
        answer = await self.ask("PATCH", f"/api/slots/{_in_path(slot_id)}/delay", query=query)
        return msgspec.json.decode(answer.content, type=SlotOut)

    async def stats(self, slot_id: str) -> StatsOut:
        answer = await self.ask("GET", f"/api/slots/{_in_path(slot_id)}/stats")
        return msgspec.json.decode(answer.content, type=StatsOut)

    # Tokens

    async def book(
        self,
        slot_id: str,
        patient: str = "p1",
        source: Source = Source.ONLINE,
        *,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> BookingOut:
        body = booking(slot_id, patient, **more)
        answer = await self.ask("POST", f"/api/tokens/{source.row.path}", body, headers=headers)
        assert answer.status_code == 201
        return msgspec.json.decode(answer.content, type=BookingOut)

    async def book_all(self, slot_id: str, sources: Sequence[Source]) -> list[BookingOut]:
        """One token of each source, in this order, for patients of their own."""
        return [
            await self.book(slot_id, f"{slot_id}-{n}", source) for n, source in enumerate(sources)
        ]

    async def allocate(
        self,
        source: Source = Source.ONLINE,
        *,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> BookingOut:
        body = {"source": source, **PATIENT, **more}
        answer = await self.ask("POST", "/api/tokens/allocate", body, headers=headers)
        assert answer.status_code == 201
        return msgspec.json.decode(answer.content, type=BookingOut)

    async def token(self, token_id: str) -> TokenOut:
        answer = await self.ask("GET", f"/api/tokens/{_in_path(token_id)}")
        return msgspec.json.decode(answer.content, type=TokenOut)

    async def tokens_of(self, patient_id: str) -> list[TokenOut]:
        answer = await self.ask("GET", f"/api/tokens/patient/{_in_path(patient_id)}")
        return msgspec.json.decode(answer.content, type=list[TokenOut])

    async def queue(self, slot_id: str) -> QueueOut:
        answer = await self.ask("GET", f"/api/tokens/queue/{_in_path(slot_id)}")
        return msgspec.json.decode(answer.content, type=QueueOut)

    async def line(self, doctor_id: str, **query: str) -> LineOut:
        answer = await self.ask("GET", f"/api/queue/{_in_path(doctor_id)}", query=query)
        return msgspec.json.decode(answer.content, type=LineOut)

    async def move(self, token_id: str, *statuses: Status | str, **more: object) -> TokenOut:
        """The token, having gone from status to status."""
        path = f"/api/tokens/{_in_path(token_id)}/status"
        for status in statuses:
            await self.ask("PATCH", path, {"status": status, **more})
        return await self.token(token_id)

    async def do(self, token_id: str, verb: str, **body: object) -> TokenOut:
        """One step of the token: `check-in`, `call`, …"""
        path = f"/api/tokens/{_in_path(token_id)}/{verb}"
        answer = await self.ask("POST", path, body or None)
        return msgspec.json.decode(answer.content, type=TokenOut)

    async def call_next(
        self, doctor_id: str, *, key: str | None = None, date: str | None = None, **body: object
    ) -> CalledOut:
        """Call whoever is next."""
        answer = await self.ask(
            "POST",
            f"/api/queue/{_in_path(doctor_id)}/next",
            body or None,
            headers={} if key is None else {"Idempotency-Key": key},
            query={} if date is None else {"date": date},
        )
        return msgspec.json.decode(answer.content, type=CalledOut)

    async def say(self, doctor_id: str, state: str, **body: object) -> SessionOut:
        """Say whether the doctor sees patients."""
        path = f"/api/queue/{_in_path(doctor_id)}/state"
        answer = await self.ask("PUT", path, {"state": state, **body})
        return msgspec.json.decode(answer.content, type=SessionOut)

    async def cancel(self, token_id: str, reason: str | None = None) -> CancellationOut:
        body = None if reason is None else {"reason": reason}
        answer = await self.ask("DELETE", f"/api/tokens/{_in_path(token_id)}/cancel", body)
        return msgspec.json.decode(answer.content, type=CancellationOut)

    async def reallocate(self, slot_id: str, **body: object) -> ReallocationOut:
        path = f"/api/tokens/reallocate/{_in_path(slot_id)}"
        answer = await self.ask("POST", path, body or None)
        return msgspec.json.decode(answer.content, type=ReallocationOut)


def booking(slot_id: str, patient: str = "p1", **more: object) -> dict[str, object]:
    """The body of a booking."""
    body = {"slotId": slot_id, "patientId": patient, **PATIENT, **more}
    return {name: told for name, told in body.items() if told is not None}


def _is_a_problem(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) >= _PROBLEM
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:opd:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    assert "Traceback" not in answer.text
    assert ("retry-after" in answer.headers) == (answer.status_code in (429, 503))


def _names_nobody(answer: httpx.Response, body: object) -> None:
    """No error tells a patient's name or phone number."""
    if isinstance(body, dict):
        for name in ("patientName", "phoneNumber", "patient_name", "phone_number"):
            told = body.get(name)
            assert not (isinstance(told, str) and len(told) > 3 and told in answer.text)


def _in_path(text: str) -> str:
    return quote(text, safe="")
