"""A service with two doctors, and those who may ask there."""

import random
from collections.abc import AsyncIterator

import pytest

from models.access import Role
from services.access.doorkeeper import Doorkeeper
from services.clock import ManualClock
from services.ids import Ids
from tests.api.service import OPENING, GivenSettings
from tests.principals import Names, as_, make_principal
from tests.watching.asking import HOST, PORTAL_PAGE
from tests.watching.served import Served, served


@pytest.fixture
def names() -> Names:
    """Who may ask; each test may let somebody go."""
    return Names(
        [
            make_principal("admin", Role.ADMIN),
            make_principal("desk", Role.RECEPTIONIST),
            make_principal("display", Role.DISPLAY),
            make_principal("portal", Role.PORTAL),
            make_principal("kiosk", Role.KIOSK),
            make_principal("iyer", Role.DOCTOR, doctors=["iyer"]),
        ]
    )


@pytest.fixture
async def service(names: Names) -> AsyncIterator[Served]:
    """Doctors rao and iyer, each with an hour of 200 seats."""
    settings = GivenSettings(allowed_hosts=f"localhost,{HOST}", cors_origins=PORTAL_PAGE)
    door = Doorkeeper([names])
    async with served(settings, ManualClock(OPENING), Ids(random.Random(1)), door) as service:
        service.api.client.headers.update(as_("admin"))
        for doctor in ("rao", "iyer"):
            await service.api.add_doctor(id=doctor)
            await service.api.add_slot(doctor, seats=200)
        await service.has_copied(2)
        yield service
