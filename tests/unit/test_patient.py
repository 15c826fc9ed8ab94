"""Who asks for a token becomes a patient, and keeps all that was told."""

from models.patient import Newcomer, Patient


def test_a_newcomer_with_an_id_keeps_it() -> None:
    newcomer = Newcomer(id="MRN-1001", name="Meera Nair", phone_number="+91 1", language="hi")
    assert newcomer.as_patient(lambda: "new") == Patient(
        id="MRN-1001", name="Meera Nair", phone_number="+91 1", language="hi"
    )


def test_a_newcomer_without_an_id_is_given_a_new_one() -> None:
    assert Newcomer(name="Ravi").as_patient(lambda: "new") == Patient(id="new", name="Ravi")
