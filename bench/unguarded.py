"""The service as it would be if nobody had rights: what these cost is what it saves.

Whoever asks is one who may all, without a look at what came with the request, what they may, whose
the doctor is or how often they asked; all see all, and no patient gets a link. What stands in the
database is the same. `python -m bench.unguarded` serves it by main.py's own main().
"""

from importlib import import_module

from starlette.types import ASGIApp, Receive, Scope, Send

from answers.sight import Sight
from config import Settings
from models.access import Grant, Kind, Permission, Principal, Role
from models.ids import sheet_of_slot
from routes import replies
from services.access.guard import Guard

_ALL = Principal(
    id="bench",
    kind=Kind.CLIENT,
    grants=(Grant(id="all", role=Role.ADMIN, facility_id=Settings().facility_id),),
)


def open_to_all(app: ASGIApp, _: tuple[Permission, ...]) -> ASGIApp:
    """A route's app for everybody."""

    async def pass_on(scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["state"]
        state["actor"], state["principal"] = _ALL.id, _ALL
        await app(scope, receive, send)

    return pass_on


async def _sheet(_: Guard, __: Principal, ___: Permission, slot_id: str) -> str:
    return sheet_of_slot(slot_id)


def serve() -> None:
    """Serve it as main.py serves the service."""
    vars(replies)["guarded"] = open_to_all  # before there is any route
    setattr(Guard, Guard.slot.__name__, _sheet)
    setattr(Sight, Sight.shows_token.__name__, lambda *_: True)
    import_module("main").main()


if __name__ == "__main__":
    serve()
