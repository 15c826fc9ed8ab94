"""Where a booking's time goes in the service: its dearest lines."""

import math

import msgspec
from msgspec import Struct

from bench import day, procs
from bench.drive import drive
from bench.load import Job
from bench.profiling import END_PATH, START_PATH
from bench.report import Section, Table
from bench.rounds import Bench
from bench.subject import WITH_NOOP, Server, own_database, serving

_SECONDS = 5.0
_MOST_RATE = 3000
_SCENES = (("spread", 128), ("hot", 32))

_TEXT = """
By pyinstrument, which watches the event loop's thread while bookings go on; waiting for the network
and the database is left out. Shares are of the busy time of that thread. *Lines* and *packages*: the
time that passed there itself. *Functions*: the service's own ones, with all that they called.
"""


class _Share(Struct):
    place: str
    share: float


class _Profile(Struct):
    busy_seconds: float
    lines: list[_Share]
    packages: list[_Share]
    functions: list[_Share]


def measure(bench: Bench) -> list[Section]:
    """A profile of spread and of hot bookings."""
    tables: list[Table] = []
    with own_database(bench.server_uri) as uri, serving(WITH_NOOP, uri) as server:
        for scene, clients in _SCENES:
            bench.step(f"booking, {scene}, {clients} clients")
            profile, threads = _profile(server, scene, clients)
            caption = (
                f"Booking, {scene}, {clients} clients; the process's other threads took "
                f"{threads:.0%} of its processor time:"
            )
            tables += _tables(profile, caption)
    return [Section("Profile of booking", _TEXT, tables)]


def steps(_: Bench) -> int:
    """How many rounds that takes."""
    return len(_SCENES)


def _profile(server: Server, scene: str, clients: int) -> tuple[_Profile, float]:
    """The profile, and the share of processor time that other threads than the loop's took."""
    hot = scene == "hot"
    count = math.ceil(_MOST_RATE * _SECONDS)
    sheets = day.make_sheets(server, day.sheets_for(count, hot=hot))
    requests = day.bookings((day.hot if hot else day.spread)(sheets, count))
    before = procs.thread_cpu_seconds(server.pid)
    server.get(START_PATH)
    drive(
        Job(ports=[server.port], clients=clients, scripts=[requests], seconds=_SECONDS),
        {},
    )
    told = server.get(END_PATH)
    after = procs.thread_cpu_seconds(server.pid)
    if told is None:
        raise RuntimeError("the service gave no profile")
    spent = {thread: seconds - before.get(thread, 0.0) for thread, seconds in after.items()}
    others = sum(spent.values()) - spent[server.pid]
    return msgspec.json.decode(told, type=_Profile), others / sum(spent.values())


def _tables(profile: _Profile, caption: str) -> list[Table]:
    dearest = (
        ("the five dearest lines", profile.lines, 5),
        ("packages", profile.packages, 12),
        ("own functions, with what they called", profile.functions, 20),
    )
    return [
        Table(
            [name, "share"],
            [[f"`{each.place}`", f"{each.share:.1%}"] for each in found[:most]],
            caption if found is profile.lines else "",
        )
        for name, found, most in dearest
    ]
