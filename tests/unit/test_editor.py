"""One command's changes: what the editor shows, and what it gives back."""

from engine.decision import Outcome
from engine.editor import Editor
from models.commands import Decline
from models.reasons import Arrived
from tests.factories import at, make_policy, make_sheet, make_slot, make_token, slot_id


def test_the_day_of_an_editor_is_the_sheet_as_it_stands_now() -> None:
    sheet = make_sheet(make_slot(seats=1))
    edit = Editor(sheet, Decline(actor="desk", key="k"), make_policy(), at("08:00"))
    before = edit.day
    timed = before.timed_slot(slot_id("09:00"))

    edit.put_token(make_token())

    assert (len(before.sheet.tokens), len(edit.day.sheet.tokens)) == (0, 1)
    assert before.has_free_seat(timed)
    assert not edit.day.has_free_seat(timed)
    assert sheet.tokens == ()


def test_the_time_of_an_editor_is_never_before_the_sheets() -> None:
    sheet = make_sheet(make_slot()).changed(time=at("09:30"))
    edit = Editor(sheet, Decline(actor="desk", key="k"), make_policy(), at("08:00"))
    edit.put_token(make_token())
    assert edit.day.now == at("09:30")


def test_events_are_numbered_on_from_the_sheets_last() -> None:
    sheet = make_sheet(make_slot()).changed(next_event=5)
    edit = Editor(sheet, Decline(actor="desk", key="k"), make_policy(), at("08:00"))
    token = make_token()
    for _ in range(2):
        edit.put_token(token)
        edit.record.status_changed(token, token, Arrived(), None)

    decision = edit.close(Outcome())

    assert [event.n for event in decision.events] == [5, 6]
    assert decision.sheet.next_event == 7
    assert decision.sheet.time == at("08:00")


def test_without_an_event_the_sheet_given_comes_back() -> None:
    sheet = make_sheet(make_slot())
    edit = Editor(sheet, Decline(actor="desk", key="k"), make_policy(), at("08:00"))
    assert edit.close(Outcome()).sheet is sheet
