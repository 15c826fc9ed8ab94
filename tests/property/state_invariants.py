"""What holds of every sheet, whatever happened to it: the state invariants of DESIGN §5."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from functools import cmp_to_key
from itertools import combinations, pairwise, product

from engine.day import Day
from engine.queue import Standing, line_of, queue_of, standing_of
from models.experience import Experience
from models.line import Order
from models.sheet import Roster, Sheet
from models.source import Source
from models.timeline import Timeline
from models.token import QUEUED, Status, Token
from tests.property.reading import AWAY, HOLDS_SEAT, LIVE, PRESENT, Reading


def check_state(now: Reading) -> None:
    """Assert all of them, as of the sheet's time."""
    _numbers_count_from_1_without_gaps(now)
    _nobody_sits_beyond_the_overflow(now)
    _no_patient_has_two_live_tokens_in_a_slot(now)
    _nobody_waits_for_a_seat_that_is_free(now)
    _nobody_waits_behind_a_lower_score_that_could_be_bumped(now)
    _no_emergency_waits(now)
    _who_once_held_a_seat_is_known(now)
    _slots_do_not_overlap(now)
    _carried_views_are_what_they_would_be_anew(now.sheet)
    _standings_are_as_the_rules_count_them(now)
    _the_line_is_in_order(now)
    _times_never_go_back_along_the_line(now)
    _nobody_is_overtaken_by_more_than_the_largest_head_start(now)
    _who_is_away_says_since_when(now)


def _numbers_count_from_1_without_gaps(now: Reading) -> None:
    tokens = now.sheet.tokens
    assert [token.number for token in tokens] == list(range(1, len(tokens) + 1))
    assert len({token.id for token in tokens}) == len(tokens)
    assert len(tokens) <= now.policy.max_tokens_per_sheet


def _nobody_sits_beyond_the_overflow(now: Reading) -> None:
    for slot_id, slot in now.slots.items():
        assert now.taken(slot_id) <= slot.max_capacity + now.policy.emergency_overflow


def _no_patient_has_two_live_tokens_in_a_slot(now: Reading) -> None:
    live = Counter(
        (token.patient.id, token.slot_id) for token in now.sheet.tokens if token.status in LIVE
    )
    assert all(count == 1 for count in live.values())


def _nobody_waits_for_a_seat_that_is_free(now: Reading) -> None:
    for slot_id in now.in_order:
        if now.has_free_seat(slot_id):
            assert now.waiters(slot_id) == []


def _nobody_waits_behind_a_lower_score_that_could_be_bumped(now: Reading) -> None:
    for slot_id, slot in now.slots.items():
        if now.now >= slot.start:
            continue
        waiting = [
            token.score
            for token in now.sheet.tokens
            if token.slot_id == slot_id and token.status is Status.WAITLISTED
        ]
        bumpable = [
            token.score
            for token in now.bumpable(slot_id, Source.EMERGENCY)
            if token.number not in now.undone  # it may have been outranked while it was not BOOKED
        ]
        assert not waiting or not bumpable or max(waiting) <= min(bumpable)


def _no_emergency_waits(now: Reading) -> None:
    assert not any(
        token.source is Source.EMERGENCY and token.status is Status.WAITLISTED
        for token in now.sheet.tokens
    )


def _who_once_held_a_seat_is_known(now: Reading) -> None:
    for token in now.sheet.tokens:
        assert (token.seated_at is not None) == (token.number in now.once_seated)


def _slots_do_not_overlap(now: Reading) -> None:
    for one, next_ in pairwise(now.in_order):
        assert now.slots[one].end <= now.slots[next_].start
    for hours in now.sheet.reserved_hours:
        assert all(slot.end <= hours.start or hours.end <= slot.start for slot in now.sheet.slots)
    assert {token.slot_id for token in now.sheet.tokens} <= now.slots.keys()


def _carried_views_are_what_they_would_be_anew(sheet: Sheet) -> None:
    """The sheet carries its rosters and timeline from command to command."""
    carried = {slot_id: roster for slot_id, roster in sheet.rosters.items() if roster != Roster()}
    anew: dict[str, tuple[set[int], set[int]]] = {}
    for token in sheet.tokens:
        seated, waiting = anew.setdefault(token.slot_id, (set(), set()))
        if token.status in HOLDS_SEAT:
            seated.add(token.number)
        elif token.status is Status.WAITLISTED:
            waiting.add(token.number)
    assert _numbers(carried) == {slot_id: sets for slot_id, sets in anew.items() if any(sets)}
    for roster in carried.values():
        statuses = [token.status for token in roster.seated]
        assert roster.present == sum(status in PRESENT for status in statuses)
        assert roster.in_consultation == statuses.count(Status.IN_CONSULTATION)
        queued = [token for token in roster.seated if token.status in QUEUED]
        called_first = sorted(
            queued, key=lambda one: (one.status != Status.CALLED, -one.score, one.number)
        )
        assert list(roster.queue) == called_first
        for token in (*roster.seated, *roster.waiting):
            assert token is sheet.tokens[token.number - 1]
    called = [token for token in sheet.tokens if token.status in {Status.CALLED, Status.MISSED}]
    assert list(sheet.called) == called
    assert sheet.timeline.timed_slots == Timeline(sheet.slots).timed_slots


def _standings_are_as_the_rules_count_them(now: Reading) -> None:
    """What patients are told of their place: CALLED first, then by rank; the estimate by rule 9."""
    day = Day(now.sheet, now.policy, now.now)
    for slot_id in now.in_order:
        told = queue_of(day, day.timed_slot(slot_id))
        assert [(token.number, standing) for token, standing in told] == _queue(now, slot_id)
    for token in now.sheet.tokens:
        standing = dict(_queue(now, token.slot_id)).get(token.number, Standing())
        assert standing_of(day, token) == standing


def _the_line_is_in_order(now: Reading) -> None:
    """Everybody with a position once: who was called, who is here as they are called, who is to come;
    of two called or to come the one whom the rule puts first.
    """
    day = Day(now.sheet, now.policy, now.now)
    told = line_of(day)
    queues = {slot_id: queue_of(day, day.timed_slot(slot_id)) for slot_id in now.in_order}
    placed = {
        token.number: standing
        for queue in queues.values()
        for token, standing in queue
        if standing.position is not None
    }
    assert len(told) == len(placed)
    assert {token.number: standing for token, standing in told} == placed
    statuses = [token.status for token, _ in told]
    order = [Status.CALLED, Status.CHECKED_IN, Status.BOOKED]
    assert statuses == sorted(statuses, key=order.index)
    assert [token for token, _ in told if token.status is Status.CHECKED_IN] == now.line()
    for one, other in combinations([token for token, _ in told], 2):
        if one.status is other.status and one.status is not Status.CHECKED_IN:
            assert _is_before(now, one, other)
            assert not _is_before(now, other, one)
    for slot_id, queue in queues.items():
        for status, emergency in product((Status.CALLED, Status.BOOKED), (True, False)):
            alike = [
                token
                for token, _ in queue
                if token.status is status and (token.source is Source.EMERGENCY) is emergency
            ]
            assert alike == [
                token
                for token, _ in told
                if token.slot_id == slot_id
                and token.status is status
                and (token.source is Source.EMERGENCY) is emergency
            ]


def _times_never_go_back_along_the_line(now: Reading) -> None:
    """Of those called and here, by rule 9 and by what a doctor's past foresees."""
    for experience in (None, Experience(sessions=1)):
        told = line_of(Day(now.sheet, now.policy, now.now, experience))
        places = [standing.queue_position for _, standing in told if standing.queue_position]
        assert places == list(range(1, len(places) + 1))
        times = [
            standing.estimated_time
            for _, standing in told[: len(places)]
            if standing.estimated_time is not None
        ]
        assert times == sorted(times)


def _nobody_is_overtaken_by_more_than_the_largest_head_start(now: Reading) -> None:
    """Emergencies, the marked, and those back from tests or from a missed call apart."""
    if now.policy.order is not Order.HEAD_START:
        return
    most = timedelta(minutes=max(now.policy.head_starts.values(), default=0))
    line = [
        token
        for token, _ in line_of(Day(now.sheet, now.policy, now.now))
        if token.status is Status.CHECKED_IN
        and token.source is not Source.EMERGENCY
        and token.front_at is None
        and token.mark is None
    ]
    for first, then in combinations(line, 2):
        assert first.arrival is not None
        assert then.arrival is not None
        assert first.arrival - then.arrival <= most


def _who_is_away_says_since_when(now: Reading) -> None:
    for token in now.sheet.tokens:
        assert (token.away_at is not None) >= (token.status in AWAY)
        if token.status in (Status.CALLED, Status.CHECKED_IN, Status.BOOKED):
            assert token.away_at is None


def _is_before(now: Reading, one: Token, other: Token) -> bool:
    """Emergencies; then the slot's time; then score; then number."""
    urgent = (one.source is Source.EMERGENCY, other.source is Source.EMERGENCY)
    if urgent in ((True, False), (False, True)):
        return urgent[0]
    starts = (now.slots[one.slot_id].start, now.slots[other.slot_id].start)
    if starts[0] != starts[1] and not any(urgent):
        return starts[0] < starts[1]
    if one.score != other.score:
        return one.score > other.score
    return one.number < other.number


def _queue(now: Reading, slot_id: str) -> list[tuple[int, Standing]]:
    here = [token for token in now.sheet.tokens if token.slot_id == slot_id]
    here.sort(key=lambda token: (-token.score, token.number))
    called = [token for token in here if token.status is Status.CALLED]
    others = [token for token in here if token.status in (Status.BOOKED, Status.CHECKED_IN)]
    waiting = [token for token in here if token.status is Status.WAITLISTED]
    ahead = _ahead_of_all(now, slot_id)
    until = now.sheet.session.until or now.now
    begins = max(now.now, now.expected(slot_id)[0], until)
    line = _line(now)
    slots = [now.sheet.tokens[number - 1].slot_id for number in line]
    starts = [now.expected(other)[0] for other in slots if now.is_open(other)]
    line_begins = max(now.now, until, min(starts, default=now.now))
    inside = sum(token.status is Status.IN_CONSULTATION for token in now.sheet.tokens)
    queue = []
    for position, token in enumerate([*called, *others], start=1):
        place = line.index(token.number) + 1 if token.number in line else None
        first, before = (
            (begins, ahead + position) if place is None else (line_begins, inside + place)
        )
        wait = timedelta(minutes=now.policy.consultation_minutes * (before - 1))
        estimate = first + wait if now.is_open(slot_id) else None
        queue.append((token.number, Standing(position, None, estimate, place)))
    for position, token in enumerate(waiting, start=1):
        queue.append((token.number, Standing(None, position, None)))
    return queue


def _line(now: Reading) -> list[int]:
    """The numbers of those called, as they stand in a line of those to come; then of who is here."""
    called = [token for token in now.sheet.tokens if token.status is Status.CALLED]
    called.sort(key=cmp_to_key(lambda one, other: -1 if _is_before(now, one, other) else 1))
    return [token.number for token in (*called, *now.line())]


def _ahead_of_all(now: Reading, slot_id: str) -> int:
    """Who takes the doctor's time before anyone of this slot."""
    earlier = now.in_order[: now.in_order.index(slot_id)]
    return sum(
        token.status is Status.IN_CONSULTATION
        or (token.status in PRESENT and token.slot_id in earlier)
        for token in now.sheet.tokens
    )


def _numbers(rosters: Mapping[str, Roster]) -> dict[str, tuple[set[int], set[int]]]:
    for roster in rosters.values():
        assert len({token.number for token in roster.seated}) == len(roster.seated)
    return {
        slot_id: (
            {token.number for token in roster.seated},
            {token.number for token in roster.waiting},
        )
        for slot_id, roster in rosters.items()
    }
