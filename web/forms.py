"""What a form sends, and where it may lead."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request

_MOST_FIELDS = 50
_PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@%?-][A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form; nothing of what is none."""
    try:
        text = (await request.body()).decode("ascii")
        return dict(
            parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
        )
    except ValueError:  # bytes that are no text, or too many fields
        return {}


def return_path(asked: str) -> str:
    """Where to go on: within this site, whatever is asked; else to its start.

    `//other.example` and `/\\other.example` lead browsers to other sites.
    """
    return asked if len(asked) <= 1000 and _PATH.fullmatch(asked) else "/"
