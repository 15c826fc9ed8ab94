"""A patient's link opens one token, for a time, and ends when the phone number is put right."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from answers.tokens import BookingOut
from config import Environment
from models.token import Status
from services.clock import ManualClock
from tests.api.client import PHONE, ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import GivenSettings, at

OLD, NEW = (f"{name}:{name * 40}" for name in ("k1", "k2"))


@pytest.fixture
async def token(api: ApiClient) -> BookingOut:
    slot = await api.make_slot()
    return await api.book(slot.id)


def link_of(token: BookingOut) -> str:
    assert token.patient_link is not None
    return token.patient_link.removeprefix("/t/")


def bearing(link: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {link}"}


async def _is_refused(api: ApiClient, link: str, token_id: str) -> None:
    with refused(401, "unauthenticated"):
        await api.ask("GET", f"/t/{link}")
    with refused(401, "unauthenticated"):
        await api.ask("GET", f"/api/tokens/{token_id}", headers=bearing(link))


async def test_the_page_tells_where_the_token_stands_and_nobody_by_name(
    api: ApiClient, token: BookingOut
) -> None:
    answer = await api.ask("GET", f"/t/{link_of(token)}")
    assert answer.json() == {
        "tokenNumber": "T001",
        "date": "2030-01-15",
        "startTime": "09:00",
        "status": "BOOKED",
        "position": 1,
        "waitlistPosition": None,
        "estimatedTime": "2030-01-15T09:00:00+05:30",
    }
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["cache-control"] == "no-store"


async def test_looking_changes_nothing(api: ApiClient, token: BookingOut) -> None:
    before = await api.token(token.id)
    for method in ("GET", "HEAD", "GET"):
        assert (await api.client.request(method, f"/t/{link_of(token)}")).status_code == 200
    assert await api.token(token.id) == before
    assert len((await api.ask("GET", "/api/events", query={"token": token.id})).json()) <= 1


async def test_the_link_opens_its_token_its_history_and_lets_it_be_cancelled(
    api: ApiClient, token: BookingOut
) -> None:
    holder = bearing(link_of(token))
    shown = (await api.ask("GET", f"/api/tokens/{token.id}", headers=holder)).json()
    assert (shown["id"], shown["patientId"]) == (token.id, token.patient_id)
    for path in ("history", "explain"):
        told = (await api.ask("GET", f"/api/tokens/{token.id}/{path}", headers=holder)).json()
        assert told["tokenId"] == token.id
    done = (await api.ask("DELETE", f"/api/tokens/{token.id}/cancel", headers=holder)).json()
    assert done["token"]["status"] == "CANCELLED"
    assert (await api.token(token.id)).status is Status.CANCELLED


async def test_the_link_opens_no_other_token_and_nothing_else(
    api: ApiClient, token: BookingOut
) -> None:
    holder = bearing(link_of(token))
    other = await api.book(token.slot_id, "p2")
    for method, path in (
        ("GET", ""),
        ("GET", "/history"),
        ("GET", "/explain"),
        ("DELETE", "/cancel"),
    ):
        with refused(404, "unknown_token"):
            await api.ask(method, f"/api/tokens/{other.id}{path}", headers=holder)
    for path in ("/api/doctors", f"/api/tokens/queue/{token.slot_id}", "/api/events"):
        with refused(403, "forbidden"):
            await api.ask("GET", path, headers=holder)
    mine = await api.ask("GET", f"/api/tokens/patient/{other.patient_id}", headers=holder)
    assert mine.json() == []


async def test_a_link_opens_no_more_than_who_made_it_may(api: ApiClient) -> None:
    slot = await api.make_slot()
    portal = {"id": "portal", "kind": "client", "name": "City portal", "role": "portal"}
    await api.ask("POST", "/api/access/accounts", portal)

    async def book(patient: str, *scope: str) -> BookingOut:
        made = await api.ask("POST", "/api/access/accounts/portal/keys", {"scope": [*scope]})
        return await api.book(slot.id, patient, headers=bearing(made.json()["key"]))

    assert (await book("p1", "token.book.online", "token.cancel")).patient_link is None
    token = await book("p2", "token.book.online", "patient.read")
    holder = bearing(link_of(token))
    await api.ask("GET", f"/api/tokens/{token.id}", headers=holder)
    with refused(403, "forbidden") as refusal:
        await api.ask("DELETE", f"/api/tokens/{token.id}/cancel", headers=holder)
    assert refusal.help == {"permission": "token.cancel"}


async def test_who_was_promoted_by_a_patients_cancelling_is_told_by_number_alone(
    api: ApiClient,
) -> None:
    slot = await api.make_slot(seats=1)
    first, second = await api.book(slot.id, "p1"), await api.book(slot.id, "p2")
    path = f"/api/tokens/{first.id}/cancel"
    answer = await api.ask("DELETE", path, headers=bearing(link_of(first)))
    (promoted,) = answer.json()["promoted"]
    assert (promoted["tokenNumber"], promoted["id"], promoted["patientName"]) == (
        second.token_number,
        None,
        None,
    )
    assert second.id not in answer.text


async def test_a_token_id_alone_opens_nothing(api: ApiClient, token: BookingOut) -> None:
    for text in (token.id, f"opl_{token.id}", f"opl_tryout.c.1999999999.{'A' * 22}.{token.id}"):
        await _is_refused(api, text, token.id)


async def test_an_altered_link_is_refused_whatever_was_altered(
    api: ApiClient, token: BookingOut
) -> None:
    other = await api.book(token.slot_id, "p2")
    link = link_of(token)
    start, rights, end, proof, _ = link.split(".", 4)
    for altered in (
        f"{start}.r.{end}.{proof}.{token.id}",
        f"{start}.{rights}.{int(end) + 1}.{proof}.{token.id}",
        f"{start}.{rights}.{end}.{proof}.{other.id}",
        f"opl_k1.{rights}.{end}.{proof}.{token.id}",
        f"{start}.{rights}.{end}.{proof[:-2]}AA.{token.id}",
        f"{start}.{rights}.{end}.{urlsafe_b64encode(bytes(16)).decode().rstrip('=')}.{token.id}",
        link[:-1],
        link.upper(),
        f"{link}.",
    ):
        await _is_refused(api, altered, token.id)
    assert (await api.ask("GET", f"/t/{link}")).status_code == 200


async def test_a_link_ends_with_the_day_after_its_tokens(
    api: ApiClient, token: BookingOut, clock: ManualClock
) -> None:
    ends = at("00:00", days=2)
    clock.set(ends - timedelta(seconds=1))
    assert (await api.ask("GET", f"/t/{link_of(token)}")).status_code == 200
    clock.set(ends)
    await _is_refused(api, link_of(token), token.id)


async def test_a_phone_number_that_is_put_right_ends_the_links_that_went_to_the_other(
    api: ApiClient, token: BookingOut
) -> None:
    path = f"/api/tokens/{token.id}/patient"
    await api.ask("PATCH", path, {"patientName": "Meera R. Nair", "phoneNumber": PHONE})
    assert (await api.ask("GET", f"/t/{link_of(token)}")).status_code == 200
    await api.ask("PATCH", path, {"phoneNumber": "+91 98450 00000"})
    await _is_refused(api, link_of(token), token.id)


async def test_a_repeated_booking_tells_the_same_link(api: ApiClient) -> None:
    slot, key = await api.make_slot(), {"Idempotency-Key": "k"}
    told = [await api.book(slot.id, headers=key) for _ in range(2)]
    assert told[0].patient_link == told[1].patient_link


async def test_a_link_is_not_known_in_another_run_without_its_key(
    open_client: OpenClient,
) -> None:
    async with open_client(link_keys=SecretStr(OLD)) as api:
        token = await api.book((await api.make_slot()).id)
        async with open_client(link_keys=SecretStr(NEW)) as other:
            with refused(401, "unauthenticated"):
                await other.ask("GET", f"/t/{link_of(token)}")


@pytest.mark.integration
class TestKeyring:
    """On a database that outlives the service."""

    @pytest.fixture
    def settings(self, address: str) -> GivenSettings:
        return GivenSettings(mongodb_uri=SecretStr(address))

    async def test_the_new_key_signs_and_the_old_one_verifies_until_it_is_taken_out(
        self, open_client: OpenClient, tmp_path: Path
    ) -> None:
        async with open_client(link_keys=SecretStr(OLD)) as api:
            slot = await api.make_slot()
            old = await api.book(slot.id, "p1")
        file = tmp_path / "keys"
        file.write_text(f"{NEW}\n{OLD}\n")
        async with open_client(link_keys_file=file) as api:
            new = await api.book(slot.id, "p2")
            assert link_of(new).startswith("opl_k2.")
            for each in (old, new):
                assert (await api.ask("GET", f"/t/{link_of(each)}")).status_code == 200
        async with open_client(link_keys=SecretStr(NEW)) as api:
            assert (await api.ask("GET", f"/t/{link_of(new)}")).status_code == 200
            with refused(401, "unauthenticated"):
                await api.ask("GET", f"/t/{link_of(old)}")


def test_production_without_keys_gives_no_links() -> None:
    production = GivenSettings(environment=Environment.PRODUCTION, embedded_file="data/x.sqlite")
    assert production.keyring == {}
    assert any("LINK_KEYS" in doubt for doubt in production.doubts())
    assert GivenSettings().keyring


def test_production_refuses_the_key_of_the_try_out() -> None:
    (id_, secret), *_ = GivenSettings().keyring.items()
    with pytest.raises(ValidationError, match="LINK_KEYS"):
        GivenSettings(
            environment=Environment.PRODUCTION,
            embedded_file="data/x.sqlite",
            link_keys=SecretStr(f"{id_}:{secret}"),
        )


@pytest.mark.parametrize("keys", ["k1", "k1:short", f"k-1:{'s' * 40}", f":{'s' * 40}"])
def test_a_key_that_is_too_short_or_has_no_id_is_refused_and_not_told(keys: str) -> None:
    with pytest.raises(ValidationError) as caught:
        GivenSettings(link_keys=SecretStr(keys))
    assert "sss" not in str(caught.value)
