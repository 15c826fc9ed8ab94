"""Who comes without knowing a path finds what there is; HEAD asks what GET would answer."""

import json
import re

import httpx

from tests.api.desk import Desk, refused
from version import VERSION

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_a_person_finds_a_page_whose_links_all_lead_somewhere(desk: Desk) -> None:
    page = await desk.ask("GET", "/", headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert VERSION in page.text
    links = re.findall(r'href="([^"]*)"', page.text)
    assert {"docs", "redoc", "openapi.json", "readyz"} <= set(links)
    for link in links:
        answer = await desk.ask("GET", str(httpx.URL("http://localhost/").join(link)))
        assert answer.status_code == 200


async def test_a_program_finds_the_same_as_json(desk: Desk) -> None:
    answer = await desk.ask("GET", "/")
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told["version"] == VERSION
    for path in told["links"].values():
        assert (await desk.ask("GET", path)).status_code == 200


async def test_a_cache_keeps_page_and_json_apart(desk: Desk) -> None:
    for headers in (BROWSER, {}):
        assert (await desk.ask("GET", "/", headers=headers)).headers["vary"] == "Accept"


async def _paths(desk: Desk) -> list[str]:
    """Of each GET, one that leads somewhere."""
    slot = await desk.make_slot()
    token = await desk.book(slot.id, "p1")
    given = {
        "slot_id": slot.id,
        "doctor_id": slot.doctor_id,
        "token_id": token.id,
        "patient_id": "p1",
    }
    document = json.loads((await desk.ask("GET", "/openapi.json")).content)
    told = [path.format(**given) for path, methods in document["paths"].items() if "get" in methods]
    return [*told, "/", "/docs", "/redoc", "/openapi.json", "/metrics"]


async def test_head_tells_what_get_would_without_its_body(desk: Desk) -> None:
    paths = await _paths(desk)
    assert len(paths) > 15
    for path in paths:
        got = await desk.client.get(path)
        told = await desk.client.head(path)
        assert (told.status_code, told.content) == (200, b""), path
        assert told.headers["content-type"] == got.headers["content-type"], path
        if path not in ("/metrics", "/readyz"):  # whose figures change meanwhile
            assert told.headers["content-length"] == str(len(got.content)), path


async def test_head_of_nothing_is_not_found_and_of_what_is_only_sent_not_allowed(
    desk: Desk,
) -> None:
    assert (await desk.client.head("/api/nothing")).status_code == 404
    assert (await desk.client.head("/api/slots/x-20300115-0900")).status_code == 404
    assert (await desk.client.head("/api/tokens/book")).status_code == 404  # no such token
    answer = await desk.client.head("/api/tokens/x/cancel")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE")


async def test_the_figures_tell_head_from_get(desk: Desk) -> None:
    await desk.client.head("/api/doctors")
    counted = (await desk.client.get("/metrics")).text
    assert re.search(r'opd_requests_total{method="HEAD",route="/api/doctors",', counted)


async def test_a_slot_is_never_deleted(desk: Desk) -> None:
    slot = await desk.make_slot()
    with refused(405, "method_not_allowed"):
        await desk.ask("DELETE", f"/api/slots/{slot.id}")
    assert await desk.slot(slot.id) == slot
