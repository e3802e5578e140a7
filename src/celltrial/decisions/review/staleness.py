"""Derived data that rest on what has changed since: signed verdicts, adjudications, cuts, decisions, exports.

Nothing derived is stored as truth here, but people sign, decide and send on what was shown to them. When an input is
corrected, or something that had happened by then is entered later, that is told: what rested on it, and whether it
would come out otherwise today.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from celltrial.codes import SubjectId
from celltrial.decisions.review.hindsight import (
    Hindsight,
    changed_inputs,
    look_back,
    review_then,
    screen_then,
    source_events_of,
)
from celltrial.errors import UsageError
from celltrial.record import Entry, TrialState
from celltrial.record.bodies import (
    DataCut,
    DltAssessment,
    EligibilitySignature,
    Infusion,
    SrcDecision,
    Transfer,
)
from celltrial.study import Study

__all__ = ["Stale", "stale"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """One derived thing that its inputs have left behind.

    event: the event that signed, decided or sent it; since: the first event that changed an input; inputs: the events
    that were changed or came late. before, now: what it said, and what the record gives with hindsight.
    """

    kind: Literal["eligibility", "DLT assessment", "data cut", "dose decision", "export"]
    what: str
    subject: SubjectId | None
    event: int
    since: int
    inputs: tuple[int, ...]
    before: str
    now: str
    next_step: str

    @property
    def is_different(self) -> bool:
        """Whether it would come out otherwise today; else it only has to be looked at."""
        return self.before != self.now


def stale(study: Study, state: TrialState) -> tuple[Stale, ...]:
    """Everything derived whose inputs have changed since, in the order it was derived."""
    signed: dict[object, Entry[Any]] = {}
    for verdict in state.entries(EligibilitySignature):
        signed["eligibility", verdict.subject, verdict.body.stage] = verdict
    for assessment in state.entries(DltAssessment):
        signed["dlt", assessment.subject] = assessment
    # a decision's cut is told with the decision
    decided = {entry.body.cut for entry in state.entries(SrcDecision)}
    cuts: list[Entry[Any]] = [entry for entry in state.entries(DataCut) if entry.body.cut not in decided]
    derived = sorted((*signed.values(), *cuts, *state.entries(SrcDecision)), key=lambda entry: entry.seq)
    found = [
        each
        for entry, hindsight in zip(derived, look_back(study, state, derived), strict=True)
        for each in _judge(study, state, entry, hindsight)
    ]
    return tuple(sorted((*found, *_exports(state)), key=lambda each: each.event))


def _judge(study: Study, state: TrialState, entry: Entry[Any], hindsight: Hindsight) -> Iterator[Stale]:
    match entry.body:
        case EligibilitySignature():
            yield from _eligibility(study, entry, hindsight)
        case DltAssessment():
            yield from _dlt(study, entry, hindsight)
        case _:
            yield from _counts(study, state, entry, hindsight.then)


def _eligibility(study: Study, entry: Entry[EligibilitySignature], hindsight: Hindsight) -> Iterator[Stale]:
    if hindsight.is_same:
        return
    then, now = screen_then(study, hindsight.then, entry), screen_then(study, hindsight.corrected, entry)
    is_same = then.verdict == now.verdict
    # what ended or came later is told only where the verdict changes: it is follow-up, not a correction
    seen = source_events_of(then)
    corrected = changed_inputs(seen, hindsight, but_ends=is_same)
    late = tuple(sorted(set(hindsight.late) & source_events_of(now)))
    inputs = (*corrected, *(() if is_same else late))
    if not inputs:
        return
    yield Stale(
        kind="eligibility",
        what=f"eligibility of {entry.subject} for stage {entry.body.stage}",
        subject=entry.subject,
        event=entry.seq,
        since=_since(inputs, hindsight),
        inputs=inputs,
        before=str(then.verdict),
        now=str(now.verdict),
        next_step=f"celltrial screen STUDY {entry.subject} --stage {entry.body.stage}; sign again, "
        "or record the deviation where the step was already taken",
    )


def _dlt(study: Study, entry: Entry[DltAssessment], hindsight: Hindsight) -> Iterator[Stale]:
    if hindsight.is_same:
        return
    try:
        then, now = review_then(study, hindsight.then, entry), review_then(study, hindsight.corrected, entry)
    except UsageError:
        return  # written before an infusion: nothing was derived
    before, after = (f"DLT {each.proposed}, evaluable {each.evaluable}" for each in (then, now))
    late = tuple(sorted(set(hindsight.late) & set(now.source_events)))
    inputs = (*changed_inputs(then.source_events, hindsight), *(late if before != after else ()))
    if not inputs:
        return
    yield Stale(
        kind="DLT assessment",
        what=f"DLT assessment of {entry.subject}",
        subject=entry.subject,
        event=entry.seq,
        since=_since(inputs, hindsight),
        inputs=inputs,
        before=f"the rule proposed: {before}",
        now=f"the rule proposed: {after}",
        next_step="adjudicate again, or confirm: a new DLT assessment with its reason",
    )


def _counts(study: Study, state: TrialState, entry: Entry[Any], then: TrialState) -> Iterator[Stale]:
    """Who was evaluable and who had a DLT at a cut, and what the record says of the same participants now."""
    if isinstance(entry.body, SrcDecision):
        cut = next((each for each in then.entries(DataCut) if each.body.cut == entry.body.cut), None)
        kind: Literal["data cut", "dose decision"] = "dose decision"
        what = f"dose decision {entry.body.number} on {entry.body.cut}"
        step = "tell the safety review committee; it decides anew on a new data cut"
    else:
        cut, kind, what = entry, "data cut", f"data cut {entry.body.cut}"
        step = "freeze a new data cut: celltrial cut STUDY"
    if cut is None:
        return
    counted = _adjudicated(then, up_to=cut.seq)
    today = _adjudicated(state, up_to=state.length)
    moved = {who: entry for who, entry in today.items() if who in counted and entry[1] != counted[who][1]}
    gone = [who for who in counted if who not in today]
    inputs = tuple(sorted({seq for each in moved.values() for seq in each[0]}))
    if not moved and not gone:
        return
    same = {who: today[who][1] for who in counted if who in today}
    yield Stale(
        kind=kind,
        what=what,
        subject=None,
        event=entry.seq,
        since=min((seq for seq in inputs if seq > cut.seq), default=entry.seq),
        inputs=inputs,
        before=_tally(study, [each for _, each in counted.values()]),
        now=_tally(study, list(same.values())),
        next_step=step,
    )


_Adjudicated = Mapping[SubjectId, tuple[tuple[int, ...], tuple[str, str, str]]]


def _adjudicated(state: TrialState, *, up_to: int) -> _Adjudicated:
    """Of each participant with a DLT assessment: the events behind it; level, evaluable, DLT."""
    found = {}
    for infusion in state.entries(Infusion):
        subject = infusion.subject
        assessments = [each for each in state.entries(DltAssessment, subject) if each.seq <= up_to]
        if infusion.body.number != "1" or subject is None or not assessments:
            continue
        body = assessments[-1].body
        touched = (assessments[-1], infusion)
        events = tuple(event.seq for entry in touched for event in (entry.event, *entry.corrections))
        found[subject] = (events, (infusion.body.level, body.evaluable, body.dlt))
    return found


def _tally(study: Study, people: Sequence[tuple[str, str, str]]) -> str:
    parts = []
    for level in study.levels:
        evaluable = [dlt for at, counts, dlt in people if at == level.id and counts == "yes"]
        if any(at == level.id for at, _, _ in people):
            parts.append(f"{level.id} {evaluable.count('yes')}/{len(evaluable)}")
    return "DLT/evaluable " + (", ".join(parts) or "none")


def _exports(state: TrialState) -> Iterator[Stale]:
    """The last export (or print) of each thing, where an entry in it was corrected since."""
    last = {(entry.body.direction, entry.body.what): entry for entry in state.entries(Transfer)}
    for (direction, what), entry in last.items():
        if direction == "import":
            continue
        known = [each for each in (*state.all_entries(), *state.voided) if each.seq <= entry.body.through]
        touched = [(each, late) for each in known if (late := [e for e in each.corrections if e.seq > entry.seq])]
        if touched:
            yield Stale(
                kind="export",
                what=f"{direction} of {what}",
                subject=None,
                event=entry.seq,
                since=min(late[0].seq for _, late in touched),
                inputs=tuple(sorted(each.seq for each, _ in touched)),
                before=f"the record through event {entry.body.through}",
                now=f"{len(touched)} of its entries were corrected since",
                next_step="make it again, and tell whoever has the old one",
            )


def _since(inputs: Sequence[int], hindsight: Hindsight) -> int:
    return min(hindsight.changed.get(seq, seq) for seq in inputs)
