"""What follows from a doctor's day is written in one commit, and once: also after a start."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from database import Database, connect
from models.encounter import Encounter, EncounterState
from models.ids import make_sheet_id
from models.sheet import Sheet
from services.store.collections import ENCOUNTERS
from services.store.encounters import EncounterStore
from services.store.register import PatientRegister
from tests.api.service import GivenSettings
from tests.embedded.sqlite_log import commits
from tests.factories import DAY, at, make_patient, make_sheet, make_slot, make_token, token_id

SENS_DAY = make_sheet_id("sen", DAY)


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    connected = connect(GivenSettings(embedded_file=str(file)))
    yield connected
    await connected.close()


def sheet_of(*patients: str, sheet_id: str | None = None, hour: str = "08:00") -> Sheet:
    """A day on which these patients were booked at this hour."""
    tokens = tuple(
        replace(make_token(n), patient=make_patient(patient), booked_at=at(hour))
        for n, patient in enumerate(patients, start=1)
    )
    return make_sheet(make_slot(), tokens=tokens, **({"sheet_id": sheet_id} if sheet_id else {}))


async def doctors_and_hours(database: Database) -> dict[str, tuple[object, object]]:
    """By patient the doctors, and when the patient was booked last."""
    found = await database["patients"].find({})
    return {str(each["patientId"]): (each["doctors"], each["seenAt"]) for each in found}


async def test_the_patients_of_a_day_are_entered_together_and_once(
    database: Database, file: Path
) -> None:
    before = commits(file)
    day = sheet_of("meera", "asha", "meera", "ravi")

    await PatientRegister(database).put(day)
    assert commits(file) == before + 1

    await PatientRegister(database).put(day)
    assert commits(file) == before + 1, "what is stored so already was written again"
    assert await doctors_and_hours(database) == {
        patient: (["asha"], at("08:00")) for patient in ("meera", "asha", "ravi")
    }


async def test_a_patient_who_is_known_from_later_gets_the_doctor_alone(database: Database) -> None:
    await PatientRegister(database).put(sheet_of("meera", hour="09:00"))

    for _ in range(2):
        await PatientRegister(database).put(sheet_of("meera", "ravi", sheet_id=SENS_DAY))

    assert await doctors_and_hours(database) == {
        "meera": (["asha", "sen"], at("09:00")),
        "ravi": (["sen"], at("08:00")),
    }


async def test_the_encounters_of_a_day_are_put_together_and_once(
    database: Database, file: Path
) -> None:
    before = commits(file)
    day = sheet_of("meera", "asha")
    arrived = {
        token_id(n): Encounter(
            patient_id=patient, state=EncounterState.ARRIVED, arrived_at=at("09:00"), up_to=n
        )
        for n, patient in enumerate(("meera", "asha"), start=1)
    }

    for _ in range(2):
        await EncounterStore(database).put(day, arrived)
    assert commits(file) == before + 1, "what is stored so already was written again"

    seen = replace(arrived[token_id(1)], state=EncounterState.FINISHED, up_to=9)
    await EncounterStore(database).put(day, {token_id(1): seen})
    await EncounterStore(database).put(day, arrived)

    assert commits(file) == before + 2
    stored = await ENCOUNTERS.of(database).find({}, {"state": 1, "upTo": 1}, order="upTo")
    assert [(each["state"], each["upTo"]) for each in stored] == [("arrived", 2), ("finished", 9)]
