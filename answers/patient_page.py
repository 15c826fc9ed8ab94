"""What a patient sees of the token whose link they hold."""

from datetime import date

from answers.answer import Answer, Instant
from models.local_time import local_label
from models.token import Status
from services.views import TokenView


class PatientPageOut(Answer, frozen=True):
    """Where a patient's token stands; nothing of who they are, for a link may be passed on."""

    token_number: str
    date: date
    start_time: str
    status: Status
    position: int | None
    waitlist_position: int | None
    estimated_time: Instant | None


def show_patient_page(view: TokenView) -> PatientPageOut:
    """The page's answer."""
    token, standing, zone = view.token, view.standing, view.sheet.zone
    timed = view.sheet.timeline.get(token.slot_id)
    assert timed is not None  # noqa: S101  # a token's slot stands on its sheet
    return PatientPageOut(
        token_number=token.label,
        date=view.sheet.date,
        start_time=local_label(timed.slot.start, zone),
        status=token.status,
        position=standing.position,
        waitlist_position=standing.waitlist_position,
        estimated_time=standing.estimated_time and standing.estimated_time.astimezone(zone),
    )
