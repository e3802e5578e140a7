"""The participant's audit trail, complete: every event with every field, changes beside what was before."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from celltrial.record import Event
from celltrial.record.trail import Trail, TrailLine
from celltrial.reports.casebook.book import Cell, Column, Row, Section, Table
from celltrial.reports.casebook.reader import Reader

__all__ = ["trail_section"]


def trail_section(reader: Reader, trail: Trail) -> Section:
    """One row an event: what it is and where, who, when and why, its fields, and its hash."""
    rows = tuple(_rows(reader, trail.lines))
    about = (
        f" {len(trail.about)} of them name no subject and speak of this participant's events." if trail.about else ""
    )
    says = (
        f"{len(trail.events)} events with {len(trail.lines)} fields, each once: as first entered, or what it was and "
        f"became.{about} Times are the site's clock; UTC stands beside them."
    )
    columns = (Column(label="Event", width=4.0), Column(label="Said", width=8.0))
    return Section(
        id="trail",
        title="Audit trail",
        starts_page=True,
        says=says,
        blocks=(Table(columns=columns, rows=rows, empty="No event."),),
    )


def _rows(reader: Reader, lines: Sequence[TrailLine]) -> Iterator[Row]:
    for _, grouped in groupby(lines, key=lambda line: line.event.seq):
        own = tuple(grouped)
        event = own[0].event
        place = own[-1].place if event.type == "correction" else own[0].place
        head = f"#{event.seq}  {'/'.join(place)}"
        if event.type == "correction":
            head += " corrected"
        yield Row(
            cells=(
                Cell(text=head, under=_envelope(reader, event)),
                Cell(pairs=tuple(map(_pair, own)), under=event.hash),
            )
        )


def _envelope(reader: Reader, event: Event) -> str:
    author = event.author
    there = event.recorded_at.astimezone(reader.study.site.zone).isoformat(sep=" ", timespec="seconds")
    parts = [
        f"{author.printed_name} ({author.person}), {author.role.replace('_', ' ')}, site {author.site}".lstrip(),
        f"{there} = {event.recorded_at:%H:%M:%S} UTC",
        f"why: {event.why}",
    ]
    if event.source_at:
        parts.append(f"first written down {event.source_at}")
    if event.via:
        parts.append(f"from {event.via}")
    return "\n".join(parts)


def _pair(line: TrailLine) -> tuple[str, str]:
    """A field with its text; what was changed as old → new."""
    name = line.path.removeprefix("replace.").removeprefix("items.")
    new = _quoted(line.new)
    if line.redacted_by is not None:
        new += f" by #{line.redacted_by}"
    if line.action == "first entry" or line.old == line.new:
        return name, line.new if line.redacted_by is None and line.new else new
    return name, f"{_quoted(line.old)} → {new}"


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "(blank)"
