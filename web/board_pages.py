"""The screen on the wall of a waiting room: whose turn it is, in which room, and who is next."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from models.access import Permission
from routes.access import needs
from routes.deps import TheDoctors, TheQueues
from routes.fields import KnownId
from services.caller import Caller
from services.wording.catalogue import catalogue_in, languages
from web.device_pages import DeviceRoute
from web.languages import words_of
from web.pages import page

router = APIRouter(include_in_schema=False, route_class=DeviceRoute)

MOST_DOCTORS = 12
MOST_NEXT = 5


@router.get("/board")
async def board(
    request: Request,
    caller: Annotated[Caller, needs(Permission.READ_QUEUE)],
    doctors: TheDoctors,
    queues: TheQueues,
    doctor: Annotated[list[KnownId] | None, Query(max_length=MOST_DOCTORS)] = None,
) -> Response:
    """Of the doctors named, else of all whom one may see; in every language there is, in turn."""
    at_work = await doctors.at_work(caller, Permission.READ_QUEUE, None)
    shown = at_work[:MOST_DOCTORS]
    if doctor:
        shown = [await doctors.get(caller, each) for each in dict.fromkeys(doctor)]
    glances = await queues.at_a_glance(caller, (each.id for each in shown))
    own = words_of(request).language
    in_turn = sorted(languages(), key=lambda language: language != own)
    told = {
        "days": list(zip(shown, glances, strict=True)),
        "at_work": at_work,
        "names": {each.id: each.name for each in (*at_work, *shown)},
        "named": frozenset(each.id for each in shown),
        "speaking": [catalogue_in(language) for language in in_turn],
        "most_next": MOST_NEXT,
    }
    return page(request, "board.html", told)
