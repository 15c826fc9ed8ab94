"""The pages that every page leads to, for whom they open."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from models.access import Permission, Principal
from services.wording.catalogue import message


class Entry(Struct, frozen=True):
    """A page, its name and what it is for, and the permissions any of which opens it, as its route says."""

    path: str
    name: str
    permissions: tuple[Permission, ...]
    about: str = ""


ENTRIES = (
    Entry(
        "/desk",
        message("Desk"),
        (Permission.BOOK_WALKIN, Permission.CALL),
        message("All doctors of today at a glance; book, check in, move and cancel."),
    ),
    Entry(
        "/doctor",
        message("Doctor"),
        (Permission.CALL,),
        message("One doctor's line: who is in, who is next and why, and the button that calls."),
    ),
    Entry(
        "/plan",
        message("Plan"),
        (Permission.PLAN_SLOT,),
        message("Doctors and their slots, delays and closing, a week at a glance."),
    ),
    Entry(
        "/access",
        message("Access"),
        (Permission.MANAGE_ACCESS,),
        message("People, clients and devices: what each may do, keys and one-time links."),
    ),
    Entry(
        "/access/audit",
        message("Audit"),
        (Permission.READ_AUDIT,),
        message("Who did what, and who read whose data."),
    ),
    Entry(
        "/numbers",
        message("Numbers"),
        (Permission.READ_NUMBERS,),
        message("The day and the week in pictures: waits, seats, who did not come."),
    ),
    Entry(
        "/board",
        message("Waiting room"),
        (Permission.READ_QUEUE,),
        message("The screen on the wall: who is called, and where to."),
    ),
)


def open_to(principal: Principal | None, now: datetime) -> Sequence[Entry]:
    """Those that they may see."""
    if principal is None:
        return ()
    return [
        entry
        for entry in ENTRIES
        if any(principal.may_somewhere(each, now) for each in entry.permissions)
    ]


def standing_at(here: str) -> str | None:
    """The path of the entry that a page belongs to: the longest that its own begins with."""
    path = here.partition("?")[0]
    under = [each.path for each in ENTRIES if f"{path}/".startswith(f"{each.path}/")]
    return max(under, key=len, default=None)
