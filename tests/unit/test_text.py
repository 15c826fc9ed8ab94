"""What texts show: two that look alike are alike, and what shows nothing is no text."""

import unicodedata

import pytest

from routes.text import Control, Invisible, read_id, read_known_id, read_name

ZWNJ, ZWJ = "\u200c", "\u200d"
WORDS = {
    "a Hindi half letter": f"क्{ZWJ}ष",
    "Hindi letters kept apart": f"क्{ZWNJ}षमा",
    "a Bengali ra before its virama": f"র{ZWJ}্যাব",
    "a Sinhala conjunct": f"ශ්{ZWJ}රී",
    "an old Malayalam chillu in a word": f"ചന്{ZWJ}ദ്രന",
}
NAMES = {
    **WORDS,
    "a Persian name": f"علی{ZWNJ}رضا",
    "a Telugu word that ends in a virama": f"ముహమ్మద్{ZWNJ} అలీ",
    "a Japanese variant": "葛\U000e0100城",
}
EMOJI = {
    "a doctor with a skin tone": "👩🏽‍⚕️",
    "a family": "👨‍👩‍👧",
    "a flag": "🏳️‍🌈",
    "a keycap": "1️⃣",
    "a heart": "❤️",
}
HIDDEN = [
    "\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u180e", "\u200b", ZWNJ, ZWJ,
    "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2060", "\u2064",
    "\u2066", "\u2067", "\u2068", "\u2069", "\u2800", "\u3164", "\ufe0f", "\ufeff", "\uffa0",
    "\ufffa", "\U0001d173", "\U000e0041",
]  # fmt: skip


@pytest.mark.parametrize("name", [*NAMES.values(), *EMOJI.values()], ids=[*NAMES, *EMOJI])
def test_joiners_and_selectors_stay_where_they_show(name: str) -> None:
    assert read_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("text", [*WORDS.values(), *EMOJI.values()], ids=[*WORDS, *EMOJI])
def test_they_stay_in_an_id_where_they_surely_show(text: str) -> None:
    assert read_id(text) == unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_what_shows_nothing_is_trimmed_and_refused_within(hidden: str) -> None:
    for read in (read_name, read_id):
        assert read(f"{hidden} Asha {hidden}{hidden} ") == "Asha"
        for text in (f"As{hidden}ha", f"Asha {hidden} Rao", f"1{hidden}2"):
            with pytest.raises(Invisible):
                read(text)


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_a_text_of_such_alone_is_none(hidden: str) -> None:
    for read in (read_name, read_id):
        for text in (hidden, f" {hidden} {hidden}"):
            with pytest.raises(Invisible):
                read(text)


@pytest.mark.parametrize(
    "text", [f"आ{ZWNJ}शा", f"علی{ZWNJ}رضا", "葛\U000e0100城", "é\ufe0f1", f"क्{ZWNJ} ष"], ids=ascii
)
def test_an_id_takes_none_that_may_not_show(text: str) -> None:
    with pytest.raises(Invisible):
        read_id(text)


def test_two_joiners_in_a_row_are_one_too_many() -> None:
    with pytest.raises(Invisible):
        read_name(f"क्{ZWJ}{ZWJ}ष")


def test_an_id_is_the_same_in_any_width() -> None:
    assert read_id("ＭＲＮ－１００１") == "MRN-1001"
    assert read_name("ＡＢ") == "ＡＢ"


def test_a_text_has_single_spaces() -> None:
    for read in (read_name, read_id):
        assert read(" a \u00a0 b\u3000c\u2009") == "a b c"
        assert read(" \u3000 ") == ""


def test_control_characters_are_refused_even_at_the_ends() -> None:
    for text in ("a\n", "\x00", "\u0085é", "\ud800"):
        for read in (read_name, read_id):
            with pytest.raises(Control):
                read(text)


def test_an_id_to_look_up_is_unknown_rather_than_wrong() -> None:
    for text in ("a\u200bb", "a\nb"):
        assert read_known_id(text) == text
    assert read_known_id(" ｒao\u200b") == "rao"


@pytest.mark.parametrize("text", [*NAMES.values(), *EMOJI.values(), "ﬁ x", "①  ½"], ids=ascii)
def test_a_text_once_read_stays_as_it_is(text: str) -> None:
    assert read_name(read_name(text)) == read_name(text)
