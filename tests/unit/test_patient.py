"""Who asks for a token becomes a patient, and keeps all that was told."""

import msgspec

from models.patient import Newcomer, Particular, Particulars, Patient


def test_a_newcomer_with_an_id_keeps_it() -> None:
    newcomer = Newcomer(id="MRN-1001", name="Meera Nair", phone_number="+91 1", language="hi")
    assert newcomer.as_patient(lambda: "new") == Patient(
        id="MRN-1001", name="Meera Nair", phone_number="+91 1", language="hi"
    )


def test_a_newcomer_without_an_id_is_given_a_new_one() -> None:
    assert Newcomer(name="Ravi").as_patient(lambda: "new") == Patient(id="new", name="Ravi")


def test_whatever_is_known_of_a_patient_can_be_named_when_it_is_corrected() -> None:
    fields = msgspec.structs.fields(Particulars)
    assert {field.encode_name for field in fields} == set(Particular)
