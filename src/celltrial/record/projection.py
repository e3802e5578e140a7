"""The projection: how every entry stands, kept beside the events so that it can be read without folding them.

It is never the truth: it is written in the same transaction as the events, can be written anew from them at any time,
and verification compares the two. Lines are only added; the last line of an entry is how it stands.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from celltrial.errors import CelltrialError, Finding
from celltrial.record.bodies import Correction
from celltrial.record.events import Entry, Event
from celltrial.record.registry import KINDS, parse_body, to_payload
from celltrial.record.state import TrialState
from celltrial.record.store import Standing

__all__ = ["compare_projection", "project", "project_touched"]


def project(state: TrialState) -> list[Standing]:
    """One line for each entry of the state, those entered in error among them."""
    lines = [_line(entry, void=0) for entry in state.all_entries()]
    return sorted([*lines, *(_line(entry, void=1) for entry in state.voided)])


def project_touched(state: TrialState, events: Iterable[Event]) -> list[Standing]:
    """The lines that these events, the last of the state, add: their own entries and those they correct."""
    touched: dict[int, None] = {}
    for event in events:
        touched[event.seq] = None
        if event.type == Correction.TYPE:
            touched[int(str(event.payload["target"]))] = None
    voided = {entry.seq: entry for entry in state.voided} if len(touched) > 0 and state.voided else {}
    lines = []
    for seq in touched:
        entry = state.entry(seq)
        if entry is not None:
            lines.append(_line(entry, void=0))
        elif seq in voided:
            lines.append(_line(voided[seq], void=1))
    return lines


def compare_projection(state: TrialState, stored: Sequence[Standing]) -> Iterator[Finding]:
    """Where the last stored line of an entry is not what the events give; and entries that only one side has."""
    last = {line.entry: line for line in sorted(stored, key=lambda line: (line.entry, line.event))}
    expected = {line.entry: line for line in project(state)}
    for seq in sorted(last.keys() | expected.keys()):
        found, wanted = last.get(seq), expected.get(seq)
        if found != wanted and not _is_older(found, wanted):
            yield Finding(
                message="the projection is not what the events give",
                where=f"event {seq}",
                found="nothing" if found is None else f"as of event {found.event}: {found.body[:120]}",
                expected="nothing" if wanted is None else f"as of event {wanted.event}: {wanted.body[:120]}",
                rule="docs/record.md, The projection: computed from the events, never the truth",
                next_step="write it anew: celltrial verify STUDY --rebuild; and find out who could write to the file",
            )


def _is_older(found: Standing | None, wanted: Standing | None) -> bool:
    """Whether a line was written when its type had fewer fields or an earlier version, and says the same."""
    if found is None or wanted is None or found._replace(body=wanted.body) != wanted:
        return False
    kind = KINDS[wanted.type]
    for version in range(kind.VERSION, 0, -1):
        try:
            if to_payload(parse_body(wanted.type, version, json.loads(found.body))) == json.loads(wanted.body):
                return True
        except (CelltrialError, ValueError, KeyError, TypeError):
            continue
    return False


def _line(entry: Entry[Any], *, void: int) -> Standing:
    last = entry.corrections[-1].seq if entry.corrections else entry.seq
    body = json.dumps(to_payload(entry.body), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    subject = None if entry.subject is None else str(entry.subject)
    return Standing(entry.seq, last, entry.event.type, subject, body, void)
