"""Lists of name=number in settings."""

import re
from collections.abc import Iterator

_MINUTES = re.compile(r" *(PRIORITY|FOLLOWUP|ONLINE|WALKIN) *= *[0-9]{1,3} *(,|$)", re.ASCII)
_WEIGHTS = re.compile(
    r" *(source|waiting|appointment) *= *[0-9]{1,2}([.][0-9]{1,3})? *(,|$)", re.ASCII
)


def minutes_by_name(text: str) -> str:
    """A list of minutes by source. Raises ValueError."""
    return _list_of(_MINUTES, text, "PRIORITY=25,FOLLOWUP=8,ONLINE=5,WALKIN=0, in minutes")


def weights_by_name(text: str) -> str:
    """A list of weights by part. Raises ValueError."""
    return _list_of(_WEIGHTS, text, "source=1,waiting=1,appointment=1")


def named(text: str) -> Iterator[tuple[str, str]]:
    """Each name of such a list with its number."""
    for pair in text.split(","):
        name, number = pair.split("=")
        yield name.strip(), number.strip()


def _list_of(pair: re.Pattern[str], text: str, like: str) -> str:
    rest = text
    while found := pair.match(rest):
        rest = rest[found.end() :]
    if rest or not text or text.endswith(","):
        raise ValueError(f"write it like {like}")
    return text
