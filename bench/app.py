"""The service with one route more, the no-op endpoint: what the framework alone costs.

It takes a booking's request and gives a booking's answer by the same dependencies, models and
middleware, stands next to the booking among the routes, and does nothing in between.
`python -m bench.app` serves it by main.py's own main(), so with the same settings of the server. It also
has the routes of bench/profiling.py.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import FastAPI, Response

import main
from answers.tokens import BookingOut
from bench import profiling
from bench.subject import NOOP_PATH
from models.access import Permission
from models.source import Source
from models.token import Status
from routes import booking_routes
from routes.access import needs
from routes.deps import TheTokens
from routes.pages import mark_replay
from routes.requests import BookingIn
from services.caller import Caller


async def do_nothing(
    body: BookingIn,
    tokens: TheTokens,  # noqa: ARG001  # resolved as for a booking
    _caller: Annotated[Caller, needs(Permission.BOOK_ONLINE, creating=True)],
    response: Response,
) -> BookingOut:
    """A booking's answer without a booking."""
    mark_replay(response, replayed=False)
    return BookingOut(
        id="dr.rao-20300115-aaaaaaaaaaaa",
        token_number="T001",  # noqa: S106  # not that kind of token
        slot_id=body.slot_id,
        doctor_id="dr.rao",
        date=date(2030, 1, 15),
        patient_id=body.patient_id,
        patient_name=body.patient_name,
        phone_number=body.phone_number,
        language=body.language,
        source=Source.ONLINE,
        priority=200,
        status=Status.BOOKED,
        position=1,
        waitlist_position=None,
        queue_position=None,
        estimated_range=None,
        estimated_time=datetime(2030, 1, 15, 9, tzinfo=UTC),
        room=None,
        served_by=None,
        recalls=0,
        mark=None,
        booked_at=datetime(2030, 1, 14, 9, tzinfo=UTC),
        booked_by="portal",
        checked_in_at=None,
        called_at=None,
        started_at=None,
        away_since=None,
        ended_at=None,
        cancel_reason=None,
        end_code=None,
        bumped=None,
        patient_link=None,
        notice=None,
    )


def add_noop() -> None:
    """Put the no-op endpoint behind the first of the tokens' routes, which books online."""
    path = NOOP_PATH.removeprefix(booking_routes.router.prefix)
    booking_routes.router.add_api_route(path, do_nothing, methods=["POST"], status_code=201)
    booking_routes.router.routes.insert(1, booking_routes.router.routes.pop())


def with_profiling(create: Callable[..., FastAPI]) -> Callable[..., FastAPI]:
    """create_app, whose app can be profiled."""

    def create_with_profiling(*args: object, **options: object) -> FastAPI:
        app = create(*args, **options)
        app.include_router(profiling.router)
        return app

    return create_with_profiling


def serve() -> None:
    """Serve it as main.py serves the service."""
    add_noop()
    vars(main)["create_app"] = with_profiling(main.create_app)
    main.main()


if __name__ == "__main__":
    serve()
