"""A patient's own page, behind the link that they hold."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import Scope

from answers.patient_page import PatientPageOut, show_patient_page
from models.errors import RateLimited, Unauthenticated, UnknownToken
from routes.deps import NO_UNKNOWN_QUERY, TheLinks, TheTokens
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller


class ForPrograms(AnswerRoute):
    """Who asks for HTML is shown the page of the same path, which stands in web/."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is this one's, and a program asks."""
        match, found = super().matches(scope)
        if match is not Match.NONE and "text/html" in Headers(scope=scope).get("accept", ""):
            return Match.NONE, {}
        return match, found


router = APIRouter(tags=["tokens"], dependencies=[NO_UNKNOWN_QUERY], route_class=ForPrograms)


async def holder_of(link: str, links: TheLinks, request: Request) -> Caller:
    """Whoever holds a link. Raises what Links.holder raises."""
    address = request.client.host if request.client else None
    principal = await links.holder(link, address)
    return Caller(principal=principal, request_id=request.state.request_id)


TheHolder = Annotated[Caller, Depends(holder_of)]
"""Whoever holds the link of the path."""


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
    Browsers, which ask for HTML, are shown a page.
    """
    holder = await holder_of(link, links, request)
    return show_patient_page(await tokens.get(holder, token_of(holder)))


def token_of(holder: Caller) -> str:
    """The token that a link is for."""
    token_id = holder.principal.token_id
    assert token_id is not None  # noqa: S101  # a link is for one token
    return token_id
