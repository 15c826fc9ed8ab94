"""deploy/haproxy.cfg lets who watches live on in silence, and refuses no WebSocket."""

import asyncio
import random
from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.client import connect

from answers.watching import QueueMessage
from models.access import Role
from services.clock import ManualClock
from services.ids import Ids
from tests.api.service import OPENING, GivenSettings
from tests.deploy.haproxy import Haproxy
from tests.principals import as_, knowing, make_principal
from tests.watching.served import EventSource, served

pytestmark = pytest.mark.timeout(360)

SILENCE_SECONDS = 32.0
"""Longer than HAProxy waits for anything but who watches."""


async def test_who_watches_is_not_cut_off_in_silence(tmp_path: Path) -> None:
    door = knowing(make_principal("admin", Role.ADMIN))
    clock = ManualClock(OPENING)
    async with (
        served(GivenSettings(), clock, Ids(random.Random(1)), door) as service,
        Haproxy(tmp_path, [service.port]) as haproxy,
    ):
        await haproxy.until_up(1)
        service.api.client.headers.update(as_("admin"))
        await service.api.add_doctor(id="rao")
        slot = await service.api.add_slot("rao")
        uri = f"ws://localhost:{haproxy.port}/ws/queue/rao"
        async with (
            EventSource(haproxy.port, "?doctorId=rao", as_("admin")) as source,
            connect(uri, additional_headers=as_("admin"), compression=None) as socket,
        ):
            await source.next()
            await socket.recv()
            await asyncio.sleep(SILENCE_SECONDS)
            token = await service.api.book(slot.id)
            (change,) = (await source.next()).told.changes
            assert change.token_id == token.id
            assert source.heartbeats >= 1
            message = msgspec.json.decode(await socket.recv(), type=QueueMessage)
            assert [each.token_id for each in message.changes] == [token.id]
