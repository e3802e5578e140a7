"""The graded assessments of CRS, ICANS, IEC-HS and acute GvHD of one participant, with the entries behind each.

What cannot be read makes an assessment that is not gradable, never one that is left out; only an assessment whose day
is not known cannot take part in time, and is told as a finding.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, get_args

from celltrial.codes import SubjectId
from celltrial.errors import DateError, Finding, UsageError
from celltrial.missing import NotGradable
from celltrial.record.assessments import crs_observation, gvhd_observation, icans_observation, iec_hs_observation
from celltrial.record.bodies import CrsAssessment, FormEntry, IcansAssessment
from celltrial.record.events import Entry
from celltrial.record.state import TrialState
from celltrial.record.toxicity.series import LabValue, find_bilirubin, read_lab_values
from celltrial.safety import Episode, Grade, grade_crs, grade_icans
from celltrial.safety.episodes import find_episodes
from celltrial.safety.gvhd import grade_acute_gvhd
from celltrial.safety.iec_hs import grade_iec_hs
from celltrial.study import Study
from celltrial.studyday import parse_partial_date

__all__ = ["SYNDROMES", "GradedAssessment", "Syndrome", "SyndromeCourse", "grade_syndrome", "grade_syndromes"]

Syndrome = Literal["crs", "icans", "iec_hs", "gvhd"]
SYNDROMES: tuple[Syndrome, ...] = get_args(Syndrome)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedAssessment:
    """An assessment and its grade. `entries`: the assessment itself, then what else was used (bilirubin).

    at: its time; the beginning of the day where only the day was recorded.
    """

    syndrome: Syndrome
    at: datetime
    grade: Grade | NotGradable
    entries: tuple[Entry[Any], ...]

    @property
    def source_events(self) -> tuple[int, ...]:
        return tuple(entry.seq for entry in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyndromeCourse:
    """All assessments of a syndrome in one participant, in time, and the episodes they make."""

    syndrome: Syndrome
    assessments: tuple[GradedAssessment, ...]
    episodes: tuple[Episode, ...]

    def behind(self, episode: Episode) -> tuple[GradedAssessment, ...]:
        """The assessments of an episode, from its onset to its end."""
        last = episode.resolution or episode.last_observed
        return tuple(each for each in self.assessments if episode.onset <= each.at <= last)

    @property
    def ungraded_outside(self) -> tuple[GradedAssessment, ...]:
        """The assessments that cannot be graded and lie in no episode: there may have been one."""
        inside = {id(each) for episode in self.episodes for each in self.behind(episode)}
        return tuple(
            each for each in self.assessments if isinstance(each.grade, NotGradable) and id(each) not in inside
        )


def grade_syndromes(
    study: Study, state: TrialState, subject: SubjectId, findings: list[Finding] | None = None
) -> tuple[SyndromeCourse, ...]:
    """The courses of all four syndromes, in the order of SYNDROMES."""
    noted = [] if findings is None else findings
    return tuple(grade_syndrome(study, state, subject, each, noted) for each in SYNDROMES)


def grade_syndrome(
    study: Study, state: TrialState, subject: SubjectId, syndrome: Syndrome, findings: list[Finding]
) -> SyndromeCourse:
    """The course of one syndrome: an episode of CRS is over after the quiet time of the study, others at grade 0."""
    graded = sorted(_READERS[syndrome](study, state, subject, findings), key=lambda each: each.at)
    quiet = timedelta(hours=study.toxicity.crs.quiet_hours if syndrome == "crs" else 0)
    episodes = find_episodes([(each.at, each.grade) for each in graded], quiet=quiet)
    return SyndromeCourse(syndrome=syndrome, assessments=tuple(graded), episodes=episodes)


def _crs(study: Study, state: TrialState, subject: SubjectId, findings: list[Finding]) -> Iterable[GradedAssessment]:
    for at, entry in _timed(state.entries(CrsAssessment, subject), lambda body: body.at, study, findings):
        grade = _graded(partial(_grade_crs, entry.body, at), entry, findings)
        yield GradedAssessment(syndrome="crs", at=at, grade=grade, entries=(entry,))


def _icans(study: Study, state: TrialState, subject: SubjectId, findings: list[Finding]) -> Iterable[GradedAssessment]:
    for at, entry in _timed(state.entries(IcansAssessment, subject), lambda body: body.at, study, findings):
        grade = _graded(partial(_grade_icans, entry.body, at), entry, findings)
        yield GradedAssessment(syndrome="icans", at=at, grade=grade, entries=(entry,))


def _iec_hs(study: Study, state: TrialState, subject: SubjectId, findings: list[Finding]) -> Iterable[GradedAssessment]:
    for at, entry in _timed(state.forms("iec_hs_assessment", subject), _assessed, study, findings):
        grade = _graded(partial(_grade_iec_hs, entry.body, at), entry, findings)
        yield GradedAssessment(syndrome="iec_hs", at=at, grade=grade, entries=(entry,))


def _gvhd(study: Study, state: TrialState, subject: SubjectId, findings: list[Finding]) -> Iterable[GradedAssessment]:
    forms = state.forms("gvhd_assessment", subject)
    bilirubin = read_lab_values(study, state, subject, "bilirubin_total", "umol/L", findings) if forms else ()
    for at, entry in _timed(forms, _assessed, study, findings):
        liver = find_bilirubin(bilirubin, visit=entry.body.visit, on=at.date())
        grade = _graded(partial(_grade_gvhd, entry.body, at, liver), entry, findings)
        behind = (entry,) if liver is None else (entry, liver.entry)
        yield GradedAssessment(syndrome="gvhd", at=at, grade=grade, entries=behind)


def _grade_crs(body: CrsAssessment, at: datetime) -> Grade | NotGradable:
    return grade_crs(crs_observation(body, at))


def _grade_icans(body: IcansAssessment, at: datetime) -> Grade | NotGradable:
    return grade_icans(icans_observation(body, at))


def _grade_iec_hs(body: FormEntry, at: datetime) -> Grade | NotGradable:
    return grade_iec_hs(iec_hs_observation(body.items, at))


def _grade_gvhd(body: FormEntry, at: datetime, liver: LabValue | None) -> Grade | NotGradable:
    level = liver.at_most if liver is not None else None
    return grade_acute_gvhd(gvhd_observation(body.items, at, bilirubin_umol_l=level)).grade


def _assessed(body: FormEntry) -> str:
    return body.items.get("assessed", "")


def _graded(
    grade: Callable[[], Grade | NotGradable], entry: Entry[Any], findings: list[Finding]
) -> Grade | NotGradable:
    try:
        return grade()
    except UsageError as error:
        findings.extend(replace(each, where=f"event {entry.seq}, {each.where}") for each in error.findings)
        return NotGradable("; ".join(f"{each.message}: {each.found}" for each in error.findings))


def _timed(
    entries: Sequence[Entry[Any]], at: Callable[[Any], str], study: Study, findings: list[Finding]
) -> Iterable[tuple[datetime, Entry[Any]]]:
    """The entries with their times; one of a day without a time counts at its beginning."""
    for entry in entries:
        text = at(entry.body)
        try:
            found = parse_partial_date(text, study.site.zone)
        except DateError:
            found = None
        if found is not None and found.is_exact_day:
            yield found.earliest, entry
        else:
            findings.append(
                Finding(
                    message="an assessment whose day is not known is left out of the episodes",
                    where=f"subject {entry.subject}, event {entry.seq}",
                    found=text,
                    next_step="complete the time",
                )
            )


_READERS: dict[Syndrome, Callable[[Study, TrialState, SubjectId, list[Finding]], Iterable[GradedAssessment]]] = {
    "crs": _crs,
    "icans": _icans,
    "iec_hs": _iec_hs,
    "gvhd": _gvhd,
}
