"""The first days of a virtual trial: a simulated sponsor answers and confirms, the committee opens a level."""

from datetime import datetime, timedelta

from celltrial.record import AssumptionConfirmation, Draft, QuestionAnswer
from celltrial.simulate.calendar import Run, at_time, plan, write
from celltrial.simulate.committee import decide
from celltrial.simulate.delegation import set_status, write_delegation_log
from celltrial.simulate.signing import sign_events

__all__ = ["open_study"]

_WHY = "simulated: in this demonstration a simulated sponsor signs"


def open_study(run: Run, now: datetime) -> None:
    """Write the delegation log; answer every open question, confirm every assumption, sign both; decide the first
    dose level; then the study opens."""
    study = run.trial.study
    drafts = [
        Draft(body=QuestionAnswer(question=each.id, answer=each.reading), why=_WHY)
        for each in study.questions
        if not each.answer
    ]
    drafts += [
        Draft(body=AssumptionConfirmation(assumption=each.id, value=each.value), why=_WHY) for each in study.assumptions
    ]
    write_delegation_log(run, now)
    events = write(run, "sponsor", now + timedelta(minutes=20), drafts)
    if events:
        covers = [event.seq for event in events]
        meaning = "answered and confirmed by a simulated sponsor"
        sign_events(run, "sponsor", now + timedelta(minutes=30), covers, meaning=meaning, why=_WHY)
    decide(run, now + timedelta(days=1))
    plan(run, at_time(run, run.opened_on, 7), _open_for_recruitment)


def _open_for_recruitment(run: Run, now: datetime) -> None:
    set_status(run, "open", now, why="simulated: every approval is there and the first dose level is decided")
