"""Group commit: commands on sheets, decided in order and written exactly once.

Commands wait in a lane for each sheet. A flight takes the lanes that have waiting commands and no
write under way, decides them on the newest sheets known, and sends one bulk write; meanwhile the
next commands gather. A write names the version it was decided on, so it takes place only if no
other process wrote since; one that lost is decided again on the new sheet. Each write also leaves
this process's name and the number of the write in the sheet (`writers`): by that number alone the
store knows, whatever happened on the way, whether the write took place.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pymongo.errors import BulkWriteError, PyMongoError

from database import Database, Document, Write
from engine.decide import SheetCommand
from engine.decision import Decision
from models.errors import (
    Busy,
    DatabaseUnavailable,
    DocumentDamaged,
    OutcomeUnknown,
    Refusal,
)
from models.events import Event
from models.sheet import Sheet
from services.clock import stopwatch
from services.log import log
from services.store.codec import SHEET_FIELDS, insertion, update
from services.store.loader import SheetLoader

Decide = Callable[[Sheet, SheetCommand], Decision]

FLIGHTS = 4
"""Bulk writes under way at once, each on sheets of its own."""
LANES = 16
"""Sheets that one flight takes at the most.

One flight for all would have this process and the database take turns, each idle while the other
works; several of this size keep both busy.
"""
MOST_WAITING = 160
"""Commands whose outcome may be open; past them the store is busy.

A quarter more than the clients that saturate a process (128): more would wait longer without more
being done. At twice as many the slowest took more than twice as long.
"""
MOST_TRIES = 12
"""Races that a command may lose before the store is busy."""
OUTCOME_SECONDS = 10.0
"""How long a caller waits for an outcome."""
RESOLVE_SECONDS = 60.0
"""How long the store itself goes on asking what became of a write."""
UNWRITABLE = frozenset({2, 28})
"""The server's BadValue and PathNotViable: the document is not shaped as the write needs it."""


class Watcher(Protocol):
    """Who wants to know how the store fares; every call must return at once."""

    def waiting(self, commands: int) -> None: ...
    def flushed(self, sheets: int, commands: int, seconds: float) -> None: ...
    def conflicted(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Ticket:
    """A command on its way. `sent`: its write has left, so it may have happened."""

    command: SheetCommand
    answer: "asyncio.Future[Decision]"
    tries: int = 0
    sent: bool = False


@dataclass(slots=True, eq=False)
class _Lane:
    """The commands of one sheet. `lost` counts the races lost in a row."""

    sheet_id: str
    waiting: deque[_Ticket] = field(default_factory=deque)
    busy: bool = False
    lost: int = 0


@dataclass(slots=True, eq=False)
class _Attempt:
    """Commands decided on `base`, giving `new`; `number` is that of the write, 0 without one."""

    lane: _Lane
    base: Sheet
    new: Sheet
    answers: list[tuple[_Ticket, Decision | Exception]]
    number: int = 0
    write: Write | None = None
    unwritable: bool = False


class SheetWriter:
    """Takes commands on sheets and writes what they decide."""

    def __init__(
        self,
        database: Database,
        loader: SheetLoader,
        decide: Decide,
        *,
        name: str,
        new_sheet: Callable[[str], Sheet],
        chance: random.Random,
        watcher: Watcher,
        on_stored: Callable[[], None],
    ) -> None:
        self._database = database
        self._loader = loader
        self._decide = decide
        self._name = name
        self._new_sheet = new_sheet
        self._chance = chance
        self._watcher = watcher
        self._on_stored = on_stored
        self._lanes: dict[str, _Lane] = {}
        self._waiting = 0
        self._writes = 0
        self._flights: set[asyncio.Task[None]] = set()
        self._launching = False
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """Commands whose outcome is open."""
        return self._waiting

    @property
    def full(self) -> bool:
        """Whether a command would be refused as one too many."""
        return self._waiting >= MOST_WAITING

    async def submit(self, sheet_id: str, command: SheetCommand) -> Decision:
        """Have a command decided and written.

        Raises the engine's refusal; Busy when too many wait or the race was lost too often;
        DatabaseUnavailable, DocumentDamaged; OutcomeUnknown when the database does not tell in
        time whether the write took place. A caller who leaves does not stop a write under way.
        """
        if self._stopping or self.full:
            raise Busy
        loop = asyncio.get_running_loop()
        ticket = _Ticket(command, loop.create_future())
        lane = self._lanes.get(sheet_id)
        if lane is None:
            lane = self._lanes[sheet_id] = _Lane(sheet_id)
        lane.waiting.append(ticket)
        self._waiting += 1
        self._watcher.waiting(self._waiting)
        self._idle.clear()
        self._launch_soon()
        deadline = loop.call_later(OUTCOME_SECONDS, _expire, ticket)
        try:
            return await ticket.answer
        finally:
            deadline.cancel()
            self._waiting -= 1
            self._watcher.waiting(self._waiting)
            if not self._waiting:
                self._idle.set()

    async def stop(self, within: float = OUTCOME_SECONDS) -> None:
        """Take no more commands, and see those that were taken to their end, if it comes in time.

        `within` is in seconds; no caller waits longer than OUTCOME_SECONDS anyhow.
        """
        self._stopping = True
        try:
            async with asyncio.timeout(within):
                await self._idle.wait()
        except TimeoutError:
            log.warning("stopped_early", open_commands=self._waiting)
        for flight in self._flights:
            flight.cancel()

    # Flights

    def _launch_soon(self) -> None:
        """Launch after the event loop's present round, so that its other commands join."""
        if not self._launching:
            self._launching = True
            asyncio.get_running_loop().call_soon(self._launch)

    def _launch(self) -> None:
        self._launching = False
        if len(self._flights) >= FLIGHTS:
            return
        lanes = [lane for lane in self._lanes.values() if lane.waiting and not lane.busy]
        if not lanes:
            return
        if len(lanes) > LANES:
            lanes = lanes[:LANES]
            self._launch_soon()
        for lane in lanes:
            lane.busy = True
            self._lanes[lane.sheet_id] = self._lanes.pop(lane.sheet_id)  # behind those that wait
        flight = asyncio.get_running_loop().create_task(self._fly(lanes))
        self._flights.add(flight)
        flight.add_done_callback(self._land)

    def _land(self, flight: "asyncio.Task[None]") -> None:
        self._flights.discard(flight)
        self._launch_soon()

    async def _fly(self, lanes: list[_Lane]) -> None:
        try:
            attempts = await self._decide_all(lanes)
            written = [attempt for attempt in attempts if attempt.write is not None]
            unwritten = [attempt for attempt in attempts if attempt.write is None]
            await asyncio.gather(self._write(written), self._verify(unwritten))
        except Exception as error:  # noqa: BLE001  # whatever it is, its callers are to be told
            log.error("flight_failed", sheets=len(lanes), exc_info=error)
            for lane in lanes:
                _answer((ticket, error) for ticket in lane.waiting)
                lane.waiting.clear()
        finally:
            for lane in lanes:
                self._release(lane)

    def _release(self, lane: _Lane) -> None:
        """Let the lane's next commands go; after a lost race not all processes at once."""
        if lane.lost > 1:
            pause = self._chance.uniform(0, 0.001 * 2 ** min(lane.lost, 6))
            asyncio.get_running_loop().call_later(pause, self._reopen, lane)
        else:
            self._reopen(lane)

    def _reopen(self, lane: _Lane) -> None:
        lane.busy = False
        if lane.waiting:
            self._launch_soon()
        else:
            self._lanes.pop(lane.sheet_id, None)

    # Deciding

    async def _decide_all(self, lanes: Sequence[_Lane]) -> list[_Attempt]:
        bases: dict[str, Sheet | Refusal] = {}
        unknown = []
        for lane in lanes:
            sheet = self._loader.cached(lane.sheet_id)
            if sheet is None:
                unknown.append(lane)
            else:
                bases[lane.sheet_id] = sheet
        bases.update(await self._load(unknown))
        attempts = []
        for lane in lanes:
            base = bases[lane.sheet_id]
            tickets = [ticket for ticket in lane.waiting if not ticket.answer.done()]
            lane.waiting.clear()
            if isinstance(base, Refusal):
                _answer((ticket, base) for ticket in tickets)
            elif tickets:
                attempts.append(self._attempt(lane, base, tickets))
        return attempts

    async def _load(self, lanes: Sequence[_Lane]) -> dict[str, Sheet | Refusal]:
        """The newest sheet of each lane; a new one where none is stored."""
        turns = [lane for lane in lanes if lane.lost > 1]
        plain = [lane.sheet_id for lane in lanes if lane.lost <= 1]
        found: dict[str, Sheet | Refusal] = {}
        try:
            found.update(await self._loader.fetch(plain))
            for sheet in await asyncio.gather(*(self._take_turn(lane) for lane in turns)):
                if sheet is not None:
                    found[sheet[0]] = sheet[1]
        except DatabaseUnavailable as error:
            return {lane.sheet_id: error for lane in lanes}
        for lane in lanes:
            if lane.sheet_id not in found:
                found[lane.sheet_id] = self._new_sheet(lane.sheet_id)
        return found

    async def _take_turn(self, lane: _Lane) -> tuple[str, Sheet | DocumentDamaged] | None:
        """Read a sheet and move its version on in one step.

        A process that keeps losing races needs two exchanges, read and write, where the winner,
        who knows the sheet, needs one: it would lose for as long as the other is busy. Moving the
        version makes the other's next write fail, so the turn goes to the loser.
        """
        try:
            document: Document | None = await self._database.day_sheets.find_one_and_update(
                {"_id": lane.sheet_id},
                {"$inc": {"version": 1}},
                SHEET_FIELDS,
                return_document=True,
            )
        except PyMongoError as error:
            raise DatabaseUnavailable from error
        return None if document is None else (lane.sheet_id, self._loader.take_in(document))

    def _attempt(self, lane: _Lane, base: Sheet, tickets: list[_Ticket]) -> _Attempt:
        sheet = base
        events: list[Event] = []
        answers: list[tuple[_Ticket, Decision | Exception]] = []
        for ticket in tickets:
            try:
                decision = self._decide(sheet, ticket.command)
            except Refusal as refusal:
                answers.append((ticket, refusal))
            except Exception as error:  # noqa: BLE001  # one command's fault must not hurt others
                log.error("decision_failed", sheet=lane.sheet_id, exc_info=error)
                answers.append((ticket, error))
            else:
                sheet = decision.sheet
                events += decision.events
                answers.append((ticket, decision))
        if not events:
            return _Attempt(lane, base, base, answers)
        new = sheet.changed(version=base.version + 1)
        self._writes += 1
        number = self._writes
        write: Write
        if base.version == 0:
            write = insertion(new, events, self._name, number)
        else:
            write = update(base, new, events, self._name, number)
        return _Attempt(lane, base, new, answers, number, write)

    # Writing

    async def _write(self, attempts: list[_Attempt]) -> None:
        if not attempts:
            return
        commands = 0
        for attempt in attempts:
            for ticket, _ in attempt.answers:
                ticket.sent = True
                commands += 1
        began = stopwatch()
        certain = await self._send(attempts)
        self._watcher.flushed(len(attempts), commands, stopwatch() - began)
        if certain:
            for attempt in attempts:
                self._happened(attempt)
        else:
            await self._settle(attempts)

    async def _send(self, attempts: Sequence[_Attempt]) -> bool:
        """Whether all of the writes are known to have taken place."""
        writes = [attempt.write for attempt in attempts if attempt.write is not None]
        try:
            return await self._database.write(writes) == len(writes)
        except PyMongoError as error:
            if isinstance(error, BulkWriteError):
                for problem in error.details["writeErrors"]:
                    attempts[problem["index"]].unwritable = problem.get("code") in UNWRITABLE
            log.warning("write_unanswered", sheets=len(writes), error=type(error).__name__)
            return False

    async def _settle(self, attempts: list[_Attempt]) -> None:
        """Find out, by the numbers in `writers`, which of the writes took place.

        One that did not, on a sheet still at its version, is sent again as it stands: the first
        may be under way yet, but both carry that version, so at most one takes place.
        """
        deadline = stopwatch() + RESOLVE_SECONDS
        pause = 0.02
        while attempts:
            seen = await self._seen(attempts)
            again = []
            for attempt in attempts:
                if seen is None:
                    again.append(attempt)
                    continue
                version, number = seen.get(attempt.lane.sheet_id, (0, 0))
                if number == attempt.number:
                    self._happened(attempt, newest=version == attempt.new.version)
                elif version != attempt.base.version:
                    self._lost(attempt)
                elif attempt.unwritable:
                    self._refused_by_document(attempt)
                else:
                    again.append(attempt)
            attempts = again
            if attempts and stopwatch() > deadline:
                self._give_up(attempts)
                return
            if attempts and (seen is None or not await self._send(attempts)):
                await asyncio.sleep(pause)
                pause = min(0.5, pause * 2)

    async def _seen(self, attempts: Sequence[_Attempt]) -> dict[str, tuple[object, object]] | None:
        """Of each stored sheet its version and the number of this process's last write in it."""
        sheet_ids = [attempt.lane.sheet_id for attempt in attempts]
        projection = {"version": 1, f"writers.{self._name}": 1}
        try:
            documents = await self._database.day_sheets.find(
                {"_id": {"$in": sheet_ids}}, projection
            ).to_list(None)
        except PyMongoError as error:
            log.warning("outcome_unread", sheets=len(attempts), error=type(error).__name__)
            return None
        seen = {}
        for document in documents:
            writers = document.get("writers")
            number = writers.get(self._name) if isinstance(writers, dict) else None
            seen[str(document["_id"])] = (document.get("version"), number)
        return seen

    def _happened(self, attempt: _Attempt, *, newest: bool = True) -> None:
        if newest:
            self._loader.remember(attempt.new)
        else:
            self._loader.forget(attempt.lane.sheet_id)
        attempt.lane.lost = 0
        self._on_stored()
        _answer(attempt.answers)

    def _lost(self, attempt: _Attempt) -> None:
        """Another process wrote first: this write can never take place, so decide again."""
        self._loader.forget(attempt.lane.sheet_id)
        self._watcher.conflicted()
        attempt.lane.lost += 1
        again = []
        for ticket, _ in attempt.answers:
            ticket.sent = False
            ticket.tries += 1
            if ticket.tries < MOST_TRIES:
                again.append(ticket)
            else:
                _answer([(ticket, Busy())])
        attempt.lane.waiting.extendleft(reversed(again))

    def _refused_by_document(self, attempt: _Attempt) -> None:
        """A field that no decision reads is not of its type, so no write will ever do."""
        damage = DocumentDamaged(
            attempt.lane.sheet_id, "its outbox or its writers can't be written"
        )
        log.error("document_damaged", document=damage.document_id, why=damage.why)
        self._loader.forget(attempt.lane.sheet_id)
        _answer((ticket, damage) for ticket, _ in attempt.answers)

    def _give_up(self, attempts: Iterable[_Attempt]) -> None:
        """The callers have long been told that the outcome is unknown."""
        for attempt in attempts:
            log.error("outcome_never_learnt", sheet=attempt.lane.sheet_id)
            self._loader.forget(attempt.lane.sheet_id)
            _answer((ticket, OutcomeUnknown()) for ticket, _ in attempt.answers)

    async def _verify(self, attempts: list[_Attempt]) -> None:
        """Refusals and repeats write nothing; they hold if the sheet they were decided on does."""
        if not attempts:
            return
        try:
            versions = await self._loader.versions([each.lane.sheet_id for each in attempts])
        except DatabaseUnavailable as error:
            for attempt in attempts:
                _answer((ticket, error) for ticket, _ in attempt.answers)
            return
        for attempt in attempts:
            if versions.get(attempt.lane.sheet_id, 0) == attempt.base.version:
                _answer(attempt.answers)
            else:
                self._lost(attempt)


def _expire(ticket: _Ticket) -> None:
    """Nobody waits longer than OUTCOME_SECONDS; what has not been sent never will be."""
    if not ticket.answer.done():
        ticket.answer.set_exception(OutcomeUnknown() if ticket.sent else Busy())


def _answer(answers: Iterable[tuple[_Ticket, Decision | Exception]]) -> None:
    for ticket, answer in answers:
        if ticket.answer.done():
            continue  # its caller has left
        if isinstance(answer, Exception):
            ticket.answer.set_exception(answer)
        else:
            ticket.answer.set_result(answer)
