"""Visits of a virtual participant after enrolment: what is measured and entered, missed, mistyped, put right.

Every visit of the schedule with its measures comes from `study.visits`; a result appears only where one was asked for.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

from celltrial.record import Correction, Draft, KineticsSample, Visit
from celltrial.simulate.assessments import score_drafts, toxicity_drafts
from celltrial.simulate.bedside import assess_crs, assess_icans, temperature_on
from celltrial.simulate.calendar import Participant, Run, Step, at_time, plan, write
from celltrial.simulate.entry_errors import make_mistake
from celltrial.simulate.forms import form_draft, laboratory_rows, vital_rows, word_row
from celltrial.simulate.kinetics import LLOQ, observe_transgene
from celltrial.simulate.laboratory import true_values
from celltrial.simulate.laboratory_events import report_counts
from celltrial.simulate.replacement import replace_immunoglobulin, replaced_igg
from celltrial.simulate.streams import Topic, stream
from celltrial.study.model import ScheduledVisit, Study

__all__ = [
    "analytes_of",
    "bedside_drafts",
    "days_since",
    "kinetics_draft",
    "plan_visits",
    "result_step",
    "visit_drafts",
    "visit_named",
    "visit_values",
]

_REASONS_MISSED = (
    "could not travel: family matters",
    "admitted to another hospital for an unrelated reason",
    "roads closed after heavy rain",
    "forgot the appointment; seen at the next visit",
)


def visit_named(study: Study, visit: str) -> ScheduledVisit:
    """The visit of that id."""
    return next(each for each in study.visits if each.id == visit)


def days_since(visit: ScheduledVisit) -> int:
    """Days from the anchor: study day 1 is the anchor's own day, and there is no day 0."""
    return visit.day - 1 if visit.day > 0 else visit.day


def analytes_of(study: Study, visit: ScheduledVisit, form: str) -> tuple[str, ...]:
    """The analytes that the visit's panels ask for on a form, in the order of the study file."""
    wanted = [each for each in study.measures if each.id in visit.measures and each.form == form]
    return tuple(analyte for each in wanted for analyte in each.analytes)


def visit_values(run: Run, participant: Participant, *, day: int | None, visit: ScheduledVisit) -> dict[str, float]:
    """What the samples of a visit hold."""
    values = true_values(
        run.seed, participant.person, participant.course, day=day, occasion=run.trial.study.visits.index(visit)
    )
    if day is not None and participant.infused_at is not None:
        values["igg"] += replaced_igg(participant, participant.infused_at.date() + timedelta(days=day))
    return values


def plan_visits(run: Run, participant: Participant) -> None:
    """Put every visit after the infusion day into the calendar, each within its window."""
    assert participant.infused_at is not None
    infused_on = participant.infused_at.date()
    rng = stream(run.seed, Topic.VISIT, participant.person.index)
    for visit in run.trial.study.visits:
        # drawn for every visit, so that a change of the schedule moves no other visit
        shift = round(float(np.clip(rng.normal(0.0, 0.35), -1.0, 1.0)) * max(visit.before, visit.after))
        if visit.anchor != "infusion" or visit.day <= 1:
            continue
        on = infused_on + timedelta(days=days_since(visit) + int(np.clip(shift, -visit.before, visit.after)))
        if on <= run.last_visit_on:
            plan(run, at_time(run, on, 15), _visit_step(participant, visit, on))


def visit_drafts(
    run: Run,
    participant: Participant,
    visit: ScheduledVisit,
    values: dict[str, float],
    *,
    sampled: datetime,
    temperature: float | None = None,
) -> list[Draft]:
    """The coordinator's batch of one visit: laboratory, vital signs, heart, and the visit itself."""
    study = run.trial.study
    rng = stream(run.seed, Topic.BEDSIDE, participant.person.index, study.visits.index(visit))
    analytes = list(analytes_of(study, visit, "labs"))
    # the score needs anti-dsDNA whether or not the schedule has the panel
    if "disease_activity" in visit.measures and "anti_dsdna" not in analytes:
        analytes.append("anti_dsdna")
    # what eligibility before lymphodepletion asks for, whether or not the schedule has the panel
    if visit.id == "LD":
        analytes += [each for each in ("inr", "aptt") if each not in analytes]
    drafts = list(laboratory_rows(participant, analytes, values, visit=visit.id, collected=sampled))
    if "hcg_serum" in analytes and participant.person.can_bear_children:
        drafts.append(word_row(participant, "hcg_serum", "negative", visit=visit.id, collected=sampled))
    with_size = "body_size" in visit.measures
    if "vital_signs" in visit.measures:
        drafts += vital_rows(
            participant, rng, visit=visit.id, measured=sampled, temperature=temperature, with_size=with_size
        )
    if "echocardiography" in visit.measures:
        drafts.append(_echocardiography(participant, rng, visit=visit.id, measured=sampled))
    drafts.append(Draft(body=Visit(visit=visit.id, on=sampled.date().isoformat()), subject=participant.subject))
    return drafts


def kinetics_draft(
    run: Run, participant: Participant, visit: ScheduledVisit, values: dict[str, float], *, day: int, sampled: datetime
) -> Draft:
    """The transgene result of a visit, with the leukocytes of the same sample time."""
    study, course = run.trial.study, participant.course
    assert course is not None
    rng = stream(run.seed, Topic.KINETICS, participant.person.index, study.visits.index(visit))
    result = observe_transgene(rng, course.kinetics, float(day)) if visit.day > 1 else ""
    body = KineticsSample(
        analyte="car_transgene",
        specimen="blood",
        nominal_day=str(days_since(visit)),
        collected_at=sampled.strftime("%Y-%m-%dT%H:%M"),
        unit="copies/ug",
        lloq=f"{LLOQ:.0f}",
        value=result,
        blq="no" if result else "yes",
        leukocytes=f"{values['leukocytes']:.2f}",
        leukocytes_unit="10*9/L",
    )
    return Draft(body=body, subject=participant.subject)


def enter(run: Run, participant: Participant, drafts: Sequence[Draft], at: datetime, *, occasion: int) -> None:
    """Let the coordinator enter a batch, now and then with a mistake that is corrected days later."""
    rng = stream(run.seed, Topic.ENTRY, participant.person.index, occasion)
    errs = bool(rng.random() < run.scenario.entry_error)
    mistake = make_mistake(rng, participant, drafts) if errs else None
    if mistake is None:
        write(run, "coordinator", at, drafts)
        return
    events = write(run, "coordinator", at, mistake.drafts)
    target = events[mistake.position].seq
    correction = Correction(target=target, replace=mistake.repair, entered_in_error="no" if mistake.repair else "yes")

    def put_right(run: Run, now: datetime) -> None:
        write(run, "data_manager", now, [Draft(body=correction, subject=participant.subject, why=mistake.reason)])

    plan(run, at + timedelta(days=mistake.days_until_seen), put_right)


def _visit_step(participant: Participant, visit: ScheduledVisit, on: date) -> Step:
    def step(run: Run, now: datetime) -> None:
        if participant.status != "infused":
            return
        study = run.trial.study
        occasion = study.visits.index(visit)
        rng = stream(run.seed, Topic.VISIT, participant.person.index, occasion)
        # the end of the DLT window and what comes before it is not missed: the wards and the telephone see to that
        if rng.random() < run.scenario.missed_visit and visit.day > 35:
            reason = _REASONS_MISSED[int(rng.integers(len(_REASONS_MISSED)))]
            missed = Visit(visit=visit.id, on=on.isoformat(), status="missed", reason=reason)
            write(run, "coordinator", now, [Draft(body=missed, subject=participant.subject)])
            return
        _do_visit(run, participant, visit, on, now)

    return step


def _do_visit(run: Run, participant: Participant, visit: ScheduledVisit, on: date, now: datetime) -> None:
    assert participant.infused_at is not None
    assert participant.course is not None
    study, occasion = run.trial.study, run.trial.study.visits.index(visit)
    day = (on - participant.infused_at.date()).days
    sampled = at_time(run, on, 8, 30)
    rng = stream(run.seed, Topic.BEDSIDE, participant.person.index, 100 + day)
    values = visit_values(run, participant, day=day, visit=visit)
    temperature = temperature_on(rng, participant.course, day)
    drafts = visit_drafts(run, participant, visit, values, sampled=sampled, temperature=temperature)
    enter(run, participant, drafts, now, occasion=occasion)
    seen: list[Draft] = []
    if "disease_activity" in visit.measures:
        hidden = "urinary_casts" if rng.random() < 0.03 else ""
        seen += score_drafts(run, participant, visit, values, on=on, day=day, not_assessed=hidden)
    seen += toxicity_drafts(run, participant, visit, on=on, day=day)
    is_after_daily = visit.day > study.daily[1]
    if is_after_daily and "crs" in visit.measures:
        seen += bedside_drafts(run, participant, day, at=at_time(run, on, 9))
    if "igg" in analytes_of(study, visit, "labs"):
        seen += replace_immunoglobulin(study, participant, values, on=on)
    version = study.toxicity.ctcae_version
    write(run, "investigator", now, [*seen, *report_counts(participant, values, on=on, version=version)])
    if "kinetics" in visit.measures:
        draft = kinetics_draft(run, participant, visit, values, day=day, sampled=sampled)
        plan(run, now + timedelta(days=3 + occasion % 3), result_step(draft))


def bedside_drafts(run: Run, participant: Participant, day: int, *, at: datetime) -> list[Draft]:
    """CRS and ICANS assessments of one day."""
    assert participant.course is not None
    rng = stream(run.seed, Topic.BEDSIDE, participant.person.index, 100 + day)
    return [
        Draft(body=assess_crs(rng, participant.course, day, at=at), subject=participant.subject),
        Draft(body=assess_icans(participant.course, day, at=at), subject=participant.subject),
    ]


def result_step(draft: Draft) -> Step:
    """A result that comes from the kinetics laboratory some days after the sample."""

    def step(run: Run, now: datetime) -> None:
        write(run, "pharmacologist", now, [draft])

    return step


def _echocardiography(participant: Participant, rng: np.random.Generator, *, visit: str, measured: datetime) -> Draft:
    fraction = int(np.clip(participant.person.lvef + rng.integers(-2, 3), 35, 74))
    items = {
        "analyte": "lvef",
        "value": str(fraction),
        "unit": "%",
        "collected": measured.date().isoformat(),
        "method": "echocardiography",
    }
    return form_draft(participant, "cardiac", items, visit=visit)
