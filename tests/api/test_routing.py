"""deploy/haproxy.cfg knows every route: what has a doctor in it reaches that doctor's worker."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from msgspec import Struct

from main import create_app
from tests.api.service import GivenSettings
from tests.deploy.echo import Echo
from tests.deploy.haproxy import Haproxy
from tests.integration.client import Client

WITH_DOCTOR = {"doctor_id", "slot_id", "token_id", "sheet_id"}
WITHOUT_DOCTOR = {
    "account_id",
    "code",
    "device_id",
    "grant_id",
    "key_id",
    "link",
    "patient_id",
}
NAMES_NO_SHEET = {"accountId", "facilityId", "id", "patientId", "targetSlotId"}
"""In a body: the id of a new doctor and its facility, of a patient, and a slot of the path's sheet."""

DOCTORS = [f"doctor.{number}" for number in range(12)]


class Operation(Struct, frozen=True):
    """One of the app's. `fields` are those of its body that carry a doctor."""

    method: str
    path: str
    parameters: tuple[str, ...]
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _operations() -> Iterator[Operation]:
    schema = create_app(GivenSettings()).openapi()
    bodies = schema["components"]["schemas"]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            parameters = [
                each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"
            ]
            unknown = set(parameters) - WITH_DOCTOR - WITHOUT_DOCTOR
            assert not unknown, f"{path}: does {unknown} carry a doctor? Tell deploy/haproxy.cfg"
            told = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            names = {name for body in _referred(told) for name in bodies[body]["properties"]}
            ids = {name for name in names if name.lower().endswith("id")} - NAMES_NO_SHEET
            yield Operation(
                method.upper(),
                path,
                tuple(name for name in parameters if name in WITH_DOCTOR),
                tuple(sorted(ids)),
            )


def _referred(schema: object) -> set[str]:
    """The names of all schemas that this one names."""
    if isinstance(schema, dict):
        ref = schema.get("$ref")
        here = {ref.rpartition("/")[2]} if isinstance(ref, str) else set()
        return here.union(*(_referred(value) for value in schema.values()))
    if isinstance(schema, list):
        return set().union(*(_referred(value) for value in schema))
    return set()


def _value(name: str, doctor: str) -> str:
    """An id of that kind that carries the doctor."""
    kind = name.lower().replace("_", "")
    return {
        "doctorid": doctor,
        "sheetid": f"{doctor}-20300115",
        "slotid": f"{doctor}-20300115-0900",
        "tokenid": f"{doctor}-20300115-gv6srz4p6ztu",
    }[kind]


def _path(operation: Operation, doctor: str) -> str:
    path = operation.path
    for name in operation.parameters:
        path = path.replace(f"{{{name}}}", _value(name, doctor))
    for name in WITHOUT_DOCTOR:
        path = path.replace(f"{{{name}}}", "MRN-20300115")
    return path


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """Of HAProxy, in front of workers that say who they are."""
    async with AsyncExitStack() as stack:
        echoes = [await stack.enter_async_context(Echo(number)) for number in range(1, 4)]
        haproxy = await stack.enter_async_context(Haproxy(tmp_path, [echo.port for echo in echoes]))
        yield await stack.enter_async_context(Client(haproxy.port))


async def _askers(client: Client, operation: Operation, names: Sequence[str]) -> list[int]:
    """Who answered for each doctor."""
    asked = []
    for doctor in DOCTORS:
        body = {name: _value(name, doctor) for name in names}
        path = _path(operation, doctor)
        asked.append((await client.ask(operation.method, path, body or None)).read(int))
    return asked


async def test_haproxy_knows_the_doctor_of_each_route(client: Client) -> None:
    homes = await _askers(client, Operation("GET", "/api/doctors/{doctor_id}", ("doctor_id",)), [])
    assert set(homes) == {1, 2, 3}
    met: set[str] = set()
    for operation in _operations():
        fields = [] if operation.parameters else operation.fields
        for name in (*fields, *(_snake(field) for field in fields)):
            assert await _askers(client, operation, [name]) == homes, f"{operation} by {name}"
        if operation.parameters:
            assert await _askers(client, operation, []) == homes, operation
        else:
            assert set(await _askers(client, operation, [])) == {1, 2, 3}, operation
        met.update(operation.parameters, fields)
    assert met >= {"doctor_id", "slot_id", "token_id", "doctorId", "slotId"}
