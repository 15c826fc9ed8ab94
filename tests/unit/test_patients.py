"""What is known of a token's patient can be put right, and nobody's name stands in the record."""

import msgspec
import pytest

from models.commands import CorrectPatient
from models.errors import UnknownToken
from models.events import PatientCorrected, Place
from models.patient import Particular, Patient
from models.reasons import PutRight
from models.source import Source
from models.token import Status
from tests.factories import ACTOR, Desk, at, make_patient, slot_id, token_id


def _correct(desk: Desk, **right: str) -> None:
    desk.do(CorrectPatient(actor=ACTOR, request_id="r1", token_id=token_id(1), **right))


def test_a_name_a_number_and_a_language_are_corrected_and_the_id_stays() -> None:
    desk = Desk()
    token = desk.book(patient="p1")
    _correct(desk, name="Meera Nair", phone_number="080 4112 7788", language="ml")
    assert desk[token].patient == Patient(
        id="p1", name="Meera Nair", phone_number="080 4112 7788", language="ml"
    )


def test_what_is_left_out_stays() -> None:
    desk = Desk()
    token = desk.book()
    _correct(desk, language="hi")
    assert desk[token].patient == Patient(
        id="patient1",
        name=make_patient().name,
        phone_number=make_patient().phone_number,
        language="hi",
    )


def test_the_record_tells_what_was_corrected_and_no_name_or_number() -> None:
    desk = Desk()
    desk.book(source=Source.ONLINE)
    _correct(desk, name="Meera Nair", phone_number="080 4112 7788")
    assert desk.last.events == (
        PatientCorrected(
            n=2,
            at=at("08:00"),
            actor=ACTOR,
            request_id="r1",
            reason=PutRight((Particular.NAME, Particular.PHONE_NUMBER)),
            token_id=token_id(1),
            number=1,
            source=Source.ONLINE,
            before=Place(slot_id("09:00"), Status.BOOKED),
            after=Place(slot_id("09:00"), Status.BOOKED),
        ),
    )
    told = msgspec.json.encode(desk.last.events).decode()
    assert not [word for word in ("Meera", "98450", "4112") if word in told]


def test_what_is_right_already_changes_nothing() -> None:
    desk = Desk()
    desk.book()
    before = desk.sheet
    _correct(desk, name=make_patient().name)
    assert desk.sheet is before
    assert desk.last.events == ()


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW])
def test_a_token_is_corrected_whatever_has_become_of_it(status: Status) -> None:
    desk = Desk()
    token = desk.bring(desk.book(), status)
    _correct(desk, name="Meera Nair")
    assert (desk[token].patient.name, desk[token].status) == ("Meera Nair", status)


def test_a_token_that_is_not_there_is_unknown() -> None:
    with pytest.raises(UnknownToken):
        _correct(Desk(), name="Meera Nair")
