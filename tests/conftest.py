"""The real database: a fresh one on its server for each test that asks for it."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from pymongo import MongoClient


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
    name = f"opd_test_{uuid4().hex}"
    yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    with MongoClient[dict[str, object]](server) as client:
        client.drop_database(name)
