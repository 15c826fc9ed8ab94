"""A backup of which a part is damaged or lost restores nothing."""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.integration.backup_tool import files_of, refusal_to_restore, run
from tests.integration.houses import Houses, book, plan_day
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(270)]


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x80
    file.write_bytes(content)


DAMAGE: Mapping[str, Callable[[Path], object]] = {
    "a flipped bit": flip_a_bit,
    "a lost end": lambda file: os.truncate(file, file.stat().st_size - 20),
    "an empty file": lambda file: os.truncate(file, 0),
    "a lost file": Path.unlink,
}


@pytest.mark.parametrize("what", DAMAGE)
async def test_a_damaged_backup_is_refused_with_nothing_written(
    houses: Houses, address: str, folder: Path, spare: Stored, spare_address: str, what: str
) -> None:
    opd = await houses.build()
    (slot,) = await plan_day(opd, seats=[5])
    await book(opd, slot, "patient")
    assert (await run("backup", folder, address))[0] == 0
    damaged, told = folder.with_name("damaged"), ""
    for file in files_of(folder):
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(folder, damaged)
        DAMAGE[what](damaged / file.relative_to(folder))

        told = await asyncio.to_thread(refusal_to_restore, damaged, spare_address)

        assert file.name in told
        assert "\n" not in told
        assert spare.day_sheets.database.list_collection_names() == []
    assert await run("restore", damaged, spare_address) == (2, f"Restore failed: {told}\n")
