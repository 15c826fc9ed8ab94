"""The documents tell of all there is: routes, metrics, folders; and of nothing else."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from fastapi.routing import APIRoute
from starlette.routing import Route

from main import create_app
from routes.stream_routes import SocketRoute
from services.metrics import Metrics
from tests.api.service import GivenSettings

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
_OPERATION = re.compile(r"(?:((?:[A-Z]{3,}(?:, )?)+|WebSocket) )?`([^`]+)`")
_ANY = "/…"
"""At the end of a path: all that is below it."""

Operation = tuple[str, str]
"""A verb and a path, in which `{}` stands for each id."""


def test_the_table_of_the_api_has_every_operation_and_no_other() -> None:
    app = create_app(GivenSettings())
    told = set(_told())
    whole = tuple(path.removesuffix("…") for _, path in told if path.endswith(_ANY))
    apart = {operation for operation in told if not operation[1].endswith(_ANY)}
    documented = {
        (verb.upper(), _plain(path))
        for path, operations in app.openapi()["paths"].items()
        for verb in operations
        if not path.startswith(whole)
    }
    there = {
        (verb, _plain(route.path))
        for route in app.routes
        if isinstance(route, APIRoute | Route)
        for verb in route.methods or ()
    }
    there |= {
        ("WebSocket", _plain(route.path)) for route in app.routes if isinstance(route, SocketRoute)
    }
    assert whole
    assert documented - apart == set()
    assert apart - there == set()


def _told() -> Iterator[Operation]:
    """The first column: `…/x` goes on from a row's first path, `x` stands for the last one's end."""
    section = (ROOT / "README.md").read_text().split("\n## The API")[1].split("\n## ")[0]
    for row in re.findall(r"^\| (.*?) \|", section, re.MULTILINE)[1:]:
        verbs, first, last = "", "", ""
        for given, name in _OPERATION.findall(row):
            verbs = given or verbs
            path = _plain(name)
            if path.startswith("…"):
                path = first + path.removeprefix("…")
            elif not path.startswith("/"):
                path = f"{last.rpartition('/')[0]}/{path}"
            first, last = first or path, path
            yield from ((verb, path) for verb in (verbs.split(", ") if verbs else [""]))


def _plain(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path.partition("?")[0])


def test_every_link_from_a_document_leads_to_a_file() -> None:
    links = [
        (document, link)
        for document in DOCUMENTS
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text())
    ]
    assert len(links) > len(DOCUMENTS) // 2
    assert [
        f"{document.relative_to(ROOT)}: {link}"
        for document, link in links
        if not (document.parent / link).exists()
    ] == []


def test_each_place_in_the_code_that_a_document_names_is_there() -> None:
    places = [
        (ROOT / file, name.rpartition(".")[2])
        for document in DOCUMENTS
        for file, name in re.findall(r"`((?:\w+/)+\w+\.py)(?:: ([\w.]+))?`", document.read_text())
    ]
    assert len(places) > len(DOCUMENTS)
    assert [
        f"{file.relative_to(ROOT)}: {name}"
        for file, name in places
        if not file.is_file() or not re.search(rf"\b{name}\b", file.read_text())
    ] == []


def test_the_tree_has_every_folder_and_module() -> None:
    tree = (ROOT / "ARCHITECTURE.md").read_text().split("## The tree")[1].split("\n## ")[0]
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    top = {re.sub("/.*", "/", name) for name in tracked.stdout.splitlines()}
    ours = {name for name in top if name.endswith((".py", "/")) and not name.startswith(".")}
    assert "engine/" in ours
    assert {name for name in ours if name not in tree} == set()


def test_each_metric_has_its_meaning() -> None:
    told = (ROOT / "docs" / "running.md").read_text()
    names = {family.name for family in Metrics().registry.collect()}
    assert len(names) > 10
    assert {name for name in names if not re.search(rf"`{name}(_total)?[`{{]", told)} == set()


def test_the_rules_are_counted_one_by_one() -> None:
    """As a reader's Markdown counts them, whatever number stands there."""
    numbers = re.findall(r"^(\d+)\. ", (ROOT / "docs" / "rules.md").read_text(), re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(1, len(numbers) + 1))
