"""A log like at the first test, and a fresh database on the real server for each that asks for one."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from pymongo import MongoClient

from services.log import set_up_logging


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


def name_database(server: str) -> str:
    """The server's address with the name of a database nobody has."""
    return urlunsplit(urlsplit(server)._replace(path=f"/opd_test_{uuid4().hex}"))
