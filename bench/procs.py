"""Processes as the kernel sees them: processor time, memory, who listens where."""

import os
import re
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_LISTEN, _ESTABLISHED = "0A", "01"


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and of those children of its that have ended."""
    fields = _stat(pid)
    return sum(int(field) for field in fields[11:15]) * _TICK if fields else 0.0


def family_cpu_seconds(pid: int) -> float:
    """Processor time of a process and of its children, those that have ended included."""
    return cpu_seconds(pid) + sum(cpu_seconds(child) for child in children(pid))


def children(pid: int) -> list[int]:
    """The children that a process has now."""
    return [other for other in _pids() if (fields := _stat(other)) and int(fields[1]) == pid]


def thread_cpu_seconds(pid: int) -> dict[int, float]:
    """Processor time of each thread of a process, by thread id; the main thread has the pid."""
    seconds = {}
    for task in (_PROC / str(pid) / "task").iterdir():
        fields = _fields(task / "stat")
        if fields:
            seconds[int(task.name)] = (int(fields[11]) + int(fields[12])) * _TICK
    return seconds


def resident_bytes(pid: int) -> int:
    """Memory of a process that is in RAM now."""
    pages = int((_PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def listener(port: int) -> int | None:
    """The process that listens on a TCP port of this machine, if it can be seen."""
    inodes = {inode for local, _, state, inode in _sockets() if state == _LISTEN and local == port}
    return next((pid for pid in _pids() if inodes & _inodes(pid)), None)


def servers_of(pid: int) -> list[int]:
    """The processes on this machine that a process keeps connections to."""
    mine = _inodes(pid)
    ports = {
        remote for _, remote, state, inode in _sockets() if state == _ESTABLISHED and inode in mine
    }
    found = {listener(port) for port in ports}
    return sorted(server for server in found if server is not None and server != pid)


def _pids() -> list[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    return _fields(_PROC / str(pid) / "stat")


def _fields(path: Path) -> list[str]:
    """The fields behind the name, the state first; none when the process has ended."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _inodes(pid: int) -> set[str]:
    """The sockets that a process holds."""
    found = set()
    try:
        for entry in (_PROC / str(pid) / "fd").iterdir():
            if match := re.fullmatch(r"socket:\[(\d+)\]", entry.readlink().name):
                found.add(match[1])
    except OSError:
        return found
    return found


def _sockets() -> list[tuple[int, int, str, str]]:
    """Local port, remote port, state and inode of each TCP socket."""
    rows = []
    for name in ("tcp", "tcp6"):
        path = _PROC / "net" / name
        for line in path.read_text().splitlines()[1:] if path.exists() else []:
            fields = line.split()
            local, remote = (int(field.rpartition(":")[2], 16) for field in fields[1:3])
            rows.append((local, remote, fields[3], fields[9]))
    return rows
