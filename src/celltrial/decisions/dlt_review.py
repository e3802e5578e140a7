"""DLT review: the evidence on one participant's window, and what the study's DLT rule proposes. A person adjudicates.

Fetch adverse events, assessments and blood counts, grade them by `safety`, apply the predicate of the study
file, and say whether the window is complete. Nothing here is a verdict: that is a `DltAssessment` event.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from celltrial.codes import SubjectId
from celltrial.decisions.licats import check_licats
from celltrial.decisions.toxicities import ASSESSED, derive_toxicities
from celltrial.errors import Finding, UsageError
from celltrial.record import TrialState
from celltrial.record.bodies import Infusion, Withdrawal
from celltrial.safety import propose_dlt
from celltrial.safety.dlt_rule import ToxicityKind
from celltrial.safety.toxicity_terms import toxicity_kind
from celltrial.study import Study
from celltrial.studyday import parse_partial_date

__all__ = ["DltReview", "dlt_window_end", "first_infusion_day", "review_dlt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DltReview:
    """One participant's DLT window: is it complete, may the participant count, what does the rule propose, and why.

    evaluable: "yes" (window complete, or a DLT proposed), "no" (left before the end without one), "unknown" (open).
    source_events: everything looked at; matched_events: what a clause of the rule matched, or may have matched.
    licats: events on which the investigator's word on LICATS and the record differ.
    """

    subject: SubjectId
    window_start: date
    window_end: date
    window_complete: bool
    evaluable: str
    proposed: str
    evidence: tuple[str, ...]
    adverse_events: tuple[str, ...]
    source_events: tuple[int, ...]
    matched_events: tuple[int, ...]
    licats: tuple[Finding, ...] = ()


def first_infusion_day(study: Study, state: TrialState, subject: SubjectId) -> date | None:
    """The day of the first infusion at the site, or None before it."""
    infusions = [entry for entry in state.entries(Infusion, subject) if entry.body.number == "1"]
    return parse_partial_date(infusions[0].body.infused_at, study.site.zone).day if infusions else None


def dlt_window_end(study: Study, state: TrialState, subject: SubjectId) -> date | None:
    """The last day of the DLT window, `window_days` elapsed days after the infusion (day 0). None before it.

    The record says "28 days after the first infusion": day 28 itself is still in the window, the cautious reading.
    """
    start = first_infusion_day(study, state, subject)
    return start + timedelta(days=study.dlt.window_days) if start else None


def review_dlt(study: Study, state: TrialState, subject: SubjectId, *, as_of: datetime) -> DltReview:
    """The evidence for adjudication as it stands at `as_of`. Raises UsageError for one who has not been infused."""
    start = first_infusion_day(study, state, subject)
    end = dlt_window_end(study, state, subject)
    if start is None or end is None:
        raise UsageError(
            Finding(
                message="no infusion is recorded, so there is no DLT window",
                where=f"subject {subject}",
                next_step="record the infusion first",
            )
        )
    toxicities = derive_toxicities(study, state, subject, start=start, as_of=as_of)
    proposal = propose_dlt(
        [each.toxicity for each in toxicities],
        study.dlt.clauses,
        study.dlt.exclusions,
        window_days=study.dlt.window_days,
    )
    matched = [match.toxicity for match in proposal.matches]
    left_on = _left_on(study, state, subject)
    complete = as_of.astimezone(study.site.zone).date() > end and (left_on is None or left_on > end)
    return DltReview(
        subject=subject,
        window_start=start,
        window_end=end,
        window_complete=complete,
        evaluable=_evaluable(complete, proposal.proposed, left_on, end),
        proposed=proposal.proposed,
        evidence=proposal.reasons,
        adverse_events=tuple(
            dict.fromkeys(
                [
                    *(each.number for each in toxicities if each.number and each.toxicity in matched),
                    *_reported_as(state, subject, {each.kind for each in matched}),
                ]
            )
        ),
        source_events=tuple(sorted({seq for each in toxicities for seq in each.source_events})),
        matched_events=tuple(
            sorted({seq for each in toxicities if each.toxicity in matched for seq in each.source_events})
        ),
        licats=check_licats(study, state, subject),
    )


def _reported_as(state: TrialState, subject: SubjectId, kinds: set[ToxicityKind]) -> Iterator[str]:
    """The numbers of adverse events that report what the matched assessments graded."""
    for entry in state.adverse_events(subject):
        kind = toxicity_kind(entry.body.term)
        if kind in ASSESSED and kind in kinds:
            yield entry.body.number


def _left_on(study: Study, state: TrialState, subject: SubjectId) -> date | None:
    withdrawal = state.latest(Withdrawal, subject)
    return parse_partial_date(withdrawal.body.on, study.site.zone).day if withdrawal else None


def _evaluable(complete: bool, proposed: str, left_on: date | None, end: date) -> str:
    if complete or proposed == "yes":
        return "yes"
    if left_on is not None and left_on <= end:
        return "no"
    return "unknown"
