"""Where each page leads."""

from main import create_app
from routes.replies import AnswerRoute
from tests.api.service import GivenSettings
from web.navigation import ENTRIES


def test_each_page_is_led_to_once_and_by_those_whom_its_route_lets_in() -> None:
    routes = {
        route.path: route.permissions
        for route in create_app(GivenSettings()).routes
        if isinstance(route, AnswerRoute) and "GET" in (route.methods or ())
    }
    paths = [entry.path for entry in ENTRIES]
    assert len(paths) == len(set(paths))
    assert {entry.path: set(entry.permissions) for entry in ENTRIES} == {
        path: set(routes[path]) for path in paths
    }
