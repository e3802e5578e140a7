"""Candidates on their way in: consent, screening visit, the verdict on the record as it stands, enrolment or not."""

from datetime import date, datetime, timedelta

from celltrial.codes import SubjectId
from celltrial.record import Consent, Draft, Enrolment, Screening, Withdrawal
from celltrial.simulate.assessments import organ_drafts, score_drafts
from celltrial.simulate.calendar import Participant, Run, Step, at_time, plan, write
from celltrial.simulate.forms import (
    attestation_rows,
    chart_row,
    classification_row,
    form_draft,
    history_rows,
    judgement_rows,
    laboratory_rows,
    medication_rows,
    person_rows,
    word_row,
)
from celltrial.simulate.medications import baseline_therapies
from celltrial.simulate.places import has_use_for_candidates
from celltrial.simulate.population import Person, simulate_person
from celltrial.simulate.signing import sign_stage
from celltrial.simulate.streams import Topic, stream
from celltrial.simulate.visits import visit_drafts, visit_named, visit_values

__all__ = ["plan_referrals"]

# how long a candidate whom the trial has no use for now waits to be asked; then they are treated elsewhere
_WAITS_DAYS = 42
_MISSING = "ast"


def plan_referrals(run: Run) -> None:
    """Put every candidate who will be referred before the last visit into the calendar."""
    index = 0
    while (
        person := simulate_person(run.seed, index, run.scenario, opened_on=run.opened_on)
    ).referred_on <= run.last_visit_on:
        plan(run, at_time(run, person.referred_on, 10), _referral_step(person))
        index += 1


def _referral_step(person: Person) -> Step:
    def step(run: Run, now: datetime) -> None:
        if has_use_for_candidates(run):
            _consent(run, person, now)
        elif now.date() - person.referred_on < timedelta(days=_WAITS_DAYS):
            plan(run, now + timedelta(days=5), step)

    return step


def _consent(run: Run, person: Person, now: datetime) -> None:
    subject = SubjectId(f"{run.trial.study.site.id}-{len(run.participants) + 1:03d}")
    participant = Participant(subject=subject, person=person)
    run.participants[subject] = participant
    signed_at = now.strftime("%Y-%m-%dT%H:%M")
    drafts = [
        Draft(body=Consent(signed_at=signed_at, document_version="1.0"), subject=subject),
        form_draft(participant, "demographics", person_rows(person), visit="SCR", repeating=False),
        *attestation_rows(participant, consent_on=now.date()),
    ]
    write(run, "coordinator", now + timedelta(hours=1), drafts)
    rng = stream(run.seed, Topic.VISIT, person.index, 900)
    visit_on = now.date() + timedelta(days=int(rng.integers(1, 7)))
    if person.card == "consent_withdrawn":
        plan(run, at_time(run, visit_on, 9), _leave_screening(participant, "participant's wish", "consent withdrawn"))
    else:
        plan(run, at_time(run, visit_on, 15), _screening_step(participant, visit_on, attempt=1))


def _screening_step(participant: Participant, on: date, *, attempt: int) -> Step:
    def step(run: Run, now: datetime) -> None:
        participant.screening_visits = attempt
        drafts = _coordinator_drafts(run, participant, on) if attempt == 1 else _repeat_drafts(run, participant, on)
        screening = Screening(screened_on=on.isoformat(), attempt=str(attempt))
        write(run, "coordinator", now, [Draft(body=screening, subject=participant.subject), *drafts])
        if attempt == 1:
            write(run, "investigator", now + timedelta(minutes=30), _investigator_drafts(run, participant, on))
        plan(run, at_time(run, on + timedelta(days=1), 11), _verdict_step(participant, attempt=attempt))

    return step


def _coordinator_drafts(run: Run, participant: Participant, on: date) -> list[Draft]:
    """Everything of the screening visit that the coordinator enters."""
    person, visit = participant.person, visit_named(run.trial.study, "SCR")
    rng = stream(run.seed, Topic.MEDICATION, person.index)
    values = visit_values(run, participant, day=None, visit=visit)
    sampled = at_time(run, on, 8, 30)
    drafts = visit_drafts(run, participant, visit, values, sampled=sampled)
    if person.card == "result_missing":
        drafts = [draft for draft in drafts if not _is_result_of(draft, _MISSING)]
    therapies = baseline_therapies(rng, screened_on=on, card=person.card)
    has_anti_sm = bool(rng.random() < 0.3)
    return [
        *drafts,
        word_row(participant, "ana", "positive", visit="SCR", collected=sampled),
        word_row(participant, "anti_sm", "positive" if has_anti_sm else "negative", visit="SCR", collected=sampled),
        *history_rows(participant, rng, screened_on=on),
        *medication_rows(participant, therapies, visit="SCR"),
        chart_row(participant, visit="SCR", covers_to=on),
    ]


def _investigator_drafts(run: Run, participant: Participant, on: date) -> list[Draft]:
    """Scores and judgements of the screening visit."""
    rng = stream(run.seed, Topic.VISIT, participant.person.index, 901)
    visit = visit_named(run.trial.study, "SCR")
    values = visit_values(run, participant, day=None, visit=visit)
    return [
        classification_row(participant, rng, screened_on=on),
        *score_drafts(run, participant, visit, values, on=on, day=None),
        *organ_drafts(participant, visit="SCR", on=on),
        *judgement_rows(participant, screened_on=on),
    ]


def _repeat_drafts(run: Run, participant: Participant, on: date) -> list[Draft]:
    """The repeated blood sample of a second screening visit: the result that was missing, and a pregnancy test."""
    values = visit_values(run, participant, day=None, visit=visit_named(run.trial.study, "SCR"))
    sampled = at_time(run, on, 8, 30)
    drafts = list(laboratory_rows(participant, (_MISSING,), values, visit="SCR", collected=sampled))
    if participant.person.can_bear_children:
        drafts.append(word_row(participant, "hcg_serum", "negative", visit="SCR", collected=sampled))
    return [*drafts, chart_row(participant, visit="SCR", covers_to=on)]


def _verdict_step(participant: Participant, *, attempt: int) -> Step:
    def step(run: Run, now: datetime) -> None:
        verdict = sign_stage(run, participant, "screening", now)
        if verdict == "eligible":
            enrolment = Enrolment(enrolled_on=now.date().isoformat())
            write(run, "investigator", now, [Draft(body=enrolment, subject=participant.subject)])
            participant.status = "waiting"
        elif verdict == "unknown" and attempt == 1:
            on = now.date() + timedelta(days=3)
            plan(run, at_time(run, on, 15), _screening_step(participant, on, attempt=2))
        else:
            comment = "screening failure: see the signed verdict" if verdict == "not eligible" else "verdict unknown"
            _leave_screening(participant, "screen failure", comment)(run, now)

    return step


def _leave_screening(participant: Participant, reason: str, comment: str) -> Step:
    def step(run: Run, now: datetime) -> None:
        body = Withdrawal(
            on=now.date().isoformat(),
            scope="screening",
            reason="participant's wish" if reason == "participant's wish" else "screen failure",
            comment=comment,
        )
        write(run, "investigator", now, [Draft(body=body, subject=participant.subject)])
        participant.status = "left"

    return step


def _is_result_of(draft: Draft, analyte: str) -> bool:
    items: dict[str, str] = getattr(draft.body, "items", {})
    return items.get("analyte") == analyte
