"""Who watches a patient's data is recorded: at the beginning, and in each minute of it."""

from datetime import timedelta

import pytest

from models.access import Role
from services.clock import ManualClock
from tests.integration.processes import until_so
from tests.principals import Names, as_, make_principal
from tests.watching.asking import SLOT, hear, watch, watch_by_websocket
from tests.watching.served import SOON, Served

SHEET = ("sheet.read", "rao-20300115")


@pytest.fixture(autouse=True)
def _auditor(names: Names) -> None:
    names.know(make_principal("auditor", Role.AUDITOR))


async def _reads(service: Served, actor: str) -> list[tuple[str, str]]:
    answer = await service.api.ask("GET", f"/api/audit?actor={actor}", headers=as_("auditor"))
    return [
        (each["what"], each["whom"]) for each in answer.json() if each["what"].endswith(".read")
    ]


@pytest.mark.parametrize("query", ["?doctorId=rao", ""])
async def test_a_stream_of_names_is_recorded_when_it_begins_and_each_minute(
    service: Served, names: Names, query: str
) -> None:
    clock = service.opd.clock
    assert isinstance(clock, ManualClock)
    names.know(make_principal("of-rao", Role.DOCTOR, doctors=["rao"]))
    async with watch(service, query, who="of-rao") as source:
        await source.next()
        assert await _reads(service, "of-rao") == [SHEET]
        for minutes in (2, 3):
            clock.advance(timedelta(minutes=1))

            async def is_recorded(minutes: int = minutes) -> bool:
                return await _reads(service, "of-rao") == [SHEET] * minutes

            await until_so(is_recorded, SOON)


async def test_a_websocket_is_recorded_too(service: Served) -> None:
    clock = service.opd.clock
    assert isinstance(clock, ManualClock)
    async with watch_by_websocket(service) as socket:
        await hear(socket)
        assert await _reads(service, "desk") == [SHEET]
        clock.advance(timedelta(minutes=1))

        async def is_recorded() -> bool:
            return await _reads(service, "desk") == [SHEET] * 2

        await until_so(is_recorded, SOON)


async def test_of_a_portal_it_is_its_own_patients_and_of_a_board_nothing(service: Served) -> None:
    clock = service.opd.clock
    assert isinstance(clock, ManualClock)
    await service.api.book(SLOT, "MRN-7", headers=as_("desk"))
    token = await service.api.book(SLOT, "MRN-8", headers=as_("portal"))
    clock.advance(timedelta(minutes=1))
    async with (
        watch(service, who="portal") as line,
        watch(service, f"?tokenId={token.id}", who="portal") as one,
        watch(service, who="display") as board,
    ):
        for source in (line, one, board):
            await source.next()
        assert await _reads(service, "portal") == [("patient.read", "MRN-8")]
        clock.advance(timedelta(minutes=1))

        async def is_recorded() -> bool:
            return await _reads(service, "portal") == [("patient.read", "MRN-8")] * 2

        await until_so(is_recorded, SOON)
    assert not await _reads(service, "display")
