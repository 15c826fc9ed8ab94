"""A module is no longer than a reader can hold in mind."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 310
EXCEPTIONS = {
    "models/errors.py": "the tree of all refusals",
    "tests/api/client.py": "all that a test asks, in one client",
    "tests/factories.py": "what all tests are about, in one place",
    "tests/integration/test_two_stores_machine.py": "one Hypothesis machine",
    "tests/property/test_day_machine.py": "one Hypothesis machine",
    "tests/unit/test_reallocation.py": "the cases of one rule",
}
"""Each with its reason."""


def test_no_module_is_longer_than_about_300_lines() -> None:
    long = _long_modules()
    assert long - EXCEPTIONS.keys() == set(), "too long: part what holds two ideas"


def test_no_exception_is_made_for_nothing() -> None:
    assert EXCEPTIONS.keys() - _long_modules() == set(), "no longer that long: take it off the list"


def _long_modules() -> set[str]:
    modules = (path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
    return {
        module.as_posix()
        for module in modules
        if not module.parts[0].startswith(".")
        and len((ROOT / module).read_text().splitlines()) > MOST_LINES
    }
