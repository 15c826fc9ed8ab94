"""The log tells what was asked and how it ended, and never a patient's name or phone number."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bench.access import KEY, give_access
from models.source import Source
from tests.api.client import booking
from tests.api.defaults import DEFAULTS, ROOT
from tests.api.service import GivenSettings
from tests.keys import dev_key, dev_key_file

pytestmark = pytest.mark.both_databases

NAME, PHONE = "Zebedee Quillfeather", "+91 70007 31337"
MARKED = {"patientName": NAME, "phoneNumber": PHONE}
LINK_KEY = "k1:a-secret-that-signs-the-links-of-patients"
TRACES = ["Zebedee", "Quillfeather", "70007", "31337", "Zzpatient"]


@dataclass
class Program:
    """The service as a process of its own. `fail` makes whatever asks its clock fail.

    `asks`: who the client is.
    """

    process: "subprocess.Popen[bytes]"
    client: httpx.Client
    output: Path
    switch: Path
    asks: str

    def fail(self) -> None:
        self.switch.write_text(f"no time for {NAME}, {PHONE}")

    def recover(self) -> None:
        self.switch.unlink()

    def stop(self) -> str:
        """All that it has put out, once it has stopped."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        return self.output.read_text()


@pytest.fixture
def program(settings: GivenSettings, tmp_path: Path) -> Iterator[Program]:
    """The service, logging all it can: in lines for people, and on a real database in JSON."""
    environment = {name: told for name, told in os.environ.items() if name not in DEFAULTS}
    environment |= {"LOG_LEVEL": "DEBUG", "PYTHONPATH": str(ROOT)}
    environment["DEV_KEY_FILE"] = str(dev_key_file())
    environment["LINK_KEYS"] = LINK_KEY
    key, asks = dev_key(), "try-out"
    if settings.mongodb_uri is not None:
        environment["MONGODB_URI"] = settings.mongodb_uri.get_secret_value()
        environment["ENVIRONMENT"] = "production"
        give_access(environment["MONGODB_URI"])
        key, asks = KEY, "bench"
    output, switch = tmp_path / "output", tmp_path / "switch"
    with socket.create_server(("127.0.0.1", 0)) as listening, output.open("wb") as out:
        fd = listening.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.api.faulty_service", str(fd), str(switch)],
            pass_fds=[fd],
            env=environment,
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        port = listening.getsockname()[1]
        shown = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, headers=shown) as client:
            yield Program(process, client, output, switch, asks)
    process.kill()
    process.wait()


def _open_slot(client: httpx.Client) -> str:
    client.post("/api/doctors", json={"id": "asha", "name": "Asha", "specialization": "Skin"})
    slot = {"doctorId": "asha", "date": "2990-01-15", "startTime": "09:00", "endTime": "10:00"}
    answer = client.post("/api/slots", json={**slot, "maxCapacity": 1})
    return str(answer.json()["id"])


def test_no_log_and_no_error_names_a_patient(program: Program) -> None:
    client = program.client
    slot_id = _open_slot(client)
    token_id = ""
    for path in (source.row.path for source in reversed(Source)):
        body = {**booking(slot_id, f"Zzpatient-{path}"), **MARKED}
        answer = client.post(f"/api/tokens/{path}", json=body)
        assert answer.status_code == 201
        token_id = answer.json()["id"]
    errors = [
        client.post("/api/tokens/book", json={**booking(slot_id), **MARKED, **wrong})
        for wrong in (
            {"patientName": NAME * 30},
            {"phoneNumber": PHONE * 3},
            {"patientName": f"{NAME}\n"},
            {"slotId": "x"},
            {"ifFull": "reject"},
            {"patientId": "Zzpatient-book"},
            {"priority": 1},
            {"ifFull": NAME},
            {"slotId": NAME},
        )
    ]
    errors += [
        client.post("/api/tokens/book", content=f'{{"patientName": "{NAME}", '.encode()),
        client.get(f"/api/tokens/patient/Zzpatient-book?{NAME}"),
        client.get(f"/api/tokens/{NAME}"),
        client.get(f"/{NAME}/{PHONE}"),
        client.patch(f"/api/tokens/{token_id}/status", json={"status": NAME}),
        client.request("DELETE", "/api/tokens/x/cancel", json={"reason": NAME * 20}),
        client.get("/api/doctors", params={"specialization": NAME * 20}),
        client.get("/api/doctors", headers={"X-Actor": NAME}),
        client.get("/api/doctors", headers={"X-Request-ID": NAME}),
        client.post("/api/tokens/book", content=NAME * 9000),
    ]
    program.fail()
    broken = [
        client.get(f"/api/tokens/queue/{slot_id}"),
        client.post("/api/tokens/walkin", json={**booking(slot_id, "Zzpatient"), **MARKED}),
        client.post("/api/tokens/allocate", json={**MARKED, "source": "ONLINE"}),
    ]
    assert [answer.status_code for answer in broken] == [500, 500, 500]
    assert {answer.json()["code"] for answer in broken} == {"internal_error"}
    assert all(len(answer.headers["x-request-id"]) == 16 for answer in broken)
    program.recover()
    assert client.get(f"/api/tokens/{token_id}").json()["patientName"] == NAME
    told = program.stop()
    for error in (*errors, *broken):
        assert error.headers["x-request-id"]
        if error.is_error:
            assert not [trace for trace in TRACES if trace in error.text], error.text
    assert not [line for line in told.splitlines() if any(trace in line for trace in TRACES)]
    for answer in broken:
        lines = [line for line in told.splitlines() if answer.headers["x-request-id"] in line]
        assert any("internal_error" in line and "RuntimeError" in line for line in lines)


def test_no_log_has_a_patients_link_a_key_or_a_secret(program: Program) -> None:
    client = program.client
    path = f"/api/tokens/{Source.ONLINE.row.path}"
    token = client.post(path, json=booking(_open_slot(client))).json()
    link = token["patientLink"]
    held = {"Authorization": f"Bearer {link.removeprefix('/t/')}"}
    asked = [
        client.get(link),
        client.head(link),
        client.post(link, json={}),
        client.get(f"{link}?from=messenger"),
        client.get(f"{link}x"),
        client.get(f"{link}/more"),
        client.get("/t/opl_altered"),
        client.get("/t/"),
        client.get(f"/api/tokens/{token['id']}", headers=held),
        client.get(path, headers={"Authorization": f"Bearer {LINK_KEY}"}),
        client.get("/api/doctors", headers={"Cookie": f"__Host-opd={LINK_KEY}"}),
    ]
    program.fail()
    asked.append(client.get(link))
    program.recover()
    told = program.stop()
    assert {answer.status_code for answer in asked} >= {200, 401, 404, 405, 500}
    assert told.count("/t/{link}") >= 5
    secrets = [link, held["Authorization"], "opl_", LINK_KEY.removeprefix("k1:")]
    secrets.append(client.headers["Authorization"].removeprefix("Bearer "))
    for line in told.replace("/t/{link}", "").splitlines():
        assert not [secret for secret in [*secrets, "/t/"] if secret in line], line


def test_each_request_has_one_line_which_tells_its_command(program: Program) -> None:
    client = program.client
    slot_id = _open_slot(client)
    asked = {"X-Request-ID": "trace-7", "X-Actor": "desk-7"}
    assert client.get(f"/api/slots/{slot_id}").status_code == 200
    assert client.post("/api/tokens/book", json=booking(slot_id), headers=asked).is_success
    lines = [line for line in program.stop().splitlines() if "trace-7" in line]
    requests = [line for line in lines if "/api/tokens/book" in line]
    assert lines == requests
    assert len(requests) == 1
    assert "desk-7" not in requests[0]  # a client may say anything there, a phone number too
    assert all(word in requests[0] for word in (program.asks, "201", "POST"))
    assert all(
        word in requests[0] for word in ("Book", slot_id.rpartition("-")[0], "BOOKED", "T001")
    )
    if requests[0].startswith("{"):
        told = json.loads(requests[0])
        assert (told["route"], told["status"]) == ("/api/tokens/book", 201)
        assert told["ms"] >= 0
