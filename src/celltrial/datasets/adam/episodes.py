"""CRS and ICANS episodes from the bedside assessments, with the assessments behind each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from celltrial.codes import SubjectId
from celltrial.datasets.moments import parse_moment
from celltrial.errors import Finding
from celltrial.record import CrsAssessment, Entry, IcansAssessment, TrialState
from celltrial.record.assessments import crs_observation, icans_observation
from celltrial.safety import Episode, crs_episodes, icans_episodes
from celltrial.study import Study

__all__ = ["SourcedEpisode", "derive_episodes"]

A = TypeVar("A", CrsAssessment, IcansAssessment)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedEpisode:
    """An episode, its term, and the assessments from its onset to its end."""

    term: str
    episode: Episode
    entries: tuple[Entry[CrsAssessment] | Entry[IcansAssessment], ...]


def derive_episodes(
    study: Study, state: TrialState, subject: SubjectId, findings: list[Finding]
) -> tuple[SourcedEpisode, ...]:
    """The participant's episodes in time. An assessment without a time takes no part and is reported."""
    zone = study.site.zone
    crs = _timed(state.entries(CrsAssessment, subject), zone, f"CRS {subject}", findings)
    icans = _timed(state.entries(IcansAssessment, subject), zone, f"ICANS {subject}", findings)
    found = [
        SourcedEpisode(term="CYTOKINE RELEASE SYNDROME", episode=each, entries=_behind(each, crs))
        for each in crs_episodes([crs_observation(entry.body, at) for at, entry in crs])
    ]
    found += [
        SourcedEpisode(
            term="IMMUNE EFFECTOR CELL-ASSOCIATED NEUROTOXICITY SYNDROME", episode=each, entries=_behind(each, icans)
        )
        for each in icans_episodes([icans_observation(entry.body, at) for at, entry in icans])
    ]
    return tuple(sorted(found, key=lambda each: each.episode.onset))


def _timed(
    entries: Sequence[Entry[A]], zone: ZoneInfo, where: str, findings: list[Finding]
) -> list[tuple[datetime, Entry[A]]]:
    """The assessments with their times; one of a day without a time counts at its beginning."""
    timed: list[tuple[datetime, Entry[A]]] = []
    for entry in entries:
        moment, problems = parse_moment(entry.body.at, zone, where=where)
        findings.extend(problems)
        if moment.day is not None and moment.earliest is not None:
            timed.append((moment.earliest, entry))
        elif not problems:
            findings.append(
                Finding(
                    message="an assessment whose day is not known is left out of the episodes",
                    where=where,
                    found=entry.body.at,
                    next_step="complete the time",
                )
            )
    return timed


def _behind(
    episode: Episode, timed: Sequence[tuple[datetime, Entry[CrsAssessment] | Entry[IcansAssessment]]]
) -> tuple[Entry[CrsAssessment] | Entry[IcansAssessment], ...]:
    last = episode.resolution or episode.last_observed
    return tuple(entry for at, entry in timed if episode.onset <= at <= last)
