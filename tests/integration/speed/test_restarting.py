"""How soon a service that was killed in the middle of load serves again."""

import random

import pytest

from tests.integration.conftest import StartServices
from tests.integration.kills import kill_under_load

pytestmark = [pytest.mark.integration, pytest.mark.timeout(360)]

KILLS = 4
SERVES_WITHIN = 1.5 * 3.0  # seconds; half as much again for a machine that does other things


async def test_a_killed_service_serves_again_within_three_seconds(
    start_services: StartServices, chance: random.Random
) -> None:
    _, waits = await kill_under_load(start_services, chance, KILLS)

    assert sorted(waits)[KILLS // 2] < SERVES_WITHIN
