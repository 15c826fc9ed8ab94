"""Secrets that stand in files of their own, as orchestrators hand them out: NAME_FILE for NAME."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

SecretFile = Annotated[Path | None, BeforeValidator(lambda told: told or None)]
"""A setting that names one."""


def read_secrets(given: dict[str, object], names: Iterable[str]) -> dict[str, object]:
    """The same settings, with each of these secrets read from its file where one is named.

    White space around it is not of the secret. Raises ValueError, which says nothing of what stands
    there, for a secret that is given both ways and a file that can't be read or is empty.
    """
    read = dict(given)
    for name in names:
        file = given.get(f"{name}_file")
        if not file:
            continue
        told = f"{name}_file".upper()
        if given.get(name):
            raise ValueError(f"{told}: {name.upper()} is set too; set one of them")
        read[name] = _secret(told, Path(str(file)))
    return read


def _secret(told: str, file: Path) -> str:
    try:
        text = file.read_text("utf-8-sig").strip()
    except OSError as error:
        raise ValueError(f"{told}: it can't be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError(f"{told}: it is no text in UTF-8") from None
    if not text:
        raise ValueError(f"{told}: it is empty")
    return text
