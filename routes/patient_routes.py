"""A patient's own page, behind the link that they hold."""

from fastapi import APIRouter, Request

from answers.patient_page import PatientPageOut, show_patient_page
from models.errors import RateLimited, Unauthenticated, UnknownToken
from routes.deps import NO_UNKNOWN_QUERY, TheLinks, TheTokens
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller

router = APIRouter(tags=["tokens"], dependencies=[NO_UNKNOWN_QUERY], route_class=AnswerRoute)


@router.get(
    "/t/{link}",
    summary="Show a patient where their token stands",
    responses=problems(Unauthenticated, RateLimited, UnknownToken),
)
async def show_page(
    link: str, links: TheLinks, tokens: TheTokens, request: Request
) -> PatientPageOut:
    """Changes nothing: messengers fetch links before anybody reads them. The link is the proof.

    It is good until the day after the token's, and ends when the patient's phone number is put
    right. As a Bearer it opens the token, its history and explanation, and lets it be cancelled.
    """
    principal = await links.holder(link, request.client.host if request.client else None)
    caller = Caller(principal=principal, request_id=request.state.request_id)
    assert principal.token_id is not None  # noqa: S101  # a link is for one token
    view = await tokens.get(caller, principal.token_id)
    return show_patient_page(view)
