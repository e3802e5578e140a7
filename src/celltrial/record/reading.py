"""From stored rows to events: each link of the chain is recomputed as it is read."""

from collections.abc import Sequence

from celltrial.errors import CelltrialError, Finding, TamperedError
from celltrial.record.canonical import compute_link
from celltrial.record.envelope import Row, decode, decode_matched, match_envelope
from celltrial.record.events import Event
from celltrial.record.state import TrialState

__all__ = ["name_row", "read_events"]


def read_events(rows: Sequence[Row], state: TrialState) -> list[Event]:
    """The events of rows that follow `state`. Raises TamperedError at the first that does not follow."""
    events: list[Event] = []
    seq, prev = state.length, state.head
    for row in rows:
        seq += 1
        found = match_envelope(row) if row.opening else None
        is_whole = found is not None or _is_first_format(row)
        if row.seq != seq or row.prev != prev or compute_link(prev, row.content) != row.hash or not is_whole:
            raise TamperedError(
                Finding(
                    message="the chain of the record is broken",
                    where=name_row(row),
                    found=f"event {row.seq} after event {seq - 1}, with a link that its content does not give",
                    expected=f"event {seq}, linked to all before it",
                    rule="docs/record.md, The chain",
                    next_step="run celltrial verify; keep this file as it is and restore the last backup beside it",
                )
            )
        prev = row.hash
        try:
            events.append(decode(row) if found is None else decode_matched(found, row))
        except CelltrialError as error:
            raise TamperedError(error.findings) from None
    return events


def _is_first_format(row: Row) -> bool:
    """Whether the content itself holds the values, so that there are none beside it."""
    return not row.opening and b'"format":1,' in row.content


def name_row(row: Row) -> str:
    """An event by its number, type, subject and time, as its row has them."""
    return f"event {row.seq} ({row.type}, {row.subject or 'no subject'}, {row.recorded_at})"
