"""Who manages access gives what they have, where they have it; every change is recorded."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

import pytest

from console import WHO
from models.access import Permission, Role
from services.access.links import PATIENT
from services.access.try_out import TRY_OUT
from services.clock import ManualClock
from services.ticker import ACTOR
from tests.api.browser import Browser
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import OPENING
from tests.principals import as_, knowing, make_principal

SOON = (OPENING + timedelta(hours=2)).isoformat()
ADMIN = make_principal("admin", Role.ADMIN)
TEMPORARY = make_principal("temporary", Role.ADMIN)
ELSEWHERE = make_principal("elsewhere", Role.ADMIN, facility="north")
DESK = make_principal("desk", Role.RECEPTIONIST)


def bearer(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def make(
    api: ApiClient, id_: str, kind: str = "person", role: str | None = None, **more: object
) -> Mapping[str, object]:
    """An account that the try-out makes."""
    body = {"id": id_, "kind": kind, "name": f"The {id_}", "role": role, **more}
    answer = await api.ask("POST", "/api/access/accounts", body)
    assert answer.status_code == 201
    told: dict[str, object] = answer.json()
    return told


async def make_key(api: ApiClient, client: str, **body: object) -> Mapping[str, str]:
    answer = await api.ask("POST", f"/api/access/accounts/{client}/keys", body)
    assert answer.status_code == 201
    told: dict[str, str] = answer.json()
    return told


async def test_a_client_is_made_gets_a_key_and_books_with_it(api: ApiClient) -> None:
    slot = await api.make_slot()
    await make(api, "city-portal", "client", "portal")
    key = await make_key(api, "city-portal")

    booked = await api.book(slot.id, headers=bearer(key["key"]))

    assert booked.token_number == "T001"
    with refused(403, "forbidden") as refusal:
        await api.add_doctor(headers=bearer(key["key"]))
    assert refusal.help == {"permission": "doctor.manage"}


async def test_what_a_client_booked_and_sent_outlives_its_keys(api: ApiClient) -> None:
    slot = await api.make_slot()
    await make(api, "city-portal", "client", "portal")
    old, new = await make_key(api, "city-portal"), await make_key(api, "city-portal")
    sent = {"Idempotency-Key": "once"}
    token = await api.book(slot.id, headers={**bearer(old["key"]), **sent})
    await api.ask("DELETE", f"/api/access/accounts/city-portal/keys/{old['id']}")

    with refused(401, "unauthenticated"):
        await api.ask("GET", f"/api/tokens/{token.id}", headers=bearer(old["key"]))
    again = await api.book(slot.id, headers={**bearer(new["key"]), **sent})
    assert again.id == token.id
    await api.ask("DELETE", f"/api/tokens/{token.id}/cancel", headers=bearer(new["key"]))


async def test_a_key_is_told_once_and_shown_by_its_ends_from_then_on(api: ApiClient) -> None:
    await make(api, "city-portal", "client", "portal")
    key = await make_key(api, "city-portal", days=30, scope=["token.book.online"])

    answer = await api.ask("GET", "/api/access/accounts/city-portal")

    assert key["key"].startswith(f"opd_{key['id']}_")
    assert key["key"].split("_", 2)[2] not in answer.text
    (shown,) = answer.json()["keys"]
    assert datetime.fromisoformat(shown["expiresAt"]) == OPENING + timedelta(days=30)
    assert shown["scope"] == ["token.book.online"]
    assert shown["lastUsedAt"] is shown["revokedAt"] is None


async def test_a_key_in_a_url_opens_nothing(api: ApiClient) -> None:
    """URLs stand in logs, histories and referrers."""
    await make(api, "city-portal", "client", "portal")
    key = (await make_key(api, "city-portal"))["key"]
    for name in ("key", "token", "access_token", "authorization"):
        answer = await Browser(api).call("GET", f"/api/doctors?{name}={key}")
        assert answer.status_code == 401


async def test_two_keys_are_valid_at_once_and_no_more(api: ApiClient, clock: ManualClock) -> None:
    await make(api, "city-portal", "client", "portal")
    old, new = await make_key(api, "city-portal", days=1), await make_key(api, "city-portal")
    with refused(409, "too_many_keys"):
        await make_key(api, "city-portal")
    for key in (old, new):
        await api.ask("GET", "/api/doctors", headers=bearer(key["key"]))

    await api.ask("DELETE", f"/api/access/accounts/city-portal/keys/{old['id']}")
    with refused(401, "unauthenticated"):
        await api.ask("GET", "/api/doctors", headers=bearer(old["key"]))
    await api.ask("GET", "/api/doctors", headers=bearer(new["key"]))
    third = await make_key(api, "city-portal", days=1)
    clock.advance(timedelta(days=1))
    with refused(401, "unauthenticated"):
        await api.ask("GET", "/api/doctors", headers=bearer(third["key"]))


async def test_a_scope_opens_no_more_than_it_names(api: ApiClient) -> None:
    slot = await api.make_slot()
    await make(api, "city-portal", "client", "portal")
    key = await make_key(api, "city-portal", scope=["queue.read"])
    await api.ask("GET", "/api/doctors", headers=bearer(key["key"]))
    with refused(403, "forbidden"):
        await api.book(slot.id, headers=bearer(key["key"]))


async def test_only_clients_have_keys_and_what_is_not_there_is_unknown(api: ApiClient) -> None:
    await make(api, "asha")
    await make(api, "city-portal", "client", "portal")
    for path in ("asha", "nobody"):
        with refused(404, "unknown_account"):
            await make_key(api, path)
    with refused(404, "unknown_key"):
        await api.ask("DELETE", "/api/access/accounts/city-portal/keys/none")
    with refused(404, "unknown_grant"):
        await api.ask("DELETE", "/api/access/accounts/asha/grants/none")
    with refused(404, "unknown_account"):
        await api.ask("GET", "/api/access/accounts/nobody")
    with refused(409, "unusable_id"):
        await make(api, "asha")


async def test_no_account_is_called_as_one_who_acts_without_any(api: ApiClient) -> None:
    for taken in (WHO, PATIENT, ACTOR, TRY_OUT, "nobody"):
        with refused(409, "unusable_id"):
            await make(api, taken)


async def test_who_is_locked_out_opens_nothing_until_let_in_again(api: ApiClient) -> None:
    await make(api, "city-portal", "client", "portal")
    key = bearer((await make_key(api, "city-portal"))["key"])
    path = "/api/access/accounts/city-portal"
    assert (await api.ask("PATCH", path, {"disabled": True})).json()["disabled"] is True
    with refused(401, "unauthenticated"):
        await api.ask("GET", "/api/doctors", headers=key)
    await api.ask("PATCH", path, {"disabled": False})
    await api.ask("GET", "/api/doctors", headers=key)


async def test_a_role_is_given_for_a_time_and_some_doctors_once_and_taken_back(
    api: ApiClient,
) -> None:
    doctor = await api.add_doctor(id="rao")
    await make(api, "asha")
    path = "/api/access/accounts/asha/grants"
    body = {"role": "Doctor", "doctors": [doctor.id], "expiresAt": SOON}
    given = (await api.ask("POST", path, body)).json()
    assert (given["role"], given["doctors"], given["facilityId"]) == ("doctor", ["rao"], "main")
    assert (await api.ask("POST", path, body)).json() == given
    left = (await api.ask("DELETE", f"{path}/{given['id']}")).json()
    assert left["grants"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"role": "doctor"}, 422, "doctors_needed"),
        ({"role": "doctor", "doctors": ["nobody"]}, 404, "unknown_doctor"),
        ({"role": "nurse", "expiresAt": OPENING.isoformat()}, 422, "invalid_expiry"),
        ({"role": "nurse", "facilityId": "north"}, 404, "unknown_facility"),
        ({"role": "emperor"}, 422, "invalid_role"),
        ({"role": "nurse", "expiresAt": "2030-01-15T18:00:00"}, 422, "invalid_instant"),
    ],
)
async def test_what_can_t_be_given_is_refused(
    api: ApiClient, body: Mapping[str, object], status: int, code: str
) -> None:
    await make(api, "asha")
    with refused(status, code):
        await api.ask("POST", "/api/access/accounts/asha/grants", body)


@pytest.fixture
async def hospital(open_client: OpenClient) -> AsyncIterator[ApiClient]:
    """Principals who are known by name, and some who are stored."""
    async with open_client(
        knowing(
            ADMIN,
            DESK,
            ELSEWHERE,
            make_principal(
                "scoped", Role.ADMIN, scope=frozenset({Permission.MANAGE_ACCESS, Permission.CALL})
            ),
            make_principal("of-rao", Role.ADMIN, doctors=["rao"]),
        )
    ) as api:
        yield api


@pytest.mark.parametrize("who", ["scoped", "of-rao", "elsewhere"])
async def test_nobody_gives_more_than_they_have(hospital: ApiClient, who: str) -> None:
    body = {"id": "asha", "kind": "person", "name": "Asha"}
    await hospital.ask("POST", "/api/access/accounts", body, headers=as_("admin"))
    expected = {
        "scoped": (403, "forbidden"),
        "of-rao": (404, "unknown_facility"),
        "elsewhere": (404, "unknown_facility"),
    }
    path, nurse = "/api/access/accounts/asha/grants", {"role": "nurse", "facilityId": "main"}
    status, code = (403, "forbidden") if who == "of-rao" else expected[who]
    with refused(status, code):
        await hospital.ask("POST", path, nurse, headers=as_(who))
    with refused(403, "forbidden"):
        await hospital.ask("POST", path, nurse, headers=as_("desk"))


async def test_nobody_makes_a_key_that_opens_more_than_they_may(hospital: ApiClient) -> None:
    body = {"id": "his", "kind": "client", "name": "HIS", "role": "manager"}
    await hospital.ask("POST", "/api/access/accounts", body, headers=as_("admin"))
    path = "/api/access/accounts/his/keys"
    with refused(403, "forbidden"):
        await hospital.ask("POST", path, {}, headers=as_("scoped"))
    with refused(404, "unknown_account"):
        await hospital.ask("POST", path, {}, headers=as_("elsewhere"))
    await hospital.ask("POST", path, {"scope": ["queue.call"]}, headers=as_("scoped"))


async def test_who_manages_one_facility_learns_nothing_of_another(hospital: ApiClient) -> None:
    body = {"id": "asha", "kind": "person", "name": "Asha", "role": "nurse"}
    await hospital.ask("POST", "/api/access/accounts", body, headers=as_("admin"))
    listed = await hospital.ask("GET", "/api/access/accounts", headers=as_("elsewhere"))
    assert listed.json() == []
    with refused(404, "unknown_account"):
        await hospital.ask("GET", "/api/access/accounts/asha", headers=as_("elsewhere"))
    with refused(404, "unknown_account"):
        await hospital.ask(
            "PATCH", "/api/access/accounts/asha", {"disabled": True}, headers=as_("elsewhere")
        )


async def test_the_last_admin_stays(open_client: OpenClient) -> None:
    """As long as no other is one for good."""
    doors = knowing(ADMIN)
    async with open_client(doors) as hospital:
        me = as_("admin")
        body = {"id": "asha", "kind": "person", "name": "Asha", "role": "admin"}
        asha = (await hospital.ask("POST", "/api/access/accounts", body, headers=me)).json()
        grant = f"/api/access/accounts/asha/grants/{asha['grants'][0]['id']}"
        later = {"role": "admin", "expiresAt": SOON}
        sen = {"id": "sen", "kind": "person", "name": "Sen"}
        await hospital.ask("POST", "/api/access/accounts", sen, headers=me)
        await hospital.ask("POST", "/api/access/accounts/sen/grants", later, headers=me)
        with refused(409, "last_admin"):
            await hospital.ask("DELETE", grant, headers=me)
        with refused(409, "last_admin"):
            await hospital.ask("PATCH", "/api/access/accounts/asha", {"disabled": True}, headers=me)
        await hospital.ask("POST", "/api/access/accounts/sen/grants", {"role": "admin"}, headers=me)
        await hospital.ask("DELETE", grant, headers=me)


async def test_accounts_are_listed_in_order_of_id_page_by_page(api: ApiClient) -> None:
    for name in ("sen", "asha", "rao"):
        await make(api, name)
    first = await api.ask("GET", "/api/access/accounts", query={"limit": 2})
    assert [account["id"] for account in first.json()] == ["asha", "rao"]
    assert 'rel="next"' in first.headers["link"]
    rest = await api.ask("GET", "/api/access/accounts", query={"after": "rao"})
    assert [account["id"] for account in rest.json()] == ["sen"]


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "", {"id": "has space", "kind": "client", "name": "A"}, "invalid_account_id"),
        ("POST", "", {"id": "a", "kind": "patient_link", "name": "A"}, "invalid_kind"),
        (
            "POST",
            "",
            {"id": "a", "kind": "person", "name": "A", "doctors": "rao"},
            "invalid_doctors",
        ),
        ("PATCH", "/desk", {"disabled": "perhaps"}, "invalid_disabled"),
        ("POST", "/desk/keys", {"days": 0}, "invalid_days"),
        ("POST", "/desk/keys", {"scope": ["token.eat"]}, "invalid_permission"),
    ],
)
async def test_what_access_cannot_mean_is_refused(
    api: ApiClient, method: str, path: str, body: Mapping[str, object], code: str
) -> None:
    with refused(422, code):
        await api.ask(method, f"/api/access/accounts{path}", body)
