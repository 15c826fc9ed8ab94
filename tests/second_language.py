"""A language that nobody speaks, made as a translator would make one: each message in brackets."""

from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from services.wording.catalogue import Catalogue
from tools.words import ROOT, spoken

_OF_THE_SIMULATION = {"say": None, "message": None, "count": (1, 2)}


def make_language(folder: Path) -> Catalogue:
    """The catalogue of one file, in which all that the code says stands in angle brackets."""
    messages = Catalog(locale="de")
    told = {text for texts in spoken().values() for text in texts}
    told |= {
        text
        for _, _, text, _, _ in extract_from_dir(
            ROOT / "simulator", [("**.py", "python")], keywords=_OF_THE_SIMULATION
        )
    }
    for message in told:
        forms = message if isinstance(message, tuple) else (message,)
        translated = tuple(f"<{form}>" for form in forms)
        messages.add(message, translated if isinstance(message, tuple) else translated[0])
    (folder / "de").mkdir(parents=True)
    with (folder / "de" / "all.po").open("wb") as file:
        write_po(file, messages)
    return Catalogue("de", folder)
