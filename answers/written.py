"""Answers that many ask for, written once for one version of a sheet.

To work out who stands where costs little, to say it of fifteen tokens costs more than all else of a
read. So what was written is kept with its sheet, beside all it was made from that the sheet does not
say itself: who may see what, and what goes by the time. It is given again only where these are equal.
"""

from collections.abc import Callable

import msgspec
from msgspec import Raw

from models.sheet import Sheet

MOST_WRITTEN = 16
"""Answers of one sheet that are kept."""

_encode = msgspec.json.Encoder().encode


def written(
    sheet: Sheet, seen: tuple[str, object], made_from: object, make: Callable[[], object]
) -> Raw:
    """What `make` answers. `seen`: what of the sheet, and by whom.

    `made_from` must not lead back to the sheet: it would never be let go.
    """
    known = sheet.written.get(seen)
    if known is None or known[0] != made_from:
        if len(sheet.written) >= MOST_WRITTEN:
            sheet.written.clear()
        known = sheet.written[seen] = made_from, _encode(make())
    return Raw(known[1])
