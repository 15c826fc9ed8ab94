"""Forms as no page of ours sends them."""

import random
import re
from collections.abc import Iterator

from main import create_app
from models.access import Role
from routes.fields import Body
from tests.api.browser import signed_in
from tests.api.client import ApiClient
from tests.api.service import GivenSettings
from web.routing import PageRoute

_STRANGE = (
    "",
    " ",
    "0",
    "-1",
    "9" * 30,
    "1e9",
    "true",
    "null",
    "2030-02-30",
    "0001-01-01",
    "9999-12-31",
    "25:61",
    "rao",
    "rao-20300115-0900",
    "rao-20300115-0900~1",
    "ELSEWHERE",
    "a\x00b",
    "\u202eevil\u200b",
    "<b>",
    "ईशा",
    "../../etc/passwd",
    "//other.example",
    "y" * 5000,
)
_SEED = 2030


def _sent_to() -> list[str]:
    """What forms are sent to, with the doctor, or whatever else it is about, of the filled day."""
    routes = [route for route in create_app(GivenSettings()).routes if isinstance(route, PageRoute)]
    return [re.sub(r"{\w+}", "rao", each.path) for each in routes if "POST" in (each.methods or ())]


def _fields(body: type[Body] = Body) -> Iterator[str]:
    yield from (info.alias or name for name, info in body.model_fields.items())
    for kind in body.__subclasses__():
        yield from _fields(kind)


async def test_a_form_that_no_page_sends_is_refused_in_words(filled: ApiClient) -> None:
    chance, names = random.Random(2030), sorted(set(_fields()))
    for path in _sent_to():
        browser = await signed_in(filled, Role.ADMIN)
        for strange in _STRANGE:
            form = {
                name: strange if chance.random() < 0.5 else chance.choice(_STRANGE)
                for name in chance.sample(names, chance.randint(1, len(names)))
            }
            answer = await browser.post(path, {**form, "csrf": await browser.csrf()})
            assert answer.status_code < 500, (path, form, answer.text)


async def test_a_form_of_no_page_of_the_desk_is_told_so(filled: ApiClient) -> None:
    browser = await signed_in(filled)
    form = {"doctor": "rao", "date": "tomorrow", "number": "1", "csrf": await browser.csrf()}
    answer = await browser.post("/desk/cancel", form)
    assert answer.status_code == 422
    assert "Open the page again, and send it from there." in answer.text
