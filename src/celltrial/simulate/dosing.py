"""From a place in the cohort to the infusion, and what the infusion sets going."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from celltrial.errors import Finding
from celltrial.record import DoseAssignment, Draft, Infusion, Lymphodepletion, Withdrawal
from celltrial.record.bodies import Agent, Completion
from celltrial.simulate.adjudication import plan_adjudication
from celltrial.simulate.calendar import Participant, Run, Step, at_time, plan, write
from celltrial.simulate.course import simulate_course
from celltrial.simulate.event_reports import plan_events
from celltrial.simulate.forms import chart_row, laboratory_rows, vital_rows
from celltrial.simulate.laboratory import true_values
from celltrial.simulate.laboratory_events import grade_before_treatment, report_counts
from celltrial.simulate.places import decision_in_force, earliest_infusion, is_dlt_feared, members
from celltrial.simulate.release import as_released, release_product
from celltrial.simulate.signing import sign_stage
from celltrial.simulate.staff import author
from celltrial.simulate.streams import Topic, stream
from celltrial.simulate.treatment import change_for_depletion, plan_steroids
from celltrial.simulate.visits import (
    bedside_drafts,
    days_since,
    kinetics_draft,
    plan_visits,
    result_step,
    visit_drafts,
    visit_named,
    visit_values,
)
from celltrial.study.model import Study

__all__ = ["fill_places"]

_PARTICIPANTS_PER_LOT = 4
_TRIES = 3
_DAYS_FOR_RESULTS = 7
# tells the daily samples apart from those of visits
_DAILY = 100


def fill_places(run: Run, now: datetime) -> None:
    """Give the first who waits the next place of the open cohort, where sentinel and committee allow it."""
    waiting = [each for each in run.participants.values() if each.status == "waiting"]
    decision = decision_in_force(run) if waiting else None
    if decision is None or decision.action == "stop" or run.meeting_is_planned or run.is_held:
        return
    filled = members(run)
    if len(filled) >= run.trial.study.escalation.cohort_size or is_dlt_feared(run, filled, now):
        return
    lead = -days_since(visit_named(run.trial.study, "LD"))
    earliest = earliest_infusion(run, decision.level, now, lead_days=lead)
    if earliest is None or earliest > run.last_visit_on:
        return
    participant = waiting[0]
    cells = run.trial.study.level(decision.level).cells
    assignment = DoseAssignment(level=decision.level, planned_cells=f"{cells:f}", decision=decision.number)
    write(run, "pharmacist", now, [Draft(body=assignment, subject=participant.subject)])
    participant.status, participant.decision, participant.level = "planned", decision.number, decision.level
    participant.depletion_on = earliest - timedelta(days=lead)
    plan(run, at_time(run, participant.depletion_on, 9), _depletion_step(participant, lead))


def _depletion_step(participant: Participant, lead: int) -> Step:
    def step(run: Run, now: datetime) -> None:
        if participant.status != "planned":
            return
        on = now.date()
        others = [each for each in members(run) if each is not participant]
        held = _sentinel_findings(run, "investigator", now + timedelta(hours=1), _lymphodepletion(run, participant, on))
        run.is_held = bool(held)
        if held or is_dlt_feared(run, others, now):
            # the place is given back; another comes when the committee has looked at the cohort
            participant.status, participant.decision, participant.level = "waiting", "", ""
            return
        participant.depletion_on = on
        _enter_depletion_visit(run, participant, on, now)
        verdict = sign_stage(run, participant, "lymphodepletion", now + timedelta(minutes=45))
        if verdict != "eligible":
            _postpone(run, participant, step, now, days=3)
            return
        write(run, "investigator", now + timedelta(hours=1), [_lymphodepletion(run, participant, on)])
        participant.status = "depleted"
        change_for_depletion(run, participant, on, now + timedelta(hours=2))
        plan(run, at_time(run, on + timedelta(days=lead), 8), _infusion_step(participant))

    return step


def _sentinel_findings(run: Run, who: str, at: datetime, draft: Draft) -> list[Finding]:
    """What the gates of sentinel and stopping rules say to a draft, asked before anything is done to the person."""
    found = run.trial.record.check([draft], author=author(who, run.trial.study.site.id), at=max(at, run.clock))
    return [finding for _, finding in found if finding.rule.startswith(("sentinel", "stopping rule"))]


def _enter_depletion_visit(run: Run, participant: Participant, on: date, now: datetime) -> None:
    visit = visit_named(run.trial.study, "LD")
    values = visit_values(run, participant, day=days_since(visit), visit=visit)
    grade_before_treatment(participant, values, run.trial.study.toxicity.ctcae_version)
    sampled = at_time(run, on, 7, 30)
    drafts = visit_drafts(run, participant, visit, values, sampled=sampled)
    write(run, "coordinator", now, [*drafts, chart_row(participant, visit="LD", covers_to=on)])


def _postpone(run: Run, participant: Participant, step: Step, now: datetime, *, days: int) -> None:
    """Try again some days later; after three tries the participant leaves, and the place is free."""
    participant.postponed += 1
    if participant.postponed < _TRIES:
        plan(run, now + timedelta(days=days), step)
        return
    body = Withdrawal(
        on=now.date().isoformat(),
        scope="study",
        reason="investigator",
        comment="the treatment could not be given when it was due",
    )
    write(run, "investigator", now + timedelta(hours=1), [Draft(body=body, subject=participant.subject)])
    participant.status = "left"


def _lymphodepletion(run: Run, participant: Participant, on: date) -> Draft:
    """Lymphodepletion as planned in the study file, from its first day on; a change would be a correction."""
    agents = tuple(
        Agent(drug=each.drug, dose=f"{each.dose:f}", unit=each.unit, days=" ".join(str(day) for day in each.days))
        for each in run.trial.study.lymphodepletion
    )
    days = sorted({day for each in run.trial.study.lymphodepletion for day in each.days})
    ended = on + timedelta(days=days[-1] - days[0]) if days else on
    # with the time of day: the pregnancy test counts back 48 hours from it
    started = at_time(run, on, 10).strftime("%Y-%m-%dT%H:%M")
    body = Lymphodepletion(started_on=started, ended_on=ended.isoformat(), agents=agents)
    return Draft(body=body, subject=participant.subject)


def _infusion_step(participant: Participant) -> Step:
    def step(run: Run, now: datetime) -> None:
        if participant.status != "depleted":
            return
        study, on = run.trial.study, now.date()
        infused_at = at_time(run, on, 10, 30)
        product = as_released(run, participant, _infusion(run, participant, infused_at))
        given = Draft(body=product, subject=participant.subject)
        if _sentinel_findings(run, "pharmacist", at_time(run, on, 11, 15), given):
            _postpone(run, participant, step, now, days=1)
            return
        visit = visit_named(study, "D0")
        values = visit_values(run, participant, day=0, visit=visit)
        sampled = at_time(run, on, 7, 30)
        drafts = visit_drafts(run, participant, visit, values, sampled=sampled)
        write(run, "coordinator", now, [*drafts, chart_row(participant, visit="D0", covers_to=on)])
        release_product(run, participant, product, at_time(run, on, 9))
        if sign_stage(run, participant, "infusion", at_time(run, on, 9, 30)) != "eligible":
            _postpone(run, participant, step, now, days=1)
            return
        write(run, "pharmacist", at_time(run, on, 11, 15), [given])
        participant.status, participant.infused_at = "infused", infused_at
        cells = float(study.level(participant.level).cells)
        participant.course = simulate_course(run.seed, participant.person, run.scenario, cells=cells)
        before = kinetics_draft(run, participant, visit, values, day=0, sampled=sampled)
        plan(run, now + timedelta(days=3), result_step(before))
        _plan_what_follows(run, participant)

    return step


def _infusion(run: Run, participant: Participant, infused_at: datetime) -> Infusion:
    """The product as given: the actual number of cells within some percent of the planned, lots shared by four."""
    rng = stream(run.seed, Topic.VISIT, participant.person.index, 902)
    cells = run.trial.study.level(participant.level).cells
    actual = round(float(cells) * float(np.clip(rng.normal(1.0, 0.015), 0.95, 1.05)) / 1e6) * 1_000_000
    lot = sum(each.infused_at is not None for each in run.participants.values()) // _PARTICIPANTS_PER_LOT + 1
    return Infusion(
        infused_at=infused_at.strftime("%Y-%m-%dT%H:%M"),
        level=participant.level,
        planned_cells=f"{cells:f}",
        actual_cells=str(actual),
        lot=f"LOT{lot:02d}",
        donor=f"DONOR{(lot + 1) // 2:02d}",
    )


def _plan_what_follows(run: Run, participant: Participant) -> None:
    course, infused_at = participant.course, participant.infused_at
    assert course is not None
    assert infused_at is not None
    plan_visits(run, participant)
    plan_events(run, participant)
    plan_steroids(run, participant)
    first, last, measures = run.trial.study.daily
    visits = {days_since(each) for each in run.trial.study.visits if each.anchor == "infusion"}
    for study_day in range(first, last + 1):
        day = study_day - 1
        needs_vitals = "vital_signs" in measures and day not in visits
        at = at_time(run, infused_at.date() + timedelta(days=day), 18)
        counts = () if day in visits else tuple(_daily_analytes(run.trial.study, measures))
        plan(run, at, _daily_step(participant, day, needs_vitals=needs_vitals, counts=counts))
    if course.leaves_on is not None:
        on = infused_at.date() + timedelta(days=course.leaves_on)
        plan(run, at_time(run, on, 16), _leave_step(participant, on))
    plan_adjudication(run, participant)
    plan(
        run, at_time(run, infused_at.date() + timedelta(days=_days_to_completion(run)), 15), _complete_step(participant)
    )


def _days_to_completion(run: Run) -> int:
    """From the infusion until the last visit is done for sure and its results are in."""
    last = max(run.trial.study.visits, key=lambda each: days_since(each) if each.anchor == "infusion" else 0)
    return days_since(last) + last.after + _DAYS_FOR_RESULTS


def _complete_step(participant: Participant) -> Step:
    def step(run: Run, now: datetime) -> None:
        if participant.status != "infused":
            return
        body = Completion(on=now.date().isoformat())
        write(run, "investigator", now, [Draft(body=body, subject=participant.subject)])
        participant.status = "completed"

    return step


def _daily_analytes(study: Study, measures: Sequence[str]) -> Iterator[str]:
    """The analytes that the daily measures ask the laboratory for."""
    for measure in study.measures:
        if measure.id in measures and measure.form == "labs":
            yield from measure.analytes


def _daily_step(participant: Participant, day: int, *, needs_vitals: bool, counts: tuple[str, ...]) -> Step:
    def step(run: Run, now: datetime) -> None:
        if participant.status != "infused":
            return
        seen_at = now.replace(hour=17)
        drafts = bedside_drafts(run, participant, day, at=seen_at)
        if needs_vitals:
            rng = stream(run.seed, Topic.BEDSIDE, participant.person.index, 500 + day)
            temperature = float(getattr(drafts[0].body, "temperature_c", "nan"))
            drafts += vital_rows(participant, rng, visit="", measured=seen_at, temperature=temperature)
        if counts:
            drafts += _daily_counts(run, participant, day, counts, sampled=now.replace(hour=7))
        write(run, "investigator", now, drafts)

    return step


def _daily_counts(
    run: Run, participant: Participant, day: int, counts: tuple[str, ...], *, sampled: datetime
) -> list[Draft]:
    """The blood counts of a day without a visit, and what they call for."""
    person, version = participant.person, run.trial.study.toxicity.ctcae_version
    values = true_values(run.seed, person, participant.course, day=day, occasion=_DAILY + day)
    rows = laboratory_rows(participant, counts, values, visit="", collected=sampled)
    return [*rows, *report_counts(participant, values, on=sampled.date(), version=version, is_daily=True)]


def _leave_step(participant: Participant, on: date) -> Step:
    def step(run: Run, now: datetime) -> None:
        assert participant.course is not None
        is_wish = participant.course.leaves_because == "participant's wish"
        body = Withdrawal(
            on=on.isoformat(), scope="study", reason="participant's wish" if is_wish else "lost to follow-up"
        )
        write(run, "investigator", now, [Draft(body=body, subject=participant.subject)])
        participant.status = "left"

    return step
