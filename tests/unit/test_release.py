"""A release: one place says the version, and what else names it agrees."""

import hashlib
import re
import subprocess
import tomllib
from pathlib import Path

from main import create_app
from tests.api.service import GivenSettings
from version import VERSION

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_version_stands_in_one_place() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert "version" in PROJECT["dynamic"]
    assert create_app(GivenSettings()).version == VERSION
    naming = [path.name for path in ROOT.glob("*.py") if f'"{VERSION}"' in path.read_text()]
    assert naming == ["version.py"]


def test_the_changelog_tells_of_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    first, *others = re.findall(r"^## (.*)$", text, re.MULTILINE)
    released = others if first == "Unreleased" else [first, *others]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+, \d{4}-\d\d-\d\d", each) for each in released)
    newest = released[0] if released else text
    assert VERSION in newest


def test_a_tagged_commit_has_the_version_of_its_tag() -> None:
    told = subprocess.run(
        ["git", "tag", "--points-at", "HEAD", "v*"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert set(told.stdout.split()) <= {f"v{VERSION}"}


def test_the_licence_is_apache_2_0_word_for_word() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    assert PROJECT["license-files"] == ["LICENSE"]
    words = " ".join((ROOT / "LICENSE").read_text().split())
    assert (
        hashlib.sha256(words.encode()).hexdigest()
        == "0ffddef9e48f8a09aed5caf2d44f7ba1c1be2d9b8e0a6f693b1635b2d5566645"
    )
