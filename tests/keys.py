"""The key with which tests ask services that run as processes of their own."""

import atexit
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from services.access.try_out import keep_key


@cache
def dev_key_file() -> Path:
    """Where it is kept, as long as this process of tests lives."""
    folder = mkdtemp(prefix="opd-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "dev.key"
    keep_key(path)
    return path


@cache
def dev_key() -> str:
    """The key of a try-out."""
    return keep_key(dev_key_file())


def bearer() -> Mapping[str, str]:
    """The header that shows it."""
    return {"Authorization": f"Bearer {dev_key()}"}
