"""Something to look at: a service that keeps nothing, on which day after day passes by itself.

`python demo.py`, `--help` for more. It serves this machine alone, touches no real day, and is gone
when it ends.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import time
from itertools import count

from config import BadSettings, Settings, load_settings
from main import create_app
from server import served
from services.access.try_out import link_secret
from services.clock import SystemClock
from services.ids import Ids
from services.log import set_up_logging
from simulator.client import Refused, ServiceClient, Unusable, keeping_nothing, open_client
from simulator.day import add_doctors, open_live_clinic, play
from simulator.happenings import Entry, Kind
from simulator.plan import FASTEST, LIVE_DOCTORS, SPEED

_BEGINS = time(8, 50)
"""Ten minutes before the doctors: who looks at it need not wait."""

_INVITATION = """A day passes here, {speed} times as fast as life; nothing is kept. Sign in by this link:
{link}
Ctrl-C ends it.
"""


def main(arguments: Sequence[str]) -> int:
    """Serve and play until stopped. 1: it can't be."""
    asked = _parser().parse_args(arguments)
    set_up_logging("ERROR", as_json=False)
    try:
        _show(load_settings(), speed=asked.speed, port=asked.port, attached=asked.attached)
    except (BadSettings, OSError, Refused, Unusable) as error:
        sys.stderr.write(f"The demo can't go on: {error}\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="demo.py", description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--speed", type=int, choices=range(1, FASTEST + 1), default=SPEED, metavar="X",
        help=f"so many times as fast as life, 1 to {FASTEST} ({SPEED})")  # fmt: skip
    add("--port", type=int, default=0, metavar="N", help="where it serves (any port that is free)")
    add("--attached", action="store_true",
        help="print the link alone, and end with the standard input")  # fmt: skip
    return parser


def _show(settings: Settings, *, speed: int, port: int, attached: bool) -> None:
    own = keeping_nothing(settings).model_copy(update={"host": "127.0.0.1", "allowed_hosts": ""})
    app = create_app(own, SystemClock(), Ids())
    with served(app, port) as url:
        link = f"{url}/try-out/{link_secret(app.state.dev_key)}?next=/desk"
        told = "{link}\n" if attached else _INVITATION
        told = told.format(speed=speed, link=link)
        asyncio.run(_play(own, url, app.state.dev_key, speed, told, attached=attached))


async def _play(
    settings: Settings, url: str, key: str, speed: int, told: str, *, attached: bool
) -> None:
    """Tell the link as soon as there is something to see, and play until it is to end."""
    async with open_client(url, 1, key) as client:
        playing = asyncio.create_task(_play_days(client, settings, speed, told))
        ending = asyncio.create_task(_end_with_input(playing)) if attached else None
        with suppress(asyncio.CancelledError):
            await playing
        if ending is not None:
            ending.cancel()


async def _end_with_input(playing: asyncio.Task[None]) -> None:
    """Whoever started it has closed the pipe, or is gone."""
    held = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(held), sys.stdin)
    await held.read()
    playing.cancel()


async def _play_days(client: ServiceClient, settings: Settings, speed: int, told: str) -> None:
    doctors = await add_doctors(client, LIVE_DOCTORS)
    for seed in count(1):
        clinic = await open_live_clinic(
            client, settings, doctors, seed=seed, speed=speed, begins=_BEGINS
        )
        clinic.reader = _tell_once(told if seed == 1 else "")
        await play(clinic)


def _tell_once(told: str) -> Callable[[Entry], None]:
    """As soon as somebody has come: by then all have booked who do so before."""
    left = [told]

    def read(entry: Entry) -> None:
        if entry.kind is Kind.CHECKED_IN and left:
            sys.stdout.write(left.pop())
            sys.stdout.flush()

    return read


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
