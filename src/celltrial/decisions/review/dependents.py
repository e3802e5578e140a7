"""What rests on one entry: shown before, and when, the entry is corrected or marked as entered in error."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from celltrial.decisions.review.hindsight import look_back, review_then, screen_then, source_events_of
from celltrial.decisions.review.locks import is_in_scope
from celltrial.decisions.review.places import find_entry, place_of
from celltrial.decisions.review.queries import queries
from celltrial.errors import UsageError
from celltrial.record import Entry, TrialState
from celltrial.record.bodies import (
    DataCut,
    DataLock,
    DltAssessment,
    EligibilitySignature,
    SourceVerification,
    SrcDecision,
    Transfer,
)
from celltrial.study import Study

__all__ = ["Dependent", "dependents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependent:
    """One thing that rests on an entry: which event, what it is, and what becomes of it when the entry changes."""

    event: int
    what: str
    then: str


def dependents(study: Study, state: TrialState, seq: int) -> tuple[Dependent, ...]:
    """Everything that rests on the entry of event `seq`, in the order it was written; empty where there is no entry."""
    entry = find_entry(state, seq)
    if entry is None:
        return ()
    found = [*_signatures(state, seq), *_review(state, entry), *_derived(study, state, entry), *_frozen(state, entry)]
    return tuple(sorted(found, key=lambda each: each.event))


def _signatures(state: TrialState, seq: int) -> Iterator[Dependent]:
    for each in state.signatures_of(seq):
        what = f"signature of {each.event.author.person}: {each.body.meaning}"
        yield Dependent(event=each.seq, what=what, then="falls with a change; stays visible")


def _review(state: TrialState, entry: Entry[Any]) -> Iterator[Dependent]:
    for thread in queries(state, entry.subject):
        if thread.target == entry.seq:
            what = f"query {thread.number} ({thread.status}): {thread.text}"
            yield Dependent(event=thread.event, what=what, then="a change answers it" if not thread.is_closed else "")
    for each in state.entries(SourceVerification, entry.subject):
        if each.body.target == entry.seq:
            fields = ", ".join(each.body.fields) or "all fields"
            what = f"compared with its source by {each.event.author.person}: {fields}"
            yield Dependent(event=each.seq, what=what, then="broken for the changed fields")
    place = place_of(entry.subject, entry.body)
    for lock in state.entries(DataLock, entry.subject) if place else ():
        if place and is_in_scope(lock.body, place):
            yield Dependent(event=lock.seq, what=f"{lock.body.action} of {place}", then="")


def _derived(study: Study, state: TrialState, entry: Entry[Any]) -> Iterator[Dependent]:
    """Signed verdicts and adjudications whose evidence named the entry when they were made."""
    own: list[Entry[Any]] = [*state.entries(EligibilitySignature, entry.subject)] if entry.subject else []
    own += [*state.entries(DltAssessment, entry.subject)] if entry.subject else []
    later = sorted((each for each in own if each.seq > entry.seq), key=lambda each: each.seq)
    for each, hindsight in zip(later, look_back(study, state, later), strict=True):
        if isinstance(each.body, EligibilitySignature):
            seen = source_events_of(screen_then(study, hindsight.then, each))
            what = f"eligibility of {each.subject} for stage {each.body.stage}: {each.body.verdict}"
        else:
            try:
                seen = frozenset(review_then(study, hindsight.then, each).source_events)
            except UsageError:
                continue
            what = f"DLT assessment of {each.subject}: DLT {each.body.dlt}, evaluable {each.body.evaluable}"
        if entry.seq in seen:
            yield Dependent(event=each.seq, what=what, then="to be looked at again: celltrial stale STUDY")


def _frozen(state: TrialState, entry: Entry[Any]) -> Iterator[Dependent]:
    """Data cuts and exports that hold the entry; they stay as they were."""
    decided = {each.body.cut: each for each in state.entries(SrcDecision)}
    for cut in state.entries(DataCut):
        if cut.body.events.isdecimal() and int(cut.body.events) >= entry.seq:
            decision = decided.get(cut.body.cut)
            rests = f", dose decision {decision.body.number}" if decision else ""
            yield Dependent(event=cut.seq, what=f"data cut {cut.body.cut}{rests}", then="stays as it was frozen")
    for transfer in state.entries(Transfer):
        if transfer.body.direction != "import" and transfer.body.through >= entry.seq:
            what = f"{transfer.body.direction} of {transfer.body.what}"
            yield Dependent(event=transfer.seq, what=what, then="holds the old text")
