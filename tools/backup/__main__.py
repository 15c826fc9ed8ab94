"""The command line: `make backup TO=…`, `make restore FROM=…`."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from config import BadSettings, load_settings
from services.clock import SystemClock
from tools.backup.dump import dump
from tools.backup.raw import DATABASE_ERRORS, BackupFailed, in_words, open_database
from tools.backup.restore import restore


def main() -> None:
    """Back up or restore as the command line says."""
    parser = argparse.ArgumentParser(description="Back up the database, or restore it.")
    parser.add_argument("what", choices=["backup", "restore"])
    parser.add_argument("folder", help="of the backup: new for backup, kept as it is by restore")
    arguments = parser.parse_args()
    what, folder = str(arguments.what), str(arguments.folder)
    if not folder:
        _exit(f"Say where: make {what} {'TO' if what == 'backup' else 'FROM'}=folder")
    try:
        print(_run(what, Path(folder)))
    except BadSettings as error:
        _exit(f"Bad settings: {error}")
    except (BackupFailed, *DATABASE_ERRORS, OSError, KeyboardInterrupt) as error:
        _exit(f"{what.capitalize()} failed: {in_words(error)}")


def _run(what: str, folder: Path) -> str:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with (
        open_database(load_settings(), writing=what == "restore") as database,
        Progress(
            *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
        ) as progress,
    ):
        bars = _Bars(progress)
        if what == "backup":
            manifest = dump(database, folder, SystemClock().now(), bars)
            done = f"Backed up {database.name} to {folder}"
        else:
            manifest = restore(database, folder, bars)
            taken = f"{manifest.began:%Y-%m-%d %H:%M} UTC"
            done = f"Restored {database.name} from {folder}, as it was at {taken}"
        bars.finish()
    counts = (f"{part.documents:,} {name}" for name, part in manifest.collections.items())
    return f"{done}: {', '.join(counts)}"


class _Bars:
    """A bar for each step, where there is a terminal to draw it on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def begin(self, what: str, total: int) -> None:
        self.finish()
        self._progress.add_task(what, total=total)

    def advance(self, count: int) -> None:
        self._progress.advance(self._progress.task_ids[-1], count)

    def finish(self) -> None:
        """Fill the last bar: its total was an estimate, or its count is told by the hundred."""
        for task in self._progress.tasks[-1:]:
            total = task.total or 1
            self._progress.update(task.id, total=total, completed=total)


def _exit(line: str) -> NoReturn:
    sys.stderr.write(f"{line}\n")
    raise SystemExit(2)


if __name__ == "__main__":
    main()
