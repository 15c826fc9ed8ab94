"""What texts show: two that look alike are alike, and what shows nothing is no text.

People paste names and ids from elsewhere, with marks in them that nobody sees. At the ends they are
trimmed; within a text they are refused, since nobody can say what was meant. Zero-width joiners and
non-joiners stay where they show: inside words of Indic and Arabic scripts, and inside emoji.
"""

import re
import unicodedata


class Invisible(ValueError):
    """A text holds a character that shows nothing, or only such."""


class Control(ValueError):
    """A text holds a control character, or half of a surrogate pair."""


_PLAIN = re.compile("[!-~]+(?: [!-~]+)*")
"""What nearly every text is: ASCII, with single spaces."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc (NUL, tab, line ends, …) and Cs."""
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point, among them all that turn the direction of writing; and
what is a letter or a sign but blank: the Braille blank, the null note, annotation marks."""
_JOINERS = "\u200c\u200d"
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_JOINING_SCRIPTS = re.compile("[\u0600-\u10ff\u1780-\u1cff\ua800-\uabff\U00010a00-\U00011fff]")
"""Arabic and its kin, the Indic scripts and those that came of them."""
_VIRAMA = 9  # the combining class of the signs that take a consonant's vowel
_KEYCAP = "\u20e3"
_SPACES = re.compile(r"\s+")


def read_name(text: str) -> str:
    """A name, a reason or the like, trimmed, as NFC. Raises Invisible, Control."""
    return _read(text, strict=False)


def read_id(text: str) -> str:
    """An id, trimmed, as NFKC: wide and narrow letters are one. Raises Invisible, Control."""
    return _read(text, strict=True)


def read_known_id(text: str) -> str:
    """An id by which something is looked up: one that nobody can have is just unknown."""
    try:
        return read_id(text)
    except ValueError:
        return text


def read_line(text: str) -> str:
    """A text as it stands. Raises Control."""
    if _CONTROL.search(text):
        raise Control
    return text


def _read(text: str, *, strict: bool) -> str:
    if _PLAIN.fullmatch(text):
        return text
    if read_line(text).isascii():
        return _SPACES.sub(" ", text.strip())
    shown = _trim(unicodedata.normalize("NFKC" if strict else "NFC", text), strict=strict)
    if not shown and text.strip():
        raise Invisible
    for found in _HIDDEN.finditer(shown):
        if not _shows(shown, found.start(), strict=strict):
            raise Invisible
    return _SPACES.sub(" ", shown)


def _trim(text: str, *, strict: bool) -> str:
    text = text.strip()
    while text and _HIDDEN.match(text[0]):
        text = text[1:].lstrip()
    while text and _HIDDEN.match(text[-1]) and not _shows(text, len(text) - 1, strict=strict):
        text = text[:-1].rstrip()
    return text


def _shows(text: str, at: int, *, strict: bool) -> bool:
    """Whether a hidden character changes what its neighbours show; `strict`: surely."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if not before:
        return False
    if text[at] in _JOINERS:
        return _joins(before, after, strict=strict)
    if _HIDDEN.match(before) or not _SELECTORS.match(text[at]):
        return False
    picture = unicodedata.category(before) == "So" or after == _KEYCAP
    return picture or not (strict or before.isascii())


def _joins(before: str, after: str, *, strict: bool) -> bool:
    if not after or _HIDDEN.match(after):
        return False
    if unicodedata.category(after) == "So":  # the next picture of one emoji; skin tones are Sk
        return bool(_SELECTORS.match(before)) or unicodedata.category(before) in ("So", "Sk")
    if _HIDDEN.match(before) or not _JOINING_SCRIPTS.match(before):
        return False
    if _VIRAMA in (unicodedata.combining(before), unicodedata.combining(after)):
        return _is_in_a_word(after) or not strict
    return not strict and _is_in_a_word(before) and _is_in_a_word(after)


def _is_in_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"
