"""Who watches is told everything that happens, once, in order, each batch painted once."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from time import process_time

import pytest

from models.errors import Busy, DatabaseUnavailable, TooManyWatchers
from models.events import DoctorRetired
from models.reasons import DoctorLeft
from services.feed import MOST_MISSED, MOST_WATCHERS, Feed
from services.metrics import Metrics
from services.store.events import SeenEvent
from services.watcher import MOST_BEHIND, Message, View, Watcher
from tests.factories import at

SOON = 10.0
RAO, SEN = "rao-20300115", "sen-20300115"


def _event(seq: int, sheet_id: str) -> SeenEvent:
    happened = DoctorRetired(n=seq, at=at("09:00"), actor="desk", reason=DoctorLeft())
    return SeenEvent(seq, sheet_id, happened)


class _Events:
    """What happened, which a test adds to."""

    def __init__(self) -> None:
        self.all: list[SeenEvent] = []

    def add(self, *sheet_ids: str) -> None:
        for sheet_id in sheet_ids:
            self.all.append(_event(len(self.all) + 1, sheet_id))

    async def newest(self) -> int:
        return len(self.all)

    async def after(
        self, seq: int, *, sheet_id: str | None, token_id: str | None, limit: int
    ) -> list[SeenEvent]:
        assert (sheet_id, token_id) == (None, None)
        return self.all[seq:][:limit]


@dataclass
class _Easel:
    """Counts what is painted."""

    painted: list[str] = field(default_factory=list)
    fails: bool = False
    today: str | None = None
    """Another sheet that is seen instead, from some midnight on."""


@dataclass(frozen=True)
class _Of:
    """The view of one sheet: paints the `seq` of each event, or `all`."""

    sheet_id: str
    easel: _Easel = field(compare=False)

    async def sheets(self) -> Sequence[str]:
        return [self.easel.today or self.sheet_id]

    async def of(self, sheet_id: str) -> View | None:
        return self if sheet_id == self.sheet_id else None

    async def paint(self, sheet_id: str, events: Sequence[SeenEvent], seq: int) -> bytes | None:
        if self.easel.fails:
            raise DatabaseUnavailable
        text = f"{sheet_id[:3]} " + (" ".join(str(one.seq) for one in events) or f"all to {seq}")
        self.easel.painted.append(text)
        return text.encode()


@pytest.fixture
def events() -> _Events:
    return _Events()


@pytest.fixture
def easel() -> _Easel:
    return _Easel()


@pytest.fixture
async def feed(events: _Events) -> AsyncIterator[Feed]:
    feed = Feed(events, Metrics(), check_seconds=0.05)
    feed.start()
    yield feed
    await feed.stop()


async def _read(watcher: Watcher, count: int) -> list[tuple[int | None, str]]:
    told: list[Message] = []
    while len(told) < count and (more := await watcher.next(SOON)):
        told += more
    return [(one.seq, one.body.decode()) for one in told]


async def test_a_watcher_is_shown_all_first_then_told_what_happens(
    feed: Feed, events: _Events, easel: _Easel
) -> None:
    events.add(RAO, RAO)
    watcher = await feed.watch([_Of(RAO, easel)], after=None)
    assert await _read(watcher, 1) == [(2, "rao all to 2")]
    events.add(RAO, SEN, RAO)
    assert await _read(watcher, 1) == [(5, "rao 3 5")]
    events.add(SEN)
    events.add(RAO)
    feed.wake()
    assert await _read(watcher, 1) == [(7, "rao 7")]


async def test_what_is_seen_alike_is_painted_once(
    feed: Feed, events: _Events, easel: _Easel
) -> None:
    watchers = [await feed.watch([_Of(RAO, easel)], after=None) for _ in range(50)]
    easel.painted.clear()
    events.add(RAO, RAO)
    for watcher in watchers:
        assert (await _read(watcher, 2))[1:] == [(2, "rao 1 2")]
    assert easel.painted == ["rao 1 2"]


async def test_who_was_away_is_told_what_came_since_and_nothing_twice(
    feed: Feed, events: _Events, easel: _Easel
) -> None:
    events.add(RAO, RAO, SEN, RAO)
    watcher = await feed.watch([_Of(RAO, easel)], after=1)
    events.add(RAO)
    assert await _read(watcher, 2) == [(4, "rao 2 4"), (5, "rao 5")]


async def test_who_was_away_and_missed_nothing_is_told_nothing_of_before(
    feed: Feed, events: _Events, easel: _Easel
) -> None:
    events.add(RAO)
    watcher = await feed.watch([_Of(RAO, easel)], after=1)
    events.add(RAO)
    assert await _read(watcher, 1) == [(2, "rao 2")]


async def test_who_was_told_more_by_another_process_is_not_told_it_again(
    feed: Feed, events: _Events, easel: _Easel
) -> None:
    """This one has not looked since."""
    here = await feed.watch([_Of(RAO, easel)], after=None)
    events.add(RAO, RAO)
    came_over = await feed.watch([_Of(RAO, easel)], after=1)
    events.add(RAO)
    assert await _read(came_over, 2) == [(2, "rao 2"), (3, "rao 3")]
    assert await _read(here, 3) == [(0, "rao all to 0"), (2, "rao 1 2"), (3, "rao 3")]


@pytest.mark.parametrize("after", [0, MOST_MISSED + 5])
async def test_who_was_away_for_too_long_begins_anew(
    feed: Feed, events: _Events, easel: _Easel, after: int
) -> None:
    events.add(*[RAO] * (MOST_MISSED + 1))
    watcher = await feed.watch([_Of(RAO, easel)], after=after)
    assert await _read(watcher, 1) == [(MOST_MISSED + 1, f"rao all to {MOST_MISSED + 1}")]


async def test_only_the_last_of_messages_that_belong_together_has_their_seq(
    feed: Feed, events: _Events, easel: _Easel
) -> None:
    watcher = await feed.watch([_Of(RAO, easel), _Of(SEN, easel)], after=None)
    await _read(watcher, 2)
    events.add(SEN, RAO)
    assert await _read(watcher, 2) == [(None, "sen 1"), (2, "rao 2")]


async def test_who_does_not_keep_up_is_let_go_and_holds_up_nobody(
    feed: Feed, events: _Events, easel: _Easel
) -> None:
    slow = await feed.watch([_Of(RAO, easel)], after=None)
    quick = await feed.watch([_Of(RAO, easel)], after=None)
    await _read(quick, 1)
    told = 0
    while not slow.ended:
        events.add(RAO)
        feed.wake()
        told += len(await _read(quick, 1))
    assert MOST_BEHIND <= told <= MOST_BEHIND + 2
    assert await slow.next(SOON) == []


async def test_there_are_so_many_watchers_and_no_more(feed: Feed, easel: _Easel) -> None:
    watchers = [await feed.watch([_Of(RAO, easel)], after=None) for _ in range(MOST_WATCHERS)]
    with pytest.raises(TooManyWatchers):
        await feed.watch([_Of(RAO, easel)], after=None)
    feed.leave(watchers[0])
    assert feed.watchers == MOST_WATCHERS - 1
    await feed.watch([_Of(RAO, easel)], after=None)


async def test_when_a_sheet_cannot_be_read_its_watchers_go_and_come_again(
    feed: Feed, events: _Events, easel: _Easel
) -> None:
    watcher = await feed.watch([_Of(RAO, easel)], after=None)
    assert await _read(watcher, 1) == [(0, "rao all to 0")]
    easel.fails = True
    events.add(RAO)
    assert await watcher.next(SOON) == []
    assert watcher.ended
    easel.fails = False
    again = await feed.watch([_Of(RAO, easel)], after=0)
    assert await _read(again, 1) == [(1, "rao 1")]


async def test_after_a_restore_all_begin_anew(feed: Feed, events: _Events, easel: _Easel) -> None:
    events.add(RAO, RAO)
    watcher = await feed.watch([_Of(RAO, easel)], after=None)
    await _read(watcher, 1)
    events.all.clear()
    while not watcher.ended:
        feed.wake()
        await watcher.next(0.01)
    again = await feed.watch([_Of(RAO, easel)], after=2)
    assert await _read(again, 1) == [(0, "rao all to 0")]


async def test_at_a_stop_all_are_let_go(feed: Feed, easel: _Easel) -> None:
    watcher = await feed.watch([_Of(RAO, easel)], after=None)
    await _read(watcher, 1)
    await feed.stop()
    assert watcher.ended
    assert await watcher.next(SOON) == []


async def test_what_is_shown_on_demand_tells_of_no_event(feed: Feed, easel: _Easel) -> None:
    assert await feed.show([_Of(RAO, easel)]) == [Message(None, b"rao all to 0")]


async def test_on_a_new_day_its_sheet_is_shown_without_an_event(feed: Feed, easel: _Easel) -> None:
    watchers = [await feed.watch([_Of(RAO, easel)], after=None) for _ in range(2)]
    for watcher in watchers:
        await _read(watcher, 1)
    easel.today = "rao-20300116"
    for watcher in watchers:
        assert await _read(watcher, 1) == [(None, "rao all to 0")]


async def test_who_is_let_go_at_a_stop_is_let_in_no_more(feed: Feed, easel: _Easel) -> None:
    feed.close()
    with pytest.raises(Busy):
        await feed.watch([_Of(RAO, easel)], after=None)


async def test_a_stop_lets_go_once_however_many_connections_ask_for_it(
    feed: Feed, easel: _Easel
) -> None:
    for _ in range(MOST_WATCHERS):
        await feed.watch([_Of(RAO, easel)], after=None)
    began = process_time()
    feed.close()
    once = process_time() - began
    for _ in range(MOST_WATCHERS):
        feed.close()
    assert process_time() - began < once * 10
