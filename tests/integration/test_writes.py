"""What became of each write of a bulk, in the caller's order, on the real database."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from config import Driver, Settings
from database import (
    Collection,
    Database,
    Done,
    Duplicate,
    Insert,
    NoAnswer,
    Refused,
    Unknown,
    Unsent,
    Update,
    Why,
    connect,
)
from tests.integration.processes import until
from tests.integration.proxy import Loss, Proxy
from tests.integration.stored import Stored

pytestmark = pytest.mark.integration

MEGABYTE = "x" * 1_000_000


@pytest.fixture
async def database(proxy: Proxy, driver: Driver) -> AsyncIterator[Database]:
    """A database by way of the proxy."""
    uri = SecretStr(proxy.address)
    connected = connect(Settings(_env_file=None, mongodb_uri=uri, mongodb_driver=driver))
    yield connected
    await proxy.close()
    await connected.close()


@pytest.fixture
async def sheets(database: Database) -> Collection:
    """Four documents: of `c` the outbox is no list, `d` is as large as it may be."""
    made = database["sheets"]
    for name in ("a", "b", "c", "d"):
        outbox: object = "full" if name == "c" else []
        text = [MEGABYTE] * 15 if name == "d" else []
        await made.insert({"_id": name, "version": 1, "outbox": outbox, "text": text})
    return made


def push(name: str, version: int = 1) -> Update:
    """A change that `c` does not bear."""
    change = {"$inc": {"version": 1}, "$push": {"outbox": "event"}}
    return Update({"_id": name, "version": version}, change)


def grow(name: str) -> Update:
    """A change that `d` does not bear."""
    return Update({"_id": name, "version": 1}, {"$set": {"more": MEGABYTE * 2}})


async def test_a_refusal_is_told_of_the_write_that_was_refused(sheets: Collection) -> None:
    """The bulk is sent in order of `_id`, and the caller's order is another one."""
    large, healthy, exists, damaged = await sheets.write(
        [grow("d"), push("b"), Insert({"_id": "a"}), push("c")]
    )

    assert isinstance(large, Refused)
    assert large.why is Why.TOO_LARGE
    assert healthy == Done()
    assert exists == Refused(Why.EXISTS, 11000)
    assert isinstance(damaged, Refused)
    assert damaged.why is Why.UNFIT


async def test_where_fewer_matched_than_were_sent_all_that_were_not_refused_are_unknown(
    sheets: Collection,
) -> None:
    assert await sheets.write([push("b"), push("a")]) == [Done(), Done()]
    assert await sheets.write([push("b", 2), push("a", 1)]) == [Unknown(), Unknown()]
    stale, damaged, fresh = await sheets.write([push("b", 2), push("c"), push("a", 2)])
    assert (stale, fresh) == (Unknown(), Unknown())
    assert isinstance(damaged, Refused)


async def test_of_a_bulk_that_got_no_answer_all_is_unknown(
    sheets: Collection, stored: Stored, proxy: Proxy
) -> None:
    proxy.lose(lambda request: request.command == "update", Loss.UNANSWERED)

    lost = await sheets.write([push("b"), push("a")])

    assert all(isinstance(outcome, Unknown) and outcome.error for outcome in lost)
    await until(lambda: stored["sheets"].count_documents({"version": 2}) == 2)


async def test_the_drivers_errors_are_told_in_our_words(sheets: Collection, proxy: Proxy) -> None:
    with pytest.raises(Duplicate):
        await sheets.insert({"_id": "a"})
    with pytest.raises(Duplicate):
        await sheets.insert_in_order([{"_id": "new"}, {"_id": "a"}, {"_id": "newer"}])
    with pytest.raises(Duplicate):
        await sheets.update({"_id": "a", "version": 7}, {"$set": {"n": 1}}, upsert=True)
    assert await sheets.find_one({"_id": "newer"}) is None

    proxy.lose(lambda request: request.collection == "sheets", Loss.UNANSWERED, times=10)
    for asked in (
        sheets.find({}),
        sheets.find_one({}),
        sheets.insert({"_id": "e"}),
        sheets.insert_in_order([{"_id": "f"}]),
        sheets.update({"_id": "a"}, {"$set": {"n": 1}}),
    ):
        with pytest.raises(NoAnswer):
            await asked


async def test_writes_that_found_nobody_to_connect_to_were_not_sent(
    sheets: Collection, proxy: Proxy
) -> None:
    proxy.lose(lambda request: request.command == "find", Loss.HELD)
    asked = asyncio.create_task(sheets.find({}))  # on the one connection that there is
    await proxy.met()
    await proxy.refuse()

    outcomes = await sheets.write([Insert({"_id": "new"}), push("a")])
    proxy.release()

    assert [type(outcome) for outcome in outcomes] == [Unsent, Unsent]
    assert [each["_id"] for each in await asked if each.get("version") == 1] == list("abcd")


async def test_of_a_bulk_some_of_which_was_sent_nothing_is_called_unsent(
    sheets: Collection, proxy: Proxy, address: str
) -> None:
    """Inserts and updates go one behind the other, and the driver's last error is of nobody there."""
    proxy.lose(lambda request: request.command == "update", Loss.UNANSWERED)
    sent = asyncio.create_task(sheets.write([Insert({"_id": "new"}), push("a")]))
    await proxy.met()
    await proxy.close()

    for outcome in await sent:
        assert isinstance(outcome, Unknown)
    direct = connect(Settings(_env_file=None, mongodb_uri=SecretStr(address)))
    found = await direct["sheets"].find({"_id": {"$in": ["new", "a"]}}, {"version": 1}, order="_id")
    await direct.close()
    assert found == [{"_id": "a", "version": 2}, {"_id": "new"}]
