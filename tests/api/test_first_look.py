"""Who comes without knowing a path finds what there is; HEAD asks what GET would answer."""

import json
import re

import httpx

from tests.api.client import ApiClient, refused
from version import VERSION

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_a_person_finds_a_page_whose_links_all_lead_somewhere(api: ApiClient) -> None:
    page = await api.ask("GET", "/", headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert VERSION in page.text
    links = re.findall(r'href="([^"]*)"', page.text)
    assert {"/docs", "/redoc", "/openapi.json", "/readyz"} <= set(links)
    for link in links:
        answer = await api.ask("GET", str(httpx.URL("http://localhost/").join(link)))
        assert answer.status_code == 200


async def test_a_program_finds_the_same_as_json(api: ApiClient) -> None:
    answer = await api.ask("GET", "/")
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told["version"] == VERSION
    for path in told["links"].values():
        assert (await api.ask("GET", path)).status_code == 200


async def test_a_cache_keeps_page_and_json_apart(api: ApiClient) -> None:
    for headers in (BROWSER, {}):
        assert (await api.ask("GET", "/", headers=headers)).headers["vary"] == "Accept"


_ASKED = {"/api/patients": "?phone=09845012345"}


async def _paths(api: ApiClient) -> list[str]:
    """Of each GET, one that leads somewhere."""
    slot = await api.make_slot()
    token = await api.book(slot.id, "p1")
    await api.do(token.id, "check-in")  # which begins an encounter
    account = {"id": "asha", "kind": "person", "name": "Asha"}
    await api.ask("POST", "/api/access/accounts", account)
    given = {
        "account_id": "asha",
        "slot_id": slot.id,
        "doctor_id": slot.doctor_id,
        "token_id": token.id,
        "patient_id": "p1",
        "link": (token.patient_link or "").removeprefix("/t/"),
    }
    document = json.loads((await api.ask("GET", "/openapi.json")).content)
    told = [
        path.format(**given) + _ASKED.get(path, "")
        for path, methods in document["paths"].items()
        if "get" in methods and path != "/api/stream"  # which has no end
    ]
    return [*told, "/", "/docs", "/redoc", "/openapi.json", "/metrics"]


async def test_head_tells_what_get_would_without_its_body(api: ApiClient) -> None:
    paths = await _paths(api)
    assert len(paths) > 15
    for path in paths:
        got = await api.client.get(path)
        told = await api.client.head(path)
        assert (told.status_code, told.content) == (200, b""), path
        assert told.headers["content-type"] == got.headers["content-type"], path
        if path not in ("/metrics", "/readyz"):  # whose figures change meanwhile
            assert told.headers["content-length"] == str(len(got.content)), path


async def test_head_of_nothing_is_not_found_and_of_what_is_only_sent_not_allowed(
    api: ApiClient,
) -> None:
    assert (await api.client.head("/api/nothing")).status_code == 404
    assert (await api.client.head("/api/slots/x-20300115-0900")).status_code == 404
    assert (await api.client.head("/api/tokens/book")).status_code == 404  # no such token
    answer = await api.client.head("/api/tokens/x/cancel")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE")


async def test_the_figures_tell_head_from_get(api: ApiClient) -> None:
    await api.client.head("/api/doctors")
    counted = (await api.client.get("/metrics")).text
    assert re.search(r'opd_requests_total{method="HEAD",route="/api/doctors",', counted)


async def test_a_slot_is_never_deleted(api: ApiClient) -> None:
    slot = await api.make_slot()
    with refused(405, "method_not_allowed"):
        await api.ask("DELETE", f"/api/slots/{slot.id}")
    assert await api.slot(slot.id) == slot
