"""Kinetics samples as recorded, and the parameters that the program computes from them."""

from collections.abc import Mapping, Sequence

from celltrial.codes import SubjectId
from celltrial.datasets import nca_options
from celltrial.datasets.context import open_casebook
from celltrial.datasets.profiles import SampledProfile, derive_profiles
from celltrial.kinetics.profile import Estimate
from celltrial.missing import NotEstimable
from celltrial.record import TrialState
from celltrial.reports.casebook.book import Block, Cell, Column, Section, Table, plain_rows
from celltrial.reports.casebook.reader import Reader
from celltrial.reports.casebook.tables import entry_table, fields_written
from celltrial.study import Study

__all__ = ["derive_all_profiles", "kinetics_section"]

_LABELS: Mapping[str, str] = {
    "analyte": "Analyte",
    "specimen": "Specimen",
    "nominal_day": "Planned day",
    "collected_at": "Collected",
    "value": "Result",
    "blq": "Below limit",
    "unit": "Unit",
    "lloq": "Limit of quantification",
    "leukocytes": "Leukocytes",
    "leukocytes_unit": "Unit of leukocytes",
}


def derive_all_profiles(study: Study, state: TrialState) -> Mapping[SubjectId, Sequence[SampledProfile]]:
    """The profiles of every infused participant, worked out once for all casebooks."""
    if not study.kinetics:
        return {}
    found: dict[SubjectId, list[SampledProfile]] = {}
    for profile in derive_profiles(open_casebook(study, state), nca_options(study)):
        found.setdefault(profile.case.subject, []).append(profile)
    return found


def kinetics_section(reader: Reader, profiles: Sequence[SampledProfile]) -> Section:
    """Every sample, then every parameter of each profile: a number with its unit, or why there is none."""
    samples = reader.entries("kinetics_sample")
    shown = fields_written(samples, _LABELS)
    blocks: list[Block] = [entry_table(reader, samples, shown, title="Samples", empty="No sample is recorded.")]
    blocks += [_parameters(profile) for profile in profiles]
    says = "Samples as recorded. Parameters are computed by the program and are never stored."
    return Section(id="kinetics", title="Cellular kinetics", says=says, blocks=tuple(blocks))


def _parameters(profile: SampledProfile) -> Table:
    rows = [(name.replace("_", " "), *_result(result)) for name, result in profile.nca.parameters.items()]
    seqs = ", ".join(f"#{entry.seq}" for entry in profile.entries)
    number = f", infusion {profile.infusion}" if profile.infusion > 1 else ""
    return Table(
        columns=(Column(label="Parameter"), Column(label="Value"), Column(label="Unit"), Column(label="Remark")),
        rows=plain_rows(rows),
        title=f"Parameters, computed: {profile.analyte} in {profile.specimen}{number}",
        says=f"From events {seqs}.",
        notes=profile.nca.notes,
    )


def _result(result: Estimate | NotEstimable) -> tuple[Cell, Cell, Cell]:
    if isinstance(result, NotEstimable):
        return Cell(text="not estimable", style="quiet"), Cell(), Cell(text=result.reason)
    return Cell(text=f"{result.value:.6g}"), Cell(text=result.unit), Cell(text=result.note)
