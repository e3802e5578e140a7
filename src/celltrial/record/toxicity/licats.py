"""Which adverse events have the features of LICATS, by what the record holds, beside what the investigator recorded.

It proposes; the investigator's word stays as it is. What else may explain an event is read as follows. CRS, ICANS and
infection: `no` where none was going on at the onset; where one was, a person must judge, so `unknown`. Flare: the
investigator's relation to the disease. Other: the relation to lymphodepletion, or no relation to the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from celltrial.answers import YesNoUnknown, any_of
from celltrial.codes import SubjectId
from celltrial.errors import DateError
from celltrial.record.bodies import AdverseEvent, Infusion
from celltrial.record.events import Entry
from celltrial.record.state import TrialState
from celltrial.record.toxicity.graded import SyndromeCourse, grade_syndrome
from celltrial.record.toxicity.series import b_cell_samples, read_lab_values
from celltrial.safety.b_cell_aplasia import BCellSample, BCellState, b_cell_state
from celltrial.safety.licats import LicatsFlag, flag_licats
from celltrial.safety.terms import ae_kind
from celltrial.study import Study
from celltrial.studyday import PartialDate, parse_partial_date

__all__ = ["LicatsProposal", "propose_licats"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LicatsProposal:
    """The flag of one adverse event after infusion, and the word of the record.

    onset: None where the day is not known. day: days since the infusion. b_cells: their state at the onset.
    agreement: `unknown` where flag or record is.
    """

    subject: SubjectId
    entry: Entry[AdverseEvent]
    onset: date | None
    day: int | None
    flag: LicatsFlag
    b_cells: BCellState
    recorded: YesNoUnknown

    @property
    def agreement(self) -> Literal["agree", "differ", "unknown"]:
        if "unknown" in (self.flag.answer, self.recorded):
            return "unknown"
        return "agree" if self.flag.answer == self.recorded else "differ"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What is asked of each event of one participant; times as ranges of days."""

    study: Study
    infused: date
    organs: dict[str, YesNoUnknown]
    b_cells: tuple[BCellSample, ...]
    courses: tuple[SyndromeCourse, ...]
    infections: tuple[tuple[str, date, date | None], ...]


def propose_licats(study: Study, state: TrialState, subject: SubjectId) -> tuple[LicatsProposal, ...]:
    """A flag for each adverse event of an infused participant that began on the day of infusion or later.

    An event whose onset is not known to the day is among them unless all of it lies before; nothing for a participant
    who has not been infused.
    """
    infusion = next((each for each in state.entries(Infusion, subject) if each.body.number == "1"), None)
    infused = _day(_read(infusion.body.infused_at, study.site.zone)) if infusion else None
    if infused is None:
        return ()
    context = _context(study, state, subject, infused)
    proposals = []
    for entry in state.adverse_events(subject):
        onset = _read(entry.body.onset, study.site.zone)
        if onset is None or onset.latest.date() >= infused:
            proposals.append(_propose(context, subject, entry, _day(onset)))
    return tuple(proposals)


def _context(study: Study, state: TrialState, subject: SubjectId, infused: date) -> _Context:
    told: dict[str, list[YesNoUnknown]] = {}
    for entry in state.forms(str(study.toxicity.prior_organs), subject):
        word = entry.body.items.get("ever_involved", "")
        answer: YesNoUnknown = "yes" if word == "yes" else "no" if word == "no" else "unknown"
        told.setdefault(entry.body.items.get("organ", ""), []).append(answer)
    infections = []
    for event in state.adverse_events(subject):
        onset = _day(_read(event.body.onset, study.site.zone))
        if ae_kind(event.body.term) == "infection" and onset is not None:
            infections.append((event.body.number, onset, _day(_read(event.body.ended, study.site.zone))))
    values = read_lab_values(study, state, subject, "cd19_b_cells", "cells/uL", [])
    return _Context(
        study=study,
        infused=infused,
        organs={organ: any_of(answers) for organ, answers in told.items() if organ},
        # what was drawn on the day of infusion was drawn before it
        b_cells=tuple(each for each in b_cell_samples(values) if each.on > infused),
        courses=tuple(grade_syndrome(study, state, subject, each, []) for each in ("crs", "icans")),
        infections=tuple(infections),
    )


def _propose(context: _Context, subject: SubjectId, entry: Entry[AdverseEvent], onset: date | None) -> LicatsProposal:
    body = entry.body
    state = (
        BCellState(state="unknown", reason="the onset is not known")
        if onset is None
        else b_cell_state(
            context.b_cells,
            onset,
            infusion=context.infused,
            threshold_per_ul=context.study.toxicity.b_cell_aplasia_below_per_ul,
        )
    )
    flag = flag_licats(
        term=body.term,
        soc=body.soc,
        onset=onset,
        infusion=context.infused,
        prior_organs=context.organs,
        b_cells_at_onset=state,
        explained_by=_explained_by(context, body, onset),
    )
    return LicatsProposal(
        subject=subject,
        entry=entry,
        onset=onset,
        day=None if onset is None else (onset - context.infused).days,
        flag=flag,
        b_cells=state,
        recorded=body.is_licats,
    )


def _explained_by(context: _Context, body: AdverseEvent, onset: date | None) -> dict[str, YesNoUnknown]:
    crs, icans = context.courses
    infections = [(first, last) for number, first, last in context.infections if number != body.number]
    return {
        "crs": _going_on(_spans(crs), onset),
        "icans": _going_on(_spans(icans), onset),
        "infection": _going_on(infections, onset),
        "flare": body.related_disease,
        "other": any_of((body.related_lymphodepletion, "no" if body.related_product == "yes" else "yes")),
    }


def _going_on(spans: Sequence[tuple[date, date | None]], onset: date | None) -> YesNoUnknown:
    """`unknown` where one was going on at the onset, or the onset is not known and there was one; else `no`."""
    if onset is None:
        return "unknown" if spans else "no"
    return "unknown" if any(first <= onset and (last is None or onset <= last) for first, last in spans) else "no"


def _spans(course: SyndromeCourse) -> list[tuple[date, date | None]]:
    """The episodes; an assessment that could not be graded may have been one of a day."""
    return [
        *((each.onset.date(), each.resolution.date() if each.resolution else None) for each in course.episodes),
        *((each.at.date(), each.at.date()) for each in course.ungraded_outside),
    ]


def _read(text: str, zone: ZoneInfo) -> PartialDate | None:
    try:
        return parse_partial_date(text, zone)
    except DateError:
        return None


def _day(found: PartialDate | None) -> date | None:
    return found.day if found is not None and found.is_exact_day else None
