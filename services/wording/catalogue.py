"""The catalogue of one language: its messages, and how it writes times, dates and numbers."""

import gettext
import io
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

ENGLISH = "en"
LANGUAGES = Path(__file__).parent / "languages"
"""A folder for each language but English, named as BCP 47 does, with its .po files."""
_AS_WRITTEN_IN = {"en": "en_IN", "hi": "hi_IN"}
"""By language the country whose way of writing dates and numbers is meant."""


class Catalogue:
    """Messages in one language; those that its files do not word stay English."""

    def __init__(self, language: str = ENGLISH, languages: Path = LANGUAGES) -> None:
        self.language = language
        self._messages = _messages(language, languages / language)
        self._locale = Locale.parse(_AS_WRITTEN_IN.get(language, language))

    def say(self, message: str, **parts: object) -> str:
        """The message, with its {parts} put in."""
        return self._messages.gettext(message).format(**parts)

    def count(self, one: str, many: str, n: int, **parts: object) -> str:
        """The message for {n} things, in the form that the language has for so many."""
        return self._messages.ngettext(one, many, n).format(n=n, **parts)

    @property
    def own_name(self) -> str:
        """What those who speak it call it."""
        return str(Locale.parse(self.language).display_name)

    def time(self, at: datetime, zone: ZoneInfo) -> str:
        """The time of day, as 14:05."""
        return format_skeleton("Hm", at.astimezone(zone), locale=self._locale)

    def day(self, day: date) -> str:
        """A date with its weekday."""
        return format_date(day, "EEEE, d MMMM y", locale=self._locale)

    def short_day(self, day: date) -> str:
        """A date as a column has room for it, without its year."""
        return format_skeleton("MMMEd", day, locale=self._locale)

    def weekday(self, day: date) -> str:
        """The day of the week that a date is."""
        return format_date(day, "EEEE", locale=self._locale)

    def number(self, value: float, digits: int = 0) -> str:
        """A number, with so many digits behind the point at most."""
        pattern = "#,##,##0." + "#" * digits if digits else "#,##,##0"
        return format_decimal(value, pattern, locale=self._locale)


def message(text: str) -> str:
    """Mark a message that is said elsewhere, so that translators find it."""
    return text


@cache
def languages() -> Sequence[str]:
    """All there are, English first."""
    return (ENGLISH, *sorted(folder.name for folder in LANGUAGES.iterdir() if folder.is_dir()))


@cache
def catalogue_in(language: str) -> Catalogue:
    """The catalogue of one of the languages there are, read once."""
    return Catalogue(language)


def _messages(language: str, folder: Path) -> gettext.NullTranslations:
    """What the files say, compiled as gettext reads it; no file of it is kept."""
    files = sorted(folder.glob("*.po"))
    if not files:
        return gettext.NullTranslations()
    whole = Catalog(locale=language)
    for file in files:
        with file.open("rb") as opened:
            for each in read_po(opened, locale=language):
                if each.id:
                    whole[each.id] = each
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
