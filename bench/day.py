"""The days that the load plays on: doctors and slots made through the service, and requests.

A sheet has four slots of 120 seats and is given 400 bookings at most, a big day of one doctor, so
no seat runs out and no sheet grows beyond what a hospital sees. Every round has sheets of its own.
"""

import itertools
import json
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from bench.access import BEARER
from bench.load import Job, run_here
from bench.subject import Server

SPREAD_SHEETS = 60
TOKENS_PER_SHEET = 400

_HOURS = ("09:00", "11:00", "13:00", "15:00", "17:00")
SEATS = 120
BOOK_PATH = "/api/tokens/book"
_SETUP_CLIENTS = 64

DAY = (datetime.now(UTC) + timedelta(days=30)).date()
"""Far enough ahead that no slot is over, whatever the zone."""

_doctors = itertools.count(1)
_patients = itertools.count(1)

Sheet = list[str]
"""The ids of a sheet's slots."""


class Slot(msgspec.Struct):
    """What an answer about a slot tells here."""

    id: str


def request(method: str, path: str, body: object = None) -> bytes:
    """The bytes of a request."""
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Actor: bench\r\n{BEARER}"
    if content:
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + b"\r\n" + content


def ask(server: Server, requests: list[bytes], clients: int = _SETUP_CLIENTS) -> list[bytes]:
    """Have requests answered; the bodies in any order. Raises RuntimeError when one fails."""
    if not requests:
        return []
    job = Job(ports=[server.port], clients=clients, scripts=[requests], keep=True)
    outcome = run_here(job)
    if outcome.failures:
        raise RuntimeError(
            f"a preparation failed: {outcome.statuses}, {outcome.bodies[-1][:300]!r}"
        )
    return outcome.bodies


def make_sheets(server: Server, count: int, seats: int = SEATS) -> list[Sheet]:
    """New doctors with a day of four slots each."""
    doctors = [f"bench{next(_doctors):06}" for _ in range(count)]
    ask(
        server,
        [
            request("POST", "/api/doctors", {"id": doctor, "name": "B", "specialization": "B"})
            for doctor in doctors
        ],
    )
    made = ask(
        server,
        [
            request(
                "POST",
                "/api/slots",
                {
                    "doctorId": doctor,
                    "date": DAY.isoformat(),
                    "startTime": start,
                    "endTime": end,
                    "maxCapacity": seats,
                },
            )
            for start, end in itertools.pairwise(_HOURS)
            for doctor in doctors
        ],
    )
    slots = sorted(msgspec.json.decode(body, type=Slot).id for body in made)
    return [list(group) for _, group in itertools.groupby(slots, lambda slot: slot.split("-")[0])]


def made_up_sheets(count: int) -> list[Sheet]:
    """Slot ids for servers that know no sheets."""
    day = f"{DAY:%Y%m%d}"
    return [
        [f"bench{next(_doctors):06}-{day}-{start.replace(':', '')}" for start in _HOURS[:-1]]
        for _ in range(count)
    ]


def sheets_for(bookings: int, *, hot: bool) -> int:
    """How many sheets so many bookings need."""
    needed = math.ceil(bookings / TOKENS_PER_SHEET)
    return max(1, needed) if hot else max(SPREAD_SHEETS, needed)


def spread(sheets: Sequence[Sheet], count: int) -> list[str]:
    """A slot for each booking, all sheets in turn, all slots of a sheet in turn."""
    slots = [slot for group in zip(*sheets, strict=True) for slot in group]
    return list(itertools.islice(itertools.cycle(slots), count))


def hot(sheets: Sequence[Sheet], count: int) -> list[str]:
    """A slot for each booking: one sheet until it has had its bookings, then the next."""
    slots = (
        slot
        for sheet in sheets
        for slot in itertools.islice(itertools.cycle(sheet), TOKENS_PER_SHEET)
    )
    return list(itertools.islice(slots, count))


def bookings(slots: Iterable[str], path: str = BOOK_PATH) -> list[bytes]:
    """A booking in each of the slots, each by a patient of its own."""
    return [
        request(
            "POST",
            path,
            {
                "slotId": slot,
                "patientId": f"P{next(_patients):08}",
                "patientName": "Asha Rao",
                "phoneNumber": "+91 98450 12345",
            },
        )
        for slot in slots
    ]
