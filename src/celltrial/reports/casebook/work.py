"""Work on the data: queries with their answers, source verification, signatures, locks, redactions, corrections."""

from collections.abc import Iterator
from typing import Any

from celltrial.decisions.access.signatures import signature_status
from celltrial.decisions.review.locks import lock_states
from celltrial.decisions.review.queries import QueryThread
from celltrial.record import Entry, Event
from celltrial.record.chronicle import place_of
from celltrial.record.trail import TrailLine
from celltrial.reports.casebook.book import Block, Cell, Column, Row, Section, Table, plain_rows
from celltrial.reports.casebook.reader import Reader
from celltrial.reports.casebook.tables import Shown, entry_table

__all__ = [
    "corrections_section",
    "locks_section",
    "queries_section",
    "redactions_section",
    "signatures_section",
    "verification_section",
]


def queries_section(reader: Reader) -> Section:
    """Every query with what followed it; answers and closings that no query explains stand at the end."""
    rows: list[Row] = []
    told: set[int] = set()
    for thread in reader.threads:
        rows += _thread_rows(reader, thread)
        told |= {item.event for item in thread.items}
    stray = [
        entry
        for kind in ("query", "query_answer", "query_closing")
        for entry in reader.entries(kind)
        if entry.seq not in told
    ]
    labels = ("Step", "Text", "By", "When", "Event")
    blocks: list[Block] = [
        Table(
            columns=tuple(Column(label=label) for label in labels), rows=tuple(rows), empty="No query was ever raised."
        )
    ]
    if stray:
        shown = (
            Shown(label="No.", path="number"),
            Shown(label="Outcome", path="outcome"),
            Shown(label="Text", path="text"),
        )
        blocks.append(entry_table(reader, stray, shown, title="Entered in error, or about no standing query"))
    return Section(id="queries", title="Queries", blocks=tuple(blocks))


def verification_section(reader: Reader) -> Section:
    """Each comparison with a source, as it was recorded, and field by field whether it still stands."""
    shown = (
        Shown(label="About event", path="target"),
        Shown(label="Fields", path="fields"),
        Shown(label="Source", path="source"),
        Shown(label="Result", path="result"),
    )
    entries = reader.entries("source_verification")
    by_event: dict[int, list[str]] = {}
    for each in reader.verified:
        name = each.field.removeprefix("items.")
        broken = f" (changed since, #{each.broken_by})" if each.broken_by else ""
        by_event.setdefault(each.event, []).append(f"{name}: {each.status}{broken}")

    def stands(entry: Entry[Any]) -> Cell:
        return Cell(text="; ".join(by_event.get(entry.seq, ["–"])))

    table = entry_table(
        reader, entries, shown, computed=(("How it stands", stands),), empty="Nothing was compared with a source."
    )
    return Section(id="verification", title="Source-data verification", blocks=(table,))


def signatures_section(reader: Reader) -> Section:
    """Each signature: who, what it means, what it covers, and whether it stands. A fallen one stays."""
    rows = []
    notes: list[str] = []
    for entry in reader.entries("signature"):
        stands, why = _signature_stands(reader, entry)
        source, more = reader.source(entry, with_author=False)
        notes += more
        name = Cell(text=entry.body.printed_name, under=reader.who(entry.event))
        how = f"proved who they are by: {entry.body.authenticated_by}" if entry.body.authenticated_by else ""
        cells = (
            name,
            Cell(text=entry.body.meaning, under=how),
            Cell(text=reader.local(entry.event.recorded_at)),
            Cell(text=_covered(reader, entry)),
            Cell(text=stands, under=why, style="plain" if stands == "standing" else "bad"),
            Cell(
                text=entry.body.content_hash, style="mono", under=f"head {entry.body.head}" if entry.body.head else ""
            ),
            source,
        )
        rows.append(Row(cells=cells, kind="void" if reader.is_void(entry) else "plain"))
    labels = (
        ("Name", 2.0),
        ("Meaning", 3.0),
        ("Signed", 1.7),
        ("Covers", 3.0),
        ("Status", 1.6),
        ("Content hash", 2.4),
        ("Event", 1.2),
    )
    table = Table(
        columns=tuple(Column(label=label, width=width) for label, width in labels),
        rows=tuple(rows),
        notes=tuple(notes),
        empty="No signature covers this participant's data. Signed eligibility verdicts stand in the course.",
    )
    says = "A signature falls when something it covers is changed after it; it stays visible."
    return Section(id="signatures", title="Signatures", says=says, blocks=(table,))


def locks_section(reader: Reader) -> Section:
    """How each part that was ever frozen or locked stands, and every step."""
    states = lock_states(reader.study, reader.state, reader.subject)
    now = plain_rows([(str(place), state.describe()) for place, state in states])
    shown = (Shown(label="Action", path="action"), Shown(label="Visit", path="visit"), Shown(label="Form", path="form"))

    def why(entry: Entry[Any]) -> Cell:
        return Cell(text=entry.event.why)

    steps = entry_table(
        reader, reader.entries("data_lock"), shown, title="Each step", computed=(("Why", why),), empty="None."
    )
    columns = (Column(label="Part"), Column(label="How it stands"))
    stands = Table(columns=columns, rows=now, title="As it stands", empty="Nothing was ever frozen or locked.")
    return Section(id="locks", title="Freezes and locks", blocks=(stands, steps) if states else (stands,))


def redactions_section(reader: Reader) -> Section:
    """Texts made unreadable: which, asked for by whom and why, approved by whom."""

    def why(entry: Entry[Any]) -> Cell:
        return Cell(text=entry.event.why)

    def approved(entry: Entry[Any]) -> Cell:
        found = [each for each in reader.entries("redaction_approval") if each.body.redaction == entry.seq]
        told = [f"{reader.who(each.event)}, {reader.local(each.event.recorded_at)} (#{each.seq})" for each in found]
        return Cell(text="; ".join(told) or "not yet: the text can still be read")

    shown = (Shown(label="Event redacted", path="target"), Shown(label="Texts", path="fields"))
    table = entry_table(
        reader,
        reader.entries("redaction"),
        shown,
        computed=(("Why", why), ("Approved", approved)),
        empty="No text was made unreadable.",
    )
    return Section(id="redactions", title="Redactions", blocks=(table,))


def corrections_section(reader: Reader, lines: tuple[TrailLine, ...]) -> Section:
    """Every change of an entry: where, from what to what, who, when, why. `lines`: the participant's audit trail."""
    rows = [
        Row(cells=_change_cells(reader, line), kind="plain")
        for line in lines
        if line.action in ("correction", "entered in error")
    ]
    labels = (("Where", 2.6), ("Field", 1.6), ("Was", 2.2), ("Became", 2.2), ("Why", 3.0), ("By", 2.2), ("Event", 1.0))
    table = Table(
        columns=tuple(Column(label=label, width=width) for label, width in labels),
        rows=tuple(rows),
        empty="Nothing was corrected.",
    )
    return Section(id="corrections", title="Corrections", blocks=(table,))


def _change_cells(reader: Reader, line: TrailLine) -> tuple[Cell, ...]:
    event = line.event
    is_void = line.action == "entered in error"
    return (
        Cell(text="/".join(line.place), under=f"#{line.entry}"),
        Cell(text="the whole entry" if is_void else line.field.removeprefix("items.")),
        Cell(text="" if is_void else line.old or "(blank)", style="plain" if line.old else "quiet"),
        Cell(text="entered in error" if is_void else line.new, style="redacted" if line.redacted_by else "plain"),
        Cell(text=event.why),
        Cell(text=reader.who(event), under=reader.local(event.recorded_at)),
        Cell(text=f"#{event.seq}", style="mono"),
    )


def _thread_rows(reader: Reader, thread: QueryThread) -> Iterator[Row]:
    age = f"{thread.age_days:.0f} d" if thread.age_days >= 1 else "under 1 d"
    to_role = f", to the {thread.to_role.replace('_', ' ')}" if thread.to_role else ""
    again = f", asks {thread.reopens} again" if thread.reopens else ""
    told = f"{thread.number} · {thread.status}{to_role}{again} · {age} · about {thread.where} (#{thread.target})"
    value = f", now “{thread.value}”" if thread.value else ""
    yield Row(cells=(Cell(text=told + value),), kind="group")
    for item in thread.items:
        event = reader.chronicle.entries[item.event].event
        cells = (
            Cell(text=item.kind),
            Cell(text=item.text),
            Cell(text=reader.who(event)),
            Cell(text=reader.local(item.at)),
            Cell(text=f"#{item.event}", style="mono"),
        )
        yield Row(cells=cells)


def _signature_stands(reader: Reader, signature: Entry[Any]) -> tuple[str, str]:
    """Standing, fallen or entered in error, and why."""
    if reader.is_void(signature):
        return "entered in error", ""
    status = signature_status(reader.state, signature)
    return status.word, status.reason


def _covered(reader: Reader, signature: Entry[Any]) -> str:
    """The events that a signature covers, by what they are: `labs/D28 (12): #410 to #421`."""
    groups: dict[str, list[int]] = {}
    for seq in signature.body.covers:
        entry = reader.chronicle.entries.get(seq)
        name = "/".join(place_of(entry.event, entry.body)[:2]) if entry is not None else "?"
        groups.setdefault(name, []).append(seq)
    return "; ".join(f"{name}: {', '.join(f'#{seq}' for seq in seqs)}" for name, seqs in groups.items())


def writers(reader: Reader, events: tuple[Event, ...]) -> tuple[Row, ...]:
    """Everyone who wrote one of the events: name, account, role, site, how many, from when to when."""
    groups: dict[tuple[str, str, str, str], list[Event]] = {}
    for event in events:
        author = event.author
        groups.setdefault((author.printed_name, str(author.person), author.role, author.site), []).append(event)
    return plain_rows(
        [
            (
                name or "no name recorded",
                person,
                role.replace("_", " "),
                site,
                str(len(each)),
                reader.local(each[0].recorded_at),
                reader.local(each[-1].recorded_at),
            )
            for (name, person, role, site), each in groups.items()
        ]
    )
