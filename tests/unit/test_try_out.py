"""The key of a try-out is its owner's alone, and one for all workers."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from config import BadSettings
from services.access.try_out import keep_key, link_secret


def test_a_key_is_kept_for_its_owner_alone_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "data" / "dev.key"
    key = keep_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_text() == f"{key}\n"
    assert keep_key(path) == key
    assert list(path.parent.iterdir()) == [path]


def test_workers_that_start_at_once_take_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "dev.key"
    together = Barrier(8)

    def start(_: int) -> str:
        together.wait()
        return keep_key(path)

    with ThreadPoolExecutor(8) as workers:
        keys = set(workers.map(start, range(8)))
    assert len(keys) == 1


@pytest.mark.parametrize(("mode", "holds"), [(0o644, "opd_dev_x\n"), (0o600, ""), (0o600, "x")])
def test_a_file_that_others_may_read_or_that_holds_no_key_is_refused(
    tmp_path: Path, mode: int, holds: str
) -> None:
    path = tmp_path / "dev.key"
    path.write_text(holds)
    path.chmod(mode)
    with pytest.raises(BadSettings, match="DEV_KEY_FILE"):
        keep_key(path)
    assert path.read_text() == holds


def test_the_links_secret_follows_from_the_key_and_tells_nothing_of_it() -> None:
    assert link_secret("opd_dev_x") == link_secret("opd_dev_x") != link_secret("opd_dev_y")
    assert "opd_dev_x" not in link_secret("opd_dev_x")
