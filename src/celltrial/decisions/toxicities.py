"""The toxicities of one participant, as `safety.propose_dlt` takes them: reported events, graded episodes, counts.

CRS, ICANS, IEC-HS and acute GvHD come from the assessments, graded by `record.toxicity`. An episode gives one toxicity
for each grade it reached, with the time spent at that grade or above; an assessment that cannot be graded gives one of
unknown grade, so that the proposal becomes "unknown" and never "no". An adverse event has one grade, its maximum, so
its whole duration counts at that grade: the cautious reading.

A reported term for one of the four is not counted a second time where the assessments support it: an episode of the
syndrome reached the reported grade or more, and shares a day with the event. Where none does, the report counts as
reported: the assessments may have been missing, or too late.

ICAHT comes from neutrophil counts. Its duration is that of the neutropenia behind it (`LowRun`): "beyond day 28" of a
clause is held against that. Counts do not tell another cause, so the relation to the product is not known, and what
meets such a clause is proposed as "unknown". T-ICAHT, which the clauses do not name, is not among them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from celltrial.codes import SubjectId
from celltrial.missing import NotGradable
from celltrial.record import Entry, TrialState
from celltrial.record.bodies import AdverseEvent
from celltrial.record.toxicity import (
    SYNDROMES,
    CountWindow,
    GradedAssessment,
    SyndromeCourse,
    grade_haematotoxicity,
    grade_syndromes,
)
from celltrial.safety import Episode, Toxicity
from celltrial.safety.toxicity_terms import is_cytopenia, toxicity_kind
from celltrial.study import Study
from celltrial.studyday import parse_partial_date, study_day

__all__ = ["ASSESSED", "SourcedToxicity", "derive_toxicities", "is_supported"]

# graded from assessments of the bedside and from forms
ASSESSED = SYNDROMES
_NAMES = {"crs": "CRS", "icans": "ICANS", "iec_hs": "IEC-HS", "gvhd": "acute GvHD"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedToxicity:
    """A toxicity with the adverse-event number it was reported under (blank for an episode) and its source events."""

    toxicity: Toxicity
    number: str
    source_events: tuple[int, ...]


def derive_toxicities(
    study: Study, state: TrialState, subject: SubjectId, *, start: date, as_of: datetime
) -> tuple[SourcedToxicity, ...]:
    """Everything that the DLT rule may look at, onset as study day from `start`, the day of the first infusion."""
    zone = study.site.zone
    courses = grade_syndromes(study, state, subject)
    today = as_of.astimezone(zone).date()
    windows = grade_haematotoxicity(study, state, subject, infused=start, today=today)
    reported = (
        each
        for entry in state.adverse_events(subject)
        if not is_supported(entry.body, courses, zone, as_of)
        for each in _reported(entry, zone, start, as_of)
    )
    return (
        *(each for course in courses for each in _from_episodes(course, start)),
        *(each for course in courses for each in _from_ungraded(course, start)),
        *(each for window in windows if window.instrument == "icaht" for each in _from_counts(window)),
        *reported,
    )


def is_supported(body: AdverseEvent, courses: Sequence[SyndromeCourse], zone: ZoneInfo, as_of: datetime) -> bool:
    """Whether an episode of the same syndrome reached the reported grade and shares a day with the event.

    A fatal event is supported by an episode of grade 5 only.
    """
    kind = toxicity_kind(body.term)
    course = next((each for each in courses if each.syndrome == kind), None)
    if course is None:
        return False
    first = parse_partial_date(body.onset, zone).earliest.date()
    last = (parse_partial_date(body.ended, zone).latest if body.ended else as_of.astimezone(zone)).date()
    grade = 5 if body.outcome == "fatal" else int(body.grade)
    return any(
        episode.maximum >= grade and episode.onset.date() <= last and _last_day(episode, as_of, zone) >= first
        for episode in course.episodes
    )


def _last_day(episode: Episode, as_of: datetime, zone: ZoneInfo) -> date:
    return (episode.resolution or as_of).astimezone(zone).date()


def _from_episodes(course: SyndromeCourse, start: date) -> Iterator[SourcedToxicity]:
    for episode in course.episodes:
        sources = _sources(course.behind(episode))
        for grade in range(1, episode.maximum + 1):
            toxicity = Toxicity(
                kind=course.syndrome,
                term=_NAMES[course.syndrome],
                grade=grade,
                onset_day=study_day(episode.onset.date(), start),
                duration_hours=episode.hours_at_least(grade),
                lasted_at_least_hours=episode.hours_seen_at_least(grade),
                # by definition an effect of the product: another cause takes the grade away (ASTCT, MAGIC)
                related="yes",
            )
            yield SourcedToxicity(toxicity=toxicity, number="", source_events=sources)


def _from_ungraded(course: SyndromeCourse, start: date) -> Iterator[SourcedToxicity]:
    for each in course.assessments:
        if isinstance(each.grade, NotGradable):
            toxicity = Toxicity(
                kind=course.syndrome,
                term=f"{_NAMES[course.syndrome]}, {each.grade.reason}",
                grade=None,
                onset_day=study_day(each.at.date(), start),
                related="yes",
            )
            yield SourcedToxicity(toxicity=toxicity, number="", source_events=each.source_events)


def _sources(assessments: Sequence[GradedAssessment]) -> tuple[int, ...]:
    return tuple(sorted({seq for each in assessments for seq in each.source_events}))


def _from_counts(window: CountWindow) -> Iterator[SourcedToxicity]:
    """ICAHT of a window, with the neutropenia behind it; what is still to come of an open window is no toxicity yet."""
    is_open = isinstance(window.grade, NotGradable) and window.is_open
    grade = window.lower_bound if is_open else None if isinstance(window.grade, NotGradable) else window.grade.value
    if grade == 0 or (is_open and grade is None):
        return
    run = window.run
    toxicity = Toxicity(
        kind="icaht",
        term=f"ICAHT, {window.part}" + (f", {window.grade.reason}" if isinstance(window.grade, NotGradable) else ""),
        grade=grade,
        onset_day=run.first + 1 if run else None,
        # a grade that is not known leaves the answer open however long it lasted: the most days are the cautious number
        duration_hours=24.0 * run.days.most
        if run and not run.is_open and (run.days.least == run.days.most or grade is None)
        else None,
        lasted_at_least_hours=24.0 * run.days.least if run else 0.0,
        related="unknown",
    )
    sources = tuple(sorted(entry.seq for entry in window.entries))
    yield SourcedToxicity(toxicity=toxicity, number="", source_events=sources)


def _reported(entry: Entry[AdverseEvent], zone: ZoneInfo, start: date, as_of: datetime) -> Iterator[SourcedToxicity]:
    body = entry.body
    onset = parse_partial_date(body.onset, zone)
    ended = parse_partial_date(body.ended, zone) if body.ended else None
    seen_until = ended.earliest if ended else as_of
    yield SourcedToxicity(
        toxicity=Toxicity(
            kind="death" if body.outcome == "fatal" else toxicity_kind(body.term),
            term=body.term,
            # a death is grade 5, whatever grade was reported beside it
            grade=5 if body.outcome == "fatal" else int(body.grade),
            onset_day=study_day(onset.earliest.date(), start) if onset.is_exact_day else None,
            duration_hours=_hours(onset.earliest, ended.latest) if ended else None,
            lasted_at_least_hours=_hours(onset.latest, seen_until),
            related=body.related_product,
            is_licats=body.is_licats,
            is_disease=body.related_disease,
            is_lymphodepletion_cytopenia="yes" if _is_expected_cytopenia(body) else "no",
            # whether a finding of the laboratory had consequences is for the adjudicator to say
            is_isolated_lab="unknown" if body.soc == "Investigations" and body.serious == "no" else "no",
            source=f"AE {body.number}",
        ),
        number=body.number,
        source_events=(entry.seq,),
    )


def _is_expected_cytopenia(body: AdverseEvent) -> bool:
    return is_cytopenia(body.term) and body.related_lymphodepletion == "yes"


def _hours(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds() / 3600, 0.0)
