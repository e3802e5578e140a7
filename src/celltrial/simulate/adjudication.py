"""The end of a DLT window: the investigator adjudicates what the rule proposes, and signs."""

from datetime import datetime, timedelta

from celltrial.decisions import DltReview, review_dlt
from celltrial.record import DltAssessment, Draft
from celltrial.simulate.calendar import Participant, Run, at_time, plan, write
from celltrial.simulate.signing import sign_events

__all__ = ["plan_adjudication"]

# the last visit of the window may be some days late, and its results have to be in
_DAYS_FOR_RESULTS = 4


def plan_adjudication(run: Run, participant: Participant) -> None:
    """Put the adjudication into the calendar: when the window is over and its last visit entered."""
    assert participant.infused_at is not None
    due = participant.infused_at.date() + timedelta(days=run.trial.study.dlt.window_days + _DAYS_FOR_RESULTS)

    def step(run: Run, now: datetime) -> None:
        _adjudicate(run, participant, now)

    plan(run, at_time(run, due, 11), step)


def _adjudicate(run: Run, participant: Participant, now: datetime) -> None:
    study, record = run.trial.study, run.trial.record
    review = review_dlt(study, record.state(), participant.subject, as_of=now)
    body = _assessment(participant, review, now)
    events = write(run, "investigator", now, [Draft(body=body, subject=participant.subject)])
    meaning = "I have adjudicated this DLT window"
    sign_events(run, "investigator", now + timedelta(minutes=5), [events[0].seq], meaning=meaning)


def _assessment(participant: Participant, review: DltReview, now: datetime) -> DltAssessment:
    """Mostly as the rule proposes; where it leaves the question open, as the investigator at the bedside knows it."""
    assert participant.course is not None
    has_dlt = review.proposed == "yes" or (review.proposed == "unknown" and participant.course.dlt_kind != "")
    evaluable = has_dlt or review.window_complete
    return DltAssessment(
        assessed_on=now.date().isoformat(),
        evaluable="yes" if evaluable else "no",
        dlt="yes" if has_dlt else "no",
        window_complete="yes" if review.window_complete else "no",
        adverse_events=review.adverse_events if has_dlt else (),
        rationale=_rationale(review, has_dlt=has_dlt, evaluable=evaluable),
    )


def _rationale(review: DltReview, *, has_dlt: bool, evaluable: bool) -> str:
    evidence = "; ".join(review.evidence) or "no toxicity meets a clause"
    if has_dlt:
        return f"DLT confirmed: {evidence}"
    if not evaluable:
        return f"left the study before the end of the window on {review.window_end} without a DLT; to be replaced"
    if review.proposed == "unknown":
        return f"the rule leaves it open ({evidence}); judged at the bedside not to be a DLT"
    return f"window completed on {review.window_end} without a DLT: {evidence}"
