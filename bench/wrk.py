"""The load by wrk, which costs a request's client a third of what bench/load.py does.

Debian has it as `wrk`. Where it is missing the load is bench/load.py's, and the report says so.
"""

import math
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.load import Job, Outcome

PROGRAM = shutil.which("wrk")

_PAUSE_SECONDS = 0.5
_SCRIPT = Path(__file__).with_suffix(".lua")


def described() -> str:
    """For the report: who sends the load."""
    if PROGRAM is None:
        return "Load: bench/load.py, which costs more than wrk (not installed), so take rates with care"
    return "Load: wrk; by bench/load.py what goes to several ports, or in an order of each client's own"


def can_do(job: Job) -> bool:
    """Whether wrk can do this job: one server, one script for all, a time to end, no bodies kept."""
    return (
        PROGRAM is not None
        and len(job.ports) == 1
        and len(job.scripts) == 1
        and math.isfinite(job.seconds)
        and not job.keep
    )


def run_job(job: Job) -> Outcome:
    """Do the job; wrk knows no warm-up, so a run of its own goes before, with the first requests.

    Raises RuntimeError when wrk fails.
    """
    with tempfile.NamedTemporaryFile() as file:
        for request in job.scripts[0]:
            file.write(b"%d\n%b\n" % (len(request), request))
        file.flush()
        cpu = _cpu_seconds()
        warm = _run(job, file.name, job.warm, 0) if job.warm else _NOTHING
        # What the first run sent last may have been done, though it did not wait for the answer.
        begun = warm.answers + job.clients if job.warm else 0
        time.sleep(_PAUSE_SECONDS)  # they are still under way, and would be too many with the next
        told = _run(job, file.name, job.seconds, begun)
        cpu = _cpu_seconds() - cpu
    failures = told.failures + told.lost + warm.failures + warm.lost
    answers = told.answers + warm.answers
    return Outcome(
        sent=answers,
        counted=told.answers - told.failures,
        seconds=told.microseconds / 1e6,
        p50=told.p50 / 1e6,
        p99=told.p99 / 1e6,
        statuses={200: answers - failures, 0: failures},
        cpu=cpu,
        bodies=[],
    )


class _Told(Struct, frozen=True):
    """What wrk.lua tells at the end. Latencies in microseconds."""

    answers: int
    microseconds: int
    failures: int
    lost: int
    p50: int
    p99: int


_NOTHING = _Told(0, 0, 0, 0, 0, 0)


def _run(job: Job, requests: str, seconds: float, begun: int) -> _Told:
    """One run, with the requests behind the first so many. wrk takes whole seconds."""
    command = [str(PROGRAM), "-t1", f"-c{job.clients}", f"-d{math.ceil(seconds)}s", "--timeout=12s"]
    url = f"http://127.0.0.1:{job.ports[0]}"
    given = [requests, str(begun), str(int(job.cycle))]
    done = subprocess.run(
        [*command, "-s", str(_SCRIPT), url, "--", *given],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"wrk ended with {done.returncode}: {done.stderr.strip()}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=_Told)


def _cpu_seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
