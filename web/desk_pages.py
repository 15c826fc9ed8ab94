"""The desk: how the doctors' days go, at a glance."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from models.access import Permission
from routes.access import needs
from routes.deps import TheDoctors, TheQueues
from services.caller import Caller
from web.pages import page
from web.routing import PageRoute

router = APIRouter(include_in_schema=False, route_class=PageRoute)

MayDesk = Annotated[Caller, needs(Permission.BOOK_WALKIN, Permission.CALL)]


@router.get("/desk")
async def desk(
    request: Request, caller: MayDesk, doctors: TheDoctors, queues: TheQueues
) -> Response:
    """Who is in, how many wait, how late it is."""
    at_work = await doctors.at_work(caller, Permission.READ_QUEUE, None)
    glances = await queues.at_a_glance(caller, (doctor.id for doctor in at_work))
    return page(request, "desk.html", {"days": list(zip(at_work, glances, strict=True))})
