"""A language that nobody speaks, made as a translator would make one: each message in brackets."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from services.wording.catalogue import DOMAIN, Catalogue

_ROOT = Path(__file__).parents[1]
_KEYWORDS = {"say": None, "message": None, "count": (1, 2), "SourceRow": (1,)}
"""What marks a message, and as which argument; a source's words are the first of its row."""


def make_language(folder: Path) -> Catalogue:
    """The catalogue of one file, in which all that the code says stands in angle brackets."""
    messages = Catalog(locale="de", domain=DOMAIN)
    for spoken in ("services/wording", "simulator", "models"):
        found = extract_from_dir(_ROOT / spoken, [("**.py", "python")], keywords=_KEYWORDS)
        for _, _, message, _, _ in found:
            forms = message if isinstance(message, tuple) else (message,)
            translated = tuple(f"<{form}>" for form in forms)
            messages.add(message, translated if isinstance(message, tuple) else translated[0])
    place = folder / "de" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / f"{DOMAIN}.mo").open("wb") as file:
        write_mo(file, messages)
    return Catalogue("de", folder)
