"""The embedded database, in a file or in memory, and a real one that must do the same."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from config import IN_MEMORY
from database import Database, connect
from tests.api.service import GivenSettings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the data is kept; nothing is there yet, nor its folder."""
    return tmp_path / "data" / "opd.sqlite"


@pytest.fixture(params=["file", "memory", pytest.param("real", marks=pytest.mark.integration)])
async def database(request: pytest.FixtureRequest, file: Path) -> AsyncIterator[Database]:
    """Each kind in turn."""
    if request.param == "real":
        uri: str = request.getfixturevalue("address")
        settings = GivenSettings(mongodb_uri=SecretStr(uri))
    else:
        settings = GivenSettings(
            embedded_file=IN_MEMORY if request.param == "memory" else str(file)
        )
    connected = connect(settings)
    yield connected
    await connected.close()
