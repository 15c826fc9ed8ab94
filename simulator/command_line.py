"""The command line: from arguments to an exit status."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from rich.console import Console

from config import BadSettings, load_settings
from services.log import set_up_logging
from simulator.client import MakeApp, Refused, Unusable
from simulator.consultations import BadFile
from simulator.plan import FASTEST, LIVE_DOCTORS, SPEED, STORY
from simulator.replay import replay
from simulator.run import Options, run_days

WELL, BROKEN, MISUSED, STOPPED = 0, 1, 2, 130


class BadArguments(Exception):
    """`str()` is one line that names the argument and what it may be."""


_COMPLAINTS: Mapping[type[Exception], tuple[str, int]] = {
    BadArguments: ("", MISUSED),
    BadFile: ("--replay: ", MISUSED),
    BadSettings: ("Bad settings: ", MISUSED),
    Unusable: ("--url: ", BROKEN),
    Refused: ("The service refused what the day needs: ", BROKEN),
}
"""How each is told, and the exit status that it makes."""


def main(arguments: Sequence[str], make_app: MakeApp) -> int:
    """Run what was asked for. 0: all well; 1: an invariant is broken; 2: it can't be done so."""
    set_up_logging("ERROR", as_json=False)
    try:
        options = read_options(arguments)
        settings = load_settings()
        console = Console(highlight=False, soft_wrap=False)
        if options.replay is not None:
            asyncio.run(replay(options.replay, options, settings, console, make_app))
            return WELL
        report = asyncio.run(run_days(options, settings, console, make_app))
    except KeyboardInterrupt:
        return STOPPED
    except tuple(_COMPLAINTS) as error:
        words, status = _COMPLAINTS[type(error)]
        sys.stderr.write(f"{words}{error}\n")
        return status
    return BROKEN if report.broken else WELL


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadArguments(message.removeprefix("argument "))


def read_options(arguments: Sequence[str]) -> Options:
    """The options, or BadArguments; `--help` prints and leaves."""
    parser = _parser()
    given = parser.parse_args(arguments, Options())
    if given.concurrency and given.url is None:
        parser.error("--concurrency: patients book at once over HTTP only; give --url too")
    if given.tidy and given.url is None:
        parser.error("--tidy: in process nothing stays; give --url too")
    if given.replay is not None and given.url is not None:
        parser.error("--replay: needs a clock that can be moved, so it runs without --url")
    if given.history is not None and given.replay is None:
        parser.error("--history: says what came before --replay; give that too")
    if given.replay is not None and (given.doctors or given.load or given.days > 1):
        parser.error("--replay: the file says all, so leave out --doctors, --days and --load")
    if given.speed is not None and not given.live:
        parser.error("--speed: of a day that passes; give --live too")
    if given.live and (
        given.tidy or given.concurrency or given.days > 1 or given.replay is not None
    ):
        parser.error("--live: leave out --days, --concurrency, --tidy and --replay")
    given.concurrency = given.concurrency or 1
    given.doctors = given.doctors or (LIVE_DOCTORS if given.live else STORY.doctors)
    return given


def _parser() -> _Parser:
    parser = _Parser(
        prog="simulation.py",
        description="Play an OPD day through the service, and check its answers by the rules.",
        epilog="One day of up to 60 patients, one at a time, is told line by line; more days, more "
        "patients or --concurrency above 1 in tables alone. The default day is a story in which every rule shows. With --load, or other than "
        "3 doctors, the day's patients are drawn. With --url the rules' numbers, such as "
        "EMERGENCY_OVERFLOW, are those of the settings here: use the server's. Exit status: 0 all "
        "well, 1 a rule is broken or the service is of no use, 2 bad arguments.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--seed", type=_whole(0, 2**63), default=1, metavar="N",
        help="same seed, same output (1)")  # fmt: skip
    add("--doctors", type=_whole(1, 200), default=0, metavar="N",
        help=f"1 to 200 doctors ({STORY.doctors}; {LIVE_DOCTORS} with --live)")  # fmt: skip
    add("--days", type=_whole(1, 366), default=1, metavar="N",
        help="1 to 366 days, one after the other (1)")  # fmt: skip
    add("--load", type=_load, metavar="X",
        help="demand over capacity, 0.5 to 3: draw so many patients")  # fmt: skip
    add("--json", action="store_true", help="one JSON document for machines")
    add("--url", type=_url, metavar="URL",
        help="play against a running server, on doctors of its own and a date in the future, "
        "with the key in DEV_KEY_FILE (data/dev.key)")  # fmt: skip
    add("--tidy", action="store_true",
        help="with --url: afterwards retire its doctors, close its slots and cancel its tokens")  # fmt: skip
    add("--concurrency", type=_whole(1, 1000), metavar="N",
        help="with --url: so many patients at once, 1 to 1000 (1)")  # fmt: skip
    add("--live", action="store_true",
        help="let a day of 200 patients pass, on a service of its own or, with --url, on one with "
        "EMBEDDED_FILE=:memory:, whose clock it sets")  # fmt: skip
    add("--speed", type=_whole(0, FASTEST), metavar="X",
        help=f"with --live: so many times as fast as life, to {FASTEST} ({SPEED}); 0: without "
        "waiting, from one thing that happens to the next")  # fmt: skip
    add("--replay", type=Path, metavar="FILE",
        help="replay real consultations from a CSV file (may be gzipped) with columns Session, "
        "StartTime (h:mm:ss), ServTime (seconds) and perhaps Visit.No, and measure the estimated "
        "times; the service learns from each session before the next")  # fmt: skip
    add("--history", type=Path, metavar="FILE",
        help="with --replay: sessions that the service has learned from before")  # fmt: skip
    return parser


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"give a whole number from {least} to {most}")
        return int(text)

    return read


def _load(text: str) -> Fraction:
    """Exact, so that no rounding of a platform changes a count."""
    try:
        load = Fraction(text)
    except (ValueError, ZeroDivisionError):
        load = Fraction(0)
    if not Fraction(1, 2) <= load <= 3:
        raise argparse.ArgumentTypeError("give a number from 0.5 to 3")
    return load


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise argparse.ArgumentTypeError("give a whole URL, like http://localhost:8000")
    return text.rstrip("/")
