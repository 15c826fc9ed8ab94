"""The rules' invariants, checked on what the service answers, and on nothing else."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from models.policy import Policy
from models.slot import SlotStatus
from models.token import LIVE, QUEUED, SEATED, Source, Status
from simulator.answers import Slot, Token
from simulator.snapshot import Known, Snapshot


class Fault(Struct, frozen=True):
    """An invariant that does not hold, and where."""

    invariant: str
    where: str


class Look:
    """A snapshot with its tokens grouped by slot."""

    def __init__(self, shot: Snapshot, policy: Policy) -> None:
        self.shot = shot
        self.policy = policy
        self.known: Mapping[str, Known] = {each.token_id: each for each in shot.known}

    def tokens_of(self, slot: Slot) -> list[Token]:
        """The tokens that stand in a slot, by number."""
        found = [token for token in self.shot.tokens.values() if token.slot_id == slot.id]
        return sorted(found, key=_number)

    def held_seat(self, token: Token) -> bool:
        """Whether it is known to have had a seat once."""
        known = self.known.get(token.id)
        return known is not None and known.held_seat

    def bumps(self, token: Token) -> int:
        """How often it gave way."""
        known = self.known.get(token.id)
        return 0 if known is None else len(known.bumps)


def find_faults(shot: Snapshot, policy: Policy) -> list[Fault]:
    """What of the invariants does not hold in one doctor's day; empty when all is well."""
    look = Look(shot, policy)
    return [
        Fault(invariant, f"{shot.doctor}: {where}")
        for invariant, check in INVARIANTS.items()
        for where in check(look)
    ]


def _seats_within_overflow(look: Look) -> Iterator[str]:
    for slot in look.shot.slots:
        most = slot.max_capacity + look.policy.emergency_overflow
        taken = sum(token.status in SEATED for token in look.tokens_of(slot))
        if max(taken, slot.taken) > most:
            yield f"{slot.hour} has {max(taken, slot.taken)} seats taken, {most} at most"


def _numbers_without_gaps(look: Look) -> Iterator[str]:
    numbers = sorted(_number(token) for token in look.shot.tokens.values())
    if numbers != list(range(1, len(look.shot.known) + 1)):
        yield f"the numbers are {numbers}, with {len(look.shot.known)} tokens given"
    for known in look.shot.known:
        token = look.shot.tokens.get(known.token_id)
        if token is None:
            yield f"{known.number} is gone"
        elif token.token_number != known.number:
            yield f"{known.number} became {token.token_number}"


def _one_live_token_per_slot(look: Look) -> Iterator[str]:
    for slot in look.shot.slots:
        live = Counter(token.patient_id for token in look.tokens_of(slot) if token.status in LIVE)
        for count in live.values():
            if count > 1:
                yield f"a patient has {count} live tokens at {slot.hour}"


def _nobody_waits_for_a_free_seat(look: Look) -> Iterator[str]:
    displaced: list[Token] = []
    for slot in sorted(look.shot.slots, key=lambda slot: slot.start):
        tokens = look.tokens_of(slot)
        here = {token.patient_id for token in tokens if token.status in LIVE}
        waiting = [token for token in tokens if token.status is Status.WAITLISTED]
        taken = sum(token.status in SEATED for token in tokens)
        if _gives_seats(look, slot) and taken < slot.max_capacity:
            for token in [*waiting, *(one for one in displaced if one.patient_id not in here)]:
                yield f"{token.token_number} waits though {slot.hour} has a free seat"
        displaced += [token for token in waiting if look.held_seat(token)]


def _rank_before_start(look: Look) -> Iterator[str]:
    for slot in look.shot.slots:
        if look.shot.now >= slot.start or not _gives_seats(look, slot):
            continue
        tokens = look.tokens_of(slot)
        waiting = [token.priority for token in tokens if token.status is Status.WAITLISTED]
        for token in tokens:
            bumpable = (
                token.status is Status.BOOKED
                and token.source is not Source.EMERGENCY
                and look.bumps(token) < look.policy.max_bumps
            )
            if bumpable and waiting and max(waiting) > token.priority:
                yield f"{token.token_number} sits at {slot.hour} while a higher score waits"


def _queues_in_order(look: Look) -> Iterator[str]:
    for slot in look.shot.slots:
        told = look.shot.queues[slot.id]
        tokens = look.tokens_of(slot)
        queued = sorted((token for token in tokens if token.status in QUEUED), key=_queue_key)
        waiting = sorted((one for one in tokens if one.status is Status.WAITLISTED), key=_rank)
        if [token.id for token in told.queue] != [token.id for token in queued]:
            yield f"the queue of {slot.hour} is {_labels(told.queue)}, not {_labels(queued)}"
        if [token.id for token in told.waitlist] != [token.id for token in waiting]:
            yield f"the waitlist of {slot.hour} is {_labels(told.waitlist)}, not {_labels(waiting)}"
        if [token.position for token in told.queue] != list(range(1, len(told.queue) + 1)):
            yield f"the positions of {slot.hour} don't count from 1"
        places = [token.waitlist_position for token in told.waitlist]
        if places != list(range(1, len(told.waitlist) + 1)):
            yield f"the waitlist positions of {slot.hour} don't count from 1"


def _counts_agree(look: Look) -> Iterator[str]:
    for slot in look.shot.slots:
        tokens, stats = look.tokens_of(slot), look.shot.stats[slot.id]
        taken = sum(token.status in SEATED for token in tokens)
        waiting = sum(token.status is Status.WAITLISTED for token in tokens)
        bumped = sum(
            bump.from_slot_id == slot.id for known in look.shot.known for bump in known.bumps
        )
        told = (slot.taken, slot.available, slot.capacity, slot.waitlisted)
        true = (
            taken,
            max(0, slot.max_capacity - taken),
            max(slot.max_capacity, taken),
            waiting,
        )
        if told != true:
            yield f"{slot.hour} says taken, available, capacity, waitlisted {told}, not {true}"
        if (stats.taken, stats.waitlisted, stats.bumped) != (taken, waiting, bumped):
            yield (
                f"the stats of {slot.hour} say taken, waitlisted, bumped "
                f"{(stats.taken, stats.waitlisted, stats.bumped)}, not {(taken, waiting, bumped)}"
            )
        if stats.fill_rate != round(taken / slot.max_capacity, 4):
            yield f"the stats of {slot.hour} say it is {stats.fill_rate} full"
        if stats.overflow != max(0, taken - slot.max_capacity):
            yield f"the stats of {slot.hour} say {stats.overflow} seats beyond capacity"
        if _counted(stats.by_status) != Counter(token.status for token in tokens):
            yield f"the stats of {slot.hour} count other statuses than its tokens have"
        if _counted(stats.by_source) != Counter(token.source for token in tokens):
            yield f"the stats of {slot.hour} count other sources than its tokens have"


def _bumps_by_the_rules(look: Look) -> Iterator[str]:
    starts = {slot.id: slot.start for slot in look.shot.slots}
    for known in look.shot.known:
        if known.bumps and known.source is Source.EMERGENCY:
            yield f"{known.number} is an emergency and gave way"
        if len(known.bumps) > look.policy.max_bumps:
            yield f"{known.number} gave way {len(known.bumps)} times"
        for bump in known.bumps:
            later = bump.to_slot_id is None or starts[bump.to_slot_id] > starts[bump.from_slot_id]
            if not later:
                yield f"{known.number} was bumped to a slot that is not later"


def _nothing_told_is_lost(look: Look) -> Iterator[str]:
    scores = {source: set[int]() for source in Source}
    for known in look.shot.known:
        token = look.shot.tokens.get(known.token_id)
        if token is None:
            continue
        scores[known.source].add(token.priority)
        told = (token.source, token.patient_id, token.patient_name, token.phone_number)
        if told != (known.source, known.patient_id, known.name, known.phone):
            yield f"{known.number} has another source, patient, name or phone than was booked"
    for source, given in scores.items():
        if len(given) > 1:
            yield f"{source} tokens have several scores: {sorted(given)}"


def _emergencies_never_wait(look: Look) -> Iterator[str]:
    for token in look.shot.tokens.values():
        if token.source is Source.EMERGENCY and token.status is Status.WAITLISTED:
            yield f"{token.token_number} is an emergency on a waitlist"


INVARIANTS: Mapping[str, Callable[[Look], Iterator[str]]] = {
    "No slot holds more than its seats and the overflow for emergencies": _seats_within_overflow,
    "Token numbers count from 1 without gaps and never change": _numbers_without_gaps,
    "No patient has two live tokens in one slot": _one_live_token_per_slot,
    "Nobody waits for a seat that is free": _nobody_waits_for_a_free_seat,
    "Before a slot starts, nobody waits behind a lower score that could give way": (
        _rank_before_start
    ),
    "Queues and waitlists stand in order of rank": _queues_in_order,
    "Seats, slots' figures and tokens agree": _counts_agree,
    "Nobody was bumped who may not be, nor to an earlier slot": _bumps_by_the_rules,
    "Every token given is there, as it was booked": _nothing_told_is_lost,
    "Emergencies are never waitlisted": _emergencies_never_wait,
}
"""Each invariant in words, with the check that names where it does not hold."""


def _gives_seats(look: Look, slot: Slot) -> bool:
    return slot.status is SlotStatus.OPEN and look.shot.now < slot.expected_end


def _number(token: Token) -> int:
    return int(token.token_number.removeprefix("T"))


def _rank(token: Token) -> tuple[int, int]:
    return (-token.priority, _number(token))


def _queue_key(token: Token) -> tuple[bool, int, int]:
    return (token.status is not Status.CALLED, *_rank(token))


def _labels(tokens: Sequence[Token]) -> str:
    return ", ".join(token.token_number for token in tokens) or "empty"


def _counted(counts: Mapping[Status, int] | Mapping[Source, int]) -> Counter[Status | Source]:
    return Counter({key: count for key, count in counts.items() if count})
