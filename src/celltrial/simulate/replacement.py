"""Low immunoglobulin: from the limit of the study on, it is replaced, reported, and closed when it has come back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from celltrial.record import AdverseEvent, Draft
from celltrial.simulate.calendar import Participant
from celltrial.simulate.forms import medication_rows
from celltrial.simulate.medications import immunoglobulin
from celltrial.study import Study

__all__ = ["replace_immunoglobulin", "replaced_igg"]

# 0.4 g/kg raise IgG by about 6 g/L, and half of that is gone after 25 days (general pharmacology, rounded)
_RISE_G_PER_L, _HALF_LIFE_DAYS = 6.0, 25.0
_DAYS_BETWEEN = 21
_DAYS_TO_JUDGE = 60


def replaced_igg(participant: Participant, on: date) -> float:
    """What the immunoglobulin given so far adds to IgG on a day, g/L."""
    since = [(on - given).days for given in participant.immunoglobulin_on if given < on]
    return sum(float(_RISE_G_PER_L * 0.5 ** (days / _HALF_LIFE_DAYS)) for days in since)


def replace_immunoglobulin(
    study: Study, participant: Participant, values: Mapping[str, float], *, on: date
) -> list[Draft]:
    """The dose, the report of hypogammaglobulinaemia, or its end, that a visit with an IgG result calls for."""
    limit = float(study.toxicity.igg_replacement_below_g_l)
    current, given = participant.open_events.get("igg"), participant.immunoglobulin_on
    is_open = current is not None and current.outcome == "ongoing"
    drafts: list[Draft] = []
    # the laboratory prints two decimals
    if round(values["igg"], 2) < limit and not (given and (on - given[-1]).days < _DAYS_BETWEEN):
        day = on + timedelta(days=1)
        drafts += medication_rows(
            participant, [immunoglobulin(on=day, weight_kg=participant.person.weight_kg)], visit=""
        )
        given.append(day)
        if not is_open:
            body = AdverseEvent(
                number=participant.take_event_number(),
                term="Hypogammaglobulinaemia",
                soc="Immune system disorders",
                onset=on.isoformat(),
                grade="2",
                serious="no",
                related_product="yes",
                related_lymphodepletion="no",
            )
            participant.open_events["igg"] = body
            drafts.append(Draft(body=body, subject=participant.subject, why="first entry"))
    elif is_open and current is not None and values["igg"] >= limit and (on - given[-1]).days >= _DAYS_TO_JUDGE:
        body = replace(current, outcome="resolved", ended=on.isoformat())
        participant.open_events["igg"] = body
        drafts.append(Draft(body=body, subject=participant.subject, why="follow-up: resolved"))
    return drafts
