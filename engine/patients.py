"""What is known of a token's patient is put right."""

from msgspec.structs import replace

from engine.decision import Outcome
from engine.editor import Editor
from models.commands import CorrectPatient
from models.errors import UnknownToken
from models.patient import Particular
from models.reasons import PutRight


def correct_patient(edit: Editor, command: CorrectPatient) -> Outcome:
    """Correct a name, a phone number, a language; at any time, whatever has become of the token.

    The patient's id stays: another one would be another patient. Raises UnknownToken.
    """
    token = edit.day.sheet.find_token(command.token_id)
    if token is None:
        raise UnknownToken
    present = token.patient
    patient = replace(
        present,
        name=command.name or present.name,
        phone_number=command.phone_number or present.phone_number,
        language=command.language or present.language,
    )
    changed = {
        Particular.NAME: patient.name != present.name,
        Particular.PHONE_NUMBER: patient.phone_number != present.phone_number,
        Particular.LANGUAGE: patient.language != present.language,
    }
    what = tuple(particular for particular in Particular if changed[particular])
    if what:
        corrected = replace(token, patient=patient)
        edit.put_token(corrected)
        edit.record.patient_corrected(corrected, PutRight(what))
    return Outcome(slot_id=token.slot_id, number=token.number)
