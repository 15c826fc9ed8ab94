"""The embedded database is backed up while the service runs, and restored into a new file."""

import asyncio
import os
import shutil
import sys
from itertools import count
from pathlib import Path

import msgspec

from tests.embedded.test_service import StoredInFile
from tests.integration.insistent_client import InsistentClient, Ledger, open_day
from tests.integration.invariants import check
from tests.integration.processes import ROOT, Service
from tools.backup.folder import MANIFEST, Manifest, unpack, write


async def run(what: str, folder: Path, file: Path) -> tuple[int, str]:
    """The tool as a user runs it: its exit code and all that it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tools.backup",
        what,
        str(folder),
        cwd=folder.parent,  # there is no .env file
        env={**os.environ, "EMBEDDED_FILE": str(file), "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, told.decode()


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return [path.name for path in folder.iterdir()]


async def test_a_backup_of_a_running_service_has_all_that_was_acknowledged(tmp_path: Path) -> None:
    folder, restored = tmp_path / "backup", tmp_path / "restored.sqlite"
    service = Service(tmp_path, {})
    await service.serve()
    slots = await open_day(service.port, seats=[100] * 4)
    ledger = Ledger()
    over = asyncio.Event()

    async def sit(who: int) -> None:
        async with InsistentClient([service.port], ledger) as insistent:
            for n in count():
                if over.is_set():
                    return
                token = await insistent.book(slots[n % 4], f"patient{who}.{n}")
                if token is not None and n % 3 == 0:
                    await insistent.cancel(token.id)

    load = [asyncio.create_task(sit(who)) for who in range(2)]
    await ledger.grow(40, 30)
    before = list(ledger.answers)
    backed_up = await run("backup", folder, tmp_path / "data" / "opd.sqlite")
    in_use = await run("restore", folder, tmp_path / "data" / "opd.sqlite")
    over.set()
    await asyncio.gather(*load)
    service.end()
    assert backed_up[0] == 0, backed_up[1]
    assert len(ledger.answers) > len(before)
    assert (in_use[0], in_use[1].count("\n")) == (2, 1)
    assert "in use by another process" in in_use[1]

    code, told = await run("restore", folder, restored)

    assert code == 0, told
    stored = StoredInFile(restored)
    check(stored, before)
    again = await run("restore", folder, restored)
    assert (again[0], again[1].count("\n")) == (2, 1)
    assert "is not empty" in again[1]
    service = Service(tmp_path, {"EMBEDDED_FILE": str(restored)})
    await service.serve()
    more = Ledger()
    async with InsistentClient([service.port], more) as insistent:
        for n, slot in enumerate(slots):
            assert await insistent.book(slot, f"new{n}") is not None
    service.end()
    check(stored, [*before, *more.answers])


async def test_a_file_that_is_not_there_is_one_line_and_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "opd.sqlite"

    code, told = await run("backup", tmp_path / "backup", file)

    assert (code, told.count("\n")) == (2, 1)
    assert str(file) in told
    assert names(tmp_path) == []


async def test_a_restore_that_fails_leaves_an_empty_file(tmp_path: Path) -> None:
    file = tmp_path / "opd.sqlite"
    (tmp_path / "backup").mkdir()

    code, told = await run("restore", tmp_path / "backup", file)

    assert (code, told.count("\n")) == (2, 1)
    assert "this is no backup" in told
    assert StoredInFile(file).sheets() == []


async def test_a_restore_that_ends_half_way_keeps_nothing_and_says_to_restore_again(
    tmp_path: Path,
) -> None:
    backup, file = tmp_path / "backup", tmp_path / "restored.sqlite"
    service = Service(tmp_path, {})
    await service.serve()
    await open_day(service.port, seats=[5])
    service.end()
    code, told = await run("backup", backup, tmp_path / "data" / "opd.sqlite")
    assert code == 0, told
    spoilt = tmp_path / "spoilt"
    shutil.copytree(backup, spoilt)
    _double(spoilt, "doctors")  # which come behind the sheets

    code, told = await run("restore", spoilt, file)

    assert (code, told.count("\n")) == (2, 1)
    assert "stopped half-way" in told
    assert f"Nothing of it was kept, {file} is empty as before: restore again" in told
    assert StoredInFile(file).sheets() == []
    code, told = await run("restore", backup, file)
    assert code == 0, told
    assert len(StoredInFile(file).sheets()) == 1


def _double(folder: Path, collection: str) -> None:
    """Put every document of a collection into the backup twice: no database takes the second."""
    manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    path = manifest.file(folder, collection)
    documents = list(unpack(path))
    manifest.collections[collection] = write(path, documents * 2)
    (folder / MANIFEST).write_bytes(manifest.sealed())
