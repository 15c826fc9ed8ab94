"""The words: every code has a sentence, and a second language is one file."""

from pathlib import Path
from typing import get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from models import reasons
from models.events import EventOfToken, TokenEvent
from models.reasons import Reason
from models.slot import SlotStatus
from models.token import Source, Status
from services.wording.catalogue import DOMAIN, Catalogue
from services.wording.history import word_event
from services.wording.reasons import word_reason
from tests.factories import Desk, make_slot

WORDING = Path(__file__).parents[2] / "services" / "wording"
WITH_PARAMETERS: dict[type[Reason], Reason] = {
    reasons.Outranked: reasons.Outranked(3),
    reasons.GaveWay: reasons.GaveWay(7, Source.PRIORITY),
    reasons.GaveWayToWait: reasons.GaveWayToWait(12, Source.EMERGENCY),
    reasons.SlotSet: reasons.SlotSet(5, SlotStatus.CLOSED, 20),
}
REASONS: list[Reason] = [WITH_PARAMETERS.get(kind) or kind() for kind in get_args(Reason)]


@pytest.fixture
def other_language(tmp_path: Path) -> Catalogue:
    """A catalogue made as a translator would, in which each message stands in angle brackets."""
    messages = Catalog(locale="de", domain=DOMAIN)
    found = extract_from_dir(
        WORDING, [("**.py", "python")], keywords={"say": None, "count": (1, 2)}
    )
    for _, _, message, _, _ in found:
        translated = (
            tuple(f"<{form}>" for form in message) if isinstance(message, tuple) else f"<{message}>"
        )
        messages.add(message, translated)
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / f"{DOMAIN}.mo").open("wb") as file:
        write_mo(file, messages)
    return Catalogue("de", tmp_path)


def _of_tokens(desk: Desk) -> list[EventOfToken]:
    return [event for event in desk.last.events if isinstance(event, TokenEvent)]


def _day() -> list[tuple[Desk, EventOfToken]]:
    """All that can happen to a token, each with the desk as it was then."""
    told: list[tuple[Desk, EventOfToken]] = []
    desk = Desk(make_slot("09:00"), make_slot("10:00"))

    def note() -> None:
        told.extend((desk, event) for event in _of_tokens(desk))

    walk_in = desk.book()
    note()
    for source in (Source.PRIORITY, Source.PRIORITY, Source.EMERGENCY, Source.WALKIN):
        desk.book(source=source)
        note()
    for status in (Status.NO_SHOW, Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION):
        desk.set(desk.sheet.tokens[1], status)
        note()
    desk.set(desk.sheet.tokens[1], Status.COMPLETED)
    note()
    desk.book("10:00")
    note()
    desk.set(walk_in, Status.CANCELLED)
    note()
    desk.reallocate("09:00")
    note()
    return told


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
def test_every_reason_is_a_sentence(reason: Reason) -> None:
    sentence = word_reason(reason, Catalogue())
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "{" not in sentence


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (reasons.Outranked(3), "The slot was full; T003 scored lower and gave way."),
        (
            reasons.GaveWay(7, Source.PRIORITY),
            "Gave way to T007 (PRIORITY) and got the earliest later free seat.",
        ),
        (
            reasons.SlotSet(3, SlotStatus.CLOSED, 15),
            "The slot now has 3 seats. The slot was closed. The slot is delayed by 15 minutes.",
        ),
        (
            reasons.SlotSet(1, SlotStatus.OPEN, 0),
            "The slot now has 1 seat. The slot was opened again. The slot's delay was taken back.",
        ),
        (reasons.SlotSet(delay_minutes=1), "The slot is delayed by 1 minute."),
    ],
)
def test_a_reason_names_what_it_speaks_of(reason: Reason, sentence: str) -> None:
    assert word_reason(reason, Catalogue()) == sentence


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
def test_a_second_language_is_one_file(reason: Reason, other_language: Catalogue) -> None:
    sentence = word_reason(reason, other_language)
    assert sentence.startswith("<")
    assert sentence.endswith(">")
    assert sentence.replace("<", "").replace(">", "") == word_reason(reason, Catalogue())


def test_a_history_is_told_in_the_second_language(other_language: Catalogue) -> None:
    told = _day()
    assert {type(event) for _, event in told} == set(get_args(EventOfToken))
    for desk, event in told:
        sentence = word_event(event, desk.sheet, other_language)
        assert sentence.startswith("<")
        english = word_event(event, desk.sheet, Catalogue())
        assert sentence.replace("<", "").replace(">", "") == english


def test_a_history_names_the_hours_and_the_token_that_went_first() -> None:
    words = [word_event(event, desk.sheet, Catalogue()) for desk, event in _day()]
    assert words[0] == "You got token T001 for the slot 09:00-10:00."
    assert words[1] == "You were moved to the slot 10:00-11:00. Token T002 had to go first."
    assert "You came late and were taken back into the queue." in words
    assert not [sentence for sentence in words if "Meera" in sentence or "patient1" in sentence]


def test_hours_of_a_slot_that_is_elsewhere_are_its_id() -> None:
    desk = Desk()
    desk.book()
    (event,) = _of_tokens(desk)
    sheet = desk.sheet.changed(slots=())
    assert event.after.slot_id in word_event(event, sheet, Catalogue())


def test_what_a_language_does_not_word_stays_english(tmp_path: Path) -> None:
    assert word_reason(reasons.FreeSeat(), Catalogue("fr", tmp_path)) == "The slot had a free seat."
