"""Doctors: added, found, listed."""

import pytest

from database import connect
from models.doctor import Doctor, Weekday
from models.errors import UnusableId
from services.clock import SystemClock
from services.store.collections import DOCTORS
from services.store.doctors import DoctorStore
from services.store.migrations import prepare
from tests.api.client import ApiClient, refused
from tests.api.service import HOME, GivenSettings

pytestmark = pytest.mark.both_databases


async def test_a_doctor_is_added_and_found(api: ApiClient) -> None:
    added = await api.add_doctor("Asha Rao", "Cardiology", opdDays=["Monday", "Friday"])
    assert (added.name, added.specialization) == ("Asha Rao", "Cardiology")
    assert added.opd_days == [Weekday.MONDAY, Weekday.FRIDAY]
    assert await api.doctor(added.id) == added


async def test_a_doctors_answer_has_these_members(api: ApiClient) -> None:
    answer = await api.ask("POST", "/api/doctors", {"name": "A", "specialization": "B"})
    members = {"id", "facilityId", "name", "specialization", "opdDays", "retired"}
    assert set(answer.json()) == members


async def test_a_doctor_without_opd_days_has_none(api: ApiClient) -> None:
    assert (await api.add_doctor()).opd_days == []


@pytest.mark.parametrize("name", ["opdDays", "opd_days"])
async def test_opd_days_are_taken_in_either_spelling(api: ApiClient, name: str) -> None:
    body = {"name": "Asha Rao", "specialization": "Cardiology", name: ["Sunday"]}
    assert (await api.ask("POST", "/api/doctors", body)).json()["opdDays"] == ["Sunday"]


async def test_opd_days_are_read_in_any_case_and_kept_in_the_order_of_the_week(
    api: ApiClient,
) -> None:
    added = await api.add_doctor(opdDays=["FRIDAY", "monday", "Friday"])
    assert added.opd_days == [Weekday.MONDAY, Weekday.FRIDAY]


@pytest.mark.parametrize("spelling", ["TUE", "tue.", "Tues", " Tuesday "])
async def test_opd_days_may_be_cut_short(api: ApiClient, spelling: str) -> None:
    assert (await api.add_doctor(opdDays=[spelling])).opd_days == [Weekday.TUESDAY]


async def test_what_is_no_weekday_is_refused(api: ApiClient) -> None:
    for days in [["Someday"], ["M"], ["T"], [""], "Monday", [1], [None], None, ["Monday"] * 8]:
        with refused(422, "invalid_weekday") as refusal:
            await api.add_doctor(opdDays=days)
        assert "Monday" in refusal.detail


async def test_a_doctor_may_bring_an_id(api: ApiClient) -> None:
    assert (await api.add_doctor(id="dr.Rao.7")).id == "dr.Rao.7"
    assert (await api.doctor("dr.Rao.7")).name == "Asha Rao"


async def test_a_made_id_is_short_and_holds_no_dash(api: ApiClient) -> None:
    made = (await api.add_doctor()).id
    assert len(made) <= 12
    assert "-" not in made


async def test_an_id_is_given_once(api: ApiClient) -> None:
    await api.add_doctor(id="rao")
    with refused(409, "unusable_id"):
        await api.add_doctor("Another", id="rao")
    assert (await api.doctor("rao")).name == "Asha Rao"


async def test_a_new_id_differs_by_more_than_case(api: ApiClient) -> None:
    await api.add_doctor(id="Dr.Rao")
    for same in ("dr.rao", "DR.RAO", " Dr.Rao ", "Ｄｒ.Rao"):
        with refused(409, "unusable_id") as refusal:
            await api.add_doctor("Another", id=same)
        assert "case" in refusal.detail
    with refused(404, "unknown_doctor"):
        await api.doctor("dr.rao")


async def test_doctors_who_differ_by_case_since_long_stay_and_get_no_third() -> None:
    database = connect(GivenSettings())
    for name in ("Rao", "rao", "Sen"):
        told: dict[str, object] = {"name": name, "specialization": "S", "opdDays": []}
        await DOCTORS.of(database).insert({"_id": name, "schemaVersion": 1, **told})
    await prepare(database, SystemClock(), "test", HOME)
    store = DoctorStore(database, HOME.id)
    for name in ("RAO", "sen"):
        with pytest.raises(UnusableId):
            await store.add(
                Doctor(id=name, facility_id=HOME.id, name="A", specialization="S", opd_days=())
            )
    assert [doctor.id for doctor in await store.list({HOME.id: frozenset()}, limit=9)] == [
        "Rao",
        "Sen",
        "rao",
    ]


async def test_an_id_has_1_to_32_letters_digits_or_dots(api: ApiClient) -> None:
    for bad in ["", "a-b", "a b", "x" * 33, "...", "é", "a\n", "a\x00", 7]:
        with refused(422, "invalid_doctor_id") as refusal:
            await api.add_doctor(id=bad)
        assert "32" in refusal.detail


async def test_an_unknown_or_malformed_id_is_not_found(api: ApiClient) -> None:
    for unknown in ["nobody", "a-b", "x" * 33, "a\x00b", "😀", "a b", "..;"]:
        with refused(404, "unknown_doctor"):
            await api.doctor(unknown)


# Lists


async def test_doctors_are_listed_in_order_of_id(api: ApiClient) -> None:
    for doctor_id in ("c", "a", "b"):
        await api.add_doctor(id=doctor_id)
    assert [doctor.id for doctor in await api.doctors()] == ["a", "b", "c"]


async def test_there_may_be_none(api: ApiClient) -> None:
    assert await api.doctors() == []


@pytest.mark.parametrize("asked", ["Cardiology", "cardiology", "CARDIOLOGY", "cArDiOlOgY"])
async def test_the_filter_ignores_case(api: ApiClient, asked: str) -> None:
    await api.add_doctor(specialization="Cardiology", id="heart")
    await api.add_doctor(specialization="Cardiology and more", id="more")
    await api.add_doctor(specialization="Interventional cardiology", id="other")
    assert [doctor.id for doctor in await api.doctors(specialization=asked)] == ["heart"]


@pytest.mark.parametrize(
    "name", ["E.N.T. (a|b)*", "Ears & Eyes #1 ~", "हृदय रोग", "Ärzte^$[x]{2}\\d"]
)
async def test_the_filter_takes_every_character_as_it_is(api: ApiClient, name: str) -> None:
    await api.add_doctor(specialization=name, id="one")
    await api.add_doctor(specialization="EXNXTX", id="two")
    assert [doctor.id for doctor in await api.doctors(specialization=name)] == ["one"]


async def test_pages_follow_the_link(api: ApiClient) -> None:
    for n in range(5):
        await api.add_doctor(id=f"d{n}", specialization="Eye & Ear")
    await api.add_doctor(id="d9", specialization="Skin")
    path, pages = "/api/doctors?limit=2&specialization=eye %26 ear", []
    while path:
        answer = await api.ask("GET", path)
        pages.append([doctor["id"] for doctor in answer.json()])
        path = answer.links.get("next", {}).get("url", "")
    assert pages == [["d0", "d1"], ["d2", "d3"], ["d4"]]


async def test_a_full_last_page_links_to_nothing(api: ApiClient) -> None:
    for n in range(2):
        await api.add_doctor(id=f"d{n}")
    assert "link" not in (await api.ask("GET", "/api/doctors?limit=2")).headers


@pytest.mark.parametrize("after", ["", "nobody", "😀", "a\x00b", "$gt"])
async def test_a_page_may_go_on_after_anything(api: ApiClient, after: str) -> None:
    await api.add_doctor(id="zz")
    assert [doctor.id for doctor in await api.doctors(after=after)] in (["zz"], [])


async def test_a_page_has_1_to_500(api: ApiClient) -> None:
    for limit in ["0", "-1", "501", "x", "1.5", ""]:
        with refused(422, "invalid_limit") as refusal:
            await api.doctors(limit=limit)
        assert "500" in refusal.detail
