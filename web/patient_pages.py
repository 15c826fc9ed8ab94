"""A patient's own page, behind the link that they hold: it is all that opens it.

A link stands for a patient, so its path goes nowhere: not to other sites, not to this one's log, not
on to the sign-in. No form here has a hidden field: whoever could forge one would need the link, and
who holds that may send it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from engine.status import ALLOWED
from models.access import Permission
from models.errors import BadTransition, Refusal, Unauthenticated
from models.local_time import local_label
from models.token import Status, token_label
from routes.deps import TheHistory, TheLinks, TheStage, TheTokens
from routes.patient_routes import TheHolder, holder_of, token_of
from services.caller import Caller
from services.clock import Clock
from services.history_service import Outlook
from services.watcher import View
from services.wording.catalogue import Catalogue, message
from services.wording.explanation import word_prospect, word_rule, word_why_ahead
from services.wording.history import word_event
from services.wording.notices import word_accuracy, word_closed
from web.calendar_file import calendar_file
from web.languages import words_of
from web.live_routes import LastSeen, tell_changes
from web.pages import Told, page, redirect
from web.routing import PageRoute


class LinkRoute(PageRoute):
    """What stands behind a patient's link; to browsers only the site is told as where they were."""

    referrer_policy = "strict-origin"

    def refuse(self, request: Request, refusal: Refusal) -> Response:
        """On a page that leads nowhere: a sign-in is not for patients."""
        if isinstance(refusal, Unauthenticated):
            return page(request, "link_ended.html", {}, status=401)
        return page(request, "link_refused.html", {}, refused=refusal)


router = APIRouter(include_in_schema=False, route_class=LinkRoute)

Travel = Annotated[int, Query(ge=0, le=600)]
"""Minutes from home."""
TRAVELS = (0, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180)
MOST_AHEAD = 5
_WHERE: Mapping[Status, str] = {
    Status.WAITLISTED: message(
        "All seats are taken. You wait for one that falls free, and may be called if there is time."
    ),
    Status.BOOKED: message("You have a seat. Check in at the desk or the kiosk when you arrive."),
    Status.CHECKED_IN: message("You are checked in. Please wait until your number is called."),
    Status.CALLED: message("It is your turn. Please come in now."),
    Status.IN_CONSULTATION: message("You are with the doctor."),
    Status.PARKED: message(
        "You were sent for tests, and your seat is kept. Tell the desk when you are back."
    ),
    Status.MISSED: message(
        "Your number was called, and you were not there. Please go to the desk."
    ),
    Status.COMPLETED: message("Your consultation is over. Get well soon."),
    Status.CANCELLED: message("This token is cancelled."),
    Status.NO_SHOW: message(
        "You were awaited and did not come. If you are here, please go to the desk."
    ),
    Status.MOVED: message("You were moved to another day. The desk can tell you which."),
}


@router.get("/t/{link}")
async def patients_page(
    request: Request, link: str, holder: TheHolder, history: TheHistory, travel: Travel = 0
) -> Response:
    """Where the token stands, when to be there, what happened and why. Changes nothing."""
    outlook = await history.outlook(holder, token_of(holder))
    return _shown(request, link, holder, outlook, travel)


@router.get("/t/{link}/live")
async def listen(
    request: Request, links: TheLinks, link: str, stage: TheStage, last_seen: LastSeen
) -> Response:
    """What changes in the token's day; until the link ends."""
    easel = stage.easel

    async def views() -> tuple[View, ...]:
        holder = await holder_of(link, links, request)
        return easel.views(await easel.watching.watched(holder, (), token_of(holder)))

    return await tell_changes(stage, views, last_seen)


@router.get("/t/{link}/calendar.ics")
async def calendar(
    request: Request, link: str, holder: TheHolder, history: TheHistory, travel: Travel = 0
) -> Response:
    """An entry for a calendar, while a time can be told."""
    outlook = await history.outlook(holder, token_of(holder))
    if outlook.be_there is None:
        return redirect(request, f"/t/{link}")
    facility = request.state.opd.home.name
    content = calendar_file(outlook, outlook.be_there, travel, facility, words_of(request))
    name = f"token-{outlook.view.token.label}.ics"
    saved = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=saved, media_type="text/calendar")


@router.get("/t/{link}/cancel")
async def ask_before_cancelling(
    request: Request, link: str, holder: TheHolder, tokens: TheTokens
) -> Response:
    """What cancelling means, and a button."""
    view = await tokens.get(holder, token_of(holder))
    if not _may_cancel(request, holder, view.token.status):
        return redirect(request, f"/t/{link}")
    return page(request, "patient_cancel.html", {"link": link, "token": view.token})


@router.post("/t/{link}/cancel")
async def cancel(
    request: Request, link: str, holder: TheHolder, tokens: TheTokens, history: TheHistory
) -> Response:
    """Gives the seat to who waits for it."""
    try:
        await tokens.cancel(holder, token_of(holder), None)
    except BadTransition as refused:
        outlook = await history.outlook(holder, token_of(holder))
        if outlook.view.token.status is not Status.CANCELLED:  # else it was pressed twice
            return _shown(request, link, holder, outlook, 0, refused)
    return redirect(request, f"/t/{link}")


def _shown(
    request: Request,
    link: str,
    holder: Caller,
    outlook: Outlook,
    travel: int,
    refused: Refusal | None = None,
) -> Response:
    told = {
        **_told(outlook, words_of(request)),
        "link": link,
        "travel": travel,
        "travels": sorted({travel, *TRAVELS}),
        "leave": _leave(outlook, travel),
        "may_cancel": _may_cancel(request, holder, outlook.view.token.status),
    }
    return page(request, "patient.html", told, refused=refused)


def _told(outlook: Outlook, words: Catalogue) -> Told:
    view, ahead = outlook.view, (*outlook.why.served_first, *outlook.why.ahead)
    timed = view.sheet.timeline.get(view.token.slot_id)
    assert timed is not None  # noqa: S101  # a token's slot stands on its sheet
    placed = view.standing.position is not None or view.standing.waitlist_position is not None
    return {
        "outlook": outlook,
        "token": view.token,
        "standing": view.standing,
        "zone": view.sheet.zone,
        "date": view.sheet.date,
        "hours": "-".join(
            local_label(at, view.sheet.zone) for at in (timed.slot.start, timed.slot.end)
        ),
        "where": words.say(_WHERE[view.token.status]),
        "closed": word_closed(view.token.slot_id, view.sheet, words) if placed else None,
        "accuracy": word_accuracy(outlook.lately, words),
        "happened_before": [
            (entry.at, word_event(entry.event, view.sheet, words)) for entry in outlook.history
        ],
        "rule": word_rule(words),
        "ahead": [
            (token_label(each.number), word_why_ahead(each.why, words))
            for each in ahead[:MOST_AHEAD]
        ],
        "more_ahead": max(0, len(ahead) - MOST_AHEAD),
        "prospects": [
            word_prospect(each, len(outlook.why.ahead), words) for each in outlook.why.would_change
        ],
    }


def _leave(outlook: Outlook, travel: int) -> datetime | None:
    """When to leave home, no earlier than now; None unless the patient is yet to come."""
    if outlook.be_there is None:
        return None
    return max(outlook.at, outlook.be_there - timedelta(minutes=travel))


def _may_cancel(request: Request, holder: Caller, status: Status) -> bool:
    clock: Clock = request.state.clock
    has_right = holder.principal.may_somewhere(Permission.CANCEL, clock.now())
    return has_right and Status.CANCELLED in ALLOWED[status]
