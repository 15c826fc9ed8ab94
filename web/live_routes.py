"""What the pages of a browser listen to: whose day has changed, and nothing of what is in it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import Field

from models.access import Permission
from models.errors import Refusal
from models.ids import doctor_of
from routes.access import needs, recognise
from routes.deps import Stage, TheStage
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


async def _last_seen(
    after: _Seq | None = None, last_event_id: Annotated[_Seq | None, Header()] = None
) -> int | None:
    return after if last_event_id is None else last_event_id


LastSeen = Annotated[int | None, Depends(_last_seen)]
"""The event behind which a browser goes on: by the header where it comes again by itself, by `after`
where the script begins a new stream."""


async def tell_changes(
    stage: Stage, views: Callable[[], Awaitable[Sequence[View]]], last_seen: int | None
) -> Response:
    """A stream of the changes in what `views` says may be seen, until it says otherwise."""

    async def seen() -> list[View]:
        return [SeenChanges(view) for view in await views()]

    watcher = await stage.feed.watch(await seen(), last_seen)

    async def may() -> bool:
        try:
            return tuple(await seen()) == watcher.views
        except Refusal:
            return False

    return EventStream(stage.feed, watcher, may, beat=_BEAT)


@router.get("/live")
async def listen(
    request: Request,
    stage: TheStage,
    _: Annotated[Caller, needs(Permission.READ_QUEUE)],
    last_seen: LastSeen,
) -> Response:
    """Each line that one may read; one stream serves all pages of a browser (web/static/live.js)."""
    watching = stage.easel.watching

    async def views() -> Sequence[View]:
        caller = Caller(principal=await recognise(request.scope))
        return stage.easel.views(await watching.watched(caller, (), None))

    return await tell_changes(stage, views, last_seen)
