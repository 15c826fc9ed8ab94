"""What a route needs, each service by itself: its signature tells what it can reach."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypedDict, TypeVar, cast

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from routes.methods import SAFE
from routes.views import Easel
from services.access.access import Access
from services.access.doorkeeper import Doorkeeper
from services.access.links import Links
from services.access_service import AccessService
from services.allocation_service import AllocationService
from services.audit_service import AuditService
from services.booking_service import BookingService
from services.clock import Clock
from services.clock_service import ClockService
from services.config_service import ConfigService
from services.delegation_service import DelegationService
from services.demo import Demo
from services.doctor_service import DoctorService
from services.encounter_service import EncounterService
from services.feed import Feed
from services.health import Health
from services.history_service import HistoryService
from services.invitation_service import InvitationService
from services.kiosk_service import KioskService
from services.metrics import Metrics
from services.numbers_service import NumbersService
from services.opd import Opd
from services.patient_service import PatientService
from services.queue_service import QueueService
from services.slot_service import SlotService
from services.token_service import TokenService
from services.wording.catalogue import Catalogue


class State(TypedDict):
    """What the lifespan builds; each request finds it in its scope."""

    opd: Opd
    doorkeeper: Doorkeeper
    clock: Clock
    health: Health
    metrics: Metrics
    max_connections: int
    demo: Demo | None
    language: str


S = TypeVar("S")


def _service(pick: Callable[[Opd], S]) -> Callable[[Request], Awaitable[S]]:
    """The dependency that gives one of the services, while they may take requests."""

    async def service(request: Request) -> S:
        state: State = request.scope["state"]
        state["health"].refuse_if_not_ready(writing=request.method not in SAFE)
        return pick(state["opd"])

    return service


async def _health(request: Request) -> Health:
    health: Health = request.state.health
    return health


async def _demo(request: Request) -> Demo | None:
    demo: Demo | None = request.state.demo
    return demo


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.state.metrics
    return metrics


async def _no_query(request: Request) -> None:
    """Operations with a query name what they take and refuse the rest; the others take nothing."""
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    if request.query_params and isinstance(route, APIRoute) and not route.dependant.query_params:
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": ("query", name), "msg": ""}
                for name in request.query_params
            ]
        )


@dataclass(frozen=True)
class Stage:
    """What watching takes: who tells, and what is told."""

    feed: Feed
    easel: Easel
    queues: QueueService
    tokens: TokenService

    @staticmethod
    def of(connection: HTTPConnection) -> "Stage":
        """Raises what Health.refuse_if_not_ready raises."""
        health: Health = connection.state.health
        health.refuse_if_not_ready(writing=False)
        opd: Opd = connection.state.opd
        easel = Easel(opd.watching, opd.words, opd.clock)
        return Stage(opd.feed, easel, opd.queues, opd.tokens)


async def _stage(request: Request) -> Stage:
    return Stage.of(request)


NO_UNKNOWN_QUERY = Depends(_no_query)

TheDoctors = Annotated[DoctorService, Depends(_service(lambda opd: opd.doctors))]
TheSlots = Annotated[SlotService, Depends(_service(lambda opd: opd.slots))]
TheTokens = Annotated[TokenService, Depends(_service(lambda opd: opd.tokens))]
ThePatients = Annotated[PatientService, Depends(_service(lambda opd: opd.patients))]
TheKiosks = Annotated[KioskService, Depends(_service(lambda opd: opd.kiosks))]
TheQueues = Annotated[QueueService, Depends(_service(lambda opd: opd.queues))]
TheConfigs = Annotated[ConfigService, Depends(_service(lambda opd: opd.configs))]
TheBookings = Annotated[BookingService, Depends(_service(lambda opd: opd.bookings))]
TheAllocations = Annotated[AllocationService, Depends(_service(lambda opd: opd.allocations))]
TheLinks = Annotated[Links, Depends(_service(lambda opd: opd.links))]
TheEncounters = Annotated[EncounterService, Depends(_service(lambda opd: opd.encounters))]
TheHistory = Annotated[HistoryService, Depends(_service(lambda opd: opd.history))]
TheNumbers = Annotated[NumbersService, Depends(_service(lambda opd: opd.numbers))]
TheAccounts = Annotated[AccessService, Depends(_service(lambda opd: opd.accounts))]
TheInvitations = Annotated[InvitationService, Depends(_service(lambda opd: opd.invitations))]
TheDelegations = Annotated[DelegationService, Depends(_service(lambda opd: opd.delegations))]
TheAudit = Annotated[AuditService, Depends(_service(lambda opd: opd.audit))]
TheWords = Annotated[Catalogue, Depends(_service(lambda opd: opd.words))]
TheAccess = Annotated[Access, Depends(_service(lambda opd: opd.access))]
TheClocks = Annotated[  # only where there is one has the app the route that asks for it
    ClockService, Depends(_service(lambda opd: cast(ClockService, opd.clocks)))
]
TheHealth = Annotated[Health, Depends(_health)]
TheDemo = Annotated[Demo | None, Depends(_demo)]
"""None where there may be none: in production, and on what keeps nothing."""
TheStage = Annotated[Stage, Depends(_stage)]
TheMetrics = Annotated[Metrics, Depends(_metrics)]
