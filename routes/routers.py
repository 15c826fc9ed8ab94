"""All routes of the service."""

from routes import (
    access_routes,
    audit_routes,
    booking_routes,
    device_routes,
    doctor_routes,
    event_routes,
    health_routes,
    invitation_routes,
    kiosk_routes,
    number_routes,
    patient_routes,
    queue_routes,
    search_routes,
    session_routes,
    slot_routes,
    stream_routes,
    token_routes,
    visit_routes,
)

# They are tried in turn: the busiest first.
ROUTERS = (
    booking_routes.router,
    token_routes.router,
    patient_routes.router,
    visit_routes.router,
    search_routes.router,
    queue_routes.router,
    kiosk_routes.router,
    slot_routes.router,
    doctor_routes.router,
    event_routes.router,
    number_routes.router,
    stream_routes.router,
    access_routes.router,
    audit_routes.router,
    device_routes.router,
    invitation_routes.router,
    session_routes.router,
    health_routes.router,
)
