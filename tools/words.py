"""Brings the languages' .po files up to date with what the code says: `make words`.

Each file of the code has its own, in order and without line numbers, so that who words one page
meets nobody else's changes. A message that is worded in another file already is taken from there.
"""

import io
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from services.wording.catalogue import ENGLISH, LANGUAGES, languages

ROOT = Path(__file__).parents[1]
SPOKEN = ("models", "services/wording", "web")
"""Where people's words stand."""
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_MARKS = {"say": None, "message": None, "count": (1, 2), "SourceRow": (1,)}
"""What marks a message, and as which argument; a source's words are the first of its row."""
_FIELDS = ("fields.py", "plan_fields.py")
_FIELD_MARKS = {"refused_as": (2,), "message": None}
"""What is wrong with a field, which forms tell too."""

Text = str | tuple[str, ...]


def spoken() -> Mapping[str, set[Text]]:
    """The messages of each file, by the name of its .po file."""
    found: dict[str, set[Text]] = {}
    for file, text in _found():
        name = file.replace("templates/", "").rpartition(".")[0].replace("/", ".")
        found.setdefault(name, set()).add(text)
    return found


def _found() -> Iterator[tuple[str, Text]]:
    for folder in SPOKEN:
        for file, _, text, _, _ in extract_from_dir(ROOT / folder, _METHODS, keywords=_MARKS):
            yield f"{folder}/{file}", text
    fields = [(name, "python") for name in _FIELDS]
    for file, _, text, _, _ in extract_from_dir(ROOT / "routes", fields, keywords=_FIELD_MARKS):
        yield f"routes/{file}", text


def is_worded(entry: Message) -> bool:
    """Whether each of its forms has a text."""
    return all(entry.string) if isinstance(entry.string, tuple | list) else bool(entry.string)


def worded(language: str) -> dict[str, Catalog]:
    """What a language's files say, by their names."""
    catalogs = {}
    for file in sorted((LANGUAGES / language).glob("*.po")):
        with file.open("rb") as opened:
            catalogs[file.stem] = read_po(opened, locale=language)
    return catalogs


def written(language: str) -> Mapping[str, bytes]:
    """The files as they should be; what nobody has worded yet stands there empty."""
    before = worded(language)
    known = {
        each.id: each.string for catalog in before.values() for each in catalog if is_worded(each)
    }
    files = {}
    for name, texts in spoken().items():
        catalog = Catalog(locale=language)
        own = before.get(name, Catalog(locale=language))
        for text in texts:
            key = text if isinstance(text, str) else text[0]
            mine = own.get(key)
            said = mine.string if mine is not None and is_worded(mine) else known.get(text, "")
            catalog.add(text, said)
        file = io.BytesIO()
        write_po(file, catalog, no_location=True, omit_header=True, sort_output=True, width=100)
        files[name] = file.getvalue()
    return files


def main() -> None:
    """Write them, and tell what lacks its words."""
    for language in languages():
        if language == ENGLISH:
            continue
        folder = LANGUAGES / language
        files = written(language)
        for gone in set(worded(language)) - set(files):
            (folder / f"{gone}.po").unlink()
        for name, text in files.items():
            (folder / f"{name}.po").write_bytes(text)
        lacking = [
            f"{folder.name}/{name}.po: {each.id}"
            for name, catalog in worded(language).items()
            for each in catalog
            if each.id and not is_worded(each)
        ]
        sys.stdout.write("".join(f"{line}\n" for line in lacking))


if __name__ == "__main__":
    main()
