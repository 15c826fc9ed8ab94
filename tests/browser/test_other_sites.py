"""What a page of another site can do with the service from a real browser."""

import json

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Serve
from tests.integration.client import Client
from tests.integration.processes import Service
from tests.keys import dev_key

pytestmark = pytest.mark.timeout(300)

DOCTOR = {"name": "Asha Rao", "specialization": "Cardiology", "id": "mehta"}
ADD_DOCTOR = """async ([home, doctor, key]) => {
    const answer = await fetch(home + "/api/doctors", {
        method: "POST",
        headers: {
            "Content-Type": "application/json",
            "Authorization": `Bearer ${key}`,
            "Idempotency-Key": "k1",
            "X-Actor": "portal",
        },
        body: JSON.stringify(doctor),
    });
    const names = ["X-Request-ID", "Idempotent-Replayed", "Retry-After"];
    return [answer.status, await answer.json(), names.map(name => answer.headers.get(name))];
}"""


async def _doctors(port: int) -> list[str]:
    async with Client(port) as client:
        doctors = json.loads((await client.ask("GET", "/api/doctors")).body)
        return [str(doctor["id"]) for doctor in doctors]


async def test_a_portals_page_calls_the_service(service: Service, portal: str, page: Page) -> None:
    home = f"http://localhost:{service.port}"
    await page.goto(portal)
    status, doctor, headers = await page.evaluate(ADD_DOCTOR, [home, DOCTOR, dev_key()])
    assert (status, doctor["id"]) == (201, "mehta")
    assert headers[0]
    assert headers[1] is None
    status, _, headers = await page.evaluate(ADD_DOCTOR, [home, DOCTOR, dev_key()])
    assert (status, headers[1]) == (201, "true")
    status, problem, headers = await page.evaluate(ADD_DOCTOR, [home, {"name": ""}, dev_key()])
    assert (status, problem["code"]) == (422, "invalid_name")
    assert headers[0]
    assert "mehta" in await _doctors(service.port)


async def test_any_other_page_does_not(service: Service, serve: Serve, page: Page) -> None:
    home = f"http://localhost:{service.port}"
    await page.goto(await serve("<h1>Not the portal</h1>"))
    failed = await page.evaluate(
        f"async (given) => ({ADD_DOCTOR})(given).then(() => 'answered', () => 'failed')",
        [home, {**DOCTOR, "id": "unwanted"}, dev_key()],
    )
    assert failed == "failed"
    assert "unwanted" not in await _doctors(service.port)


async def test_a_form_of_another_site_changes_nothing(
    service: Service, serve: Serve, page: Page
) -> None:
    home = f"http://localhost:{service.port}"
    async with Client(service.port) as client:
        await client.ask("POST", "/api/doctors", {**DOCTOR, "id": "sen"})
        day = {"doctorId": "sen", "date": "2090-01-02", "startTime": "09:00", "endTime": "10:00"}
        assert (await client.ask("POST", "/api/slots", day)).status == 201
        await page.goto(
            await serve(
                f'<form method="post" action="{home}/api/tokens/reallocate/sen-20900102-0900">'
                "<button>Win a prize</button></form>"
            )
        )
        await page.get_by_role("button").click()
        await page.get_by_text("other_origin").wait_for()
        slot = json.loads((await client.ask("GET", "/api/slots/sen-20900102-0900")).body)
        assert slot["status"] == "OPEN"


async def test_no_page_frames_the_service(service: Service, serve: Serve, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text))
    await page.goto(
        await serve(f'<iframe src="http://localhost:{service.port}/docs"></iframe>'),
        wait_until="networkidle",
    )
    assert any("frame-ancestors" in told for told in complaints)
