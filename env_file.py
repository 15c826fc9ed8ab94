"""What is wrong with a `.env` file, which would else be passed over in silence."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

_ALIKE = 0.75
_LONG_ENOUGH = 6
"""Letters of a part of a name that can stand for the whole: TIMEZONE, not MAX."""


def faults(path: Path, settings: Collection[str]) -> list[str]:
    """One phrase for each fault of the file; none where there is no file.

    A name that is like none of the settings is another program's. Values stay out of the phrases.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return []
    except OSError as error:
        return [f"{path}: it can't be read ({error.strerror})"]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return [f"{path}: save it in UTF-8; line {line} is in another encoding"]
    if "\0" in text:
        return [f"{path}: save it in UTF-8; it is in another encoding"]
    return [f"{path} {fault}" for fault in _faults(text, settings)]


def _faults(text: str, settings: Collection[str]) -> Iterator[str]:
    for binding in parse_stream(StringIO(text)):
        string = binding.original.string
        line = binding.original.line + len(string) - len(string.lstrip("\n"))
        if binding.error or (binding.key is not None and binding.value is None):
            yield f"line {line}: write NAME=value"
        elif binding.key is not None:
            meant = _meant(binding.key.upper(), settings)
            if meant is not None:
                yield f"line {line}: there is no setting {binding.key}; is it {meant}?"


def _meant(name: str, settings: Collection[str]) -> str | None:
    """The setting that a name is like but is not; None if it is one, or is like none."""
    if name in settings:
        return None
    whole = [setting for setting in settings if f"_{name}_" in f"_{setting}_"]
    if len(name) >= _LONG_ENOUGH and len(whole) == 1:
        return whole[0]
    by_words = {_in_order(setting): setting for setting in settings}
    like = get_close_matches(name, settings, 1, _ALIKE)
    like += [by_words[each] for each in get_close_matches(_in_order(name), by_words, 1, _ALIKE)]
    return next(iter(like), None)


def _in_order(name: str) -> str:
    """The words of a name in order of the alphabet: PRIORITY_PAID is PAID_PRIORITY."""
    return "_".join(sorted(name.split("_")))
