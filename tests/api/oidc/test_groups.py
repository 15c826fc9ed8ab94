"""Who signs in with the identity provider is a person of their own, who may what their groups give."""

from datetime import timedelta

import pytest

from models.account import Identity
from services.access.provided_accounts import account_id_of
from services.clock import ManualClock
from tests.api.browser import PASSWORD, Browser, hire_with_password
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient
from tests.api.oidc.coming import come, deeds, who
from tests.api.oidc.provider import Provider


async def _account(api: ApiClient, account_id: object) -> dict[str, object]:
    answer = await api.ask("GET", f"/api/access/accounts/{account_id}")
    told: dict[str, object] = answer.json()
    return told


def _given(account: dict[str, object]) -> set[tuple[str, str, tuple[str, ...]]]:
    grants = account["grants"]
    assert isinstance(grants, list)
    return {(each["role"], each["facilityId"], tuple(each["doctors"])) for each in grants}


# Whom the service takes them for


async def test_a_person_is_who_the_provider_says_whatever_they_are_called(
    api: ApiClient, provider: Provider
) -> None:
    await hire_with_password(api)
    browser = Browser(api)
    provider.claims |= {"preferred_username": "asha", "email": "asha@example.org"}
    await come(browser)
    first = await who(browser)
    assert first["id"] != "asha"
    provider.claims |= {"name": "Asha Iyer", "email": "other@example.org"}
    await come(browser)
    again = await who(browser)
    assert (again["id"], again["name"]) == (first["id"], "Asha Iyer")
    provider.claims["sub"] = "u-18"
    await come(browser)
    assert (await who(browser))["id"] not in (first["id"], "asha")


async def test_nobody_gives_such_a_person_a_password_or_a_right(api: ApiClient) -> None:
    browser = Browser(api)
    await come(browser)
    known = (await who(browser))["id"]
    link = await api.client.post(f"/api/access/accounts/{known}/link")
    assert (link.status_code, link.json()["code"]) == (409, "signs_in_elsewhere")
    more = {"role": "admin"}
    grant = await api.client.post(f"/api/access/accounts/{known}/grants", json=more)
    assert (grant.status_code, grant.json()["code"]) == (409, "signs_in_elsewhere")
    assert (await browser.sign_in(str(known), "")).status_code == 401


async def test_an_account_that_only_has_the_id_of_a_person_is_not_theirs(
    api: ApiClient, provider: Provider
) -> None:
    taken = account_id_of(Identity(issuer=provider.issuer, subject="u-17"))
    body = {"id": taken, "kind": "person", "name": "Mallory", "role": "nurse"}
    await api.ask("POST", "/api/access/accounts", body)
    browser = Browser(api)
    assert (await come(browser)).status_code == 409
    assert browser.session is None
    assert _given(await _account(api, taken)) == {("nurse", "main", ())}


# What their groups are given


async def test_the_groups_say_what_one_may_and_no_more(api: ApiClient, provider: Provider) -> None:
    provider.claims["groups"] = ["OPD Desk", "cn=rao,ou=doctors", "Everybody"]
    browser = Browser(api)
    await come(browser)
    account = await _account(api, (await who(browser))["id"])
    assert _given(account) == {("receptionist", "main", ()), ("doctor", "main", ("rao",))}
    assert (await browser.call("GET", "/api/doctors")).status_code == 200
    assert (await browser.call("GET", "/api/access/accounts")).status_code == 403


async def test_the_next_sign_in_replaces_what_the_groups_gave(
    api: ApiClient, provider: Provider
) -> None:
    browser = Browser(api)
    await come(browser)
    known = (await who(browser))["id"]
    first = await _account(api, known)
    await come(browser)
    assert await _account(api, known) == first
    provider.claims["groups"] = ["cn=rao,ou=doctors"]
    other = Browser(api)
    await come(other)
    assert _given(await _account(api, known)) == {("doctor", "main", ("rao",))}
    assert sorted(str(each["what"]) for each in await deeds(api, known)) == [
        "account.made",
        "grants.replaced",
        "session.begun",
        "session.begun",
        "session.begun",
    ]
    (change,) = [each for each in await deeds(api, known) if each["what"] == "grants.replaced"]
    assert change["details"] == {
        "before": "receptionist@main",
        "given": "doctor@main:rao",
    }
    assert (await browser.call("GET", "/api/access/session")).status_code == 200


@pytest.mark.parametrize("groups", [[], ["Everybody"], ["opd desk"], None, 7, {"OPD Desk": 1}])
async def test_who_is_in_no_group_that_is_given_a_role_has_no_account(
    api: ApiClient, provider: Provider, groups: object
) -> None:
    provider.claims["groups"] = groups
    before = (await api.ask("GET", "/api/access/accounts")).json()
    browser = Browser(api)
    answer = await come(browser)
    assert answer.status_code == 403
    assert "none of your groups has a role here" in answer.text
    assert browser.session is None
    assert (await api.ask("GET", "/api/access/accounts")).json() == before
    refused = await deeds(api, "nobody")
    assert [(each["what"], each["details"]) for each in refused] == [
        ("session.refused", {"why": "no_role_for_groups"})
    ]


async def test_who_left_every_group_keeps_nothing_and_no_session(
    api: ApiClient, provider: Provider
) -> None:
    browser = Browser(api)
    await come(browser)
    known = (await who(browser))["id"]
    provider.claims["groups"] = []
    assert (await come(Browser(api))).status_code == 403
    assert (await browser.call("GET", "/api/access/session")).status_code == 401
    assert _given(await _account(api, known)) == set()
    provider.claims["groups"] = ["OPD Desk"]
    assert (await come(browser)).status_code == 303
    assert _given(await _account(api, known)) == {("receptionist", "main", ())}


async def test_one_group_told_as_a_text_is_one(api: ApiClient, provider: Provider) -> None:
    provider.claims["groups"] = "OPD Desk"
    assert (await come(Browser(api))).status_code == 303


async def test_the_claim_that_has_the_groups_can_be_another(
    open_client: OpenClient, provider: Provider
) -> None:
    claim = "https://hospital.example/roles"
    provider.claims |= {"groups": ["/opd/admins"], claim: ["OPD Desk"]}
    async with open_client(**provider.settings, oidc_groups_claim=claim) as api:
        browser = Browser(api)
        await come(browser)
        account = await _account(api, (await who(browser))["id"])
        assert _given(account) == {("receptionist", "main", ())}


async def test_what_was_delegated_stays_through_a_sign_in(
    api: ApiClient, provider: Provider, clock: ManualClock
) -> None:
    """It has an end of its own, and its giver's."""
    await api.add_doctor(id="rao")
    desk, doctor = Browser(api), Browser(api)
    await come(desk)
    assistant = (await who(desk))["id"]
    provider.claims = {"sub": "u-99", "name": "Dr. Rao", "groups": ["cn=rao,ou=doctors"]}
    await come(doctor)
    until = (clock.now() + timedelta(days=2)).isoformat()
    body = {"doctorId": "rao", "to": assistant, "expiresAt": until}
    csrf = {"x-csrf-token": await doctor.csrf()}
    made = await doctor.call("POST", "/api/access/delegations", body, csrf)
    assert made.status_code == 201, made.text
    provider.claims = {"sub": "u-17", "groups": ["/opd/nurses"]}
    await come(desk)
    assert _given(await _account(api, assistant)) == {
        ("nurse", "main", ()),
        ("doctor", "main", ("rao",)),
    }


async def test_an_admin_by_group_does_not_stand_for_the_last_one_of_the_service_itself(
    api: ApiClient, provider: Provider
) -> None:
    """The provider may take it back, or be away."""
    await hire_with_password(api)
    await api.ask("POST", "/api/access/accounts/asha/grants", {"role": "admin"})
    asha, other = Browser(api), Browser(api)
    await asha.sign_in("asha", PASSWORD)
    provider.claims["groups"] = ["/opd/admins"]
    await come(other)
    csrf = {"x-csrf-token": await other.csrf()}
    refused = await other.call("PATCH", "/api/access/accounts/asha", {"disabled": True}, csrf)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")


async def test_who_is_locked_out_here_stays_so(api: ApiClient, provider: Provider) -> None:
    browser = Browser(api)
    await come(browser)
    known = (await who(browser))["id"]
    await api.ask("PATCH", f"/api/access/accounts/{known}", {"disabled": True})
    provider.claims["groups"] = ["/opd/admins"]
    answer = await come(browser)
    assert answer.status_code == 403
    assert "locked out" in answer.text
    assert _given(await _account(api, known)) == {("receptionist", "main", ())}
