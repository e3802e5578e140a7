"""From drafts to events, without a file: all checks and guards, every problem at once, then the chain.

Each draft is judged on the state that the drafts before it leave. A draft that a guard refuses still counts for those
after it, so that one refusal is not reported again by all that follow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_bytes

from celltrial.codes import SubjectId
from celltrial.errors import CelltrialError, Finding, RefusedError, StaleError, UsageError
from celltrial.record.checks import check_draft
from celltrial.record.conflicts import check_stale
from celltrial.record.envelope import Place, Row, seal
from celltrial.record.events import Author, Draft, Event
from celltrial.record.opening import Salts
from celltrial.record.registry import parse_body, to_payload
from celltrial.record.source_time import check_source_time
from celltrial.record.state import TrialState, advance
from celltrial.study.model import Study

__all__ = ["Accepted", "Guard", "accept_drafts", "require_accepted", "require_aware"]

Guard = Callable[[TrialState, Draft, Author, datetime], Sequence[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The outcome: events and rows ready to be stored, or findings, each with the place of its draft in the batch."""

    events: tuple[Event, ...]
    rows: tuple[Row, ...]
    state: TrialState
    findings: tuple[tuple[int, Finding], ...]
    is_stale: bool


def accept_drafts(
    study: Study,
    state: TrialState,
    drafts: Sequence[Draft],
    *,
    author: Author,
    at: datetime,
    base_seq: int | None,
    guards: Sequence[Guard],
    salts: Salts = token_bytes,
) -> Accepted:
    """Judge the drafts in order on the state; nothing is stored. Raises UsageError for a bad `at` or `base_seq`."""
    _require_time(state, at)
    _require_base(state, base_seq)
    before, is_stale = state, False
    events: list[Event] = []
    rows: list[Row] = []
    findings: list[tuple[int, Finding]] = []
    for number, given in enumerate(drafts):
        try:
            draft = _validated(given)
        except CelltrialError as error:
            findings += [(number, _placed(each, given)) for each in error.findings]
            continue
        stale = check_stale(before, draft, base_seq) if base_seq is not None else ()
        is_stale = is_stale or bool(stale)
        found = (*stale, *check_draft(study, state, draft, author), *check_source_time(study, draft, at))
        if not found:
            seq, seen = state.length + 1, before.length if base_seq is None else base_seq
            place = Place(
                seq=seq, author=author, at=at, base_seq=seen, study_hash=study.hash, prev=state.head, salts=salts
            )
            try:
                event, row = seal(draft, place)
            except CelltrialError as error:
                findings += [(number, _placed(each, given)) for each in error.findings]
                continue
            found = tuple(each for guard in guards for each in guard(state, draft, author, at))
            state = advance(state, event)
            events.append(event)
            rows.append(row)
        findings += [(number, each) for each in found]
    return Accepted(events=tuple(events), rows=tuple(rows), state=state, findings=tuple(findings), is_stale=is_stale)


def require_accepted(outcome: Accepted) -> None:
    """Raise StaleError or RefusedError with every finding, where there is one."""
    if outcome.findings:
        kind = StaleError if outcome.is_stale else RefusedError
        raise kind([finding for _, finding in outcome.findings])


def _validated(draft: Draft) -> Draft:
    """The draft with its body as it will be read back, and its subject checked."""
    body = parse_body(draft.body.TYPE, draft.body.VERSION, to_payload(draft.body))
    return replace(draft, body=body, subject=None if draft.subject is None else SubjectId(draft.subject))


def _placed(finding: Finding, draft: Draft) -> Finding:
    place = draft.subject or ""
    return replace(finding, where="/".join(part for part in (place, finding.where or draft.body.TYPE) if part))


def require_aware(moment: datetime) -> None:
    """Raise UsageError for a time without a zone: nobody is to guess which clock it was."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        found = moment.isoformat()
        raise UsageError(Finding(message="a time without a zone", found=found, expected="a time with a zone: +08:00"))


def _require_time(state: TrialState, at: datetime) -> None:
    require_aware(at)
    if state.as_of is not None and at < state.as_of:
        raise RefusedError(
            Finding(
                message="a time before the last event of the record",
                where=f"event {state.length + 1}",
                found=at.isoformat(),
                expected=f"{state.as_of.isoformat()} or later",
                rule="docs/record.md: recorded time never runs backwards",
                next_step="set the clock right; what happened earlier is told by the dates inside the event",
            )
        )


def _require_base(state: TrialState, base_seq: int | None) -> None:
    if base_seq is not None and not 0 <= base_seq <= state.length:
        raise UsageError(
            Finding(
                message="a base that the record does not have",
                found=f"base_seq {base_seq}",
                expected=f"0 to {state.length}: the last event that the writer had read",
            )
        )
