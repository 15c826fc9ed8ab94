"""The README's table of roles is that of the code."""

from pathlib import Path

from models.access import ROLES, Permission, Role

README = Path(__file__).parents[2] / "README.md"


def table() -> str:
    """A line for each permission, a column for each role: what `models/access.py` says."""
    head = "| | " + " | ".join(role.value for role in Role) + " |"
    lines = [head, "|---|" + ":-:|" * len(Role)]
    for permission in Permission:
        marks = " | ".join("●" if permission in ROLES[role] else " " for role in Role)
        lines.append(f"| `{permission}` | {marks} |")
    return "\n".join(lines)


def test_the_readme_has_the_table_of_roles() -> None:
    assert table() in README.read_text(), f"this is the table:\n{table()}"
