"""A day of the out-patient department as pages show it: two doctors, patients in every state."""

from datetime import timedelta

from answers.tokens import BookingOut
from models.source import Source
from services.clock import ManualClock
from tests.api.client import ApiClient

NAMES = ("Meera Nair", "Ravi Kumar", "Lakshmi Iyer", "Arjun Singh", "सुनीता देवी", "John D'Souza")
SOURCES = (Source.ONLINE, Source.WALKIN, Source.FOLLOWUP, Source.PRIORITY)


async def fill_day(api: ApiClient, clock: ManualClock, tokens: int = 24, here: int = 6) -> None:
    """Doctor rao's and doctor iyer's, from 09:00 on; it ends at 09:40.

    Half of the tokens are rao's: of so many who came two were seen, one is inside, the others wait;
    the rest are yet to come. The last of six has one minute less than ten to wait.
    """
    await api.add_doctor("Asha Rao", "Cardiology", id="rao")
    await api.add_doctor("Vikram Iyer", "Skin", id="iyer")
    seats = max(6, tokens // 8 + 1)
    for doctor in ("rao", "iyer"):
        for hour in range(9, 13):
            await api.add_slot(doctor, f"{hour:02}:00", f"{hour + 1:02}:00", seats)
    clock.advance(timedelta(minutes=55))
    for n in range(tokens):
        doctor = "rao" if n % 2 == 0 else "iyer"
        hour = 9 + n * 4 // tokens
        await api.book(
            f"{doctor}-20300115-{hour:02}00",
            f"MRN-{1000 + n}",
            SOURCES[n // 2 % 4],
            patientName=NAMES[n % 6],
            phoneNumber=f"+91 98450 {10000 + n}",
        )
    clock.advance(timedelta(minutes=5))
    line = [entry.token.id for entry in (await api.line("rao")).line]
    await api.say("rao", "IN_SESSION")
    for n, token_id in enumerate(line[:here]):
        assert token_id is not None
        await api.do(token_id, "check-in")
        clock.advance(timedelta(minutes=int(n < 6)))
    for _ in range(3):
        called = await api.call_next("rao", room="2")
        assert called.token is not None
        assert called.token.id is not None
        await api.do(called.token.id, "start")
        clock.advance(timedelta(minutes=11))
        if _ < 2:
            await api.do(called.token.id, "complete")


async def share_raos_line(api: ApiClient) -> BookingOut:
    """With another doctor, Ravi Sen, for whom an emergency waits: T001 again."""
    rao = await api.doctor("rao")
    await api.add_doctor("Ravi Sen", rao.specialization, id="sen")
    slot = await api.add_slot("sen", "09:00", "12:00", 5)
    for doctor_id in ("rao", "sen"):
        await api.ask("PUT", f"/api/queue/{doctor_id}/config", {"pool": True})
    urgent = await api.book(slot.id, "urgent", Source.EMERGENCY)
    await api.do(urgent.id, "check-in")
    return urgent
