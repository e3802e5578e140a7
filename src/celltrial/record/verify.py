"""Verification: everything that is stored is read again and recomputed; every break is named by its event.

What a chain alone cannot see is said in docs/record.md: a tail cut off by someone who also sets the head back, and a
chain rebuilt from a changed event on. Checkpoints kept elsewhere see both (checkpoints.py).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.record.canonical import GENESIS, compute_leaf, compute_link, parse_canonical_json
from celltrial.record.envelope import Row, decode, format_instant, match_envelope
from celltrial.record.events import Event
from celltrial.record.opening import compute_items
from celltrial.record.projection import compare_projection
from celltrial.record.reading import name_row
from celltrial.record.redaction import check_redactions
from celltrial.record.state import EMPTY, TrialState, advance, advance_all
from celltrial.record.store import Standing, Store
from celltrial.record.stores import is_database, open_store
from celltrial.record.undisturbed import undisturbed

__all__ = ["Verification", "verify_links", "verify_record", "verify_rows", "verify_store"]

_LINK = re.compile(r"[0-9a-f]{64}")
_NEXT_STEP = "keep this file as it is, restore the last backup beside it, and find out who could write to the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The outcome: `events` counts the rows read, `head` is the last stored link, `findings` every break."""

    ok: bool
    events: int
    head: str
    findings: tuple[Finding, ...]


def verify_record(place: Path | str) -> Verification:
    """Recompute every hash and link of the record from its stored bytes, and check all that is stored.

    place: the path of a record file, or the URL of a database. Raises InputError only where there is no record, or
    no way to it; a damaged one is a finding.
    """
    if not is_database(place) and not Path(place).is_file():
        raise InputError(Finding(message="there is no record", found=str(place), next_step="name a study folder"))
    try:
        store = open_store(place, read_only=True)
    except CelltrialError as error:
        if is_database(place):
            raise
        return Verification(ok=False, events=0, head="", findings=tuple(error.findings))
    try:
        return verify_store(store)
    finally:
        store.close()


def verify_store(store: Store) -> Verification:
    """The same of a store that is open; others may write meanwhile."""
    try:
        with store.reading():
            rows, stored_head, damage, standing = store.read(), store.head(), store.damage(), store.standing()
    except CelltrialError as error:
        return Verification(ok=False, events=0, head="", findings=tuple(error.findings))
    findings = (*damage, *verify_rows(rows, stored_head, standing))
    head = rows[-1].hash if rows else GENESIS
    return Verification(ok=not findings, events=len(rows), head=head, findings=findings)


def verify_links(rows: Sequence[Row]) -> bool:
    """Whether every row is well formed, in its place, and linked to the one before it; False says no more than that.

    The whole of what is hashed, at the speed of hashing; what it means is left to `verify_rows`.
    """
    prev, time, last = GENESIS, "", bytes.fromhex(GENESIS)
    with undisturbed(len(rows)):
        for seq, row in enumerate(rows, start=1):
            # canonical.compute_link, without a turn through hexadecimal digits for each event
            last = sha256(b"\x01" + last + compute_leaf(row.content)).digest()
            is_next = row.seq == seq and row.prev == prev and row.recorded_at >= time
            if not is_next or last.hex() != row.hash or match_envelope(row) is None:
                return False
            prev, time = row.hash, row.recorded_at
    return True


def verify_rows(
    rows: Sequence[Row], stored_head: tuple[int, str], standing: Sequence[Standing] | None = None
) -> tuple[Finding, ...]:
    """Every break in the rows, in order; `stored_head` is the length and head that the store itself keeps.

    `standing` is the stored projection, to be compared with what the events fold to; None leaves it out.
    """
    with undisturbed(len(rows)):
        state = _fold_whole(rows) if verify_links(rows) else None
    findings: list[Finding] = []
    if state is None:
        state, findings = _verify_one_by_one(rows)
    if state is not None and standing is not None:
        findings += [*compare_projection(state, standing), *check_redactions(rows, state)]
    return (*findings, *_check_head(rows, stored_head))


def _fold_whole(rows: Sequence[Row]) -> TrialState | None:
    """The state that the rows fold to, or None where one of them does not fit its type or its place."""
    try:
        return advance_all(EMPTY, map(decode, rows))
    except CelltrialError:
        return None


def _verify_one_by_one(rows: Sequence[Row]) -> tuple[TrialState | None, list[Finding]]:
    """The slow way, which names each break; and the state, where all of it can be read."""
    findings: list[Finding] = []
    seq, prev, last_time = 0, GENESIS, None
    state: TrialState | None = EMPTY
    for row in rows:
        findings += _check_order(row, seq, prev)
        event, problems = _read(row, prev)
        findings += problems
        if event is not None:
            if last_time is not None and event.recorded_at < last_time:
                findings.append(_break(row, "recorded before the event ahead of it", str(event.recorded_at), "later"))
            last_time = event.recorded_at
        # what was changed is not folded, nor is anything after it: its place in the trial is not known
        state = None if event is None or problems else state
        if state is not None and event is not None:
            state, unfit = _advance(state, event, row)
            findings += unfit
        seq = row.seq
        prev = row.hash if _LINK.fullmatch(row.hash) else compute_link(prev, row.content)
    return state, findings


def _check_order(row: Row, seq: int, prev: str) -> Iterator[Finding]:
    if row.seq != seq + 1:
        missing = f"{seq + 1}" if row.seq == seq + 2 else f"{seq + 1} to {row.seq - 1}"
        yield _break(row, f"event {missing} is missing before this one", f"event {row.seq}", f"event {seq + 1}")
    if row.prev != prev:
        yield _break(row, "the link to the event before it is broken", row.prev, prev)


def _read(row: Row, prev: str) -> tuple[Event | None, list[Finding]]:
    """The event of a row, and what is wrong with its bytes, its envelope, its values and its columns."""
    findings: list[Finding] = []
    # by its own link to what came before: a broken `prev` is one finding, not two
    own_prev = row.prev if _LINK.fullmatch(row.prev) else prev
    link = compute_link(own_prev, row.content)
    if link != row.hash:
        findings.append(_break(row, "the content does not give the stored hash", row.hash, link))
    try:
        fields = parse_canonical_json(row.content)
        if "items" in fields and fields["items"] != (items := compute_items(row.opening)):
            findings.append(_break(row, "the values are not those that were hashed", items, str(fields["items"])))
            return None, findings
        event = decode(row)
    except (CelltrialError, ValueError) as error:
        problems = error.findings if isinstance(error, CelltrialError) else (Finding(message=str(error)),)
        return None, findings + [replace(each, where=name_row(row)) for each in problems]
    stored = {"seq": row.seq, "type": row.type, "subject": row.subject, "recorded_at": row.recorded_at}
    for name, value in stored.items():
        if fields[name] != value:
            findings.append(_break(row, f"column {name} is not what was hashed", str(value), str(fields[name])))
    if format_instant(event.recorded_at) != fields["recorded_at"]:
        findings.append(_break(row, "the time is not in its canonical form", str(fields["recorded_at"]), "UTC"))
    return event, findings


def _advance(state: TrialState, event: Event, row: Row) -> tuple[TrialState | None, list[Finding]]:
    """The state after the event; None, with findings, where the event does not fit its type or its place."""
    try:
        return advance(state, event), []
    except CelltrialError as error:
        return None, [replace(each, where=f"{name_row(row)}: {each.where}") for each in error.findings]


def _check_head(rows: Sequence[Row], stored_head: tuple[int, str]) -> Iterator[Finding]:
    length, head = stored_head
    found = (rows[-1].seq, rows[-1].hash) if rows else (0, GENESIS)
    if not rows:
        yield Finding(message="the record has no event", found="0 events", expected="study_opened")
    if found != stored_head:
        yield Finding(
            message="the end of the record is not where the file says it is: events are missing or were added",
            where=name_row(rows[-1]) if rows else "the whole record",
            found=f"{found[0]} events, last link {found[1]}",
            expected=f"{length} events, last link {head}",
            rule="docs/record.md, The chain",
            next_step=_NEXT_STEP,
        )


def _break(row: Row, message: str, found: str, expected: str) -> Finding:
    return Finding(
        message=message,
        where=name_row(row),
        found=found,
        expected=expected,
        rule="docs/record.md, The chain",
        next_step=_NEXT_STEP,
    )
