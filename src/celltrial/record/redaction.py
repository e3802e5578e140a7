"""Redaction: a personal text that does not belong in the record is made unreadable, by two people, on the record.

One person asks (`redaction`: which texts of which event, and why), a second approves (`redaction_approval`); then the
texts and their salts are gone from the store, their commitments stay, and the chain verifies as before (opening.py).
Only free texts and form items can be redacted: what the trial computes with otherwise stays what it was.

Source: ICH E6(R3) 4.2.2(b): audit trails are not modified except in rare circumstances (e.g. personal information
included inadvertently), and only if a log of the action and its justification is kept.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from celltrial.errors import Finding
from celltrial.record.bodies import Body, Redaction, RedactionApproval
from celltrial.record.envelope import Row
from celltrial.record.events import Author, Draft, Entry, Event
from celltrial.record.opening import WHY, read_opening
from celltrial.record.state import TrialState

__all__ = ["approved_redactions", "check_approval", "check_redaction", "check_redactions", "paths_of"]

RULE = "ICH E6(R3) 4.2.2(b); docs/record.md, Redaction"

# free texts, by the type of the event; of a form every item, of a correction every new value of such a text
_FREE_TEXTS: Mapping[str, tuple[str, ...]] = {
    "adverse_event": ("term", "comment"),
    "audit_review": ("conclusion",),
    "completion": ("comment",),
    "data_cut": ("purpose",),
    "dlt_assessment": ("rationale",),
    "person": ("printed_name", "identity_checked"),
    "product_release": ("certificate",),
    "query": ("text",),
    "query_answer": ("text",),
    "query_closing": ("text",),
    "question_answer": ("answer",),
    "signature": ("meaning",),
    "site_activation": ("approvals",),
    "source_verification": ("source",),
    "src_decision": ("override_reason", "incomplete_reason"),
    "training": ("evidence",),
    "visit": ("reason",),
    "withdrawal": ("comment",),
}


def paths_of(state: TrialState, event: Event) -> tuple[str, ...]:
    """What of an event can be redacted, by its paths."""
    kind, prefix = event.type, ""
    if kind == "correction":
        target = _event(state, int(str(event.payload["target"])))
        kind, prefix = (target.type if target else ""), "replace."
    names = [f"{prefix}{name}" for name in _FREE_TEXTS.get(kind, ())]
    if event.type == "correction":
        replaced = event.payload["replace"]
        assert isinstance(replaced, Mapping)
        free = {name.removeprefix("replace.") for name in names}
        names = [f"replace.{key}" for key in replaced if key in free or (kind == "form" and key.startswith("items."))]
    elif kind == "form":
        items = event.payload["items"]
        assert isinstance(items, Mapping)
        names = [f"items.{key}" for key in items]
    return (*(name for name in names if name not in event.redacted), WHY)


def check_redaction(state: TrialState, draft: Draft, body: Redaction, where: str) -> Iterator[Finding]:
    """The event is there, each text is one of it that can be redacted, and a reason is given."""
    event = _event(state, body.target)
    if event is None:
        found = f"the record has events 1 to {state.length}"
        yield Finding(message="no event to redact", where=where, found=found, expected="the number of an event")
        return
    if event.app == "":
        yield Finding(
            message="an event of the first release cannot be redacted: its values are inside the hashed bytes",
            where=f"{where}/event {event.seq}",
            found="an event of format 1",
            rule=RULE,
            next_step="mark it as entered in error; keep this record under lock",
        )
        return
    possible = paths_of(state, event)
    if not body.fields:
        yield Finding(message="no text is named", where=where, expected=f"one of {', '.join(possible)}", rule=RULE)
    for path in body.fields:
        if path not in possible:
            yield Finding(
                message="this cannot be redacted",
                where=f"{where}/event {event.seq}",
                found=path,
                expected=f"one of {', '.join(possible)}",
                rule=f"{RULE}: free texts and form items only",
                next_step="correct the entry, or mark it as entered in error",
            )
    if draft.subject != event.subject:
        yield Finding(
            message="a redaction stands under the subject of its event",
            where=where,
            found=str(draft.subject or "no subject"),
            expected=str(event.subject or "no subject"),
        )
    if draft.why.strip() in ("", Draft(body=body).why):
        yield Finding(message="a redaction needs its reason", where=where, found=repr(draft.why), rule=RULE)


def check_approval(state: TrialState, body: RedactionApproval, author: Author, where: str) -> Iterator[Finding]:
    """What is approved was asked for, by another person, and not approved yet."""
    asked = state.entry(body.redaction)
    if asked is None or not isinstance(asked.body, Redaction):
        found = f"event {body.redaction}"
        yield Finding(message="no redaction was asked for there", where=where, found=found, expected="a redaction")
        return
    if asked.event.author.person == author.person:
        yield Finding(
            message="a redaction is approved by a second person",
            where=where,
            found=f"{author.person} asked for it (event {asked.seq})",
            expected="another person",
            rule=RULE,
            next_step="let another person approve",
        )
    done = [entry.seq for entry in state.entries(RedactionApproval) if entry.body.redaction == body.redaction]
    if done:
        yield Finding(message="it is approved already", where=where, found=f"event {done[0]}")


def approved_redactions(state: TrialState) -> Mapping[int, frozenset[str]]:
    """The paths of each event whose redaction was approved."""
    found: dict[int, frozenset[str]] = {}
    for approval in state.entries(RedactionApproval):
        asked = state.entry(approval.body.redaction)
        if asked is not None and isinstance(asked.body, Redaction):
            target = asked.body.target
            found[target] = found.get(target, frozenset()) | frozenset(asked.body.fields)
    return found


def check_redactions(rows: Sequence[Row], state: TrialState) -> Iterator[Finding]:
    """Texts that are gone without an approved redaction, and texts that are approved and still readable."""
    approved = approved_redactions(state)
    for row in rows:
        is_touched = row.opening[:1] == b"#" or b"\n#" in row.opening
        if not is_touched and row.seq not in approved:
            continue
        gone, allowed = set(read_opening(row.opening).redacted), approved.get(row.seq, frozenset())
        yield from _compare(row, gone, allowed)


def _compare(row: Row, gone: set[str], allowed: Iterable[str]) -> Iterator[Finding]:
    where = f"event {row.seq} ({row.type}, {row.subject or 'no subject'}, {row.recorded_at})"
    for path in sorted(gone - set(allowed)):
        yield Finding(
            message="a text is gone, and no approved redaction says so",
            where=where,
            found=path,
            rule=RULE,
            next_step="restore the last backup beside this record, and find out who could write to it",
        )
    for path in sorted(set(allowed) - gone):
        yield Finding(
            message="a text whose redaction was approved can still be read",
            where=where,
            found=json.dumps(path),
            rule=RULE,
            next_step="ask for it again and approve it, which carries it out; and find out who put the text back",
        )


def _event(state: TrialState, seq: int) -> Event | None:
    entry: Entry[Body] | None = state.entry(seq) or state.entered_in_error(seq)
    return None if entry is None else entry.event
