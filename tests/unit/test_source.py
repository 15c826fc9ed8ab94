"""A source is one row, and every source has all that a row holds."""

import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from config import Settings
from models.policy import Policy
from models.source import Source
from services.home import policy_from
from tests.api.service import GivenSettings
from tests.factories import SCORES

ENGINE = Path(__file__).parents[2] / "engine"
ROWS = [source.row for source in Source]


@pytest.mark.parametrize("source", Source)
def test_every_source_has_a_setting_for_its_score(source: Source) -> None:
    setting = Settings.model_fields.get(source.row.score_setting)
    assert isinstance(setting, FieldInfo)
    assert setting.annotation is int


@pytest.mark.parametrize("source", Source)
def test_every_source_has_words(source: Source) -> None:
    assert source.row.words
    assert source.row.summary
    assert source.row.description.endswith(".")


def test_no_rule_asks_for_a_source_by_name() -> None:
    """What sets a source apart stands in its row, so that another like it is one row more."""
    tests = re.compile(r"(?:\bis(?: not)?|==|!=|\bin) Source\.")
    assert [path.name for path in ENGINE.glob("*.py") if tests.search(path.read_text())] == []


def test_no_two_sources_share_a_setting_a_path_or_words() -> None:
    for told in ("score_setting", "path", "words", "summary"):
        assert len({getattr(row, told) for row in ROWS}) == len(ROWS), told


def test_the_path_of_a_source_is_no_other_operations() -> None:
    assert not {row.path for row in ROWS} & {"allocate", "patient", "queue", "reallocate"}


def test_a_policy_has_a_score_for_every_source_or_is_none() -> None:
    """Found at the start of the service, not by the first booking."""
    for source in Source:
        scores = {other: score for other, score in SCORES.items() if other is not source}
        with pytest.raises(ValueError, match=source):
            Policy(scores=scores)


def test_the_settings_give_every_source_its_score() -> None:
    settings = GivenSettings().but(**{row.score_setting: n for n, row in enumerate(ROWS)})
    assert policy_from(settings).scores == {source: n for n, source in enumerate(Source)}
