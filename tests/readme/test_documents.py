"""The documents tell of all there is, and of nothing else."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_rules_are_counted_one_by_one() -> None:
    """As a reader's Markdown counts them, whatever number stands there."""
    numbers = re.findall(r"^(\d+)\. ", (ROOT / "docs" / "rules.md").read_text(), re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(1, len(numbers) + 1))
