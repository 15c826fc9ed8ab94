"""Who watches is shown all, then told what happens, all of it and once."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from answers.watching import QueueMessage, TokenMessage
from services.watcher import MOST_BEHIND
from tests.principals import as_
from tests.watching.asking import SLOT, hear, line, watch, watch_by_websocket
from tests.watching.served import Event, EventSource, Served


async def _delay(service: Served, minutes: int) -> None:
    await service.api.ask("PATCH", f"/api/slots/{SLOT}/delay?delay_minutes={minutes}")


async def _seqs(next_: Callable[[], Awaitable[Event | QueueMessage]], last: int) -> list[int]:
    """Of the changes that are told, up to that one."""
    seqs: list[int] = []
    while not seqs or seqs[-1] < last:
        told = await next_()
        seqs += [change.seq for change in (told.line if isinstance(told, Event) else told).changes]
    return seqs


async def test_it_begins_with_all_that_is_seen_then_tells_of_a_booking(service: Served) -> None:
    await service.api.book(SLOT, "p1")
    await service.has_copied(3)
    async with watch(service) as source:
        first = await source.next()
        assert (first.line.queue, first.line.changes) == (await line(service), [])
        token = await service.api.book(SLOT, "p2")
        told = await source.next()
        assert [each.token_id for each in told.line.changes] == [token.id]
        assert told.line.queue == await line(service)
        assert told.id == str(told.line.seq) == str(told.seqs[-1])


async def test_a_websocket_is_told_the_same(service: Served) -> None:
    await service.api.book(SLOT, "p1")
    await service.has_copied(3)
    async with watch(service) as source, watch_by_websocket(service) as socket:
        assert await hear(socket) == (await source.next()).told
        await service.api.book(SLOT, "p2")
        assert await hear(socket) == (await source.next()).told


async def test_get_status_has_all_shown_again(service: Served) -> None:
    async with watch_by_websocket(service) as socket:
        first = await hear(socket)
        for asked in ("hello", "get_status"):
            await socket.send(asked)
        assert await hear(socket) == first


async def test_who_comes_again_misses_nothing_and_is_told_nothing_twice(service: Served) -> None:
    told: list[int] = []
    async with watch(service) as source:
        last = (await source.next()).id
        first = int(last or 0)
    for round_ in range(4):
        for n in range(3):
            await service.api.book(SLOT, f"away{round_}.{n}")
        again = EventSource(
            service.port, "?doctorId=rao&after=0", {**as_("desk"), "Last-Event-ID": last or ""}
        )
        async with again as source:
            await service.api.book(SLOT, f"there{round_}")
            while len(told) < 4 * (round_ + 1):
                event = await source.next()
                told += event.seqs
                last = event.id
    assert told == [*range(first + 1, first + 17)]


async def test_a_websocket_goes_on_behind_what_it_names(service: Served) -> None:
    async with watch_by_websocket(service) as socket:
        seen = (await hear(socket)).seq
    token = await service.api.book(SLOT, "p1")
    async with watch_by_websocket(service, f"rao?after={seen}") as socket:
        assert [each.token_id for each in (await hear(socket)).changes] == [token.id]


async def test_of_many_bookings_at_once_each_is_told_once(service: Served) -> None:
    async with watch(service) as source:
        await source.next()
        booked = await asyncio.gather(*(service.api.book(SLOT, f"p{n}") for n in range(50)))
        told: list[str | None] = []
        messages = 0
        while len(told) < len(booked):
            told += [each.token_id for each in (await source.next()).line.changes]
            messages += 1
        assert sorted(map(str, told)) == sorted(token.id for token in booked)
        assert messages < len(booked) / 2


async def test_who_reads_late_is_told_all_in_order(service: Served) -> None:
    await asyncio.gather(*(service.api.book(SLOT, f"p{n}") for n in range(50)))
    await service.has_copied(52)  # else who asks first begins earlier
    late = EventSource(service.port, "?doctorId=rao", as_("desk"), little=True)
    async with late, watch_by_websocket(service) as late_socket, watch(service) as quick:
        first = (await quick.next()).line.seq
        late_socket.transport.pause_reading()
        last = first
        for delay in range(MOST_BEHIND // 2):
            await _delay(service, delay % 2 + 1)
            last = (await quick.next()).line.seq
        late_socket.transport.resume_reading()
        told = [await _seqs(late.next, last), await _seqs(partial(hear, late_socket), last)]
        assert told == [list(range(first + 1, last + 1))] * 2
        await _delay(service, 5)
        assert (await late.next()).seqs == (await quick.next()).seqs == [last + 1]
        assert (await hear(late_socket)).seq == last + 1


async def test_a_request_behind_a_stream_does_not_disturb_it(service: Served) -> None:
    async with watch(service) as source:
        await source.next()
        source.ask_more()
        for n in range(3):
            token = await service.api.book(SLOT, f"p{n}")
            assert [each.token_id for each in (await source.next()).line.changes] == [token.id]


async def test_a_token_is_told_what_happens_to_it_and_where_it_stands(service: Served) -> None:
    ahead = await service.api.book(SLOT, "p1")
    own = await service.api.book(SLOT, "p2")
    await service.has_copied(4)
    async with watch(service, f"?tokenId={own.id}") as source:
        first = (await source.next()).told
        assert isinstance(first, TokenMessage)
        assert (first.token.id, first.token.position) == (own.id, 2)
        await service.api.ask("DELETE", f"/api/tokens/{ahead.id}/cancel")
        moved = (await source.next()).told
        assert isinstance(moved, TokenMessage)
        assert (moved.token.position, moved.changes) == (1, [])
        await service.api.ask("POST", f"/api/tokens/{own.id}/check-in")
        came = (await source.next()).told
        assert [each.token_id for each in came.changes] == [own.id]


async def test_without_a_doctor_it_is_all_that_one_may_read(service: Served) -> None:
    async with watch(service, "") as all_, watch(service, "", "iyer") as own:
        assert {(await all_.next()).line.doctor_id for _ in range(2)} == {"rao", "iyer"}
        assert (await own.next()).line.doctor_id == "iyer"
        await service.api.book(SLOT, "p1")
        await service.api.book("iyer-20300115-0900", "p2")
        assert (await own.next()).line.doctor_id == "iyer"
        assert {(await all_.next()).line.doctor_id for _ in range(2)} == {"rao", "iyer"}
