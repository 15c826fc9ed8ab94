"""Study the orders of the line: `python -m bench.study`, or `make study`. Takes seconds.

Writes docs/orders.md and the picture in it. The same seed writes the same, byte for byte.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.report import Table, markdown
from bench.study import drawn_days as drawn
from bench.study.figures import ORDERS, OfOrder, Waits, study
from bench.subject import ROOT
from config import Settings
from models.source import Source
from services.home import policy_from

_COLOURS = ("#9aa5b1", "#d9822b", "#2b6cb0", "#2f855a")
_TEXT = """# What the order of the line does

Written by `make study`; do not edit.

{days:,} drawn days of one specialization, seed {seed}, each served in four orders: the same
patients, coming at the same minute, with consultations of the same length (common random numbers).
What stands before whom is what `engine/line.py` says.

- *first come*: by check-in. *strict*: slot by slot, each by rank. *head start*: by virtual arrival less
  the head start of the source, the default of the service. *pooled head start*: the same, where the
  {doctors} doctors call from one line (`pool`). An emergency goes first in each.
- {doctors} doctors with {hours} slots of an hour and {seats} appointments in each; beside them {walkins:g} walk-ins
  and {emergencies:g} emergencies in the mean. {away:.0%} of the appointments stay away, the others come {early:g}
  minutes early in the mean, with a spread of {punctuality:g}.
- A consultation takes {consultation:g} minutes in the mean, with a spread of {spread:.0%} from one to the next and of
  {pace:.0%} from doctor to doctor. A doctor begins {late:g} minutes late in the mean.

A wait is from arrival to consultation, in minutes; idle and overtime are of a doctor on a day.

{orders}

{sources}

![Waits by source and order](images/orders.svg)

Order alone moves waits from some patients to others and leaves their mean where it is. Calling from
one line cuts it, since nobody waits for one doctor while another is idle.
"""


class _Options(argparse.Namespace):
    days: int
    seed: int
    out: Path


def main() -> None:
    """Study, and write."""
    parser = argparse.ArgumentParser(description="Study the orders of the line.")
    parser.add_argument("--days", type=int, default=1000, help="to draw (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn (default: 1)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="default: docs")
    options = parser.parse_args(namespace=_Options())
    write(options.out, days=options.days, seed=options.seed)


def write(folder: Path, *, days: int, seed: int) -> None:
    """Study so many days, and write what came of it into a folder."""
    found = study(days, seed, policy_from(Settings(_env_file=None)))
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "orders.md").write_text(_page(found, days, seed))
    _draw(found, folder / "images" / "orders.svg")


def _page(found: Mapping[str, OfOrder], days: int, seed: int) -> str:
    return _TEXT.format(
        days=days,
        seed=seed,
        doctors=drawn.DOCTORS,
        hours=drawn.HOURS,
        seats=drawn.SEATS,
        walkins=drawn.WALKINS,
        emergencies=drawn.EMERGENCIES,
        away=drawn.STAYS_AWAY,
        early=drawn.EARLY,
        punctuality=drawn.PUNCTUALITY,
        consultation=drawn.CONSULTATION,
        spread=drawn.SPREAD,
        pace=drawn.PACE_SPREAD,
        late=drawn.LATE,
        orders="\n".join(markdown(_by_order(found))),
        sources="\n".join(markdown(_by_source(found))),
    )


def _by_order(found: Mapping[str, OfOrder]) -> Table:
    rows = [
        [
            order,
            *_cells(one.waits),
            f"**{one.of_first_come:.1%}** ± {one.within:.1%}",
            f"{one.idle:.1f}",
            f"{one.overtime:.1f}",
        ]
        for order, one in found.items()
    ]
    columns = ["order", "mean", "p95", "longest", "mean, of first come's", "idle", "overtime"]
    return Table(columns, rows)


def _by_source(found: Mapping[str, OfOrder]) -> Table:
    rows = [
        [
            source.row.words,
            *(" / ".join(_cells(found[order].by_source[source])) for order in ORDERS),
        ]
        for source in Source
    ]
    return Table(["mean / p95 / longest", *ORDERS], rows)


def _cells(waits: Waits) -> Sequence[str]:
    return [f"{waits.mean:.1f}", f"{waits.p95:.0f}", f"{waits.longest:.0f}"]


def _draw(found: Mapping[str, OfOrder], path: Path) -> None:
    """Bars for the means, points for the 95th percentiles. Without a date, so it stays the same."""
    width = 0.8 / len(ORDERS)
    with mpl.rc_context({"svg.hashsalt": "study", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(8, 4), layout="constrained")
        axes = figure.subplots()
        for place, (order, colour) in enumerate(zip(ORDERS, _COLOURS, strict=True)):
            left = [number + (place - 1.5) * width for number in range(len(Source))]
            waits = [found[order].by_source[source] for source in Source]
            axes.bar(left, [one.mean for one in waits], width, color=colour, label=order)
            axes.plot(left, [one.p95 for one in waits], "o", color=colour, markersize=4)
        axes.set_xticks(range(len(Source)), [source.row.words for source in Source])
        axes.set_ylabel("minutes waited")
        axes.set_title("Mean wait by source and order (points: 95th percentile)")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
