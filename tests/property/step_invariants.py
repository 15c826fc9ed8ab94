"""What holds of every step from one sheet to the next: the step invariants of DESIGN §5."""

from datetime import timedelta

from msgspec.structs import replace

from models.commands import (
    CallNext,
    CallShared,
    ChangeStatus,
    Undo,
)
from models.events import (
    Bumped,
    Marked,
    PatientCorrected,
    Promoted,
    SlotChanged,
    SlotEvent,
    SlotState,
    TokenChanged,
    TokenEvent,
    TokenIssued,
    TokenState,
    Undone,
)
from models.line import ReturnTo
from models.sheet import Sheet
from models.source import Source
from models.token import Status, Token
from tests.property.reading import HOLDS_SEAT
from tests.property.sheet_invariants import check_sheet
from tests.property.step import Step

UNCHANGING = (
    "id",
    "number",
    "booked_at",
    "request",
)


def check_step(step: Step) -> None:
    """Assert all of them."""
    _time_goes_forward(step)
    _event_numbers_have_no_gaps(step)
    _events_tell_what_changed(step)
    _tokens_stay_who_they_are(step)
    _a_token_is_touched_or_it_is_the_same(step)
    check_sheet(step)
    _the_virtual_arrival_is_fixed_at_check_in(step)
    _what_is_undone_is_as_before(step)
    _who_serves_is_known_from_the_call_on(step)
    _seats_are_given_where_seats_are_given(step)
    _the_promoted_were_the_best_that_waited(step)


def _time_goes_forward(step: Step) -> None:
    before, after = step.before.sheet, step.after.sheet
    if step.events:
        assert after.time == step.after.now >= before.time
    else:
        assert after is before
    assert (after.id, after.resource_id, after.date, after.timezone, after.version) == (
        before.id,
        before.resource_id,
        before.date,
        before.timezone,
        before.version,
    )


def _event_numbers_have_no_gaps(step: Step) -> None:
    start, end = step.before.sheet.next_event, step.after.sheet.next_event
    assert [event.n for event in step.events] == list(range(start, end))
    for event in step.events:
        assert event.at == step.after.now
        for name in ("actor", "on_behalf_of", "request_id"):
            assert getattr(event, name) == getattr(step.command, name)


def _events_tell_what_changed(step: Step) -> None:
    """Each event begins where the one before ended; the last one ends at the sheet."""
    token_states: dict[int, TokenState] = {
        token.number: TokenState(token.slot_id, token.status) for token in step.before.sheet.tokens
    }
    states = _slot_states(step.before.sheet)
    for event in step.events:
        if isinstance(event, TokenEvent):
            before = event.before if isinstance(event, TokenChanged) else None
            assert before == token_states.get(event.number)
            token_states[event.number] = event.after
            token = step.after.sheet.tokens[event.number - 1]
            assert (event.token_id, event.source) == (token.id, token.source)
            if isinstance(event, TokenIssued):
                assert event.patient_id == token.patient.id
        elif isinstance(event, SlotEvent):
            state = event.slot_before if isinstance(event, SlotChanged) else None
            assert state == states.get(event.slot_id)
            states[event.slot_id] = event.slot_after
    assert token_states == {
        token.number: TokenState(token.slot_id, token.status) for token in step.after.sheet.tokens
    }
    assert states == _slot_states(step.after.sheet)


def _slot_states(sheet: Sheet) -> dict[str, SlotState]:
    return {
        slot.id: SlotState(slot.max_capacity, slot.status, slot.delay_minutes)
        for slot in sheet.slots
    }


def _tokens_stay_who_they_are(step: Step) -> None:
    assert len(step.after.sheet.tokens) >= len(step.before.sheet.tokens)
    for old, new in step.changed():
        for field in UNCHANGING:
            assert getattr(old, field) == getattr(new, field)
        marked = any(told.number == new.number for told in step.told_of(Marked))
        assert marked or (new.source, new.score, new.raised) == (old.source, old.score, old.raised)
        assert new.patient.id == old.patient.id
        assert new.mark == old.mark or step.told_of(Marked)
        assert new.patient == old.patient or step.told_of(PatientCorrected)
        assert new.bumps[: len(old.bumps)] == old.bumps
        if old.seated_at is not None:
            assert new.seated_at == old.seated_at


def _a_token_is_touched_or_it_is_the_same(step: Step) -> None:
    told = {event.number for event in step.told_of(TokenEvent)}
    tokens = zip(step.before.sheet.tokens, step.after.sheet.tokens, strict=False)
    for old, new in tokens:
        assert new.number in told or new is old


def _the_virtual_arrival_is_fixed_at_check_in(step: Step) -> None:
    """The due time of an appointment that is on time, else the check-in; `last` is one anew."""
    if isinstance(step.command, Undo):
        return
    for old, new in step.changed():
        if _checks_in(step, old):
            _arrives(step, new)
            continue
        assert new.checked_in_at == old.checked_in_at
        moved_back = isinstance(step.command, ChangeStatus) and step.command.to is ReturnTo.LAST
        assert new.arrival == (step.after.now if moved_back else old.arrival)
    for token in step.after.sheet.tokens[len(step.before.sheet.tokens) :]:
        if token.checked_in_at is not None:
            _arrives(step, token)
        else:
            assert token.arrival is None


def _checks_in(step: Step, old: Token) -> bool:
    """Whether the patient of this token comes; perhaps again, at the instant of the first time."""
    comes = old.checked_in_at is None or old.status is Status.NO_SHOW
    return (
        isinstance(step.command, ChangeStatus)
        and (step.command.token_id, step.command.status) == (old.id, Status.CHECKED_IN)
        and comes
    )


def _arrives(step: Step, token: Token) -> None:
    due, now = step.before.due(token), step.after.now
    appointment = token.source not in (Source.WALKIN, Source.EMERGENCY)
    on_time = now <= due + timedelta(minutes=step.after.policy.late_grace_minutes)
    assert token.checked_in_at == now
    assert token.arrival == (due if appointment and on_time else now)


def _what_is_undone_is_as_before(step: Step) -> None:
    for event in step.told_of(Undone):
        _, before = step.before.steps[event.number]
        after = step.after.sheet.tokens[event.number - 1]
        corrected = replace(
            before,
            patient=after.patient,
            mark=after.mark,
            raised=after.raised,
            source=after.source,
            score=after.score,
        )
        if not any(told.number == event.number for told in step.told_of(Promoted)):
            kept = {"call": None, "last_step": None, "seated_at": None}
            assert replace(after, **kept) == replace(corrected, **kept)
        assert after.last_step is None


def _who_serves_is_known_from_the_call_on(step: Step) -> None:
    """Until the patient stands in line again, or is called by another."""
    for old, new in step.changed():
        called = new.status is Status.CALLED and old.status is not Status.CALLED
        if isinstance(step.command, CallShared) and called:
            assert new.served_by == (step.command.by and step.command.by.id)
        elif new.status is Status.CHECKED_IN or (called and not isinstance(step.command, Undo)):
            assert new.served_by is None
        elif not isinstance(step.command, Undo):
            assert new.served_by == old.served_by


def _seats_are_given_where_seats_are_given(step: Step) -> None:
    seats_before = {
        (token.number, token.slot_id)
        for token in step.before.sheet.tokens
        if token.status in HOLDS_SEAT
    }
    for token in step.after.sheet.tokens:
        if token.status in HOLDS_SEAT and (token.number, token.slot_id) not in seats_before:
            assert (
                step.after.gives_seats(token.slot_id)
                or _is_late_return(step, token)
                or (token.source is Source.EMERGENCY and step.before.takes_urgent(token.slot_id))
                or (
                    isinstance(step.command, CallNext | CallShared)
                    and token.status is Status.CALLED
                )
            )


def _is_late_return(step: Step, token: Token) -> bool:
    return (
        isinstance(step.command, ChangeStatus | Undo)
        and step.command.token_id == token.id
        and step.before.sheet.tokens[token.number - 1].status
        in (Status.NO_SHOW, *([Status.CANCELLED] if isinstance(step.command, Undo) else []))
    )


def _the_promoted_were_the_best_that_waited(step: Step) -> None:
    for event in step.told_of(Promoted):
        slot_id = event.after.slot_id
        assert event.before.status is Status.WAITLISTED
        here = step.after.sheet.tokens[event.number - 1].checked_in_at is not None
        assert event.after.status is (Status.CHECKED_IN if here else Status.BOOKED)
        if event.before.slot_id != slot_id:
            assert slot_id in step.after.later(event.before.slot_id)
            assert event.number in step.before.once_seated or step.told_of(Bumped)
        promoted = step.after.sheet.tokens[event.number - 1]
        for still_waiting in step.after.waiters(slot_id):
            assert (-promoted.score, promoted.number) < (
                -still_waiting.score,
                still_waiting.number,
            )
        assert step.after.taken(slot_id) <= step.after.slots[slot_id].max_capacity
