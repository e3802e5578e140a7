"""The first days of a virtual trial: a simulated sponsor answers and confirms, the committee opens a level."""

from datetime import datetime, timedelta

from celltrial.decisions import signable_hash
from celltrial.record import AssumptionConfirmation, Draft, QuestionAnswer, Signature
from celltrial.simulate.calendar import Run, write
from celltrial.simulate.committee import decide
from celltrial.simulate.staff import author

__all__ = ["open_study"]

_WHY = "simulated: in this demonstration a simulated sponsor signs"


def open_study(run: Run, now: datetime) -> None:
    """Answer every open question, confirm every assumption, sign both; then dose decision 1 starts the first level."""
    study, record = run.trial.study, run.trial.record
    drafts = [
        Draft(body=QuestionAnswer(question=each.id, answer=each.reading), why=_WHY)
        for each in study.questions
        if not each.answer
    ]
    drafts += [
        Draft(body=AssumptionConfirmation(assumption=each.id, value=each.value), why=_WHY) for each in study.assumptions
    ]
    events = write(run, "sponsor", now, drafts)
    entries = [entry for event in events if (entry := record.state().entry(event.seq)) is not None]
    if entries:
        signature = Signature(
            covers=tuple(entry.seq for entry in entries),
            meaning="answered and confirmed by a simulated sponsor",
            printed_name=author("sponsor", study.site.id).printed_name,
            content_hash=signable_hash(entries),
        )
        write(run, "sponsor", now + timedelta(minutes=10), [Draft(body=signature, why=_WHY)])
    decide(run, now + timedelta(days=1))
