"""The command line: from arguments to an exit status."""

import asyncio
import sys
from collections.abc import Sequence

from rich.console import Console

from config import BadSettings, load_settings
from services.log import set_up_logging
from simulator.desk import MakeApp, Refused, Unusable
from simulator.options import BadArguments, read_options
from simulator.replay import BadFile, replay
from simulator.run import run_days

WELL, BROKEN, MISUSED, STOPPED = 0, 1, 2, 130


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
    except BadArguments as error:
        return _complain(f"{error}", MISUSED)
    except BadFile as error:
        return _complain(f"--replay: {error}", MISUSED)
    except BadSettings as error:
        return _complain(f"Bad settings: {error}", MISUSED)
    except Unusable as error:
        return _complain(str(error), BROKEN)
    except Refused as error:
        return _complain(f"The service refused what the day needs: {error}", BROKEN)
    except KeyboardInterrupt:
        return STOPPED
    return WELL if report.is_well else BROKEN


def _complain(line: str, status: int) -> int:
    sys.stderr.write(f"{line}\n")
    return status
