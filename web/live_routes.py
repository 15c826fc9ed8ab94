"""What the pages of a browser listen to: whose day has changed, and nothing of what is in it."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Request, Response
from pydantic import Field

from models.access import Permission
from models.errors import Refusal
from models.ids import doctor_of
from routes.access import needs, recognise
from routes.deps import TheStage
from routes.streams import EventStream
from services.caller import Caller
from services.watcher import View
from web.routing import PageRoute

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_Seq = Annotated[int, Field(ge=0, le=2**53)]
_BEAT = b"event: beat\ndata: .\n\n"
"""What a script can hear; of a comment it learns nothing."""


class Changed(msgspec.Struct, frozen=True, rename="camel"):
    """Something happened in this doctor's day, or it begins to be watched."""

    doctor_id: str


@dataclass(frozen=True)
class SeenChanges:
    """That something changed in what another view sees."""

    seen: View

    async def sheets(self) -> list[str]:
        return list(await self.seen.sheets())

    async def of(self, sheet_id: str) -> "SeenChanges | None":
        return None if await self.seen.of(sheet_id) is None else self

    async def paint(self, sheet_id: str, events: object, seq: int) -> bytes:  # noqa: ARG002  # the feed's
        return msgspec.json.encode(Changed(doctor_of(sheet_id)))


@router.get("/live")
async def listen(
    request: Request,
    stage: TheStage,
    caller: Annotated[Caller, needs(Permission.READ_QUEUE)],
    after: _Seq | None = None,
    last_event_id: Annotated[_Seq | None, Header()] = None,
) -> Response:
    """Each line that one may read; one stream serves all pages of a browser (web/static/live.js).

    It goes on behind the event that a browser names: by the header where it comes again by itself,
    by `after` where the script begins a new one.
    """
    watching = stage.easel.watching

    async def views(of: Caller) -> list[View]:
        watched = await watching.watched(of, (), None)
        return [SeenChanges(view) for view in stage.easel.views(watched)]

    seen = after if last_event_id is None else last_event_id
    watcher = await stage.feed.watch(await views(caller), seen)

    async def may() -> bool:
        try:
            again = Caller(principal=await recognise(request.scope))
            return tuple(await views(again)) == watcher.views
        except Refusal:
            return False

    return EventStream(stage.feed, watcher, may, beat=_BEAT)
