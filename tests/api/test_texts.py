"""Names, ids and other texts: what they may hold, and how they come back."""

from collections.abc import Awaitable, Callable

import pytest

from tests.api.client import ApiClient, booking, refused

pytestmark = pytest.mark.both_databases

CONTROL = ["a\x00b", "a\nb", "a\rb", "a\tb", "a\x1bb", "a\x7fb", "a\x85b", "a\ud800b", "\udfff"]
NAMES = {
    "Asha": "Asha",
    "X": "X",
    "n" * 200: "n" * 200,
    "😀": "😀",
    "👩🏽‍⚕️ Dr. Müller-Lüdenscheidt": "👩🏽‍⚕️ Dr. Müller-Lüdenscheidt",
    "आशा राव": "आशा राव",
    "王小明": "王小明",
    "محمد": "محمد",
    "O'Brien; DROP TABLE --": "O'Brien; DROP TABLE --",
    "<b>bold</b>": "<b>bold</b>",
    "$where": "$where",
    # Trimmed, with one space between, as NFC
    "  spaces  around  ": "spaces around",
    "\u00a0no\u00a0break\u3000": "no break",
    "a\u2028b": "a b",
    "Cafe\u0301": "Caf\u00e9",
    "\ufeffMeera\u200b\u200e": "Meera",
}


async def test_a_name_is_returned_as_it_shows(api: ApiClient) -> None:
    for given, name in NAMES.items():
        doctor = await api.add_doctor(given, given[:100])
        assert (doctor.name, doctor.specialization) == (name, name[:100])
        assert (await api.doctor(doctor.id)).name == name
        slot = await api.add_slot(doctor.id)
        token = await api.book(slot.id, given[:64], patientName=given)
        assert (token.patient_name, token.patient_id) == (name, name[:64])
        assert (await api.token(token.id)).patient_name == name
        for spelled in (given[:64], name[:64]):
            assert [one.id for one in await api.tokens_of(spelled)] == [token.id]
        assert (await api.cancel(token.id, given)).token.cancel_reason == name


Ask = Callable[[ApiClient, object], Awaitable[object]]


def _book(name: str) -> Ask:
    async def ask(api: ApiClient, value: object) -> object:
        return await api.ask(
            "POST", "/api/tokens/book", {**booking("a-20300115-0900"), name: value}
        )

    return ask


def _add_doctor(name: str) -> Ask:
    async def ask(api: ApiClient, value: object) -> object:
        body = {"name": "Asha", "specialization": "Skin", name: value}
        return await api.ask("POST", "/api/doctors", body)

    return ask


async def _cancel(api: ApiClient, value: object) -> object:
    return await api.ask("DELETE", "/api/tokens/a-20300115-aaaaaaaaaaaa/cancel", {"reason": value})


async def _allocate(api: ApiClient, value: object) -> object:
    return await api.allocate(specialization=value)


async def _list(api: ApiClient, value: object) -> object:
    return await api.doctors(specialization=str(value))


TEXTS: list[tuple[str, Ask, str, int]] = [
    ("patientName", _book("patientName"), "invalid_name", 200),
    ("patientId", _book("patientId"), "invalid_patient_id", 64),
    ("name", _add_doctor("name"), "invalid_name", 200),
    ("specialization", _add_doctor("specialization"), "invalid_specialization", 100),
    ("specialization of an allocation", _allocate, "invalid_specialization", 100),
]


@pytest.mark.parametrize(
    ("ask", "code", "most"), [row[1:] for row in TEXTS], ids=[r[0] for r in TEXTS]
)
async def test_a_text_is_neither_empty_nor_too_long_nor_of_another_type(
    api: ApiClient, ask: Ask, code: str, most: int
) -> None:
    wrong: list[object] = ["", " ", "\u00a0\u2003", "x" * (most + 1), "x" * 300, 7, True, [], {}]
    for value in wrong:
        with refused(422, code) as refusal:
            await ask(api, value)
        assert str(most) in refusal.detail


@pytest.mark.parametrize(
    "ask",
    [*(row[1] for row in TEXTS), _cancel, _book("phoneNumber")],
    ids=[*(row[0] for row in TEXTS), "reason", "phoneNumber"],
)
async def test_control_characters_and_half_characters_are_refused(api: ApiClient, ask: Ask) -> None:
    for value in CONTROL:
        with refused(422, "control_characters"):
            await ask(api, value)


@pytest.mark.parametrize(
    "ask", [*(row[1] for row in TEXTS), _cancel], ids=[*(row[0] for row in TEXTS), "reason"]
)
async def test_what_shows_nothing_is_refused(api: ApiClient, ask: Ask) -> None:
    for value in (
        "\u200b",
        "\u2800 \u3164",
        "As\u200bha",
        "Asha \u202eohsA",
        "A\u2066b",
        "As\u00adha",
    ):
        with refused(422, "invisible_characters"):
            await ask(api, value)


async def test_ids_that_look_alike_are_one(api: ApiClient) -> None:
    """In bodies and in paths: by a space, a width, a character that nobody sees."""
    doctor = await api.add_doctor(id="ｒａｏ ")
    assert doctor.id == "rao"
    slot = await api.add_slot("ｒａｏ")
    for spelled in (f" {slot.id}", slot.id.replace("r", "ｒ"), f"\u200b{slot.id}\u200b"):
        assert (await api.slot(spelled)).id == slot.id
    token = await api.book(slot.id.replace("-", "－"), "MRN 1001")
    for spelled in (
        " MRN 1001",
        "MRN  1001",
        "ＭＲＮ　１００１",
        "MRN\u00a01001",
        "MRN 1001\u200b",
    ):
        with refused(409, "already_booked"):
            await api.book(slot.id, spelled)
        assert [one.id for one in await api.tokens_of(spelled)] == [token.id]
    assert (await api.doctor(" ｒao")).id == "rao"
    assert [one.id for one in await api.slots("ｒao")] == [slot.id]
    assert (await api.queue(f"{slot.id} ")).slot.id == slot.id
    assert (await api.token(f" {token.id}")).id == token.id
    assert await api.tokens_of("MRN\u200b1001") == []


async def test_a_query_takes_no_control_characters(api: ApiClient) -> None:
    for value in ("a\x00b", "a\nb"):
        with refused(422, "control_characters"):
            await _list(api, value)
    for value in ("", " ", "x" * 101):
        with refused(422, "invalid_specialization"):
            await _list(api, value)
