"""What stands in an OpenAPI document again and again, told once and pointed at."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

Part = dict[str, Any]
Place = tuple[Part, str, str]
"""What holds a part, under which key, and the name it would have among the components."""

MOST_CODES = 3
"""So many codes of a refusal stand in its name."""


def share(document: Part) -> None:
    """Move headers, examples and whole refusals that stand more than once to the components.

    The page /docs reads the document in a browser: it is a third of the size so, and the page
    stands sooner. What the document says is the same.
    """
    answers = [
        (operation["responses"], status, answer)
        for operations in document["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
    ]
    bodies = [body for _, _, answer in answers for body in answer.get("content", {}).values()]
    refusals = [(held, status, name) for held, status, told in answers if (name := _codes(told))]
    headers = [told.get("headers", {}) for _, _, told in answers]
    examples = [body.get("examples", {}) for body in bodies]
    components = document["components"]
    for kind, places in (
        ("headers", [(held, name, name) for held in headers for name in held]),
        ("examples", [(held, code, code) for held in examples for code in held]),
        ("responses", refusals),
    ):
        components[kind] = _move(places, f"#/components/{kind}/")


def _move(places: Iterable[Place], prefix: str) -> dict[str, Part]:
    """The parts that stood more than once, by name: a name's second part gets a number."""
    told = [(held, key, name, json.dumps(held[key])) for held, key, name in places]
    often = Counter(text for _, _, _, text in told)
    moved: dict[str, Part] = {}
    names: dict[str, str] = {}
    for held, key, name, text in told:
        if often[text] > 1:
            if text not in names:
                names[text] = _free(name, moved)
                moved[names[text]] = held[key]
            held[key] = {"$ref": f"{prefix}{names[text]}"}
    return moved


def _free(name: str, taken: dict[str, Part]) -> str:
    numbered, number = name, 1
    while numbered in taken:
        number += 1
        numbered = f"{name}_{number}"
    return numbered


def _codes(answer: Part) -> str:
    """Those a refusal gives examples of, the first by name; of any other answer nothing."""
    codes = [
        code for body in answer.get("content", {}).values() for code in body.get("examples", ())
    ]
    more = [f"{len(codes) - MOST_CODES}_more"] if len(codes) > MOST_CODES else []
    return "_or_".join([*codes[:MOST_CODES], *more])
