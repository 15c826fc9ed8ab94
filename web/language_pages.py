"""The switch of languages, which stands on each page."""

from fastapi import APIRouter, Request, Response

from web.forms import read_form, return_path
from web.languages import remember_language
from web.pages import redirect

router = APIRouter(include_in_schema=False)


@router.post("/language")
async def choose_language(request: Request) -> Response:
    """The same page in another language."""
    form = await read_form(request)
    answer = redirect(request, return_path(form.get("back", "/")))
    remember_language(request, answer, form.get("language", ""))
    return answer
