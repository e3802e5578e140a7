"""The safety review committee: when it meets, on which data cut, what it decides and signs."""

from datetime import datetime, timedelta
from typing import cast

from celltrial.decisions import DoseProposal, propose_next_dose
from celltrial.record import DataCut, DltAssessment, Draft, SrcDecision, Withdrawal
from celltrial.record.bodies import Action
from celltrial.simulate.calendar import Participant, Run, at_time, plan, write
from celltrial.simulate.delegation import set_status
from celltrial.simulate.places import cohort, decision_in_force, members
from celltrial.simulate.signing import sign_events
from celltrial.simulate.streams import Topic, stream

__all__ = ["consider_meeting", "decide"]

_OVERRIDE = (
    "The committee stays at this level for one more cohort: it wants to see the later local toxicities (LICATS) "
    "and the recovery of the counts in more participants before it goes up."
)
_ALL_PLACES = "All places of the study are taken; the recommended dose is chosen from the complete data."
# a cohort that nobody joins for so long is reviewed as it is
_DAYS_WITHOUT_CANDIDATE = 75


def consider_meeting(run: Run, now: datetime) -> None:
    """Call a meeting where the open cohort is complete, or holds a DLT, and every window in it is adjudicated."""
    decision = decision_in_force(run)
    if decision is None or decision.action == "stop" or run.meeting_is_planned or not _is_due(run, now):
        return
    run.meeting_is_planned = True
    plan(run, at_time(run, now.date() + timedelta(days=3), 14), decide)


def decide(run: Run, now: datetime) -> None:
    """One meeting: freeze the data, look at the proposal, decide, sign."""
    record, study = run.trial.record, run.trial.study
    number = str(len(record.state().entries(SrcDecision)) + 1)
    cut = DataCut(
        cut=f"CUT-{number}",
        as_of=now.isoformat(),
        head=record.head,
        events=str(record.length),
        purpose=f"dose decision {number}",
    )
    write(run, "statistician", now, [Draft(body=cut)])
    proposal = propose_next_dose(study, record.state(), as_of=run.clock)
    body = _decision(run, number, cut.cut, proposal)
    events = write(run, "chair", now + timedelta(hours=1), [Draft(body=body)])
    for who in ("chair", "member"):
        sign_events(run, who, now + timedelta(hours=2), [events[0].seq], meaning="I agree with this dose decision")
    # a decision that only confirms a cohort that was held does not open another one
    if not (run.is_held and body.action == "stay"):
        run.cohort_from = int(number)
    run.meeting_is_planned, run.is_held = False, False
    if body.action == "stop":
        _send_home(run, now + timedelta(hours=3))
        set_status(
            run, "recruitment closed", now + timedelta(hours=4), why=f"SRC decision {number}: the escalation ended"
        )


def _is_due(run: Run, now: datetime) -> bool:
    study, state = run.trial.study, run.trial.record.state()
    everyone = cohort(run)
    infused = [each for each in everyone if each.infused_at is not None]
    if run.is_held and not infused:
        infused = [each for each in run.participants.values() if each.infused_at is not None]
    if not infused or any(each.status in ("planned", "depleted") for each in everyone):
        return False
    assessments = [state.latest(DltAssessment, each.subject) for each in infused]
    if any(each is None for each in assessments):
        return False
    is_full = len(members(run)) >= study.escalation.cohort_size
    has_dlt = any(each is not None and each.body.dlt == "yes" for each in assessments)
    last = max(each.infused_at for each in infused if each.infused_at)
    is_abandoned = now - last > timedelta(days=_DAYS_WITHOUT_CANDIDATE) and not _somebody_waits(run)
    proposal = propose_next_dose(study, state, as_of=now)
    return (is_full or has_dlt or is_abandoned or run.is_held or _places_are_taken(run)) and not proposal.blocked


def _somebody_waits(run: Run) -> bool:
    return any(each.status in ("screening", "waiting") for each in run.participants.values())


def _places_are_taken(run: Run) -> bool:
    infused = sum(each.infused_at is not None for each in run.participants.values())
    return infused >= run.trial.study.escalation.max_participants


def _decision(run: Run, number: str, cut: str, proposal: DoseProposal) -> SrcDecision:
    """As proposed; once in some trials the committee stays where the design would go up, and says why."""
    action, level, reason = proposal.action, proposal.level, ""
    rng = stream(run.seed, Topic.COMMITTEE, int(number))
    current = decision_in_force(run)
    wants_more = bool(rng.random() < run.scenario.src_override) and run.overrides == 0
    if proposal.action == "escalate" and wants_more and current is not None:
        run.overrides += 1
        action, level, reason = "stay", current.level, _OVERRIDE
    if _places_are_taken(run) and action != "stop":
        action, level, reason = "stop", "", _ALL_PLACES
    return SrcDecision(
        number=number,
        cut=cut,
        design=proposal.design,
        # the words of a proposal are those of a decision
        proposed_action=cast("Action", proposal.action),
        proposed_level=proposal.level,
        action=cast("Action", action),
        level=level,
        evaluable={each: str(n) for each, n in proposal.evaluable.items()},
        dlts={each: str(n) for each, n in proposal.dlts.items()},
        reasons=tuple(proposal.reasons),
        override_reason=reason,
        incomplete_windows=tuple(str(each) for each in proposal.incomplete),
        content_hash=proposal.content_hash,
    )


def _send_home(run: Run, now: datetime) -> None:
    """Who has not been treated when the escalation ends is not treated in this study."""
    for participant in run.participants.values():
        if participant.infused_at is None and participant.status not in ("left", "depleted"):
            write(run, "investigator", now, [_leaving(participant, now)])
            participant.status = "left"


def _leaving(participant: Participant, now: datetime) -> Draft:
    scope = "screening" if participant.status == "screening" else "study"
    body = Withdrawal(
        on=now.date().isoformat(),
        scope="screening" if scope == "screening" else "study",
        reason="investigator",
        comment="the dose escalation has ended before a place was free",
    )
    return Draft(body=body, subject=participant.subject)
