"""A whole OPD day on a virtual clock: `python simulation.py`, `--help` for more."""

import sys

from fastapi import FastAPI

from config import Settings
from main import create_app
from services.clock import Clock, SystemClock
from services.ids import Ids
from simulator.command_line import main


def make_app(settings: Settings, clock: Clock, ids: Ids) -> FastAPI:
    """The service on another day than the machine's."""
    return create_app(settings, clock, ids, machine_clock=SystemClock())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], make_app))
