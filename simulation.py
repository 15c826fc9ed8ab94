"""A whole OPD day on a virtual clock: `python simulation.py`, `--help` for more."""

import sys

from simulator.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
