"""All routes of the pages."""

from web import (
    access_pages,
    board_pages,
    desk_pages,
    device_pages,
    doctor_pages,
    doctor_plan_pages,
    language_pages,
    live_routes,
    patient_pages,
    plan_pages,
    provider_pages,
    sign_in_pages,
    slip_pages,
    slot_plan_pages,
    start_pages,
    static_files,
)

PAGES = (
    static_files.router,
    live_routes.router,
    start_pages.router,
    access_pages.router,
    desk_pages.router,
    slip_pages.router,
    doctor_pages.router,
    plan_pages.router,
    doctor_plan_pages.router,
    slot_plan_pages.router,
    board_pages.router,
    device_pages.router,
    patient_pages.router,
    language_pages.router,
    sign_in_pages.router,
    provider_pages.router,
)
