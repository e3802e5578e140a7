"""Everything one report is made from, gathered once: study, state, data sets, screenings, decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from celltrial.codes import SubjectId
from celltrial.datasets import derive_adam, derive_sdtm
from celltrial.decisions import DoseProposal, propose_next_dose, screen_subject, signed_decisions
from celltrial.eligibility import Screening
from celltrial.record import EligibilitySignature, Entry, SrcDecision, TrialState
from celltrial.reports.figures import Caption
from celltrial.study import Study

__all__ = ["SHORT_HASH", "Material", "gather"]

SHORT_HASH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The inputs of every section; nothing in it changes while a report is made."""

    study: Study
    state: TrialState
    as_of: datetime
    generated_at: datetime
    adam: Mapping[str, pl.DataFrame]
    screenings: Mapping[SubjectId, Screening]
    signed: Mapping[SubjectId, Entry[EligibilitySignature]]
    decisions: tuple[Entry[SrcDecision], ...]
    proposal: DoseProposal

    @property
    def recorded_decisions(self) -> tuple[Entry[SrcDecision], ...]:
        """Every decision on record; `decisions` are those of them that are in force, by a signature that stands."""
        return self.state.entries(SrcDecision)

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(str(level.id) for level in self.study.levels)

    @property
    def is_simulated(self) -> bool:
        """True when the record says that its participants are virtual."""
        return self.state.is_simulated

    @property
    def cut_text(self) -> str:
        """The time of the data cut at the site, with its distance from UTC."""
        there = self.as_of.astimezone(self.study.site.zone)
        return there.isoformat(sep=" ", timespec="minutes")

    def local(self, moment: datetime) -> str:
        """A moment on the site's clock, to the minute; the page says once which clock that is."""
        return f"{moment.astimezone(self.study.site.zone):%Y-%m-%d %H:%M}"

    def day(self, moment: datetime) -> date:
        """The site's calendar day of a moment."""
        return moment.astimezone(self.study.site.zone).date()

    def caption(self, title: str) -> Caption:
        """The caption of a figure: the title, and which data it shows."""
        simulated = "SIMULATED DATA · " if self.is_simulated else ""
        provenance = f"{simulated}{self.study.id} · data cut {self.cut_text} · record {self.state.head[:SHORT_HASH]}"
        return Caption(title=title, provenance=provenance)


def gather(study: Study, state: TrialState, *, as_of: datetime, generated_at: datetime) -> Material:
    """Derive everything that the sections need, each data set once. `state` is the record as it stood at `as_of`."""
    sdtm = derive_sdtm(study, state)
    adam = derive_adam(study, state, sdtm)
    signed = {
        entry.subject: entry
        for entry in state.entries(EligibilitySignature)
        if entry.subject is not None and entry.body.stage == "screening"
    }
    return Material(
        study=study,
        state=state,
        as_of=as_of,
        generated_at=generated_at,
        adam={name: _by_level_id(dataset.frame, study) for name, dataset in adam.items()},
        # a verdict that was signed is shown as of its signature: what was known then, not what has expired since
        screenings={
            subject: screen_subject(
                study,
                state,
                subject,
                stage="screening",
                as_of=signed[subject].event.recorded_at if subject in signed else as_of,
            )
            for subject in state.subjects
        },
        signed=signed,
        decisions=signed_decisions(state),
        proposal=propose_next_dose(study, state, as_of=as_of),
    )


def _by_level_id(frame: pl.DataFrame, study: Study) -> pl.DataFrame:
    """TRT01A as the level's id (`DL2`), for which tables have room; the data sets carry its full description."""
    ids = {number: str(level.id) for number, level in enumerate(study.levels, start=1)}
    short = pl.col("TRT01AN").replace_strict(ids, default=pl.col("TRT01A"), return_dtype=pl.String)
    return frame.with_columns(short.alias("TRT01A"))
