"""Who watches is told what they may see, as long as they may and do read it."""

import asyncio

import msgspec
import pytest
from websockets.asyncio.client import connect

from answers.watching import TokenMessage
from models.access import Role
from services.clock import stopwatch
from services.feed import MOST_WATCHERS
from services.watcher import MOST_BEHIND
from tests.api.client import refused
from tests.integration.processes import until
from tests.principals import Names, as_, make_principal
from tests.watching.asking import (
    PORTAL_PAGE,
    SLOT,
    closed,
    hear,
    line,
    refusal_of,
    watch,
    watch_by_websocket,
)
from tests.watching.served import SOON, EventSource, Served

RIGHT_WITHIN = 5.0
STOP_WITHIN = 4.0  # seconds; less than a stop waits for answers that are under way


# To whom


@pytest.mark.parametrize("who", ["display", "portal"])
async def test_who_may_not_read_names_is_told_none(service: Served, who: str) -> None:
    other = await service.api.book(SLOT, "p1", patientName="Zubin", headers=as_("desk"))
    await service.has_copied(3)
    async with watch(service, who=who) as source, watch_by_websocket(service, who=who) as socket:
        shown = await source.next()
        own = await service.api.book(SLOT, "mine", headers=as_("portal"))
        told = await source.next()
        assert [await hear(socket), await hear(socket)] == [shown.told, told.told]
    assert told.line.queue == await line(service, who)
    assert [each.token.token_number for each in told.line.queue.line] == ["T001", "T002"]
    text = msgspec.json.encode([shown.told, told.told]).decode()
    assert not [secret for secret in (other.id, "Zubin", "p1", "desk") if secret in text]
    assert (own.id in text) == (who == "portal")


async def test_a_portal_may_watch_the_token_that_it_booked_and_no_other(service: Served) -> None:
    own = await service.api.book(SLOT, "p1", headers=as_("portal"))
    other = await service.api.book(SLOT, "p2", headers=as_("desk"))
    async with watch(service, f"?tokenId={own.id}", "portal") as source:
        told = (await source.next()).told
        assert isinstance(told, TokenMessage)
        assert told.token.patient_name == "Meera Nair"
    with refused(404, "unknown_token"):
        await service.api.ask("GET", f"/api/stream?tokenId={other.id}", headers=as_("portal"))


@pytest.mark.parametrize(
    ("who", "path", "status", "code"),
    [
        ("nobody", "rao", 401, "unauthenticated"),
        ("kiosk", "rao", 403, "forbidden"),
        ("iyer", "rao", 403, "forbidden"),
        ("desk", "nobody", 404, "unknown_doctor"),
    ],
)
async def test_a_websocket_is_refused_with_a_problem_before_it_is_accepted(
    service: Served, who: str, path: str, status: int, code: str
) -> None:
    assert await refusal_of(watch_by_websocket(service, path, who)) == (status, code)
    with refused(status, code):
        await service.api.ask("GET", f"/api/stream?doctorId={path}", headers=as_(who))


async def test_a_websocket_is_for_whom_its_line_is(service: Served, names: Names) -> None:
    told = {}
    for role in Role:
        names.know(make_principal(role, role, doctors=["rao"] if role is Role.DOCTOR else []))
        line = await service.api.client.get("/api/queue/rao", headers=as_(role))
        if line.is_success:
            async with watch_by_websocket(service, who=role) as socket:
                assert msgspec.to_builtins((await hear(socket)).queue) == line.json()
        else:
            told[role] = await refusal_of(watch_by_websocket(service, who=role))
    assert told == {Role.KIOSK: (403, "forbidden"), Role.AUDITOR: (403, "forbidden")}


async def test_a_page_of_another_site_gets_no_websocket(service: Served) -> None:
    for origin in (f"http://localhost:{service.port}", PORTAL_PAGE):
        async with watch_by_websocket(service, Origin=origin) as socket:
            await hear(socket)
    refusal = await refusal_of(watch_by_websocket(service, Origin="https://elsewhere.example"))
    assert refusal == (403, "other_origin")
    uri = f"ws://127.0.0.1:{service.port}/ws/queue/rao"
    assert await refusal_of(connect(uri, additional_headers=as_("desk"))) == (421, "unknown_host")


async def test_it_ends_within_5_seconds_of_the_right_to_it(service: Served, names: Names) -> None:
    async with (
        watch(service, who="portal") as source,
        watch(service) as desk,
        watch_by_websocket(service, who="portal") as socket,
    ):
        await source.next()
        await hear(socket)
        names.know(make_principal("nobody"), "portal")
        began = stopwatch()
        # What happens meanwhile does not put it off.
        await service.api.book(SLOT, "p1")
        await source.ended()
        assert await closed(socket) == 1001
        assert stopwatch() - began < RIGHT_WITHIN
        await desk.next()
        await service.api.book(SLOT, "p2")
        await desk.next()


async def test_who_may_read_names_no_longer_is_not_told_them_any_more(
    service: Served, names: Names
) -> None:
    async with watch(service) as source:
        await source.next()
        names.know(make_principal("desk", Role.DISPLAY))
        await source.ended()


# What one may cost the others


async def test_who_does_not_read_is_cut_off_and_holds_up_nobody(service: Served) -> None:
    await asyncio.gather(*(service.api.book(SLOT, f"p{n}") for n in range(50)))
    slow = EventSource(service.port, "?doctorId=rao", as_("desk"), little=True)
    async with slow, watch_by_websocket(service) as slow_socket, watch(service) as quick:
        await quick.next()
        assert service.opd.feed.watchers == 3
        slow_socket.transport.pause_reading()
        told = 0
        while service.opd.feed.watchers > 1:
            await service.api.ask("PATCH", f"/api/slots/{SLOT}/delay?delay_minutes={told % 2 + 1}")
            await quick.next()
            told += 1
            assert told < 20 * MOST_BEHIND
        await slow.ended()
        assert service.opd.feed.watchers == 1


async def test_there_are_so_many_watchers_of_a_process_and_no_more(service: Served) -> None:
    for _ in range(MOST_WATCHERS):
        await service.opd.feed.watch((), after=None)
    with refused(503, "too_many_watchers") as refusal:
        await service.api.ask("GET", "/api/stream")
    assert refusal.headers["retry-after"]
    assert await refusal_of(watch_by_websocket(service)) == (503, "too_many_watchers")


async def test_at_a_stop_all_end_at_once(service: Served) -> None:
    async with watch(service) as source, watch_by_websocket(service) as socket:
        await source.next()
        await hear(socket)
        began = stopwatch()
        await service.stop()
        await source.ended()
        assert await closed(socket) == 1012
        assert stopwatch() - began < STOP_WITHIN


async def test_who_leaves_is_forgotten(service: Served) -> None:
    async with watch(service) as source, watch_by_websocket(service) as socket:
        await source.next()
        await hear(socket)
        assert service.opd.feed.watchers == 2
    await until(lambda: service.opd.feed.watchers == 0, SOON)


async def test_the_time_to_an_answer_does_not_count_how_long_somebody_watched(
    service: Served, names: Names
) -> None:
    async with watch(service) as source, watch_by_websocket(service) as socket:
        await source.next()
        await hear(socket)
        names.know(make_principal("nobody"), "desk")
        began = stopwatch()
        await source.ended()
        await closed(socket)
        watched = stopwatch() - began
    text = (await service.api.client.get("/metrics")).text
    seconds = {
        line.split('"')[1]: float(line.split()[-1])
        for line in text.splitlines()
        if line.startswith("opd_request_seconds_sum")
    }
    assert seconds["/api/stream"] < watched / 2
    assert seconds["/ws/queue/{doctor_id}"] < watched / 2
    assert 'opd_requests_total{method="GET",route="/ws/queue/{doctor_id}",status="101"} 1.0' in text
    assert "opd_watchers 0.0" in text


async def test_head_of_a_stream_has_an_end(service: Served) -> None:
    answer = await service.api.client.head("/api/stream?doctorId=rao")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
