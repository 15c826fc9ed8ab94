"""The OpenAPI schema holds whatever is sent: schemathesis tries every operation.

FUZZ_SEED repeats a run, FUZZ_EXAMPLES=500 looks longer.
"""

import asyncio
import os
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as hypothesis_settings
from schemathesis import Case as AnyCase
from schemathesis import CheckFunction
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    positive_data_acceptance,
    response_schema_conformance,
)

from config import Settings
from main import create_app
from models.access import ROLES, Role
from models.source import Source
from services.clock import ManualClock
from services.ids import Ids
from tests.api.client import ApiClient
from tests.api.marked_day import fill, serve_both
from tests.api.service import GivenSettings, serve
from tests.api.table_of_rights import OF_A_TRY_OUT
from tests.principals import as_, knowing, make_principal

SEED = int(os.environ.get("FUZZ_SEED", "2030"))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))

SCHEMA = schemathesis.openapi.from_dict(
    create_app(GivenSettings()).openapi(), config=SchemathesisConfig.from_dict({"seed": SEED})
)
WELL_FORMED = schemathesis.openapi.from_dict(
    create_app(GivenSettings()).openapi(),
    config=SchemathesisConfig.from_dict({"seed": SEED, "generation": {"mode": "positive"}}),
)

Case = AnyCase[Any]
_GONE = ("cursor_ahead", "link_ended")
"""What no schema can know to be no longer there."""

_DESK = make_principal("desk", Role.ADMIN)
_ELSEWHERE = {
    f"north.{role}": role for role in (Role.ADMIN, Role.PORTAL, Role.DISPLAY, Role.AUDITOR)
}
"""At another facility: every permission there is, and who reaches only what they booked."""
_NAMELESS = ("kiosk", "display", "manager", "auditor")
_PORTALS = ("portal", "other.portal")
_OF_NAMES = ("nurse", "desk", "doctor", "admin")
_OF_PATIENTS = ["Marked", "99999", "marked note"]
"""What the audit of a patient does not tell either: it names tokens, and who did what to them."""
_ADDRESSES = ("doctor_id", "slot_id", "target_slot_id", "token_id")
"""What names something of one facility; a patient's id may be known to several."""


class Fuzzed:
    """A service in which something is going on, asked from synchronous code."""

    def __init__(self, runner: asyncio.Runner, api: ApiClient) -> None:
        self._runner = runner
        self._desk = api
        self._chance = random.Random(SEED)
        api.client.headers.update(as_(_DESK.id))
        self._known = runner.run(_fill(api))
        del api.client.headers["Authorization"]

    def check(self, case: Case) -> None:
        """Send what schemathesis made up, and hold the answer to the schema."""
        valid = case.meta is None or case.meta.generation.mode.is_positive
        if valid and self._chance.random() < 0.5:
            self._name_what_exists(case)
        if not _is_negative_in_a_header(case):
            case.headers.update(as_(_DESK.id))
        asked = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
        answer = self._runner.run(_send(self._desk.client, asked))
        # What a schema can't say, such as a span that ends before it begins, its operation names.
        gone = answer.status_code == 410 and answer.json()["code"] in _GONE
        told = gone or (answer.status_code == 422 and _is_named(case, answer))
        # The door has tests of its own; to this check every key that schemathesis does not know is bad.
        excluded: list[CheckFunction] = [
            ignored_auth,
            *([positive_data_acceptance] if told else []),
        ]
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            # The schema is that of an event's data; tests/watching holds what is told to it.
            excluded.append(response_schema_conformance)
        case.validate_response(answer, excluded_checks=excluded)

    def check_absent(self, case: Case) -> None:
        """There is no such operation, whatever is sent; what is no JSON is refused before that is seen."""
        case.headers.update(as_(_DESK.id))
        asked = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
        assert self._runner.run(_send(self._desk.client, asked)).status_code in {404, 415}

    def _name_what_exists(self, case: Case) -> None:
        name_what_exists(case, self._known, self._chance)


class Watched:
    """The marked day, asked by everybody: those who are to see least of it first."""

    def __init__(self, runner: asyncio.Runner, api: ApiClient) -> None:
        self._runner = runner
        self._client = api.client
        self._chance = random.Random(SEED)
        self._day = runner.run(fill(api))
        days = ["2030-01-15"]
        slots = {"target_slot_id": self._day.ids["slot_id"]}
        self._known = {**self._day.ids, **slots, "date": days, "from": days, "to": days}
        self._asked_about: set[str] = set()

    def check(self, case: Case) -> None:
        """Nothing breaks, nobody is told what they may not see, and guessed ids are of nothing."""
        named = name_what_exists(case, self._known, self._chance)
        for members in (case.query, case.body):
            if isinstance(members, dict) and "patientId" in members:
                self._asked_about.add(str(members["patientId"]))
        asked = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
        for who, role in _ELSEWHERE.items():
            answer = self._ask(asked, who, [*self._day.secrets(), "rao-2030"])
            if named:
                _assert_unknown(answer, role)
        for who in _NAMELESS:
            is_audit = who == "auditor" and case.path == "/api/audit"
            self._ask(asked, who, _OF_PATIENTS if is_audit else self._day.secrets())
        for who in _PORTALS:
            self._ask(asked, who, self._day.secrets_to_portal(who))
        for who in _OF_NAMES:
            self._ask(asked, who, [])

    def _ask(
        self, asked: requests.PreparedRequest, who: str, secrets: Sequence[str]
    ) -> httpx.Response:
        asked.headers.update(as_(who))
        # Whom one names oneself one knows: it stands in the booking, and in the audit of asking.
        secrets = [each for each in secrets if not any(each in id_ for id_ in self._asked_about)]
        answer = self._runner.run(_send(self._client, asked))
        told = f"{who}: {asked.method} {answer.request.url} {answer.text}"
        assert answer.status_code < 500, told
        assert [secret for secret in secrets if secret in answer.text] == [], told
        return answer


def _assert_unknown(answer: httpx.Response, role: Role) -> None:
    """Of another facility's: it does not exist, and neither whether one might is told."""
    if answer.status_code == 403:
        assert answer.json()["permission"] not in ROLES[role], answer.text
    else:  # what is malformed is told before anything is looked for
        assert answer.status_code in (404, 422), f"{role}: {answer.request.url} {answer.text}"


def name_what_exists(case: Case, known: Mapping[str, Sequence[str]], chance: random.Random) -> bool:
    """Put ids that exist in the place of made-up ones; whether any is of one facility."""
    named = False
    for name, ids in known.items():
        told = [(case.path_parameters, name), (case.query, _camel(name))]
        if isinstance(case.body, dict):
            told.append((case.body, _camel(name)))
        for members, member in told:
            if member in members:
                members[member] = chance.choice(ids)
                named |= name in _ADDRESSES
    return named


async def _fill(api: ApiClient) -> dict[str, list[str]]:
    """A day with full, free and closed slots; the ids in it, by the name of their parameter."""
    first, second, third = await api.make_day(3, 2, 1)
    sources = [Source.ONLINE, Source.WALKIN, Source.ONLINE, Source.EMERGENCY, Source.WALKIN]
    tokens = await api.book_all(first.id, sources)
    await api.move(tokens[0].id, "CHECKED_IN", "IN_CONSULTATION")
    await api.move(tokens[2].id, "CHECKED_IN")
    await api.cancel(tokens[1].id)
    await api.change_slot(third.id, status="CLOSED")
    return {
        "doctor_id": [first.doctor_id],
        "slot_id": [first.id, second.id, third.id],
        "target_slot_id": [first.id, second.id, third.id],
        "token_id": [token.id for token in tokens],
        "patient_id": [token.patient_id for token in tokens],
    }


def _is_negative_in_a_header(case: Case) -> bool:
    return case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER)


async def _send(client: httpx.AsyncClient, asked: requests.PreparedRequest) -> httpx.Response:
    return await client.request(
        str(asked.method),
        str(asked.url),
        content=_bytes(asked.body),
        headers=[(_bytes(name), _bytes(told)) for name, told in asked.headers.items()],
    )


def _bytes(text: object) -> bytes:
    if isinstance(text, str):
        return text.encode("latin-1")
    return text if isinstance(text, bytes) else b""


def _is_named(case: Case, answer: httpx.Response) -> bool:
    refusal = case.operation.definition.raw["responses"]["422"]
    shared = SCHEMA.raw_schema["components"]["responses"]
    told = shared.get(refusal.get("$ref", "").rpartition("/")[2], refusal)
    return f"`{answer.json()['code']}`" in told["description"]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


@pytest.fixture
def fuzzed(settings: Settings, clock: ManualClock, ids: Ids) -> Iterator[Fuzzed]:
    """The service; on a real database by one driver, since fuzzing takes its time."""
    sys.stdout.write(f"FUZZ_SEED={SEED}\n")
    with asyncio.Runner() as runner:
        service = serve(settings, clock, ids, doorkeeper=knowing(_DESK))
        yield Fuzzed(runner, runner.run(service.__aenter__()))
        runner.run(service.__aexit__(None, None, None))


_BRIEFLY = hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@SCHEMA.parametrize()
@_BRIEFLY
@seed(SEED)
def test_every_answer_is_as_the_schema_says(case: Case, fuzzed: Fuzzed) -> None:
    fuzzed.check(case)


@pytest.mark.parametrize(
    "settings", [pytest.param("real", marks=pytest.mark.integration)], indirect=True
)
@WELL_FORMED.parametrize()
@_BRIEFLY
@seed(SEED)
# Where the driver has threads, these may draw from `random` while a case is drawn.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
def test_a_real_database_takes_whatever_is_well_formed(case: Case, fuzzed: Fuzzed) -> None:
    """What is not is refused before the store is asked."""
    if case.path == OF_A_TRY_OUT:
        fuzzed.check_absent(case)
    else:
        fuzzed.check(case)


@pytest.fixture
def watched(clock: ManualClock) -> Iterator[Watched]:
    with asyncio.Runner() as runner:
        service = serve_both(GivenSettings(), clock)
        yield Watched(runner, runner.run(service.__aenter__()))
        runner.run(service.__aexit__(None, None, None))


@WELL_FORMED.parametrize()
@hypothesis_settings(
    max_examples=1,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@seed(SEED)
def test_nobody_breaks_an_operation_or_is_told_what_they_may_not_see(
    case: Case, watched: Watched
) -> None:
    """Nobody who may read no names, and nobody of another facility, also by ids that they guess."""
    watched.check(case)
