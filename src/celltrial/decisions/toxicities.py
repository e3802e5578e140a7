"""The toxicities of one participant, as `safety.propose_dlt` takes them: reported events and graded episodes.

CRS and ICANS come from the bedside assessments, graded here; a reported term for them is not counted a second time.
An episode gives one toxicity for each grade it reached, with the time spent at that grade or above; an assessment that
cannot be graded gives one of unknown grade, so that the proposal becomes "unknown" and never "no". An adverse event has
one grade, its maximum, so its whole duration counts at that grade: the cautious reading.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from celltrial.codes import SubjectId
from celltrial.missing import NotGradable
from celltrial.record import Entry, TrialState
from celltrial.record.assessments import crs_observation, icans_observation
from celltrial.record.bodies import AdverseEvent, CrsAssessment, IcansAssessment
from celltrial.safety import (
    CrsObservation,
    Episode,
    IcansObservation,
    Toxicity,
    crs_episodes,
    grade_crs,
    grade_icans,
    icans_episodes,
)
from celltrial.safety.toxicity_terms import is_cytopenia, toxicity_kind
from celltrial.study import Study
from celltrial.studyday import parse_partial_date, study_day

__all__ = ["ASSESSED", "SourcedToxicity", "derive_toxicities"]

# graded from the bedside assessments
ASSESSED = ("crs", "icans")


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
    crs, icans = state.entries(CrsAssessment, subject), state.entries(IcansAssessment, subject)
    crs_seen = [crs_observation(entry.body, parse_partial_date(entry.body.at, zone).earliest) for entry in crs]
    icans_seen = [icans_observation(entry.body, parse_partial_date(entry.body.at, zone).earliest) for entry in icans]
    assessed = (
        *(_episode_toxicities("crs", crs_episodes(crs_seen), start)),
        *(_episode_toxicities("icans", icans_episodes(icans_seen), start)),
        *(_ungraded("crs", crs_seen, start)),
        *(_ungraded("icans", icans_seen, start)),
    )
    sources = {"crs": tuple(entry.seq for entry in crs), "icans": tuple(entry.seq for entry in icans)}
    return (
        *(SourcedToxicity(toxicity=each, number="", source_events=sources[each.kind]) for each in assessed),
        *(each for entry in state.adverse_events(subject) for each in _reported(entry, zone, start, as_of)),
    )


def _episode_toxicities(kind: Literal["crs", "icans"], episodes: Sequence[Episode], start: date) -> Iterator[Toxicity]:
    for episode in episodes:
        for grade in range(1, episode.maximum + 1):
            yield Toxicity(
                kind=kind,
                term=kind.upper(),
                grade=grade,
                onset_day=study_day(episode.onset.date(), start),
                duration_hours=episode.hours_at_least(grade),
                lasted_at_least_hours=episode.hours_seen_at_least(grade),
                # by definition an effect of the product: another cause takes the grade away (ASTCT 2019)
                related="yes",
            )


def _ungraded(
    kind: Literal["crs", "icans"], seen: Sequence[CrsObservation] | Sequence[IcansObservation], start: date
) -> Iterator[Toxicity]:
    for each in seen:
        grade = grade_crs(each) if isinstance(each, CrsObservation) else grade_icans(each)
        if isinstance(grade, NotGradable) and each.at is not None:
            yield Toxicity(
                kind=kind,
                term=f"{kind.upper()}, {grade.reason}",
                grade=None,
                onset_day=study_day(each.at.date(), start),
                related="yes",
            )


def _reported(entry: Entry[AdverseEvent], zone: ZoneInfo, start: date, as_of: datetime) -> Iterator[SourcedToxicity]:
    body = entry.body
    kind = toxicity_kind(body.term)
    if kind in ASSESSED:
        return
    onset = parse_partial_date(body.onset, zone)
    ended = parse_partial_date(body.ended, zone) if body.ended else None
    seen_until = ended.earliest if ended else as_of
    yield SourcedToxicity(
        toxicity=Toxicity(
            kind="death" if body.outcome == "fatal" else kind,
            term=body.term,
            grade=int(body.grade),
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
