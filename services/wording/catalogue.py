"""The catalogue of one language, read through gettext."""

import gettext
from pathlib import Path

DOMAIN = "opd"
ENGLISH = "en"
LANGUAGES = Path(__file__).parent / "languages"


class Catalogue:
    """Messages in one language (BCP 47, as the names of the folders); English without a file."""

    def __init__(self, language: str = ENGLISH, languages: Path = LANGUAGES) -> None:
        self._messages = gettext.translation(DOMAIN, languages, [language], fallback=True)

    def say(self, message: str, **parts: object) -> str:
        """The message, with its {parts} put in."""
        return self._messages.gettext(message).format(**parts)

    def count(self, one: str, many: str, n: int, **parts: object) -> str:
        """The message for {n} things, in the form that the language has for so many."""
        return self._messages.ngettext(one, many, n).format(n=n, **parts)


def message(text: str) -> str:
    """Mark a message that is said elsewhere, so that translators find it."""
    return text
