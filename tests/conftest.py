"""The longest tests first, a log like at the first test, and databases on the real server for who asks."""

import gc
import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from pymongo import MongoClient

from services.log import set_up_logging
from tests.keys import dev_key_file

os.environ["DEV_KEY_FILE"] = str(dev_key_file())
"""Every service that a test starts as a process in development takes this key."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest comes first, so that no worker is left alone with it at the end."""
    items.sort(key=_seconds_allowed, reverse=True)


def pytest_collection_finish() -> None:
    """What stands now, stands to the end: no test need look through it for what it left behind."""
    gc.collect()
    gc.freeze()


def _seconds_allowed(item: pytest.Item) -> float:
    """By its own mark; 0 where it has what all have."""
    allowed = item.get_closest_marker("timeout")
    return float(allowed.args[0]) if allowed is not None else 0.0


@pytest.fixture(autouse=True)
def _log_set_up_anew() -> None:
    """What went wrong, in lines for people; whatever the test before has set up."""
    set_up_logging("WARNING", as_json=False)


@pytest.fixture(scope="session")
def server() -> str:
    """The address of a real database server."""
    address = os.environ.get("TEST_MONGODB_URI", "")
    if not address:
        pytest.skip("TEST_MONGODB_URI is not set")
    return address


@pytest.fixture
def address(server: str) -> Iterator[str]:
    """The address of a database of its own on that server, dropped afterwards."""
    named = name_database(server)
    yield named
    with MongoClient[dict[str, object]](server) as client:
        client.drop_database(urlsplit(named).path[1:])


@pytest.fixture(scope="session")
def kept_address(server: str) -> Iterator[str]:
    """The address of a database that the tests of this process have one after the other."""
    named = name_database(server)
    yield named
    with MongoClient[dict[str, object]](server) as client:
        client.drop_database(urlsplit(named).path[1:])


@pytest.fixture
def emptied_address(kept_address: str) -> str:
    """The same without a document. Its collections and indexes stand: a service that finds them
    is up ten times as soon as on a database that nobody had.
    """
    with MongoClient[dict[str, object]](kept_address) as client:
        database = client.get_default_database()
        for name in database.list_collection_names():
            database[name].delete_many({})
    return kept_address


def name_database(server: str) -> str:
    """The server's address with the name of a database nobody has."""
    return urlunsplit(urlsplit(server)._replace(path=f"/opd_test_{uuid4().hex}"))
