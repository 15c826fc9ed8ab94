"""Batches: what comes while others are under way is gathered, and goes in the next together."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from collections.abc import Collection as Group
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Batches:
    """Runs batches of work, `most` of them at once."""

    def __init__(self, most: int, take: Callable[[], Coroutine[None, None, None] | None]) -> None:
        """`take` gives the next batch of what waits, None if nothing does."""
        self._most = most
        self._take = take
        self._running: set[asyncio.Task[None]] = set()
        self._launching = False

    def launch_soon(self) -> None:
        """Take a batch after the event loop's present round, so that what else comes in it joins."""
        if not self._launching:
            self._launching = True
            asyncio.get_running_loop().call_soon(self._launch)

    def cancel(self) -> None:
        """Cut short what is under way."""
        for batch in self._running:
            batch.cancel()

    def _launch(self) -> None:
        self._launching = False
        if len(self._running) >= self._most:
            return
        work = self._take()
        if work is None:
            return
        batch = asyncio.get_running_loop().create_task(work)
        self._running.add(batch)
        batch.add_done_callback(self._ended)
        self.launch_soon()

    def _ended(self, batch: "asyncio.Task[None]") -> None:
        self._running.discard(batch)
        self.launch_soon()


@dataclass(eq=False)
class _Question(Generic[Answer]):
    answer: "asyncio.Future[dict[str, Answer]]"
    ids: set[str] = field(default_factory=set)


class Inquiry(Generic[Answer]):
    """Asks something about documents, for many who want to know it in one query."""

    def __init__(self, most: int, ask: Callable[[set[str]], Awaitable[dict[str, Answer]]]) -> None:
        """`ask` answers for those of the ids that exist; `most` of its calls run at once."""
        self._ask = ask
        self._batches = Batches(most, self._take)
        self._gathering: _Question[Answer] | None = None

    async def about(self, ids: Group[str]) -> dict[str, Answer]:
        """The answers for those of the ids that exist, asked after this call. Raises as asking does."""
        if not ids:
            return {}
        question = self._gathering
        if question is None:
            question = self._gathering = _Question(asyncio.get_running_loop().create_future())
            self._batches.launch_soon()
        question.ids.update(ids)
        # Who leaves must not take the answer from those who share the query.
        found = await asyncio.shield(question.answer)
        return {each: found[each] for each in ids if each in found}

    def _take(self) -> Coroutine[None, None, None] | None:
        question, self._gathering = self._gathering, None
        return None if question is None else self._put(question)

    async def _put(self, question: _Question[Answer]) -> None:
        try:
            found = await self._ask(question.ids)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer
            question.answer.set_exception(error)
            question.answer.exception()  # seen, also when all have left
        else:
            question.answer.set_result(found)
