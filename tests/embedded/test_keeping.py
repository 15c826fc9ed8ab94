"""What the embedded database was given, its file keeps: all of it or, where that fails, nothing."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from config import BadSettings
from database import Database, Done, Duplicate, Insert, NoAnswer, Unknown, Update, connect
from embedded.sqlite_file import SqliteFile
from tests.api.service import GivenSettings
from tests.embedded.sqlite_log import commits

LARGE = "x" * 1_000_000


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[Database]:
    """The database in the file, for as long as the block."""
    database = connect(GivenSettings(embedded_file=str(file)))
    try:
        yield database
    finally:
        await database.close()


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """The file as another program sees it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


@contextmanager
def held_up(file: Path) -> Iterator[None]:
    """Nothing can be written to the file meanwhile."""
    with reading(file) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def rounds(count: int) -> None:
    """Let all that was begun come as far as it can without the disk."""
    for _ in range(count):
        await asyncio.sleep(0)


@contextmanager
def full_disk(file: Path) -> Iterator[None]:
    """No file may grow beyond what the database's log of writes is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (Path(f"{file}-wal").stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_all_that_was_written_is_there_after_the_next_start(file: Path) -> None:
    async with opened(file) as database:
        for name in ("day_sheets", "events", "doctors"):
            collection = database[name]
            await collection.insert({"_id": 1, "n": 1})
            await collection.insert_in_order([{"_id": n, "n": n} for n in (2, 3, 4)])
            await collection.update({"_id": 2}, {"$set": {"words": "two"}})
            await collection.update_all({"n": {"$gte": 3}}, {"$inc": {"n": 10}})
            await collection.update_and_find({"_id": 3}, {"$set": {"words": "three"}}, {})
            await collection.delete({"_id": 1})
            await collection.write(
                [Insert({"_id": 5}), Update({"_id": 2}, {"$set": {"outbox": ["event"]}})]
            )

    async with opened(file) as database:
        for name in ("day_sheets", "events", "doctors"):
            assert await database[name].find({}, order="_id") == [
                {"_id": 2, "n": 2, "words": "two", "outbox": ["event"]},
                {"_id": 3, "n": 13, "words": "three"},
                {"_id": 4, "n": 14},
                {"_id": 5},
            ]


async def test_a_commit_is_on_the_disk_before_it_returns(file: Path) -> None:
    opened_file = SqliteFile(str(file))

    (synchronous,) = await opened_file.read(lambda c: c.execute("PRAGMA synchronous").fetchone())
    (journal,) = await opened_file.read(lambda c: c.execute("PRAGMA journal_mode").fetchone())
    await opened_file.close()

    assert synchronous == 2, "not FULL: a power cut would take what was acknowledged"
    assert journal == "wal"


async def test_writes_sent_together_are_one_transaction(file: Path) -> None:
    async with opened(file) as database:
        before = commits(file)
        await database["day_sheets"].write([Insert({"_id": n}) for n in range(20)])
        assert commits(file) == before + 1


async def test_what_comes_while_the_disk_is_busy_is_committed_together(file: Path) -> None:
    async with opened(file) as database:
        before = commits(file)
        with held_up(file):
            writing = [
                asyncio.create_task(database[name].insert({"_id": n, "n": n}))
                for n in range(20)
                for name in ("day_sheets", "events", "allocations")
            ]
            await rounds(20)
        await asyncio.gather(*writing)
        assert commits(file) <= before + 2  # the first may have gone alone


async def test_what_is_unfit_fails_alone_of_what_is_committed_together(file: Path) -> None:
    async with opened(file) as database:
        events = database["events"]
        await events.create_index(["sheet", "n"], unique=True)
        await events.insert({"_id": 1, "sheet": "rao", "n": 1})
        with held_up(file):
            writing = [
                asyncio.create_task(collection.insert(document))
                for collection, document in (
                    (database["day_sheets"], {"_id": "first"}),
                    (events, {"_id": 2, "sheet": "rao", "n": 1}),
                    (events, {"_id": 1, "sheet": "rao", "n": 3}),
                    (events, {"_id": 3, "sheet": "rao", "n": 2}),
                    (database["day_sheets"], {"_id": "last"}),
                )
            ]
            await rounds(20)
        told = await asyncio.gather(*writing, return_exceptions=True)
        assert [type(each) for each in told] == [
            type(None),
            Duplicate,
            Duplicate,
            type(None),
            type(None),
        ]
    async with opened(file) as database:
        assert [each["n"] for each in await database["events"].find({}, order="_id")] == [1, 2]
        assert len(await database["day_sheets"].find({})) == 2


async def test_changes_of_one_document_go_one_behind_the_other(file: Path) -> None:
    async with opened(file) as database:
        sheets, doctors = database["day_sheets"], database["doctors"]
        await doctors.create_index(["caseless"], unique=True)
        await sheets.insert({"_id": "a", "version": 1})
        raising = [sheets.update({"_id": "a"}, {"$inc": {"version": 1}}) for _ in range(20)]
        everywhere = [sheets.update_all({}, {"$inc": {"version": 1}}) for _ in range(3)]
        alike = [doctors.insert({"_id": n, "caseless": "rao"}) for n in range(5)]

        await asyncio.gather(*raising, *everywhere)
        told = await asyncio.gather(*alike, return_exceptions=True)

        assert await sheets.find({}) == [{"_id": "a", "version": 24}]
        assert [type(each) for each in told].count(Duplicate) == 4


async def test_nothing_is_seen_before_it_is_kept(file: Path) -> None:
    async with opened(file) as database:
        sheets = database["day_sheets"]
        await sheets.insert({"_id": "a", "version": 1})
        with held_up(file):
            raised = asyncio.create_task(
                sheets.write([Update({"_id": "a"}, {"$inc": {"version": 1}})])
            )
            for _ in range(5):
                await asyncio.sleep(0)
                assert await sheets.find({}) == [{"_id": "a", "version": 1}]
            assert not raised.done()
        assert await raised == [Done()]
        assert await sheets.find({}) == [{"_id": "a", "version": 2}]


async def test_a_write_that_fails_changes_nothing_and_the_database_says_so(file: Path) -> None:
    async with opened(file) as database:
        sheets, events = database["day_sheets"], database["events"]
        await sheets.insert({"_id": "a", "version": 1, "text": LARGE})
        await sheets.create_index(["unrelayed"], sparse=True)
        raise_it = {"$set": {"text": LARGE + LARGE, "unrelayed": True}}
        with full_disk(file):
            (outcome,) = await sheets.write([Update({"_id": "a"}, raise_it)])
            assert isinstance(outcome, Unknown)
            assert outcome.error is not None
            assert str(file) in outcome.error
            for failing in (
                sheets.update({"_id": "a"}, raise_it),
                events.insert({"_id": 1, "text": LARGE + LARGE}),
            ):
                with pytest.raises(NoAnswer):
                    await failing
            assert await sheets.find({}, {"version": 1}) == [{"_id": "a", "version": 1}]
            assert await sheets.find({"unrelayed": True}) == []

        assert await sheets.update({"_id": "a"}, {"$inc": {"version": 1}})
    async with opened(file) as database:
        found = await database["day_sheets"].find({})
        assert found == [{"_id": "a", "version": 2, "text": LARGE}]
        assert await database["events"].find({}) == []


async def test_who_leaves_during_a_write_does_not_break_it(file: Path) -> None:
    async with opened(file) as database:
        sheets = database["day_sheets"]
        await sheets.insert({"_id": "a", "version": 1})
        with held_up(file):
            leaving = asyncio.create_task(sheets.update({"_id": "a"}, {"$inc": {"version": 1}}))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            leaving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving

        assert await sheets.update({"_id": "a", "version": 2}, {"$inc": {"version": 1}})


async def test_a_write_under_way_ends_before_the_file_is_closed(file: Path) -> None:
    async with opened(file) as database:
        writing = asyncio.create_task(database["day_sheets"].insert({"_id": "a"}))
        await asyncio.sleep(0)
    await writing
    async with opened(file) as database:
        assert await database["day_sheets"].find({}) == [{"_id": "a"}]


async def test_events_stand_in_the_file_alone_with_columns_to_find_them_by(file: Path) -> None:
    async with opened(file) as database:
        await database["events"].create_index(["sheet", "n"], unique=True)
        await database["events"].create_index(["patientId"], sparse=True)
        event = {"_id": 7, "sheet": "rao", "n": 3, "tokenId": "rao-t", "patientId": "asha"}
        await database["events"].insert(event)
        await database["day_sheets"].insert({"_id": "rao"})
        with reading(file) as connection:
            rows = connection.execute("SELECT seq, sheet, n, tokenId, patientId FROM events")
            assert rows.fetchall() == [(7, "rao", 3, "rao-t", "asha")]
            assert connection.execute("SELECT collection, id FROM documents").fetchall() == [
                ("day_sheets", "rao")
            ]
            connection.execute("DELETE FROM events")
            for condition in ("sheet = 'rao' AND n >= 2", "patientId = 'asha'"):
                (*_, plan) = connection.execute(
                    f"EXPLAIN QUERY PLAN SELECT seq FROM events WHERE {condition}"  # noqa: S608  # of this test
                ).fetchone()
                assert "USING" in plan, f"it looks at every event: {plan}"
        assert await database["events"].find({}) == []


async def test_only_one_holds_the_file(file: Path) -> None:
    async with opened(file):
        with pytest.raises(
            BadSettings, match=r"^EMBEDDED_FILE: .*opd\.sqlite is in use by another"
        ):
            connect(GivenSettings(embedded_file=str(file)))
    async with opened(file):
        pass


async def test_the_file_is_its_owners_alone(file: Path) -> None:
    async with opened(file) as database:
        await database["day_sheets"].insert({"_id": "a"})
        kept = [file.parent, *file.parent.iterdir()]
        assert len(kept) == 5  # the folder, the file, its log and index, the lock
        assert [path.name for path in kept if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("what", ["newer", "no database", "a folder", "no folder for it"])
def test_a_file_that_can_not_be_used_is_one_line_that_names_it(file: Path, what: str) -> None:
    file.parent.mkdir()
    if what == "newer":
        with reading(file) as connection:
            connection.execute("PRAGMA user_version = 99")
    elif what == "no database":
        file.write_text("Patients of today:\n" * 1000)
    elif what == "a folder":
        file.mkdir()
    else:
        file.parent.rmdir()
        file.parent.write_text("")

    for _ in range(2):
        with pytest.raises(BadSettings) as refused:
            connect(GivenSettings(embedded_file=str(file)))
        assert str(refused.value).startswith(f"EMBEDDED_FILE: {file}")
        assert "\n" not in str(refused.value)
