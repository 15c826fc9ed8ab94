"""What happened and why."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from answers.events import (
    EventOut,
    ExplanationOut,
    HistoryOut,
    show_event,
    show_explanation,
    show_history,
)
from models.access import Permission
from models.errors import CursorAhead, UnknownToken
from routes.access import TheSight, needs
from routes.deps import NO_UNKNOWN_QUERY, TheHistory, TheWords
from routes.fields import KnownId, Limit, SomeId, refused_as
from routes.pages import link_next
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller

router = APIRouter(
    prefix="/api", tags=["events"], dependencies=[NO_UNKNOWN_QUERY], route_class=AnswerRoute
)


class EventQuery(BaseModel):
    """Which events to list."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[
        int,
        Field(ge=0, le=2**53),
        refused_as("invalid_cursor", "after is the seq of an event, a whole number from 0."),
    ] = Field(0, description="The seq of the last event seen")
    sheet: SomeId | None = Field(None, description="Only those of this doctor's day")
    token: SomeId | None = Field(None, description="Only those of this token")
    limit: Limit = 100


_NEWEST = "X-Newest-Seq"
_HEADERS = {
    _NEWEST: {
        "description": "The seq of the newest event of all, 0 if there is none",
        "schema": {"type": "integer", "minimum": 0},
        "required": True,
    }
}


@router.get(
    "/events",
    summary="List events",
    responses=problems(CursorAhead),
    openapi_extra={"responses": {"200": {"headers": _HEADERS}}},
)
async def list_events(
    query: Annotated[EventQuery, Query()],
    history: TheHistory,
    words: TheWords,
    caller: Annotated[Caller, needs(Permission.READ_EVENTS)],
    sight: TheSight,
    *,
    request: Request,
    response: Response,
) -> list[EventOut]:
    """In order of `seq`; who has seen one has seen all before it.

    Go on with the `Link`, where there is one, also from an empty list: events that you may not read
    are left out. Without one go on with `after` = the last `seq` seen: new events come behind.
    An event appears here within about a tenth of a second after its command was answered. Of a
    day or token on which nothing has happened yet, or that there is not, the list is empty.
    `X-Newest-Seq` tells how far there is to go. An `after` beyond it is refused (`cursor_ahead`):
    the database was restored from a backup, and the events after that have a `seq` given before.
    """
    page = await history.events(
        caller, after=query.after, sheet_id=query.sheet, token_id=query.token, limit=query.limit
    )
    response.headers[_NEWEST] = str(page.newest)
    link_next(request, response, None if page.more_after is None else str(page.more_after))
    return [show_event(each, words, sight) for each in page.events]


@router.get(
    "/tokens/{token_id}/history",
    summary="Tell what happened to a token, and why",
    responses=problems(UnknownToken),
)
async def get_history(
    token_id: KnownId,
    history: TheHistory,
    words: TheWords,
    caller: Annotated[Caller, needs(Permission.READ_PATIENT)],
    sight: TheSight,
) -> HistoryOut:
    """In words that a patient can be read."""
    view, entries = await history.of_token(caller, token_id)
    return show_history(view, entries, words, sight)


@router.get(
    "/tokens/{token_id}/explain",
    summary="Explain why a token stands where it does",
    responses=problems(UnknownToken),
)
async def explain_token(
    token_id: KnownId,
    history: TheHistory,
    words: TheWords,
    caller: Annotated[Caller, needs(Permission.READ_PATIENT)],
) -> ExplanationOut:
    """Its score and the parts of it, who is ahead without names, and what would change it."""
    view, told = await history.explain(caller, token_id)
    return show_explanation(view, told, words)
