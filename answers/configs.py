"""How a doctor's line is run."""

from answers.answer import Answer
from models.line import Order
from models.line_config import Overflow
from models.source import Source
from services.config_service import LineSettings


class WeightsOut(Answer, frozen=True):
    """What each part counts in the order weighted."""

    source: float
    waiting: float
    appointment: float


class ConfigOut(Answer, frozen=True):
    """What a doctor's line goes by. `own` names what is this doctor's; the rest is the service's."""

    doctor_id: str
    order: Order
    head_start_minutes: dict[Source, int]
    weights: WeightsOut
    overflow: Overflow
    accepting: bool
    max_size: int | None
    consultation_minutes: int
    use_history: bool
    pool: bool
    own: list[str]


def show_config(settings: LineSettings) -> ConfigOut:
    """The answer to how a line is run."""
    policy = settings.policy
    weights = policy.weights
    return ConfigOut(
        doctor_id=settings.doctor.id,
        order=policy.order,
        head_start_minutes=dict(policy.head_starts),
        weights=WeightsOut(weights.source, weights.waiting, weights.appointment),
        overflow=policy.overflow,
        accepting=policy.accepting,
        max_size=policy.max_size,
        consultation_minutes=policy.consultation_minutes,
        use_history=policy.use_history,
        pool=policy.pool,
        own=[name for name, _ in settings.doctor.config.own()],
    )
