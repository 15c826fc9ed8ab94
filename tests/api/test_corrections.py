"""A patient's name and phone number are corrected on a token, and the record names nobody."""

import pytest

from tests.api.client import ApiClient, refused

RIGHT = {"patientName": "Meera R. Nair", "phoneNumber": "080 4112 7788"}


async def _correct(api: ApiClient, token_id: str, body: object) -> dict[str, object]:
    answer = await api.ask("PATCH", f"/api/tokens/{token_id}/patient", body)
    told: dict[str, object] = answer.json()
    return told


async def test_a_correction_is_answered_and_kept(api: ApiClient) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id, "p1")
    told = await _correct(api, token.id, RIGHT)
    assert RIGHT.items() <= told.items()
    kept = await api.token(token.id)
    assert (kept.patient_id, kept.patient_name, kept.phone_number) == ("p1", *RIGHT.values())
    assert [found.patient_name for found in await api.tokens_of("p1")] == [kept.patient_name]


async def test_history_and_events_say_that_it_was_corrected_and_no_name(api: ApiClient) -> None:
    token = await api.book((await api.make_slot()).id, "p1")
    await _correct(api, token.id, RIGHT)
    history = await api.ask("GET", f"/api/tokens/{token.id}/history")
    entry = history.json()["entries"][-1]
    assert (entry["type"], entry["reasonCode"]) == ("PATIENT_CORRECTED", "put_right")
    assert entry["reasonParams"] == {"what": ["name", "phoneNumber"]}
    assert entry["words"] == (
        "The patient's name was corrected. The patient's phone number was corrected."
    )
    for told in RIGHT.values():
        assert told not in history.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing_to_change"),
        ({"patientName": None}, "nothing_to_change"),
        ({"patientName": " "}, "invalid_name"),
        ({"phoneNumber": "12"}, "invalid_phone_number"),
        ({"language": "klingonese!"}, "invalid_language"),
        ({"patientId": "p2"}, "unknown_field"),
    ],
)
async def test_what_is_no_correction_is_refused(
    api: ApiClient, body: dict[str, object], code: str
) -> None:
    token = await api.book((await api.make_slot()).id, "p1")
    with refused(422, code):
        await _correct(api, token.id, body)


async def test_a_token_that_is_not_there_is_not_found(api: ApiClient) -> None:
    with refused(404, "unknown_token"):
        await _correct(api, "rao-20300115-gv6srz4p6ztu", RIGHT)
