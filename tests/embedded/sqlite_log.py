"""The log that the embedded database writes before its file, as SQLite defines it."""

from pathlib import Path


def commits(file: Path) -> int:
    """How many it holds: each ends with a frame that tells the database's size."""
    log = Path(f"{file}-wal").read_bytes()
    frame = 24 + int.from_bytes(log[8:12])
    return sum(any(log[at + 4 : at + 8]) for at in range(32, len(log), frame))
