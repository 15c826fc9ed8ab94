"""What a grant opens it opens for its facility and its doctors, and a portal its own tokens alone."""

from collections.abc import AsyncIterator

import pytest

from models.access import Kind, Permission, Principal, Role
from services.access.doorkeeper import Doorkeeper
from tests.api.client import ApiClient, booking, refused
from tests.api.conftest import OpenClient
from tests.principals import Names, as_, knowing, make_principal

pytestmark = pytest.mark.both_databases

STRANGER = "rao-20300115-aaaaaaaaaaaa"


@pytest.fixture
async def api(open_client: OpenClient) -> AsyncIterator[ApiClient]:
    """Two doctors, rao and iyer, each with an hour; an admin asks if nobody else is named."""
    admin = make_principal("admin", Role.ADMIN)
    door = knowing(
        admin,
        make_principal("desk", Role.RECEPTIONIST),
        make_principal("rao", Role.DOCTOR, doctors=["rao"]),
        make_principal("portal", Role.PORTAL),
        make_principal("other", Role.PORTAL),
        make_principal("elsewhere", Role.ADMIN, facility="north"),
    )
    async with open_client(door) as api:
        api.client.headers.update(as_("admin"))
        for doctor in ("rao", "iyer"):
            await api.add_doctor(id=doctor)
            await api.add_slot(doctor)
        yield api


SLOT, OTHER_SLOT = "rao-20300115-0900", "iyer-20300115-0900"


# Doctors


async def test_a_doctor_runs_their_own_day_and_no_other(api: ApiClient) -> None:
    own = await api.book(SLOT, headers=as_("rao"))
    other = await api.book(OTHER_SLOT)
    await api.ask("PATCH", f"/api/slots/{SLOT}", {"status": "CLOSED"}, headers=as_("rao"))
    await api.ask("GET", f"/api/tokens/{own.id}", headers=as_("rao"))
    for method, path, body, permission in (
        ("PATCH", f"/api/slots/{OTHER_SLOT}", {"status": "CLOSED"}, "slot.close"),
        ("GET", f"/api/slots/{OTHER_SLOT}", None, "queue.read"),
        ("GET", "/api/queue/iyer", None, "queue.read"),
        ("GET", "/api/doctors/iyer", None, "queue.read"),
        ("GET", f"/api/tokens/{other.id}", None, "patient.read"),
        ("GET", f"/api/tokens/{other.id}/history", None, "patient.read"),
        ("DELETE", f"/api/tokens/{other.id}/cancel", None, "token.cancel"),
        ("POST", "/api/tokens/book", booking(OTHER_SLOT, "p9"), "token.book.online"),
        ("GET", "/api/events?sheet=iyer-20300115", None, "event.read"),
    ):
        with refused(403, "forbidden") as refusal:
            await api.ask(method, path, body, headers=as_("rao"))
        assert refusal.help == {"permission": permission}, path


async def test_lists_hold_the_doctors_that_one_may_read(api: ApiClient) -> None:
    async def ids(name: str) -> list[str]:
        return [
            each["id"] for each in (await api.ask("GET", "/api/doctors", headers=as_(name))).json()
        ]

    assert await ids("desk") == ["iyer", "rao"]
    assert await ids("rao") == ["rao"]
    assert await ids("elsewhere") == []


async def test_allocate_picks_among_the_doctors_that_one_may_book(api: ApiClient) -> None:
    body = {"source": "WALKIN", "patientName": "Ravi", "phoneNumber": "098450 54321"}
    for _ in range(3):
        answer = await api.ask("POST", "/api/tokens/allocate", body, headers=as_("rao"))
        assert answer.json()["doctorId"] == "rao"
    with refused(403, "forbidden"):
        await api.ask(
            "POST", "/api/tokens/allocate", {**body, "doctorId": "iyer"}, headers=as_("rao")
        )
    with refused(403, "forbidden") as refusal:
        await api.ask("POST", "/api/tokens/allocate", body, headers=as_("portal"))
    assert refusal.help == {"permission": "token.book.walkin"}
    with refused(409, "no_slot"):
        await api.ask("POST", "/api/tokens/allocate", body, headers=as_("elsewhere"))


async def test_who_lost_the_right_has_no_repeat_of_an_allocation_either(
    open_client: OpenClient,
) -> None:
    names = Names([make_principal("admin", Role.ADMIN), make_principal("portal", Role.PORTAL)])
    body = {"source": "ONLINE", "patientName": "Ravi", "phoneNumber": "098450 54321"}
    headers = {**as_("portal"), "Idempotency-Key": "7f9c2ba4"}
    async with open_client(Doorkeeper([names])) as api:
        await api.make_slot(headers=as_("admin"))
        for _ in range(2):
            await api.ask("POST", "/api/tokens/allocate", body, headers=headers)
        left = frozenset({Permission.BOOK_PRIORITY})
        names.know(make_principal("portal", Role.PORTAL, scope=left))
        with refused(403, "forbidden") as refusal:
            await api.ask("POST", "/api/tokens/allocate", body, headers=headers)
        assert refusal.help == {"permission": "token.book.online"}


# Facilities


async def test_what_is_of_another_facility_does_not_exist(api: ApiClient) -> None:
    token = await api.book(SLOT)
    for method, path, body, code in (
        ("GET", "/api/doctors/rao", None, "unknown_doctor"),
        ("PATCH", "/api/doctors/rao", {"retired": True}, "unknown_doctor"),
        ("GET", "/api/queue/rao", None, "unknown_doctor"),
        ("GET", "/api/slots/doctor/rao", None, "unknown_doctor"),
        ("GET", "/api/slots/doctor/rao/available", None, "unknown_doctor"),
        ("GET", f"/api/slots/{SLOT}", None, "unknown_slot"),
        ("GET", f"/api/slots/{SLOT}/stats", None, "unknown_slot"),
        ("PATCH", f"/api/slots/{SLOT}", {"maxCapacity": 9}, "unknown_slot"),
        ("PATCH", f"/api/slots/{SLOT}/delay?delay_minutes=5", None, "unknown_slot"),
        ("POST", "/api/tokens/book", booking(SLOT, "p2"), "unknown_slot"),
        ("GET", f"/api/tokens/queue/{SLOT}", None, "unknown_slot"),
        ("POST", f"/api/tokens/reallocate/{SLOT}", {}, "unknown_slot"),
        ("GET", f"/api/tokens/{token.id}", None, "unknown_token"),
        ("GET", f"/api/tokens/{token.id}/history", None, "unknown_token"),
        ("GET", f"/api/tokens/{token.id}/explain", None, "unknown_token"),
        ("PATCH", f"/api/tokens/{token.id}/patient", {"patientName": "X"}, "unknown_token"),
        ("PATCH", f"/api/tokens/{token.id}/status", {"status": "CHECKED_IN"}, "unknown_token"),
        ("DELETE", f"/api/tokens/{token.id}/cancel", None, "unknown_token"),
    ):
        with refused(404, code):
            await api.ask(method, path, body, headers=as_("elsewhere"))
    for path in (
        "/api/doctors",
        "/api/events",
        "/api/events?sheet=rao-20300115",
        f"/api/events?token={token.id}",
        f"/api/tokens/patient/{token.patient_id}",
    ):
        assert (await api.ask("GET", path, headers=as_("elsewhere"))).json() == []
    with refused(404, "unknown_facility"):
        await api.add_doctor(facilityId="main", headers=as_("elsewhere"))


async def test_a_new_doctor_is_of_the_facility_where_one_may_add_them(api: ApiClient) -> None:
    with refused(404, "unknown_facility"):  # of which the settings know nothing
        await api.add_doctor(headers=as_("elsewhere"))


# Tokens of others


async def test_a_portal_reaches_the_tokens_that_it_booked_and_no_others(api: ApiClient) -> None:
    own = await api.book(SLOT, "p1", headers=as_("portal"))
    for name in ("other", "admin"):
        others = await api.book(SLOT, f"of-{name}", headers=as_(name))
        for method, path in (
            ("GET", ""),
            ("GET", "/history"),
            ("GET", "/explain"),
            ("DELETE", "/cancel"),
        ):
            for token_id in (others.id, STRANGER):
                with refused(404, "unknown_token"):
                    await api.ask(method, f"/api/tokens/{token_id}{path}", headers=as_("portal"))
        path = f"/api/tokens/patient/{others.patient_id}"
        assert (await api.ask("GET", path, headers=as_("portal"))).json() == []
        path = f"/api/events?token={others.id}"
        assert (await api.ask("GET", path, headers=as_("portal"))).json() == []
    listed = await api.ask("GET", "/api/tokens/patient/p1", headers=as_("portal"))
    assert [each["id"] for each in listed.json()] == [own.id]
    for path in ("", "/history", "/explain"):
        await api.ask("GET", f"/api/tokens/{own.id}{path}", headers=as_("portal"))
    cancelled = await api.ask("DELETE", f"/api/tokens/{own.id}/cancel", headers=as_("portal"))
    assert cancelled.json()["token"]["status"] == "CANCELLED"


# What is changed decides which permission it takes


async def test_each_change_of_a_slot_takes_its_own_permission(open_client: OpenClient) -> None:
    changes: dict[Permission, list[dict[str, object]]] = {
        Permission.PLAN_SLOT: [{"maxCapacity": 9}, {"status": "OPEN"}],
        Permission.CLOSE_SLOT: [{"status": "CLOSED"}],
    }
    slot_rights = frozenset({Permission.PLAN_SLOT, Permission.CLOSE_SLOT, Permission.DELAY_SLOT})
    scopes = {each.value: frozenset({each}) for each in slot_rights}
    door = knowing(
        make_principal("admin", Role.ADMIN),
        *(make_principal(name, Role.ADMIN, scope=scope) for name, scope in scopes.items()),
    )
    async with open_client(door) as api:
        slot = await api.make_slot(headers=as_("admin"))
        path = f"/api/slots/{slot.id}"
        for needed, bodies in changes.items():
            for body in bodies:
                for name in scopes:
                    if name == needed:
                        await api.ask("PATCH", path, body, headers=as_(name))
                    else:
                        with refused(403, "forbidden") as refusal:
                            await api.ask("PATCH", path, body, headers=as_(name))
                        assert refusal.help == {"permission": needed}
        both = {"maxCapacity": 9, "status": "CLOSED"}
        for name in scopes:
            with refused(403, "forbidden"):
                await api.ask("PATCH", path, both, headers=as_(name))


async def test_each_status_takes_its_own_permission(open_client: OpenClient) -> None:
    needs = {
        "CHECKED_IN": Permission.CHECK_IN,
        "CALLED": Permission.CALL,
        "IN_CONSULTATION": Permission.CALL,
        "COMPLETED": Permission.CALL,
        "NO_SHOW": Permission.CALL,
        "CANCELLED": Permission.CANCEL,
    }
    door = knowing(
        make_principal("admin", Role.ADMIN),
        *(
            make_principal(each, Role.ADMIN, scope=frozenset({each}))
            for each in set(needs.values())
        ),
    )
    async with open_client(door) as api:
        slot = await api.make_slot(headers=as_("admin"))
        token = await api.book(slot.id, headers=as_("admin"))
        path = f"/api/tokens/{token.id}/status"
        for status, needed in needs.items():
            for other in set(needs.values()) - {needed}:
                with refused(403, "forbidden") as refusal:
                    await api.ask("PATCH", path, {"status": status}, headers=as_(other))
                assert refusal.help == {"permission": needed}
        for status in ("CHECKED_IN", "CALLED", "NO_SHOW"):
            await api.ask("PATCH", path, {"status": status}, headers=as_(needs[status]))


async def test_to_reallocate_is_to_move_and_to_close_takes_more(api: ApiClient) -> None:
    await api.book(SLOT)
    path = f"/api/tokens/reallocate/{SLOT}"
    with refused(403, "forbidden") as refusal:
        await api.ask("POST", path, {}, headers=as_("desk"))
    assert refusal.help == {"permission": "slot.close"}
    assert (await api.ask("POST", path, {"close": False}, headers=as_("desk"))).status_code == 200
    assert (await api.ask("POST", path, {}, headers=as_("rao"))).status_code == 200


# A patient's link


@pytest.mark.parametrize("cancels", [True, False])
async def test_a_link_opens_its_one_token(open_client: OpenClient, *, cancels: bool) -> None:
    rights = {Permission.READ_PATIENT, *([Permission.CANCEL] if cancels else [])}
    names = Names([make_principal("admin", Role.ADMIN)])
    async with open_client(Doorkeeper([names])) as api:
        slot = await api.make_slot(headers=as_("admin"))
        own, other = [
            await api.book(slot.id, patient, headers=as_("admin")) for patient in ("p1", "p2")
        ]
        link = Principal(
            id="link", kind=Kind.PATIENT_LINK, token_id=own.id, rights=frozenset(rights)
        )
        names.know(link)
        for path in ("", "/history", "/explain"):
            await api.ask("GET", f"/api/tokens/{own.id}{path}", headers=as_("link"))
            with refused(404, "unknown_token"):
                await api.ask("GET", f"/api/tokens/{other.id}{path}", headers=as_("link"))
        for patient, tokens in (("p1", [own.id]), ("p2", [])):
            path = f"/api/tokens/patient/{patient}"
            listed = (await api.ask("GET", path, headers=as_("link"))).json()
            assert [each["id"] for each in listed] == tokens
        for path in (f"/api/slots/{slot.id}", f"/api/tokens/queue/{slot.id}", "/api/events"):
            with refused(403, "forbidden"):
                await api.ask("GET", path, headers=as_("link"))
        with refused(404 if cancels else 403, "unknown_token" if cancels else "forbidden"):
            await api.ask("DELETE", f"/api/tokens/{other.id}/cancel", headers=as_("link"))
        if cancels:
            path = f"/api/tokens/{own.id}/status"
            with refused(403, "forbidden") as refusal:
                await api.ask("PATCH", path, {"status": "CHECKED_IN"}, headers=as_("link"))
            assert refusal.help == {"permission": "token.check_in"}
            path = f"/api/tokens/{own.id}/cancel"
            assert (await api.ask("DELETE", path, headers=as_("link"))).status_code == 200
