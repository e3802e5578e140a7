"""Somebody who can write the database: every trigger dropped, every table rewritten, hashes and projection too."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from celltrial.record.canonical import GENESIS, canonical_json, compute_link
from celltrial.record.envelope import Row, decode
from celltrial.record.opening import compute_items
from celltrial.record.projection import project
from celltrial.record.state import fold

__all__ = ["change_content", "change_value", "relink", "replace_rows", "rows_of"]


def rows_of(path: Path) -> list[Row]:
    """The rows of a record file."""
    with sqlite3.connect(path) as connection:
        found = connection.execute(
            "SELECT event.seq, type, subject, recorded_at, prev, hash, content, lines "
            "FROM event JOIN opening USING (seq) ORDER BY event.seq"
        ).fetchall()
    connection.close()
    return [Row(*row) for row in found]


def replace_rows(path: Path, rows: Sequence[Row], *, projection: bool = True) -> None:
    """Put these rows, a head that fits them and a projection that fits them in the place of what is there."""
    connection = sqlite3.connect(path, isolation_level=None)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("BEGIN")
    connection.execute("DELETE FROM event")
    connection.execute("DELETE FROM opening")
    connection.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", [row[:7] for row in rows])
    connection.executemany("INSERT INTO opening VALUES (?, ?)", [(row.seq, row.opening) for row in rows])
    connection.execute("UPDATE head SET length = ?, hash = ?", (rows[-1].seq, rows[-1].hash))
    if projection:
        connection.execute("DELETE FROM standing")
        lines = project(fold(decode(row) for row in rows))
        connection.executemany("INSERT INTO standing VALUES (?, ?, ?, ?, ?, ?)", lines)
    connection.execute("COMMIT")
    for _, statement in triggers:
        connection.execute(statement)
    connection.close()


def change_value(row: Row, old: bytes, new: bytes) -> Row:
    """Another value beside the hashed content; no hash is touched."""
    assert old in row.opening
    return row._replace(opening=row.opening.replace(old, new))


def change_content(row: Row, old: bytes, new: bytes) -> Row:
    """Another value, with its commitment, its content and its own hash to fit: all that stands in this row."""
    changed = change_value(row, old, new)
    return _seal(changed, {"items": compute_items(changed.opening)}, row.prev)


def relink(rows: Sequence[Row]) -> list[Row]:
    """The rows numbered and linked anew from the first: a chain that verifies."""
    prev, linked = GENESIS, []
    for seq, row in enumerate(rows, start=1):
        fields = json.loads(row.content)
        linked.append(_seal(row, {"seq": seq, "base_seq": min(fields["base_seq"], seq - 1)}, prev)._replace(seq=seq))
        prev = linked[-1].hash
    return linked


def _seal(row: Row, changed: dict[str, object], prev: str) -> Row:
    content = canonical_json(json.loads(row.content) | changed)
    return row._replace(content=content, prev=prev, hash=compute_link(prev, content))
