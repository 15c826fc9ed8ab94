"""What a patient takes along on paper."""

import segno
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from routes.deps import TheDoctors, TheLinks, TheTokens
from routes.fields import KnownId
from web.desk import MayDesk
from web.pages import page
from web.routing import PageRoute

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/slips/{token_id}")
async def slip(
    request: Request,
    token_id: KnownId,
    tokens: TheTokens,
    doctors: TheDoctors,
    links: TheLinks,
    caller: MayDesk,
) -> Response:
    """What the patient takes along: the number, when, and the way to their own page."""
    view = await tokens.get(caller, token_id)
    doctor = await doctors.get(caller, view.sheet.resource_id)
    link = links.make(view.sheet, view.token, caller.principal)
    code = None
    if link is not None:
        address = f"{request.base_url}t/{link}"
        code = Markup(segno.make(address, error="m").svg_inline(scale=4, omitsize=True))  # noqa: S704  # drawn here
    timed = view.sheet.timeline.get(view.token.slot_id)
    told = {"view": view, "doctor": doctor, "code": code, "timed": timed}
    return page(request, "slip.html", told)
