"""What is known of a token's patient can be put right, and nobody's name stands in the record."""

import msgspec
import pytest

from models.commands import CorrectPatient
from models.errors import UnknownToken
from models.events import PatientCorrected, TokenState
from models.patient import Particular, Patient
from models.reasons import PutRight
from models.source import Source
from models.token import Status
from tests.factories import ACTOR, OpdDay, at, make_patient, slot_id, token_id


def _correct(opd_day: OpdDay, **right: str) -> None:
    opd_day.do(CorrectPatient(actor=ACTOR, request_id="r1", token_id=token_id(1), **right))


def test_a_name_a_number_and_a_language_are_corrected_and_the_id_stays() -> None:
    opd_day = OpdDay()
    token = opd_day.book(patient="p1")
    _correct(opd_day, name="Meera Nair", phone_number="080 4112 7788", language="ml")
    assert opd_day[token].patient == Patient(
        id="p1", name="Meera Nair", phone_number="080 4112 7788", language="ml"
    )


def test_what_is_left_out_stays() -> None:
    opd_day = OpdDay()
    token = opd_day.book()
    _correct(opd_day, language="hi")
    assert opd_day[token].patient == Patient(
        id="patient1",
        name=make_patient().name,
        phone_number=make_patient().phone_number,
        language="hi",
    )


def test_the_record_tells_what_was_corrected_and_no_name_or_number() -> None:
    opd_day = OpdDay()
    opd_day.book(source=Source.ONLINE)
    _correct(opd_day, name="Meera Nair", phone_number="080 4112 7788")
    assert opd_day.last.events == (
        PatientCorrected(
            n=2,
            at=at("08:00"),
            actor=ACTOR,
            request_id="r1",
            reason=PutRight((Particular.NAME, Particular.PHONE_NUMBER)),
            token_id=token_id(1),
            number=1,
            source=Source.ONLINE,
            before=TokenState(slot_id("09:00"), Status.BOOKED),
            after=TokenState(slot_id("09:00"), Status.BOOKED),
        ),
    )
    told = msgspec.json.encode(opd_day.last.events).decode()
    assert not [word for word in ("Meera", "98450", "4112") if word in told]


def test_what_is_right_already_changes_nothing() -> None:
    opd_day = OpdDay()
    opd_day.book()
    before = opd_day.sheet
    _correct(opd_day, name=make_patient().name)
    assert opd_day.sheet is before
    assert opd_day.last.events == ()


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW])
def test_a_token_is_corrected_whatever_has_become_of_it(status: Status) -> None:
    opd_day = OpdDay()
    token = opd_day.bring(opd_day.book(), status)
    _correct(opd_day, name="Meera Nair")
    assert (opd_day[token].patient.name, opd_day[token].status) == ("Meera Nair", status)


def test_a_token_that_is_not_there_is_unknown() -> None:
    with pytest.raises(UnknownToken):
        _correct(OpdDay(), name="Meera Nair")
