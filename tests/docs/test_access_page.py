"""docs/access.md shows the tables as the program uses them."""

from pathlib import Path

import pytest

from celltrial.tables import read_package_table

PAGE = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")
ROWS = {tuple(cell.strip() for cell in line.strip("|").split("|")) for line in PAGE.splitlines() if line[:1] == "|"}
ACCESS, LIFE = "celltrial.decisions.access", "celltrial.decisions.life"


@pytest.mark.parametrize(
    ("package", "name", "columns"),
    [
        (ACCESS, "study_states.csv", ("from", "to", "when")),
        (ACCESS, "refusals.csv", ("code", "reason", "rule", "next_step")),
        (LIFE, "states.csv", ("state", "means", "owner", "next_step", "source")),
        (LIFE, "allowed.csv", ("event", "about", "allowed", "late", "once")),
        (LIFE, "moves.csv", ("event", "about", "from", "to")),
        (ACCESS, "permissions.csv", ()),
    ],
)
def test_every_row_of_the_data_is_on_the_page(package: str, name: str, columns: tuple[str, ...]) -> None:
    """Whoever changes a table changes the page: each row stands there word for word."""
    for row in read_package_table(package, name):
        texts = [row[column] for column in columns or row]
        shown = [text.replace("|", ", ") for text in texts]
        if not columns:
            shown = [shown[0], *(text or "+" for text in shown[1:])]
        if name in ("permissions.csv", "allowed.csv", "moves.csv"):
            shown[0] = f"`{shown[0]}`"
        assert tuple(shown) in ROWS, (name, shown)
