"""Rule 1: higher score first, then who came first."""

import pytest

from models.rank import rank, ranked
from models.source import Source
from models.token import Status
from tests.factories import SCORES, OpdDay, make_policy, make_slot, make_token

SOURCES_BEST_FIRST = [
    Source.EMERGENCY,
    Source.PRIORITY,
    Source.FOLLOWUP,
    Source.ONLINE,
    Source.WALKIN,
]


def test_a_higher_score_ranks_before_an_earlier_number() -> None:
    latest_first = [
        make_token(number, source=source)
        for number, source in enumerate(reversed(SOURCES_BEST_FIRST), start=1)
    ]
    assert [token.source for token in ranked(latest_first)] == SOURCES_BEST_FIRST


def test_of_equal_scores_the_earlier_number_ranks_first() -> None:
    tokens = [make_token(number) for number in (3, 1, 2)]
    assert [token.number for token in ranked(tokens)] == [1, 2, 3]


def test_no_two_tokens_of_a_sheet_rank_equal() -> None:
    tokens = [make_token(number, source=source) for source in Source for number in (1, 2)]
    assert len({rank(token) for token in tokens}) == len(tokens)


@pytest.mark.parametrize("source", Source)
def test_a_token_gets_the_score_of_its_source(source: Source) -> None:
    assert OpdDay().book(source=source).score == SCORES[source]


def test_a_token_keeps_its_score_when_the_settings_change() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    early = opd_day.book(source=Source.WALKIN)
    opd_day.policy = make_policy(scores={**SCORES, Source.WALKIN: 900})
    late = opd_day.book(source=Source.WALKIN)

    opd_day.set(early, Status.CHECKED_IN)

    assert (opd_day[early].score, opd_day[late].score) == (100, 900)
    assert (opd_day.standing(early).position, opd_day.standing(late).position) == (2, 1)
