"""The investigator's forms of a visit: disease scores that agree with one another, acute GvHD, IEC-HS."""

from collections.abc import Iterator, Mapping
from datetime import date

from celltrial.record import Draft, FormEntry
from celltrial.simulate.bedside import grade_on
from celltrial.simulate.calendar import Participant, Run
from celltrial.simulate.forms import form_draft, score_row
from celltrial.simulate.immune import fill_gvhd, fill_iec_hs
from celltrial.simulate.scores import (
    fill_bilag,
    fill_damage,
    fill_flare_index,
    fill_lupus_extra,
    fill_pga,
    organ_rows,
)
from celltrial.simulate.streams import Topic, stream
from celltrial.study.model import ScheduledVisit, Study

__all__ = ["organ_drafts", "score_drafts", "toxicity_drafts"]

# a visit at which nobody wrote down the global assessment: the responses of that visit are unknown
_NO_PGA = 0.02


def score_drafts(
    run: Run,
    participant: Participant,
    visit: ScheduledVisit,
    values: Mapping[str, float],
    *,
    on: date,
    day: int | None,
    not_assessed: str = "",
) -> list[Draft]:
    """The disease scores that the visit asks for; each is drawn whether or not another one is."""
    wanted = _forms_of(run.trial.study, visit)
    if "sledai_2k" not in wanted:
        return []
    person, index = participant.person, run.trial.study.visits.index(visit)
    rng = stream(run.seed, Topic.SCORES, person.index, 10 + index)
    sledai = score_row(participant, values, visit=visit.id, assessed=on, day=day, not_assessed=not_assessed)
    assert isinstance(sledai.body, FormEntry)
    items = sledai.body.items
    previous = _previous_day(run.trial.study, visit)
    is_left_out = bool(rng.random() < _NO_PGA) and day is not None
    forms = {
        "pga": {} if is_left_out else fill_pga(rng, items),
        "bilag_2004": fill_bilag(rng, person.disease, person.past, day, items),
        "lupus_extra": fill_lupus_extra(),
        "flare_index": fill_flare_index(person.disease, day, previous, items),
        "slicc_damage": fill_damage(person.past),
    }
    return [
        sledai,
        *(_row(participant, form, each, visit, on) for form, each in forms.items() if each and form in wanted),
    ]


def toxicity_drafts(
    run: Run, participant: Participant, visit: ScheduledVisit, *, on: date, day: int
) -> Iterator[Draft]:
    """The assessments of acute GvHD and IEC-HS that the visit asks for."""
    course, wanted = participant.course, _forms_of(run.trial.study, visit)
    assert course is not None
    rng = stream(run.seed, Topic.IMMUNE, participant.person.index, 10 + run.trial.study.visits.index(visit))
    if "gvhd_assessment" in wanted:
        diarrhoea = any(each.term == "Diarrhea" and each.steps[0][0] <= day <= each.end_day for each in course.events)
        yield _row(participant, "gvhd_assessment", fill_gvhd(rng, course.gvhd, day, diarrhoea=diarrhoea), visit, on)
    if "iec_hs_assessment" in wanted:
        signs = fill_iec_hs(
            course.iec_hs,
            day,
            neurotoxicity=grade_on(course.icans, day) > 0,
            fever=grade_on(course.crs, day) > 0,
        )
        yield _row(participant, "iec_hs_assessment", signs, visit, on)


def organ_drafts(participant: Participant, *, visit: str, on: date) -> Iterator[Draft]:
    """Which organs lupus has affected, as told at screening."""
    for row in organ_rows(participant.person.disease, participant.person.past):
        items = {"assessed": on.isoformat(), **row}
        yield form_draft(participant, "organ_involvement", items, visit=visit)


def _row(participant: Participant, form: str, items: Mapping[str, str], visit: ScheduledVisit, on: date) -> Draft:
    named = {"assessed": on.isoformat(), **items}
    return form_draft(participant, form, named, visit=visit.id, repeating=False)


def _forms_of(study: Study, visit: ScheduledVisit) -> set[str]:
    """The forms that the visit's measures are recorded on."""
    return {each.form for each in study.measures if each.id in visit.measures and each.form}


def _previous_day(study: Study, visit: ScheduledVisit) -> int | None:
    """The planned day, since the infusion, of the last visit before this one that scores activity."""
    days = [
        each.day - 1
        for each in study.visits[: study.visits.index(visit)]
        if "sledai_2k" in _forms_of(study, each) and each.anchor == "infusion"
    ]
    return days[-1] if days else None
