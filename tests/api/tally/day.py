"""What is done with the day that was seen."""

from models.doctor_session import SessionState
from models.patient import Newcomer
from models.source import Source
from models.token import Status
from services.numbers_service import SpanNumbers
from services.opd import Opd
from services.requests import NewBooking
from tests.api.service import DAY
from tests.principals import make_caller

SHEET = "rao-20300115"


async def finish(opd: Opd) -> None:
    """The doctor has seen all."""
    await opd.queues.set_session(
        make_caller(), "rao", DAY, state=SessionState.FINISHED, until=None, note=None
    )


async def copy(opd: Opd) -> None:
    """The relay copies what is left before it stops."""
    opd.relay.start()
    await opd.relay.stop()


async def numbers(opd: Opd) -> SpanNumbers:
    return await opd.numbers.of_days(make_caller(), DAY, DAY, None)


async def check_in_another(opd: Opd) -> None:
    """Two events more of the same day."""
    asked = NewBooking(slot_id=f"{SHEET}-0900", source=Source.WALKIN, patient=Newcomer(name="Ravi"))
    token = (await opd.bookings.book(make_caller(), asked)).token.token
    await opd.tokens.change_status(make_caller(), token.id, Status.CHECKED_IN)
    await copy(opd)
