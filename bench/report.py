"""RESULTS.md: what was measured, on what, and how."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct
from pymongo import MongoClient

from bench.subject import ROOT

_PACKAGES = (
    "fastapi",
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "pydantic",
    "msgspec",
    "motor",
    "pymongo",
)


class Table(Struct, frozen=True):
    """Rows of cells under their headings, with a line above where several tables follow."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""


class Section(Struct, frozen=True):
    """One measurement: what was done, in Markdown, and its figures."""

    title: str
    text: str
    tables: Sequence[Table]


def machine() -> list[str]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        (
            f"Machine: {os.cpu_count()} cores of {_processor()}, {memory:.0f} GiB, "
            f"{platform.system()} {platform.release()}"
        ),
        f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    ]


def database(server_uri: str) -> str:
    """Which database served."""
    client: MongoClient[Mapping[str, object]] = MongoClient(server_uri)
    told = client.admin.command("buildInfo")
    client.close()
    gateway = told.get("ferretdb")
    if isinstance(gateway, Mapping):
        return f"Database: FerretDB {gateway.get('version')}, as MongoDB {told['version']}"
    return f"Database: MongoDB {told['version']}"


def commit() -> str:
    """The commit that was measured, and whether the code differed from it."""
    told = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench")
    return f"Commit {told or 'unknown'}{', with uncommitted changes' if changed else ''}"


def write(path: Path, facts: Sequence[str], sections: Sequence[Section]) -> None:
    """Write the report anew."""
    lines = [
        "# What the service costs",
        "",
        "Written by `make bench`; do not edit.",
        "",
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC.",
        "",
        *(f"- {fact}" for fact in facts),
    ]
    for section in sections:
        lines += ["", f"## {section.title}", "", section.text.strip()]
        for table in section.tables:
            lines += ["", table.caption, ""] if table.caption else [""]
            lines += markdown(table)
    path.write_text("\n".join(lines) + "\n")


def markdown(table: Table) -> list[str]:
    """Its lines."""
    rows = [table.columns, ["---"] * len(table.columns), *table.rows]
    return [f"| {' | '.join(row)} |" for row in rows]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
