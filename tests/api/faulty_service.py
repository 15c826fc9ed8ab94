"""The service as a program whose clock fails, with a patient's name in the error, once told to.

`python -m tests.api.faulty_service SOCKET FILE`: serves on the listening socket of that number;
the clock fails while FILE exists. Settings come from the environment.
"""

import sys
from datetime import datetime
from pathlib import Path

import uvicorn

from config import Environment, load_settings
from main import create_app
from services.clock import SystemClock
from services.log import set_up_logging


class FaultyClock(SystemClock):
    """Fails while a file exists; what the file holds is the error's message."""

    def __init__(self, switch: Path) -> None:
        super().__init__()
        self._switch = switch

    def now(self) -> datetime:
        if self._switch.exists():
            raise RuntimeError(self._switch.read_text())
        return super().now()


def main() -> None:
    """Serve as main.py does."""
    settings = load_settings()
    set_up_logging(settings.log_level, as_json=settings.environment is Environment.PRODUCTION)
    clock = FaultyClock(Path(sys.argv[2]))
    app = create_app(settings, clock, machine_clock=SystemClock())
    uvicorn.run(app, fd=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
