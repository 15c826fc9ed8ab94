"""One measured round: a job of the load, and the processor time that each process took for it.

A round begins when the processes have done what an earlier one left them to do, and its processor
time is counted until they are quiet again: some work is put off, such as the copying of events.
"""

import subprocess
import sys
import time
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from bench import procs, wrk
from bench.load import Job, Outcome
from bench.subject import ROOT

LOAD = "load generator"

_LOOK_SECONDS = 0.2
_QUIET_SHARE = 0.15
"""Of one core, for all of the processes together: what they do anyway takes less."""
_MOST_QUIETING_SECONDS = 3.0


class Round(Struct, frozen=True, kw_only=True):
    """What came of a job. `cpu` is in seconds, by name of process, over all requests sent."""

    outcome: Outcome
    cpu: dict[str, float]

    def cpu_per_request(self, name: str) -> float:
        """Microseconds of a process's time for one request that was done."""
        return self.cpu[name] / max(1, self.outcome.done) * 1e6


def drive(job: Job, processes: Mapping[str, int]) -> Round:
    """Do a job in a process of its own, of wrk where it can. Raises RuntimeError when it fails."""
    _wait_until_quiet(processes)
    before = {name: procs.family_cpu_seconds(pid) for name, pid in processes.items()}
    outcome = wrk.run_job(job) if wrk.can_do(job) else _run_job(job)
    _wait_until_quiet(processes)
    cpu = {name: procs.family_cpu_seconds(pid) - before[name] for name, pid in processes.items()}
    return Round(outcome=outcome, cpu={**cpu, LOAD: outcome.cpu})


def _run_job(job: Job) -> Outcome:
    # run() ends the load when this process is interrupted.
    load = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        cwd=ROOT,
        input=msgspec.msgpack.encode(job),
        stdout=subprocess.PIPE,
        check=False,
    )
    if load.returncode:
        raise RuntimeError(f"the load generator ended with {load.returncode}")
    return msgspec.msgpack.decode(load.stdout, type=Outcome)


def _wait_until_quiet(processes: Mapping[str, int]) -> None:
    """Wait until they do next to nothing, or no longer: others may use the database too."""
    end = time.monotonic() + _MOST_QUIETING_SECONDS
    spent = _spent(processes)
    while time.monotonic() < end:
        time.sleep(_LOOK_SECONDS)
        before, spent = spent, _spent(processes)
        if spent - before < _QUIET_SHARE * _LOOK_SECONDS:
            return


def _spent(processes: Mapping[str, int]) -> float:
    return sum(map(procs.family_cpu_seconds, processes.values()))
