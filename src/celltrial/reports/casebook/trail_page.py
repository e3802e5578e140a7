"""The audit trail of a participant, or of the whole record, as a page: a row for each field of each event."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from celltrial import __version__
from celltrial.record import TrialState
from celltrial.record.envelope import format_instant
from celltrial.record.trail import Trail, TrailLine
from celltrial.reports.casebook.book import Book, Cell, Column, Identity, Row, Section, Table
from celltrial.study import Study

__all__ = ["compose_trail"]


def compose_trail(study: Study, state: TrialState, trail: Trail, *, generated_at: datetime) -> Book:
    """The trail as a book of one section; `state` is the record that it was listed from."""
    zone = study.site.zone
    about = f"; {len(trail.about)} of them name no subject and speak of the participant's events" if trail.about else ""
    facts = (
        ("Study", study.id),
        ("About", str(trail.subject) if trail.subject else "the whole record"),
        ("Record", f"{state.length} events, last hash {state.head}"),
        ("Shown", f"{len(trail.events)} events, {len(trail.lines)} lines{about}"),
        ("Times", f"{zone.key}, the site's clock, and UTC"),
        ("Made", f"{generated_at.astimezone(zone):%Y-%m-%d %H:%M:%S %z} by celltrial {__version__}"),
    )
    identity = Identity(
        study=study.id,
        title=study.title,
        kind="Audit trail",
        subject=str(trail.subject or ""),
        status="",
        simulated=state.is_simulated,
        head=state.head,
        version=__version__,
        facts=facts,
    )
    labels = (("Field", 2.0), ("Was", 3.0), ("Is or became", 3.0), ("What", 1.4))
    table = Table(
        columns=tuple(Column(label=label, width=width) for label, width in labels),
        rows=tuple(_rows(zone, trail.lines)),
        empty="No event.",
    )
    says = "One line for each field of each event, first entries and fields that were never changed among them."
    return Book(identity=identity, sections=(Section(id="events", title="Events", says=says, blocks=(table,)),))


def _rows(zone: ZoneInfo, lines: Sequence[TrailLine]) -> Iterator[Row]:
    for _, grouped in groupby(lines, key=lambda line: line.event.seq):
        own = tuple(grouped)
        yield Row(cells=(_head(zone, own[0]),), kind="group")
        yield from (_row(line) for line in own)


def _head(zone: ZoneInfo, line: TrailLine) -> Cell:
    event, author = line.event, line.event.author
    name = f"{author.printed_name} ({author.person})" if author.printed_name else str(author.person)
    there = event.recorded_at.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    came = f" · first written down {event.source_at}" if event.source_at else ""
    came += f" · from {event.via}" if event.via else ""
    text = f"#{event.seq} · {event.type.replace('_', ' ')} · {event.subject or 'the study'} · {'/'.join(line.place)}"
    who = f"{name}, {author.role.replace('_', ' ')}, site {author.site} · {there}, {format_instant(event.recorded_at)}"
    return Cell(text=text, under=f"{who}{came}\nwhy: {event.why}\n{event.hash}")


def _row(line: TrailLine) -> Row:
    new = Cell(text=line.new)
    if line.redacted_by is not None:
        new = Cell(text=line.new, under=f"by event #{line.redacted_by}", style="redacted")
    is_change = line.action != "first entry"
    told = line.action if not is_change or line.old != line.new else f"{line.action}, the same"
    return Row(cells=(Cell(text=line.path), Cell(text=line.old if is_change else ""), new, Cell(text=told)))
