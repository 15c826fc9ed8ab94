"""deploy/haproxy.cfg in front of any number of workers, without its limits by caller."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import procs
from bench.subject import ROOT, free_port

CONFIG = ROOT / "deploy" / "haproxy.cfg"
_SERVERS = re.compile(r"(?:    server opd\d+ .*\n)+")
_IDENTITY = re.compile(r"    (?:user|group) haproxy\n")
"""Only root can become somebody else."""
_START_SECONDS = 10


def configured(workers: Sequence[int]) -> str:
    """The shipped file with a line for each of these ports of this machine."""
    servers = "".join(
        f"    server opd{number} 127.0.0.1:{port}\n" for number, port in enumerate(workers, start=1)
    )
    text = _SERVERS.sub(servers, CONFIG.read_text())
    return text if os.geteuid() == 0 else _IDENTITY.sub("", text)


class Front:
    """HAProxy on a port of this machine. `pid` is its process."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.pid = process.pid
        self.port = port


@contextmanager
def fronting(workers: Sequence[int]) -> Iterator[Front]:
    """HAProxy that listens. Raises RuntimeError where there is none."""
    program = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise RuntimeError("haproxy is not installed")
    port = free_port()
    environment = {
        **os.environ,
        "OPD_BIND": f"127.0.0.1:{port}",
        "OPD_FIGURES": f"127.0.0.1:{free_port()}",
        "OPD_MOST_REQUESTS": "1000000000",
        "OPD_MOST_CONNECTIONS": "1000000",
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "haproxy.cfg"
        file.write_text(configured(workers))
        process = subprocess.Popen(
            [program, "-db", "-f", str(file)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            end = time.monotonic() + _START_SECONDS
            while procs.listener(port) != process.pid:
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("haproxy does not listen")
                time.sleep(0.02)
            yield Front(process, port)
        finally:
            process.terminate()
            process.wait()
