"""What was asked for on the command line, and one clear line when it can't be done."""

import argparse
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

STORY_DOCTORS = 3
_MOST_DOCTORS, _MOST_DAYS, _MOST_AT_ONCE = 200, 366, 1000
_LEAST_LOAD, _MOST_LOAD = Fraction(1, 2), Fraction(3)


class BadArguments(Exception):
    """`str()` is one line that names the argument and what it may be."""


class Options(argparse.Namespace):
    """`load` None with three doctors is the story; else a drawn day."""

    seed: int
    doctors: int
    days: int
    load: Fraction | None
    json: bool
    url: str | None
    concurrency: int
    replay: Path | None

    @property
    def is_story(self) -> bool:
        """Whether the default day is played, and not a drawn one."""
        return self.load is None and self.doctors == STORY_DOCTORS


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadArguments(message.removeprefix("argument "))


def read_options(arguments: Sequence[str]) -> Options:
    """The options, or BadArguments; `--help` prints and leaves."""
    parser = _parser()
    given = parser.parse_args(arguments, Options())
    if given.concurrency and given.url is None:
        parser.error("--concurrency: patients book at once over HTTP only; give --url too")
    if given.replay is not None and given.url is not None:
        parser.error("--replay: needs a clock that can be moved, so it runs without --url")
    if given.replay is not None and not (given.is_story and given.days == 1):
        parser.error("--replay: the file says all, so leave out --doctors, --days and --load")
    given.concurrency = given.concurrency or 1
    return given


def _parser() -> _Parser:
    parser = _Parser(
        prog="simulation.py",
        description="Play an OPD day through the service, and check its answers by the rules.",
        epilog="The default day is a story in which every rule shows. With --load, or other than "
        "3 doctors, the day's patients are drawn. With --url the rules' numbers, such as "
        "EMERGENCY_OVERFLOW, are those of the settings here: use the server's. Exit status: 0 all well, 1 a rule is broken or "
        "the service is of no use, 2 bad arguments.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--seed", type=_whole(0, 2**63), default=1, metavar="N", help="same seed, same output (1)"
    )
    parser.add_argument(
        "--doctors", type=_whole(1, _MOST_DOCTORS), default=STORY_DOCTORS, metavar="N",
        help=f"1 to {_MOST_DOCTORS} doctors ({STORY_DOCTORS})",
    )  # fmt: skip
    parser.add_argument(
        "--days", type=_whole(1, _MOST_DAYS), default=1, metavar="N",
        help=f"1 to {_MOST_DAYS} days, one after the other (1)",
    )  # fmt: skip
    parser.add_argument(
        "--load", type=_load, metavar="X",
        help="demand over capacity, 0.5 to 3: draw so many patients",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON document for machines")
    parser.add_argument(
        "--url", type=_url, metavar="URL",
        help="play against a running server, on doctors of its own and a date in the future",
    )  # fmt: skip
    parser.add_argument(
        "--concurrency", type=_whole(1, _MOST_AT_ONCE), metavar="N",
        help=f"with --url: so many patients at once, 1 to {_MOST_AT_ONCE} (1)",
    )  # fmt: skip
    parser.add_argument(
        "--replay", type=Path, metavar="FILE",
        help="replay real consultations from a CSV file (may be gzipped) with columns Session, "
        "StartTime (h:mm:ss) and ServTime (seconds), and measure the estimated times",
    )  # fmt: skip
    return parser


class _whole:  # noqa: N801  # argparse calls it like a type
    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def __call__(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = self._least - 1
        if not self._least <= number <= self._most:
            raise argparse.ArgumentTypeError(
                f"give a whole number from {self._least} to {self._most}"
            )
        return number


def _load(text: str) -> Fraction:
    """Exact, so that no rounding of a platform changes a count."""
    try:
        load = Fraction(text)
    except (ValueError, ZeroDivisionError):
        load = Fraction(0)
    if not _LEAST_LOAD <= load <= _MOST_LOAD:
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
