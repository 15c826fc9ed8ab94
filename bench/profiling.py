"""Where the event loop's thread spends its time, by line: two routes that start and end a profile.

Waiting for the network counts to the frame of the event loop itself, and is left out. Times are of
the wall clock, with the profiler's own cost in them, so their shares say more than their sums.
"""

import os
from collections import Counter
from pathlib import Path

from fastapi import APIRouter
from msgspec import Struct
from pydantic import BaseModel
from pyinstrument import Profiler

from bench.subject import ROOT

START_PATH = "/bench/profile"
END_PATH = "/bench/profile/end"

_INTERVAL = 0.0005
_LOOP = "asyncio/runners.py"
_PACKAGES = "site-packages/"
_PYTHON = Path(os.__file__).parent
_BUILT_IN = "<built-in>"

router = APIRouter(prefix="/bench/profile")
_profilers: list[Profiler] = []


class Share(BaseModel):
    """What a place takes of the busy time."""

    place: str
    share: float


class Profile(BaseModel):
    """The busy seconds, and what took most of them, the dearest first.

    By line and by package: where the time itself passed. By function: of the service's own ones,
    with all that they call.
    """

    busy_seconds: float
    lines: list[Share]
    packages: list[Share]
    functions: list[Share]


@router.get("")
async def start() -> str:
    """Begin to take samples."""
    profiler = Profiler(interval=_INTERVAL, async_mode="disabled")
    _profilers.append(profiler)
    profiler.start()
    return "started"


@router.get("/end")
async def end() -> Profile:
    """Stop, and say what was seen."""
    session = _profilers.pop().stop()
    return _summary([(_frames(stack), seconds) for stack, seconds in session.frame_records])


class _Frame(Struct, frozen=True):
    function: str
    path: str
    line: str

    @property
    def where(self) -> str:
        """The file, without what differs from machine to machine."""
        _, inside, rest = self.path.rpartition(_PACKAGES)
        if inside:
            return rest
        for root in (ROOT, _PYTHON):
            if self.path.startswith(f"{root}/"):
                return self.path.removeprefix(f"{root}/")
        return Path(self.path).name

    @property
    def own(self) -> bool:
        """Whether this is the service's own code."""
        return (
            self.path.startswith(f"{ROOT}/")
            and _PACKAGES not in self.path
            and not self.where.startswith("bench/")
        )

    @property
    def package(self) -> str:
        """The package of a library; a folder of the service."""
        if self.own:
            return f"{self.where.rpartition('/')[0] or self.where} (own)"
        if _PACKAGES in self.path:
            return self.where.partition("/")[0]
        return f"Python's {self.where.partition('/')[0].removesuffix('.py')}"


def _frame(info: str) -> _Frame:
    identity, *attributes = info.split("\x01")
    function, path, first = identity.split("\x00")
    told = {each[0]: each[1:] for each in attributes}
    owner = told.get("c")
    return _Frame(f"{owner}.{function}" if owner else function, path, told.get("l", first))


def _frames(stack: list[str]) -> list[_Frame]:
    """The frames of a stack; what passes in a built-in function counts to the line that calls it."""
    return [frame for info in stack if (frame := _frame(info)).path != _BUILT_IN]


def _summary(samples: list[tuple[list[_Frame], float]]) -> Profile:
    busy = 0.0
    lines: Counter[str] = Counter()
    packages: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for stack, seconds in samples:
        leaf = stack[-1]
        if leaf.where == _LOOP:
            continue
        busy += seconds
        # Counters are typed for whole numbers, so they count nanoseconds.
        spent = round(seconds * 1e9)
        lines[f"{leaf.where}:{leaf.line} {leaf.function}"] += spent
        packages[leaf.package] += spent
        for name in {f"{frame.where} {frame.function}" for frame in stack if frame.own}:
            functions[name] += spent
    return Profile(
        busy_seconds=busy,
        lines=_dearest(lines, busy, 5),
        packages=_dearest(packages, busy, 16),
        functions=_dearest(functions, busy, 40),
    )


def _dearest(spent: Counter[str], busy: float, most: int) -> list[Share]:
    return [
        Share(place=place, share=nanoseconds / 1e9 / busy)
        for place, nanoseconds in spent.most_common(most)
    ]
