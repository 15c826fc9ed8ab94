"""The other languages: complete, as the code says it now, and with the same parts put in."""

import re

import pytest
from babel.messages import Message

from services.wording.catalogue import LANGUAGES, languages
from tools.words import is_worded, worded, written

_OTHERS = languages()[1:]


def _entries(language: str) -> list[Message]:
    return [entry for catalog in worded(language).values() for entry in catalog if entry.id]


def _parts(text: str) -> set[str]:
    """Without {n}, which a language may write or leave out for one thing."""
    return set(re.findall(r"{+\w+}+", text)) - {"{n}"}


@pytest.mark.parametrize("language", _OTHERS)
def test_every_message_has_its_words(language: str) -> None:
    assert [entry.id for entry in _entries(language) if not is_worded(entry)] == []


@pytest.mark.parametrize("language", _OTHERS)
def test_the_files_are_those_that_make_words_writes(language: str) -> None:
    stands = {file.stem: file.read_bytes() for file in (LANGUAGES / language).glob("*.po")}
    assert stands == written(language), "run `make words`, and word what it names"


@pytest.mark.parametrize("language", _OTHERS)
def test_the_same_parts_are_put_in(language: str) -> None:
    for entry in _entries(language):
        asked = (entry.id,) if isinstance(entry.id, str) else entry.id
        said = (entry.string or "",) if isinstance(entry.string, str | None) else entry.string
        for one, other in zip(asked, said, strict=True):
            assert _parts(one) == _parts(other), entry.id


@pytest.mark.parametrize("language", _OTHERS)
def test_one_message_has_one_text(language: str) -> None:
    said: dict[object, object] = {}
    for entry in _entries(language):
        assert said.setdefault(entry.id, entry.string) == entry.string
