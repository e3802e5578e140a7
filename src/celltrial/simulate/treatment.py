"""Medication after enrolment: what is stopped and begun with lymphodepletion, and the taper of the glucocorticoid.

The end of a medication that was entered as ongoing is a correction of its row, with that as its reason; another dose is
a new row.
"""

from datetime import date, datetime, timedelta

from celltrial.record import Correction, Draft, Entry, FormEntry
from celltrial.simulate.calendar import Participant, Run, Step, at_time, plan, write
from celltrial.simulate.forms import medication_rows
from celltrial.simulate.medications import Therapy, steroid_plan, supportive_therapies
from celltrial.simulate.streams import Topic, stream

__all__ = ["change_for_depletion", "plan_steroids"]

_STEROID = "prednisone"


def change_for_depletion(run: Run, participant: Participant, on: date, now: datetime) -> None:
    """Prophylaxis begins with lymphodepletion; immunosuppressants and hydroxychloroquine end the day before it."""
    why = "stopped before lymphodepletion: end of the medication entered"
    ended = [
        _ending(participant, entry, on - timedelta(days=1), why)
        for entry in _ongoing(run, participant)
        if entry.body.items["drug_class"] in ("immunosuppressant", "antimalarial")
    ]
    begun = medication_rows(participant, supportive_therapies(from_day=on), visit="LD")
    write(run, "coordinator", now, [*ended, *begun])


def plan_steroids(run: Run, participant: Participant) -> None:
    """Put the changes of the glucocorticoid's dose into the calendar, up or down."""
    assert participant.infused_at is not None
    disease = participant.person.disease
    rng = stream(run.seed, Topic.MEDICATION, participant.person.index, 1)
    for day, dose in steroid_plan(rng, response=disease.response, flare_day=disease.flare_day):
        on = participant.infused_at.date() + timedelta(days=day)
        plan(run, at_time(run, on, 17, 30), _dose_step(participant, on, dose))


def _dose_step(participant: Participant, on: date, dose: str) -> Step:
    def step(run: Run, now: datetime) -> None:
        # a dose that was changed before the infusion is written down on its day
        current = [entry for entry in _ongoing(run, participant) if entry.body.items["drug"] == _STEROID]
        if participant.status != "infused" or any(entry.body.items["dose"] == dose for entry in current):
            return
        drafts = [
            _ending(participant, entry, on - timedelta(days=1), "dose changed: end of the earlier dose entered")
            for entry in current
        ]
        if dose != "0":
            drafts += medication_rows(participant, [_prednisone(dose, on)], visit="")
        write(run, "coordinator", now, drafts)

    return step


def _prednisone(dose: str, on: date) -> Therapy:
    return Therapy(
        drug=_STEROID,
        drug_class="glucocorticoid",
        dose=dose,
        unit="mg",
        per_day="1",
        route="oral",
        start=on,
        ended=None,
        indication="SLE",
    )


def _ongoing(run: Run, participant: Participant) -> list[Entry[FormEntry]]:
    rows = run.trial.record.state().forms("medications", participant.subject)
    return [entry for entry in rows if entry.body.items["ongoing"] == "yes"]


def _ending(participant: Participant, entry: Entry[FormEntry], ended: date, why: str) -> Draft:
    # not before its own start, for a drug that was begun on the day it is stopped
    last = max(ended, date.fromisoformat(entry.body.items["start"]))
    body = Correction(target=entry.seq, replace={"items.ended": last.isoformat(), "items.ongoing": "no"})
    return Draft(body=body, subject=participant.subject, why=why)
