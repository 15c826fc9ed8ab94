"""What is said of how far a told time may be trusted."""

import pytest

from engine.accuracy import Accuracy
from services.wording.catalogue import Catalogue
from services.wording.notices import word_accuracy


@pytest.mark.parametrize(("right", "of", "told"), [(16, 20, 8), (89, 100, 8), (20, 20, 10)])
def test_never_more_is_said_than_came_true(right: int, of: int, told: int) -> None:
    words = word_accuracy(Accuracy(compared=of, right=right), Catalogue())
    assert words == f"In the last weeks {told} of 10 such estimates were right within 10 minutes."


def test_of_a_few_nothing_is_said() -> None:
    assert word_accuracy(Accuracy(compared=19, right=19), Catalogue()) is None
