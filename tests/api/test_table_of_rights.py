"""Who may do what: a table written by hand, and every route walked as every role.

`+` may. `o` may with tokens that they booked themselves; another's does not exist for them. `-` is
refused, and told which permission lacks: the one in the last column, the first of several, or what
is wanted of this very request. To an admin of another facility none of it exists, and one for other
doctors alone is refused.
"""

from collections.abc import Iterator, Mapping

import msgspec
import pytest
from fastapi.routing import APIRoute
from msgspec import Struct

from main import create_app
from models.access import OWN_DOCTORS, Kind, Role
from routes.replies import AnswerRoute
from services.access.doorkeeper import Doorkeeper
from tests.api.client import ApiClient, booking
from tests.api.conftest import OpenClient
from tests.api.service import GivenSettings
from tests.api.table_of_rights import COLUMNS, OF_A_TRY_OUT, OF_NO_DOCTOR, TABLE
from tests.principals import Names, as_, make_principal

_CLIENTS = {Role.PORTAL, Role.KIOSK, Role.DISPLAY}
_PASSED = {
    "unknown_account",
    "unknown_device",
    "unknown_key",
    "unknown_grant",
    "unknown_encounter",
    "not_your_line",
}
"""What a walker, who has no account and no line, is told of these behind the door."""
_PATIENT = {"patientName": "Ravi", "phoneNumber": "098450 54321"}


class _Row(Struct, frozen=True):
    method: str
    path: str
    body: dict[str, object] | None
    marks: Mapping[Role, str]
    lacks: frozenset[str]

    @property
    def template(self) -> str:
        return self.path.partition("?")[0]


def _rows() -> Iterator[_Row]:
    for line in TABLE.strip().splitlines():
        method, path, *rest = line.split()
        body = msgspec.json.decode(rest.pop(0)) if rest[0].startswith("{") else None
        *marks, lacks = rest
        assert set(marks) <= {"+", "o", "-"}
        by_role = dict(zip(COLUMNS, marks, strict=True))
        yield _Row(method, path, body, by_role, frozenset(lacks.split(",")))


ROWS = list(_rows())


def test_the_table_has_every_role_and_every_route_that_is_not_open() -> None:
    assert set(COLUMNS) == set(Role)
    routes = [route for route in create_app(GivenSettings()).routes if isinstance(route, APIRoute)]
    guarded = {
        (method, route.path.replace(":path", ""))
        for route in routes
        if isinstance(route, AnswerRoute) and route.permissions
        for method in route.methods or ()
    }
    assert {(row.method, row.template) for row in ROWS} == guarded


class _Walk:
    """One row asked in every role, each of a token of its own."""

    def __init__(self, api: ApiClient, row: _Row, slot_id: str) -> None:
        self._api = api
        self._row = row
        self._slot_id = slot_id
        self._patients = 0

    async def ask(self, name: str, *, own: bool) -> tuple[int, dict[str, object]]:
        """Status and problem of what they are answered, about a token that they booked or another."""
        row = self._row
        self._patients += 1
        booked_by = f"{name}-books" if own else "admin-books"
        ids = {"slot_id": self._slot_id, "doctor_id": "rao", "patient_id": "nobody"}
        ids |= dict.fromkeys(("account_id", "key_id", "grant_id", "code", "device_id"), "nobody")
        if "{token_id}" in f"{row.path} {row.body}":
            token = await self._api.book(
                self._slot_id, f"p{self._patients}", headers=as_(booked_by)
            )
            ids["token_id"] = token.id
        path = row.path.format(**ids)
        in_a_form = row.method == "POST" and not path.startswith("/api/")
        answer = await self._api.client.request(
            row.method,
            path,
            headers=as_(name),
            data=self._form(ids) if in_a_form else None,
            json=None if in_a_form else self._body(),
        )
        told = answer.headers.get("content-type", "")
        problem = answer.json() if answer.is_error and told.endswith("+json") else {}
        return answer.status_code, problem

    def _form(self, ids: Mapping[str, str]) -> dict[str, str]:
        return {name: str(told).format(**ids) for name, told in (self._row.body or {}).items()}

    def _body(self) -> dict[str, object] | None:
        new = f"new{self._patients}"
        hours = {"date": "2030-01-16", "startTime": "09:00", "endTime": "10:00"}
        made: dict[str, dict[str, object]] = {
            "/api/slots": {"doctorId": "rao", **hours},
            "/api/doctors": {"name": "Sen", "specialization": "Skin"},
            "/api/tokens/allocate": {**_PATIENT, "patientId": new, "ifFull": "waitlist"},
        }
        if self._row.method == "POST" and self._row.path in made:
            return {**made[self._row.path], **(self._row.body or {})}
        if self._row.body is None and self._row.method == "POST" and "{" not in self._row.path:
            return booking(self._slot_id, new)
        return self._row.body


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path} {row.body}")
async def test_each_role_may_what_the_table_says(
    open_client: OpenClient, settings: GivenSettings, row: _Row
) -> None:
    names = Names(())
    for role in Role:
        doctors = ["rao"] if role in OWN_DOCTORS else []
        kind = Kind.CLIENT if role in _CLIENTS else Kind.PERSON
        names.know(make_principal(role, role, doctors=doctors, kind=kind))
        names.know(make_principal(role, Role.ADMIN), f"{role}-books")
    names.know(make_principal("elsewhere", Role.ADMIN, facility="north"))
    names.know(make_principal("of-another", Role.ADMIN, doctors=["iyer"]))
    async with open_client(Doorkeeper([names])) as api:
        await api.add_doctor(id="rao", headers=as_("admin"))
        slot = await api.add_slot("rao", seats=60, headers=as_("admin"))
        walk = _Walk(api, row, slot.id)
        if row.template == OF_A_TRY_OUT and not settings.in_memory:
            assert (await walk.ask("admin", own=False))[0] == 404
            return

        answer = await api.client.request(row.method, row.path)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        for role, mark in row.marks.items():
            status, problem = await walk.ask(role, own=mark == "o")
            if mark == "-":
                assert (status, problem["code"]) == (403, "forbidden"), role
                assert problem["permission"] in row.lacks, role
            else:  # what the day has against it is none of the door's
                passed = status in {200, 201, 303, 409} or problem["code"] in _PASSED
                assert passed, (role, problem)
            if mark == "o":
                status, problem = await walk.ask(role, own=False)
                assert (status, problem["code"]) == (404, "unknown_token"), role

        of_a_doctor = (row.method, row.path) not in OF_NO_DOCTOR
        if of_a_doctor and not row.path.startswith(("/api/access/", "/access")):
            status, problem = await walk.ask("elsewhere", own=False)
            assert status == 404, problem
            status, problem = await walk.ask("of-another", own=False)
            assert (status, problem["code"]) == (403, "forbidden")
