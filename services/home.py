"""What the settings say of the facility: which it is, and the numbers of its rules."""

from config import Settings
from models.access import Facility
from models.line import Order, Weights
from models.line_config import Overflow
from models.policy import Policy
from models.source import Source


def home_from(settings: Settings) -> Facility:
    """The facility of the settings."""
    return Facility(settings.facility_id, settings.facility_name, settings.facility_timezone)


def policy_from(settings: Settings) -> Policy:
    """The rules' numbers as the facility has set them."""
    return Policy(
        scores={source: getattr(settings, source.row.score_setting) for source in Source},
        consultation_minutes=settings.default_slot_duration,
        emergency_overflow=settings.emergency_overflow,
        max_bumps=settings.max_bumps,
        max_tokens_per_sheet=settings.max_tokens_per_sheet,
        order=Order(settings.queue_order),
        head_starts={Source[name]: minutes for name, minutes in settings.head_starts.items()},
        late_grace_minutes=settings.late_arrival_grace,
        no_show_minutes=settings.no_show_timeout,
        early_minutes=settings.checkin_early,
        weights=Weights(**settings.weights),
        overflow=Overflow(settings.queue_overflow),
        overflow_minutes=settings.overflow_minutes,
    )
