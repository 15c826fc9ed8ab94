"""A mark that makes a token an emergency or a paid one."""

import pytest

from models.source import Source
from models.token import Status
from tests.api.client import ApiClient, refused

pytestmark = pytest.mark.both_databases


async def test_who_waits_gets_the_seat_of_a_paid_one_and_may_lose_it_again(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    online = await api.book(slot.id, "p1", Source.ONLINE)
    waiting = await api.book(slot.id, "p2", Source.WALKIN)
    with refused(422, "missing_field"):
        await api.do(waiting.id, "mark", mark="PRIORITY")
    raised = await api.do(waiting.id, "mark", mark="priority", reason="Paid at the desk")
    assert (raised.source, raised.priority, raised.mark) == ("PRIORITY", 500, "PRIORITY")
    assert (raised.status, raised.token_number) == (Status.BOOKED, "T002")
    assert (await api.token(online.id)).status is Status.WAITLISTED
    history = (await api.ask("GET", f"/api/tokens/{waiting.id}/history")).json()["entries"]
    assert history[-1]["words"] == (
        "The token was marked PRIORITY. You now have a seat in the slot 09:00-10:00."
    )
    assert history[-1]["note"] == "Paid at the desk"
    again = await api.do(waiting.id, "mark", mark=None)
    assert (again.source, again.priority, again.status) == ("WALKIN", 100, Status.WAITLISTED)
    assert (await api.token(online.id)).status is Status.BOOKED


async def test_an_emergency_without_any_seat_is_refused_with_those_that_there_are(
    api: ApiClient,
) -> None:
    first, second = await api.make_day(1, 1)
    await api.book_all(first.id, [Source.EMERGENCY] * 4)
    waiting = await api.book(first.id, "p9", Source.WALKIN)
    with refused(409, "slot_full") as refusal:
        await api.do(waiting.id, "mark", mark="EMERGENCY", reason="Chest pain")
    assert refusal.help == {
        "alternatives": [{"slotId": second.id, "startTime": "10:00", "endTime": "11:00"}]
    }
    assert (await api.token(waiting.id)).mark is None
