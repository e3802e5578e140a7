"""What was known then, and what should have been: the record at an event, and the same with what came to light since.

The second is the first with the corrections that its entries got later, and with the participant's entries that were
recorded later although they tell of something that had happened by then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from celltrial.codes import SubjectId
from celltrial.decisions.dlt_review import DltReview, review_dlt
from celltrial.decisions.review.lateness import happened_by
from celltrial.decisions.screening import screen_subject
from celltrial.eligibility import Screening
from celltrial.eligibility.result import Result
from celltrial.record import Entry, Event, TrialState, fold
from celltrial.record.bodies import DltAssessment, EligibilitySignature
from celltrial.record.registry import to_payload
from celltrial.record.state import advance_all
from celltrial.record.versions import changes
from celltrial.study import Study

__all__ = ["Hindsight", "changed_inputs", "look_back", "review_then", "screen_then", "source_events_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindsight:
    """The record just before event `seq`, and with what came to light since.

    changed: events known then whose entries were corrected since, each with the first such correction; late: entries
    recorded since that had happened by then. ended: of `changed`, those that were only given the end they lacked.
    """

    seq: int
    then: TrialState
    corrected: TrialState
    changed: Mapping[int, int]
    late: tuple[int, ...]
    ended: frozenset[int] = frozenset()

    @property
    def is_same(self) -> bool:
        return not self.changed and not self.late


def look_back(study: Study, state: TrialState, derived: Sequence[Entry[Any]]) -> Iterator[Hindsight]:
    """The record before each of these entries, in the order of their events, with hindsight for their subject."""
    entries = (*state.all_entries(), *state.voided)
    events = {entry.seq: entry.event for entry in entries}
    by_subject: dict[SubjectId, list[Entry[Any]]] = {}
    for entry in entries:
        if entry.subject is not None:
            by_subject.setdefault(entry.subject, []).append(entry)
    then = fold(())
    for entry in sorted(derived, key=lambda each: each.seq):
        then = advance_all(then, (events[seq] for seq in range(then.length + 1, entry.seq)))
        own = by_subject.get(entry.subject, []) if entry.subject is not None else []
        yield _hindsight(study, state, entry, then, own)


def screen_then(study: Study, state: TrialState, signature: Entry[EligibilitySignature]) -> Screening:
    """The screening that a signature was about, on a state."""
    assert signature.subject is not None
    moment = signature.event.recorded_at
    return screen_subject(study, state, signature.subject, stage=signature.body.stage, as_of=moment)


def review_then(study: Study, state: TrialState, assessment: Entry[DltAssessment]) -> DltReview:
    """The DLT review that an assessment was about, on a state. Raises UsageError without an infusion."""
    assert assessment.subject is not None
    return review_dlt(study, state, assessment.subject, as_of=assessment.event.recorded_at)


def source_events_of(screening: Screening) -> frozenset[int]:
    """Every event that a criterion, or a part of one, rests on."""

    def walk(results: Iterable[Result]) -> Iterator[int]:
        for each in results:
            yield from each.source_events
            yield from walk(each.children)

    return frozenset(walk(screening.results))


def changed_inputs(seen: Iterable[int], hindsight: Hindsight, *, but_ends: bool = False) -> tuple[int, ...]:
    """Of the events that were looked at, those corrected since; `but_ends` leaves out those that only got their end."""
    return tuple(sorted(set(seen) & set(hindsight.changed) - (hindsight.ended if but_ends else frozenset())))


def _hindsight(
    study: Study, state: TrialState, derived: Entry[Any], then: TrialState, own: Sequence[Entry[Any]]
) -> Hindsight:
    known = [entry for entry in own if entry.seq < derived.seq]
    later = {entry.seq: [each for each in entry.corrections if each.seq > derived.seq] for entry in known}
    changed = {seq: found[0].seq for seq, found in later.items() if found}
    moment = derived.event.recorded_at
    standing = [entry for entry in own if entry.seq > derived.seq and state.entry(entry.seq) is not None]
    late = [entry for entry in standing if happened_by(study, state, entry, moment)]
    extra = sorted(
        chain((each for found in later.values() for each in found), (_as_it_stands(entry) for entry in late)),
        key=lambda event: event.seq,
    )
    corrected = advance_all(then, extra) if extra else then
    return Hindsight(
        seq=derived.seq,
        then=then,
        corrected=corrected,
        changed=changed,
        late=tuple(entry.seq for entry in late),
        ended=frozenset(entry.seq for entry in known if entry.seq in changed and _only_ended(entry, derived.seq)),
    )


def _only_ended(entry: Entry[Any], since: int) -> bool:
    """Whether all that changed since is the end of something that was going on."""
    after = [each for each in changes(entry) if each.event.seq > since]
    return all(
        (each.path in ("items.ended", "ended") and not each.old) or (each.path == "items.ongoing" and each.new == "no")
        for each in after
    )


def _as_it_stands(entry: Entry[Any]) -> Event:
    """The event of an entry, saying what the entry says after its corrections."""
    event: Event = entry.event
    return event._replace(version=entry.body.VERSION, payload=to_payload(entry.body))
