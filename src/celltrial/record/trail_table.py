"""The audit trail as a table: one row a line, every column a text; as CSV and as JSON.

CSV is UTF-8 with a byte order mark (spreadsheets else misread Chinese), every cell in quotes, line breaks within cells
kept. A cell that a spreadsheet would run as a formula is guarded by an apostrophe in front (OWASP, CSV injection); one
that begins with an apostrophe gets a second, so that taking one away from every cell that has it gives back what was
typed: `unguard_cell`.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from celltrial.record.bodies import FormEntry
from celltrial.record.envelope import format_instant
from celltrial.record.trail import Trail, TrailLine

__all__ = ["TRAIL_COLUMNS", "guard_cell", "read_trail_csv", "render_trail_csv", "render_trail_json", "unguard_cell"]

TRAIL_COLUMNS = (
    "event",
    "line",
    "action",
    "changed",
    "subject",
    "type",
    "entry",
    "entry_type",
    "form",
    "visit",
    "row",
    "key",
    "field",
    "old",
    "new",
    "why",
    "person",
    "printed_name",
    "role",
    "site",
    "recorded_at_utc",
    "recorded_at_site",
    "source_at",
    "via",
    "redacted_by",
    "why_redacted_by",
    "path",
    "type_version",
    "base_seq",
    "app",
    "study_hash",
    "prev",
    "hash",
)
# what makes a spreadsheet run a cell, full-width signs too; a plain number is none
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠']")
_PLAIN_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


def trail_row(line: TrailLine, zone: ZoneInfo) -> dict[str, str]:
    """A line as texts, by column; `zone` is the site's clock."""
    event, author = line.event, line.event.author
    form, visit, row = line.place if line.entry_type == FormEntry.TYPE else ("", "", "")
    return {
        "event": str(event.seq),
        "line": str(line.number),
        "action": line.action,
        "changed": "" if line.action == "first entry" else "yes" if line.old != line.new else "no",
        "subject": str(event.subject or ""),
        "type": event.type,
        "entry": str(line.entry),
        "entry_type": line.entry_type,
        "form": form,
        "visit": visit,
        "row": row,
        "key": "" if form else "/".join(line.place[1:]),
        "field": line.field,
        "old": line.old,
        "new": line.new,
        "why": event.why,
        "person": str(author.person),
        "printed_name": author.printed_name,
        "role": author.role,
        "site": author.site,
        "recorded_at_utc": format_instant(event.recorded_at),
        "recorded_at_site": event.recorded_at.astimezone(zone).isoformat(timespec="microseconds"),
        "source_at": event.source_at,
        "via": event.via,
        "redacted_by": str(line.redacted_by or ""),
        "why_redacted_by": str(line.why_redacted_by or ""),
        "path": line.path,
        "type_version": str(event.version),
        "base_seq": str(event.base_seq),
        "app": event.app,
        "study_hash": event.study_hash,
        "prev": event.prev,
        "hash": event.hash,
    }


def render_trail_csv(trail: Trail, zone: ZoneInfo) -> bytes:
    """The whole trail as a CSV file: a head line with the columns' names, then one line a line."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, TRAIL_COLUMNS, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    for line in trail.lines:
        writer.writerow({name: guard_cell(cell) for name, cell in trail_row(line, zone).items()})
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def read_trail_csv(data: bytes) -> list[dict[str, str]]:
    """The rows of such a file, as they were typed: what an exported trail is counted with."""
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return [{name: unguard_cell(cell) for name, cell in row.items()} for row in csv.DictReader(text)]


def render_trail_json(trail: Trail, zone: ZoneInfo, about: Mapping[str, object]) -> str:
    """The whole trail as one JSON document; `about` says of which record it is."""
    document = {
        **about,
        "subject": None if trail.subject is None else str(trail.subject),
        "events": len(trail.events),
        "lines": len(trail.lines),
        "events_that_speak_of_the_subject": list(trail.about),
        "trail": [trail_row(line, zone) for line in trail.lines],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def guard_cell(text: str) -> str:
    """A cell that no spreadsheet runs; what cannot be run stays as it is.

    >>> [guard_cell(text) for text in ("=1+2", "-5", "-5;cmd", "'quoted", "96")]
    ["'=1+2", '-5', "'-5;cmd", "''quoted", '96']
    """
    return f"'{text}" if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def unguard_cell(text: str) -> str:
    """What was typed, from a guarded cell.

    >>> unguard_cell("'=1+2"), unguard_cell("''quoted"), unguard_cell("96")
    ('=1+2', "'quoted", '96')
    """
    return text.removeprefix("'")
