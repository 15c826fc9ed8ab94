"""Takes a picture of each page for docs/pages.md and the README: `make pictures`, no part of `make test`.

Of the second of two days as the demo plays them, at twenty to eleven: one doctor began late.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import datetime, timedelta
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, FloatRect

from answers.doctors import DoctorOut
from services.clock import ManualClock
from simulator.client import ServiceClient, open_client
from simulator.day import open_live_clinic, play
from simulator.plan import LIVE_DOCTORS, LIVE_LOAD, doctor_names
from tests.api.service import OPENING, GivenSettings, at
from tests.browser.hospital import DESKTOP, PHONE, Hospital, open_empty_hospital
from tests.integration.processes import until
from tests.pages import PAGES, Shown

pytestmark = pytest.mark.timeout(600)

IMAGES = Path(__file__).parents[2] / "docs" / "images"
_IDS = ("rao", "iyer", "khan", "nair", "sen")
_A_QUIET_DAY = Fraction(1, 5)
_LONGEST = 1600
"""Pixels; what is longer is cut."""
_IN_HINDI = ("desk-doctor", "board", "patient", "kiosk")
_PICTURES = [
    (shown, f"{shown.name}-{kind}")
    for shown in PAGES
    for kind in ("desktop", "phone", "phone-hi")
    if kind != "phone-hi" or shown.name in _IN_HINDI
]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo_hospital(chromium: Browser) -> AsyncIterator[Hospital]:
    """The service on the demo's second day."""
    clock = ManualClock(OPENING - timedelta(days=1, hours=1))
    async with open_empty_hospital(chromium, clock) as hospital:
        await _play(hospital)
        yield hospital


async def _play(hospital: Hospital) -> None:
    key = hospital.api.client.headers["authorization"].removeprefix("Bearer ")
    async with open_client(hospital.home, 1, key) as client:
        doctors = [
            await client.ask(
                DoctorOut, "POST", "/api/doctors", id=one, name=name, specialization=trade
            )
            for one, (name, trade) in zip(_IDS, doctor_names(LIVE_DOCTORS), strict=True)
        ]
        for seed, load in ((1, _A_QUIET_DAY), (2, LIVE_LOAD)):
            clinic = await open_live_clinic(
                client, GivenSettings(), doctors, seed=seed, speed=0, load=load
            )
            await _play_until(at("10:40"), client, play(clinic))


async def _play_until(
    end: datetime, client: ServiceClient, plays: Coroutine[None, None, None]
) -> None:
    playing = asyncio.create_task(plays)
    await until(lambda: playing.done() or client.now() >= end, 300)
    playing.cancel()


@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize(("shown", "name"), _PICTURES)
async def test_a_picture_is_taken(demo_hospital: Hospital, shown: Shown, name: str) -> None:
    phone, hindi = "-phone" in name, name.endswith("-hi")
    width, height = PHONE if phone else DESKTOP
    page = await demo_hospital.page(
        shown.role, size=(width, height), language="hi-IN" if hindi else "en"
    )
    await page.goto(await shown.path_for(demo_hospital.api))
    if phone:
        whole: int = await page.evaluate("document.documentElement.scrollHeight")
        height = min(max(whole, height), _LONGEST)
    clip = FloatRect(x=0, y=0, width=width, height=height)
    taken = await page.screenshot(full_page=phone, clip=clip)
    few = Image.open(BytesIO(taken)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(IMAGES / f"{name}.png", optimize=True)
