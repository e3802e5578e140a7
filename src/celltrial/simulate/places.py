"""Places in the cohort that is open: whom the trial has use for, and when the next may be infused at the earliest."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from celltrial.decisions import review_dlt, signed_decisions
from celltrial.record import DltAssessment, SrcDecision
from celltrial.simulate.calendar import Participant, Run

__all__ = ["cohort", "decision_in_force", "earliest_infusion", "has_use_for_candidates", "is_dlt_feared", "members"]

# at most so many are screened or wait while nobody can be dosed: a screening does not keep for ever
_WAITING_ROOM = 2
# days between two infusions of a cohort, beside the sentinel's: one bed, one team
_DAYS_BETWEEN = 4
# from today to an infusion: bed, product on site, five days of lymphodepletion
_DAYS_TO_PREPARE = 9


def decision_in_force(run: Run) -> SrcDecision | None:
    """The latest signed decision, or None before the first."""
    signed = signed_decisions(run.trial.record.state())
    return signed[-1].body if signed else None


def cohort(run: Run) -> list[Participant]:
    """Everyone who was given a place in the present cohort."""
    return [each for each in run.participants.values() if each.decision and int(each.decision) >= run.cohort_from]


def members(run: Run) -> list[Participant]:
    """Who fills a place of the present cohort; one who is not evaluable, or left before the infusion, is replaced."""
    state = run.trial.record.state()
    filled = []
    for each in cohort(run):
        assessment = state.latest(DltAssessment, each.subject)
        is_replaced = assessment is not None and assessment.body.evaluable == "no"
        has_left = each.infused_at is None and each.status == "left"
        if not is_replaced and not has_left:
            filled.append(each)
    return filled


def has_use_for_candidates(run: Run) -> bool:
    """Whether another candidate should be asked now: there is, or soon will be, a place."""
    decision = decision_in_force(run)
    if decision is None or decision.action == "stop":
        return False
    pipeline = [each for each in run.participants.values() if each.status in ("screening", "waiting")]
    taken = [each for each in run.participants.values() if each.infused_at or each.status in ("planned", "depleted")]
    if len(taken) + len(pipeline) >= run.trial.study.escalation.max_participants:
        return False
    free = run.trial.study.escalation.cohort_size - len(members(run))
    return len(pipeline) < max(free, _WAITING_ROOM)


def earliest_infusion(run: Run, level: str, now: datetime, *, lead_days: int) -> date | None:
    """The first day the next infusion at a level may be planned for; None while its sentinel is not infused."""
    at_level = [each for each in run.participants.values() if each.level == level]
    infused = sorted(each.infused_at.date() for each in at_level if each.infused_at)
    under_way = [each for each in at_level if each.status in ("planned", "depleted")]
    soonest = now.date() + timedelta(days=_DAYS_TO_PREPARE)
    if not infused:
        return None if under_way else soonest
    planned = [each.depletion_on + timedelta(days=lead_days) for each in under_way if each.depletion_on]
    return max(
        soonest,
        # lymphodepletion cannot be taken back, so it begins when the sentinel's days are over
        infused[0] + timedelta(days=run.trial.study.escalation.sentinel_days + lead_days),
        max([*infused, *planned]) + timedelta(days=_DAYS_BETWEEN),
    )


def is_dlt_feared(run: Run, others: Sequence[Participant], now: datetime) -> bool:
    """Whether someone of the cohort has, or may have, a DLT: the site then waits for the committee."""
    state = run.trial.record.state()
    for each in others:
        assessment = state.latest(DltAssessment, each.subject)
        if assessment is not None and assessment.body.dlt == "yes":
            return True
        if each.infused_at is None or assessment is not None:
            continue
        if review_dlt(run.trial.study, state, each.subject, as_of=now).proposed != "no":
            return True
    return False
