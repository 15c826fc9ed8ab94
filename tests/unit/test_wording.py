"""The words: every code has a sentence, and a second language is one file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from engine.explain import Prospect, WhyAhead
from engine.line import WhyNext
from models import reasons
from models.commands import CorrectPatient, Recall, SetMark, Undo
from models.doctor_session import SessionState
from models.errors import (
    AlreadyBooked,
    BadTransition,
    DocumentDamaged,
    InvalidTime,
    NotAnOpdDay,
    Refusal,
    SeatsTaken,
    SheetFull,
    SlotFull,
    SlotOverlap,
    TimeProblem,
    UnknownSlot,
)
from models.events import EventOfToken, TokenEvent
from models.line import Mark, ReturnTo
from models.patient import Particular
from models.reasons import Reason
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from services.wording.catalogue import Catalogue
from services.wording.explanation import (
    word_prospect,
    word_rule,
    word_source,
    word_why_ahead,
    word_why_next,
)
from services.wording.history import word_event
from services.wording.reasons import word_reason
from services.wording.refusals import word_refusal
from services.wording.titles import TITLES, title_refusal
from tests.factories import ACTOR, DAY, OpdDay, make_sheet, make_slot, make_token
from tests.second_language import make_language
from tests.unit.test_errors import CASES, ELEVEN, NOON

WITH_PARAMETERS: dict[type[Reason], Reason] = {
    reasons.Outranked: reasons.Outranked(3),
    reasons.GaveWay: reasons.GaveWay(7, Source.PRIORITY),
    reasons.GaveWayToWait: reasons.GaveWayToWait(12, Source.EMERGENCY),
    reasons.CameBack: reasons.CameBack(ReturnTo.FIRST),
    reasons.CalledAgain: reasons.CalledAgain(2),
    reasons.CalledByColleague: reasons.CalledByColleague("vikram", "Vikram Shah"),
    reasons.SessionSet: reasons.SessionSet(SessionState.ON_BREAK),
    reasons.MarkSet: reasons.MarkSet(Mark.VIP),
    reasons.SeatAdded: reasons.SeatAdded(7),
    reasons.StepUndone: reasons.StepUndone(Status.CALLED),
    reasons.PutRight: reasons.PutRight(tuple(Particular)),
    reasons.ConfigSet: reasons.ConfigSet(("order", "maxSize")),
    reasons.SlotSet: reasons.SlotSet(5, SlotStatus.CLOSED, 20),
}
REASONS: list[Reason] = [
    *(WITH_PARAMETERS.get(kind) or kind() for kind in get_args(Reason)),
    reasons.MarkSet(),
    reasons.ConfigSet(()),
    reasons.CameBack(ReturnTo.SAME),
    reasons.CameBack(ReturnTo.LAST),
    *(reasons.SessionSet(state) for state in SessionState if state != "ON_BREAK"),
]

FIRST, SECOND = (make_sheet().refer_to(make_token(n)) for n in (1, 2))


@pytest.fixture(scope="module")
def other_language(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """A catalogue made as a translator would, in which each message stands in angle brackets.

    Made once: it reads the whole code, and nothing changes it.
    """
    return make_language(tmp_path_factory.mktemp("languages"))


def _of_tokens(opd_day: OpdDay) -> list[EventOfToken]:
    return [event for event in opd_day.last.events if isinstance(event, TokenEvent)]


def _day() -> list[tuple[OpdDay, EventOfToken]]:
    """All that can happen to a token, each with the day as it was then."""
    told: list[tuple[OpdDay, EventOfToken]] = []
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))

    def note() -> None:
        told.extend((opd_day, event) for event in _of_tokens(opd_day))

    walk_in = opd_day.book()
    note()
    for source in (Source.PRIORITY, Source.PRIORITY, Source.EMERGENCY, Source.WALKIN):
        opd_day.book(source=source)
        note()
    for status in (Status.NO_SHOW, Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION):
        opd_day.set(opd_day.sheet.tokens[1], status)
        note()
    opd_day.set(opd_day.sheet.tokens[1], Status.PARKED)
    note()
    for status in (Status.CHECKED_IN, Status.CALLED):
        opd_day.set(opd_day.sheet.tokens[1], status)
        note()
    opd_day.do(Recall(actor=ACTOR, token_id=opd_day.sheet.tokens[1].id))
    note()
    for status in (Status.MISSED, Status.CHECKED_IN, Status.IN_CONSULTATION, Status.COMPLETED):
        opd_day.set(opd_day.sheet.tokens[1], status)
        note()
    opd_day.do(Undo(actor=ACTOR, token_id=opd_day.sheet.tokens[1].id, status=Status.COMPLETED))
    note()
    opd_day.book("10:00")
    note()
    opd_day.do(SetMark(actor=ACTOR, token_id=opd_day.sheet.tokens[-1].id, mark=Mark.VIP))
    note()
    opd_day.set(walk_in, Status.CANCELLED)
    note()
    opd_day.reallocate("09:00")
    note()
    opd_day.do(CorrectPatient(actor=ACTOR, token_id=walk_in.id, name="Meera Menon", language="ml"))
    note()
    return told


@pytest.mark.parametrize("reason", REASONS, ids=str)
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
        (
            reasons.PutRight((Particular.NAME, Particular.PHONE_NUMBER)),
            "The patient's name was corrected. The patient's phone number was corrected.",
        ),
        (reasons.SlotSet(delay_minutes=1), "The slot is delayed by 1 minute."),
    ],
)
def test_a_reason_names_what_it_speaks_of(reason: Reason, sentence: str) -> None:
    assert word_reason(reason, Catalogue()) == sentence


@pytest.mark.parametrize("reason", REASONS, ids=str)
def test_a_second_language_is_one_file(reason: Reason, other_language: Catalogue) -> None:
    sentence = word_reason(reason, other_language)
    assert sentence.startswith("<")
    assert sentence.endswith(">")
    assert sentence.replace("<", "").replace(">", "") == word_reason(reason, Catalogue())


def test_a_history_is_told_in_the_second_language(other_language: Catalogue) -> None:
    told = _day()
    assert {type(event) for _, event in told} == set(get_args(EventOfToken))
    for opd_day, event in told:
        sentence = word_event(event, opd_day.sheet, other_language)
        assert sentence.startswith("<")
        english = word_event(event, opd_day.sheet, Catalogue())
        assert sentence.replace("<", "").replace(">", "") == english


def test_a_history_names_the_hours_and_the_token_that_went_first() -> None:
    words = [word_event(event, opd_day.sheet, Catalogue()) for opd_day, event in _day()]
    assert words[0] == "You got token T001 for the slot 09:00-10:00."
    assert words[1] == "You were moved to the slot 10:00-11:00. Token T002 had to go first."
    assert "You came late and were taken back into the queue." in words
    assert not [sentence for sentence in words if "Meera" in sentence or "patient1" in sentence]


def test_hours_of_a_slot_that_is_elsewhere_are_its_id() -> None:
    opd_day = OpdDay()
    opd_day.book()
    (event,) = _of_tokens(opd_day)
    sheet = opd_day.sheet.changed(slots=())
    assert event.after.slot_id in word_event(event, sheet, Catalogue())


def test_what_a_language_does_not_word_stays_english(tmp_path: Path) -> None:
    assert word_reason(reasons.FreeSeat(), Catalogue("fr", tmp_path)) == "The slot had a free seat."


REFUSALS: list[Refusal] = [
    *(refusal for refusal, _, _ in CASES),
    *(InvalidTime(problem, "02:30", DAY) for problem in TimeProblem),
]


@pytest.mark.parametrize(
    "refusal", REFUSALS, ids=[f"{refusal.code}{n}" for n, refusal in enumerate(REFUSALS)]
)
def test_every_refusal_has_a_title_and_a_sentence_in_each_language(
    refusal: Refusal, other_language: Catalogue
) -> None:
    english = Catalogue()
    assert title_refusal(refusal, english) == TITLES[type(refusal)]
    assert title_refusal(refusal, other_language) == f"<{TITLES[type(refusal)]}>"
    sentence = word_refusal(refusal, english)
    assert sentence.endswith(".")
    assert word_refusal(refusal, other_language) == f"<{sentence}>"


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (SlotFull([ELEVEN, NOON]), "would seat this patient: 11:00-12:00, 12:00-13:30."),
        (SlotFull(), "No other slot of the day"),
        (BadTransition(Status.CALLED, [Status.IN_CONSULTATION, Status.NO_SHOW]), "is CALLED"),
        (
            BadTransition(Status.CALLED, [Status.IN_CONSULTATION, Status.NO_SHOW]),
            "Allowed: IN_CONSULTATION, NO_SHOW.",
        ),
        (BadTransition(Status.COMPLETED, []), "It stays as it is."),
        (SeatsTaken([FIRST, SECOND]), "2 seats of this slot are taken, by T001, "),
        (NotAnOpdDay("Sunday", ["Monday", "Friday"]), "a Sunday; this doctor sees patients on Mon"),
        (SlotOverlap("s1"), "s1"),
        (SheetFull(2000), "its 2000 tokens"),
        (SheetFull(), "as much as can be stored"),
        (AlreadyBooked(FIRST), "already has token T001"),
        (UnknownSlot(), "GET /api/slots/doctor/{doctorId} lists"),
        (InvalidTime(TimeProblem.SKIPPED, "02:30", DAY), "02:30 does not exist on 2026-03-09"),
        (InvalidTime(TimeProblem.NOT_REPEATED, "09:00", DAY), "09:00 comes once on 2026-03-09"),
        (SeatsTaken([FIRST]), "1 seat of this slot is taken, by T001."),
        (DocumentDamaged("asha-20260309", "tokens: expected array"), "asha-20260309"),
    ],
)
def test_a_refusal_says_what_is_in_the_way(refusal: Refusal, words: str) -> None:
    assert words in word_refusal(refusal, Catalogue())


@pytest.mark.parametrize("why", WhyAhead)
def test_who_goes_first_is_explained_in_each_language(
    why: WhyAhead, other_language: Catalogue
) -> None:
    assert word_why_ahead(why, other_language) == f"<{word_why_ahead(why, Catalogue())}>"


@pytest.mark.parametrize("why", WhyNext)
def test_who_is_next_is_explained_in_each_language(why: WhyNext, other_language: Catalogue) -> None:
    since, zone = datetime(2030, 1, 15, 3, 30, tzinfo=UTC), ZoneInfo("Asia/Kolkata")
    said = word_why_next(why, since, zone, Catalogue())
    assert word_why_next(why, since, zone, other_language) == f"<{said}>"


@pytest.mark.parametrize("prospect", Prospect)
def test_what_would_move_a_token_is_a_sentence_in_each_language(
    prospect: Prospect, other_language: Catalogue
) -> None:
    for ahead in (1, 2):
        english = word_prospect(prospect, ahead, Catalogue())
        assert english.endswith(".")
        assert word_prospect(prospect, ahead, other_language) == f"<{english}>"


def test_who_waits_is_told_how_many_are_before() -> None:
    words = [word_prospect(Prospect.A_FREE_SEAT_IN_TURN, n, Catalogue()) for n in (1, 3)]
    assert words == [
        "A seat that falls free in this slot goes to it once the one before it has one.",
        "A seat that falls free in this slot goes to it once the 3 before it have one.",
    ]


def test_the_rule_and_the_parts_of_a_score_are_in_each_language(other_language: Catalogue) -> None:
    assert word_rule(other_language) == f"<{word_rule(Catalogue())}>"
    assert word_source(Source.ONLINE, other_language) == "<source ONLINE>"
