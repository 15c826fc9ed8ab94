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
from tests.principals import Names, as_, make_principal

_COLUMNS = (
    Role.PORTAL,
    Role.KIOSK,
    Role.DISPLAY,
    Role.RECEPTIONIST,
    Role.NURSE,
    Role.DOCTOR,
    Role.MANAGER,
    Role.AUDITOR,
    Role.ADMIN,
)
# portal, kiosk, display, receptionist, nurse, doctor, manager, auditor, admin
_TABLE = """
POST   /api/tokens/emergency                                   - - - + - + - - +  token.book.emergency
POST   /api/tokens/priority                                    + - - + - + - - +  token.book.priority
POST   /api/tokens/followup                                    + - - + - + - - +  token.book.followup
POST   /api/tokens/book                                        + - - + - + - - +  token.book.online
POST   /api/tokens/walkin                                      - - - + - + - - +  token.book.walkin
POST   /api/tokens/allocate             {"source":"ONLINE"}    + - - + - + - - +  token.book.emergency
POST   /api/tokens/allocate             {"source":"WALKIN"}    - - - + - + - - +  token.book.emergency,token.book.walkin
GET    /api/tokens/{token_id}                                  o - - + + + - - +  patient.read
GET    /api/tokens/{token_id}/history                          o - - + + + - - +  patient.read
GET    /api/tokens/{token_id}/encounter                        o - - + + + - - +  patient.read
GET    /api/tokens/{token_id}/explain                          o - - + + + - - +  patient.read
GET    /api/tokens/patient/{patient_id}                        + - - + + + - - +  patient.read
GET    /api/tokens/queue/{slot_id}                             + - + + + + + - +  queue.read
PATCH  /api/tokens/{token_id}/status    {"status":"CHECKED_IN"} - o - + + + - - + token.check_in
PATCH  /api/tokens/{token_id}/status    {"status":"CALLED"}    - - - + + + - - +  token.check_in,queue.call
PATCH  /api/tokens/{token_id}/status    {"status":"NO_SHOW"}   - - - + + + - - +  token.check_in,queue.call
PATCH  /api/tokens/{token_id}/status    {"status":"CANCELLED"} o - - + - + - - +  token.check_in,token.cancel
PATCH  /api/tokens/{token_id}/patient   {"language":"hi"}      - - - + - + - - +  patient.correct
DELETE /api/tokens/{token_id}/cancel                           o - - + - + - - +  token.cancel
POST   /api/check-in  {"doctorId":"rao","tokenNumber":"T999","phoneDigits":"4321"}  - + - + + + - - +  token.check_in
POST   /api/tokens/{token_id}/check-in                         - o - + + + - - +  token.check_in
POST   /api/tokens/{token_id}/call                             - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/recall                           - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/start                            - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/complete                         - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/no-show                          - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/park                             - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/return                           - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/mark      {"mark":null}          - - - + - + - - +  token.mark
POST   /api/tokens/{token_id}/mark      {"mark":"VIP","reason":"x"} - - - + - + - - + token.mark
POST   /api/tokens/{token_id}/mark      {"mark":"EMERGENCY","reason":"x"} - - - + - + - - + token.mark,token.book.emergency
POST   /api/tokens/{token_id}/mark      {"mark":"PRIORITY","reason":"x"} o - - + - + - - + token.mark,token.book.priority
POST   /api/tokens/{token_id}/undo                             o - - + + + - - +  token.check_in,queue.read,queue.call
POST   /api/tokens/reallocate/{slot_id} {"close":false}        - - - + - + + - +  token.move
POST   /api/tokens/reallocate/{slot_id} {"close":true}         - - - - - + + - +  token.move,slot.close
GET    /api/queue/{doctor_id}                                  + - + + + + + - +  queue.read
GET    /api/stream?doctorId=rao                                + - + + + + + - +  queue.read
GET    /api/stream                                             + - + + + + + - +  queue.read
GET    /api/stream?tokenId={token_id}                          o - - + + + - - +  queue.read,patient.read
POST   /api/queue/{doctor_id}/next                             - - - + + + - - +  queue.call
PUT    /api/queue/{doctor_id}/state     {"state":"IN_SESSION"} - - - + + + - - +  queue.call
GET    /api/queue/{doctor_id}/config                           - - - - - + + - +  queue.config
PUT    /api/queue/{doctor_id}/config   {"maxSize":40}          - - - - - + + - +  queue.config
GET    /api/queue/{doctor_id}/accuracy                         - - - - - + + + +  numbers.read
POST   /api/slots                                              - - - - - + + - +  slot.plan
GET    /api/slots/{slot_id}                                    + - + + + + + - +  queue.read
GET    /api/slots/doctor/{doctor_id}                           + - + + + + + - +  queue.read
GET    /api/slots/doctor/{doctor_id}/available                 + - + + + + + - +  queue.read
PATCH  /api/slots/{slot_id}             {"maxCapacity":99}     - - - - - + + - +  slot.plan
PATCH  /api/slots/{slot_id}             {"status":"CLOSED"}    - - - - - + + - +  slot.plan,slot.close
PATCH  /api/slots/{slot_id}/delay?delay_minutes=5              - - - - - + + - +  slot.delay
GET    /api/slots/{slot_id}/stats                              - - - - - + + + +  numbers.read
POST   /api/doctors                                            - - - - - - + - +  doctor.manage
GET    /api/doctors                                            + - + + + + + - +  queue.read
GET    /api/doctors/{doctor_id}                                + - + + + + + - +  queue.read
PATCH  /api/doctors/{doctor_id}         {"name":"Asha"}        - - - - - - + - +  doctor.manage
GET    /api/events                                             + - - + - + + + +  event.read
GET    /api/analytics/queue                                    - - - - - + + + +  numbers.read
GET    /api/analytics/queue?doctorId=rao                       - - - - - + + + +  numbers.read
POST   /api/access/accounts             {"id":"x","kind":"client","name":"X"} - - - - - - - - + access.manage
GET    /api/access/accounts                                    - - - - - - - - +  access.manage
GET    /api/access/accounts/{account_id}                       - - - - - - - - +  access.manage
PATCH  /api/access/accounts/{account_id} {"disabled":true}     - - - - - - - - +  access.manage
POST   /api/access/accounts/{account_id}/keys {"days":1}       - - - - - - - - +  access.manage
DELETE /api/access/accounts/{account_id}/keys/{key_id}         - - - - - - - - +  access.manage
POST   /api/access/accounts/{account_id}/grants {"role":"nurse"} - - - - - - - - + access.manage
DELETE /api/access/accounts/{account_id}/grants/{grant_id}     - - - - - - - - +  access.manage
POST   /api/access/delegations {"doctorId":"rao","to":"asha","expiresAt":"2030-01-16T00:00:00Z"} - - - - - + + - + queue.config
GET    /api/access/delegations                                 - - - - - + + - +  queue.config
DELETE /api/access/delegations/{account_id}/{grant_id}         - - - - - + + - +  queue.config
POST   /api/access/break-glass          {"role":"nurse","reason":"Alone!"} - - - + + + + - + queue.read,access.manage
POST   /api/access/accounts/{account_id}/link                  - - - - - - - - +  access.manage
POST   /api/access/devices/{code}/confirm {"accountId":"x"}    - - - - - - - - +  access.manage
GET    /api/access/devices                                     - - - - - - - - +  access.manage
DELETE /api/access/devices/{device_id}                         - - - - - - - - +  access.manage
GET    /api/audit                                              - - - - - - - + +  audit.read
PUT    /api/dev/clock                   {"speed":2}            - - - - - - - - +  access.manage
GET    /api/patients?phone=09845012345                         - - - + + + - - +  patient.read,queue.read.names
GET    /metrics                                                - - - - - - - + +  metrics.read
GET    /access                                                 - - - - - - - - +  access.manage
GET    /access/accounts/{account_id}                           - - - - - - - - +  access.manage
GET    /access/audit                                           - - - - - - - + +  audit.read
POST   /access/accounts                 {"id":"x","kind":"client","name":"X"} - - - - - - - - + access.manage
POST   /access/accounts/{account_id}/lock {"disabled":"true"}  - - - - - - - - +  access.manage
POST   /access/accounts/{account_id}/grants {"role":"nurse"}   - - - - - - - - +  access.manage
POST   /access/accounts/{account_id}/grants/{grant_id}/revoke  - - - - - - - - +  access.manage
POST   /access/accounts/{account_id}/keys {"days":"1"}         - - - - - - - - +  access.manage
POST   /access/accounts/{account_id}/keys/{key_id}/revoke      - - - - - - - - +  access.manage
POST   /access/accounts/{account_id}/link                      - - - - - - - - +  access.manage
POST   /access/devices                  {"code":"x","accountId":"x"} - - - - - - - - + access.manage
POST   /access/devices/{device_id}/revoke                      - - - - - - - - +  access.manage
POST   /demo                                                   - - - - - - - - +  access.manage
POST   /demo/stop                                              - - - - - - - - +  access.manage
GET    /desk                                                   - - - + + + - - +  token.book.walkin,queue.call
GET    /doctor                                                 - - - + + + - - +  queue.call
GET    /doctor/{doctor_id}                                     - - - + + + - - +  queue.call
POST   /doctor/{doctor_id}/next                                - - - + + + - - +  queue.call
POST   /doctor/{doctor_id}/tokens/{token_id} {"step":"recall"} - - - + + + - - +  queue.call
POST   /doctor/{doctor_id}/state        {"state":"IN_SESSION"} - - - + + + - - +  queue.call
POST   /doctor/{doctor_id}/room         {"room":"2"}           - - - + + + - - +  queue.call
GET    /desk/{doctor_id}                                       - - - + + + - - +  token.book.walkin,queue.call
GET    /slips/{token_id}                                       - - - + + + - - +  token.book.walkin,queue.call
POST   /desk/find                       {"who":"+919845012345"} - - - + - + - - + token.book.walkin
POST   /desk/book                       {"slotId":"rao-20300115-0900","patientName":"Ravi","phoneNumber":"09845054321","doctor":"rao"} - - - + - + - - + token.book.walkin
POST   /desk/check-in                   {"token":"{token_id}","doctor":"rao"} - o - + + + - - + token.check_in
POST   /desk/cancel                     {"token":"{token_id}","doctor":"rao"} o - - + - + - - + token.cancel
POST   /desk/undo                       {"token":"{token_id}","doctor":"rao"} o - - + + + - - + token.check_in,queue.read
POST   /desk/move                       {"slotId":"rao-20300115-0900","doctor":"rao"} - - - + - + + - + token.move
GET    /numbers                                                - - - - - + + + +  numbers.read
GET    /plan                                                   - - - - - + + - +  slot.plan
POST   /plan/doctors                    {"name":"Asha","specialization":"Skin"} - - - - - - + - + doctor.manage
GET    /plan/doctors/{doctor_id}                               - - - - - + + - +  slot.plan
POST   /plan/doctors/{doctor_id}        {"name":"Asha"}        - - - - - - + - +  doctor.manage
POST   /plan/doctors/{doctor_id}/tenure                        - - - - - - + - +  doctor.manage
POST   /plan/doctors/{doctor_id}/slots  {"date":"2030-01-16","startTime":"09:00","endTime":"10:00","slotMinutes":"60"} - - - - - + + - + slot.plan
GET    /plan/slots/{slot_id}                                   - - - - - + + - +  slot.plan
POST   /plan/slots/{slot_id}/seats      {"maxCapacity":99}     - - - - - + + - +  slot.plan
POST   /plan/slots/{slot_id}/delay      {"delay_minutes":5}    - - - - - + + - +  slot.delay
POST   /plan/slots/{slot_id}/open                              - - - - - + + - +  slot.plan
POST   /plan/slots/{slot_id}/close                             - - - - - + + - +  slot.close
GET    /board                                                  + - + + + + + - +  queue.read
GET    /board?doctor=rao                                       + - + + + + + - +  queue.read
GET    /kiosk                                                  - + - + + + - - +  token.check_in
POST   /kiosk  {"doctorId":"rao","tokenNumber":"T999","phoneDigits":"4321"}  - + - + + + - - +  token.check_in
GET    /live                                                   + - + + + + + - +  queue.read
"""
_OF_NO_DOCTOR = {
    ("POST", "/api/tokens/allocate"),
    ("GET", "/api/tokens/patient/{patient_id}"),
    ("POST", "/api/doctors"),
    ("GET", "/api/doctors"),
    ("GET", "/api/events"),
    ("GET", "/api/stream"),
    ("GET", "/api/analytics/queue"),
    ("GET", "/api/audit"),
    ("PUT", "/api/dev/clock"),
    ("GET", "/metrics"),
    ("GET", "/api/patients?phone=09845012345"),
    ("POST", "/demo"),
    ("POST", "/demo/stop"),
    ("GET", "/desk"),
    ("GET", "/doctor"),
    ("POST", "/desk/find"),
    ("GET", "/plan"),
    ("GET", "/numbers"),
    ("POST", "/plan/doctors"),
    ("GET", "/board"),
    ("GET", "/kiosk"),
    ("GET", "/live"),
}
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
"""What is about all that one may see. All else is about one doctor, whom its path or body names."""
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
    for line in _TABLE.strip().splitlines():
        method, path, *rest = line.split()
        body = msgspec.json.decode(rest.pop(0)) if rest[0].startswith("{") else None
        *marks, lacks = rest
        assert set(marks) <= {"+", "o", "-"}
        by_role = dict(zip(_COLUMNS, marks, strict=True))
        yield _Row(method, path, body, by_role, frozenset(lacks.split(",")))


ROWS = list(_rows())


def test_the_table_has_every_role_and_every_route_that_is_not_open() -> None:
    assert set(_COLUMNS) == set(Role)
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
    if row.template == "/api/dev/clock" and not settings.in_memory:
        pytest.skip("what keeps its days has no clock that could be set")
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

        of_a_doctor = (row.method, row.path) not in _OF_NO_DOCTOR
        if of_a_doctor and not row.path.startswith(("/api/access/", "/access")):
            status, problem = await walk.ask("elsewhere", own=False)
            assert status == 404, problem
            status, problem = await walk.ask("of-another", own=False)
            assert (status, problem["code"]) == (403, "forbidden")
