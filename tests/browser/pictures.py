"""Takes a picture of each page for the README: `make pictures`, no part of `make test`."""

from pathlib import Path

import pytest

from tests.browser.hospital import DESKTOP, PHONE, Hospital
from tests.pages import PAGES, Shown

pytestmark = pytest.mark.timeout(180)

IMAGES = Path(__file__).parents[2] / "docs" / "images"


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "desktop"), (PHONE, "phone")])
async def test_a_picture_is_taken(
    hospital: Hospital, shown: Shown, size: tuple[int, int], name: str
) -> None:
    page = await hospital.page(shown.role, size=size)
    await page.goto(await shown.path_for(hospital.api))
    await page.screenshot(path=IMAGES / f"{shown.name}-{name}.png", full_page=name == "phone")
