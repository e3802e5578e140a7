"""From kinetics samples to profiles and their parameters, by the options of the study file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from celltrial.datasets.context import Case, Casebook
from celltrial.datasets.moments import Moment
from celltrial.datasets.results import read_amount
from celltrial.errors import CelltrialError, Finding
from celltrial.kinetics import Nca, NcaOptions, Profile, Sample, compute_nca
from celltrial.missing import Blq
from celltrial.record import Entry, KineticsSample
from celltrial.units import analytes, parse_number

__all__ = ["SampledProfile", "days_between", "derive_profiles", "nominal_day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledProfile:
    """The parameters of one participant, analyte and specimen, with the samples behind them."""

    case: Case
    analyte: str
    specimen: str
    unit: str
    entries: tuple[Entry[KineticsSample], ...]
    nca: Nca


def derive_profiles(book: Casebook, options: NcaOptions) -> Iterator[SampledProfile]:
    """Every profile of an infused participant; samples without a result or a day take no part."""
    for case in book.cases:
        groups: dict[tuple[str, str], list[Entry[KineticsSample]]] = {}
        for entry in book.state.entries(KineticsSample, case.subject):
            groups.setdefault((entry.body.analyte, entry.body.specimen), []).append(entry)
        for (analyte, specimen), entries in groups.items():
            if case.infused.day is None:
                continue
            unit = _unit(analyte, entries[0].body.unit)
            samples = tuple(sample for entry in entries if (sample := _sample(book, case, entry)) is not None)
            nca = compute_nca(Profile(samples=samples, unit=unit), options)
            yield SampledProfile(
                case=case, analyte=analyte, specimen=specimen, unit=unit, entries=tuple(entries), nca=nca
            )


def days_between(at: Moment, infused: Moment) -> float | None:
    """Days from the first infusion, by the clock where both times are known, else whole days; None without a day."""
    if at.at and infused.at:
        return (at.at - infused.at).total_seconds() / 86400
    return float((at.day - infused.day).days) if at.day and infused.day else None


def nominal_day(body: KineticsSample) -> float | None:
    """The planned day of a sample, counted from the infusion; None where it is no number."""
    try:
        return float(parse_number(body.nominal_day))
    except CelltrialError:
        return None


def _sample(book: Casebook, case: Case, entry: Entry[KineticsSample]) -> Sample | None:
    # what is wrong with a sample is reported once, by PC
    unused: list[Finding] = []
    body = entry.body
    day = days_between(book.moment(body.collected_at, "", unused), case.infused)
    if day is None:
        return None
    limit = read_amount(body.lloq, body, "", unused)
    value = read_amount(body.value, body, "", unused)
    result = Blq(limit.value) if body.blq == "yes" and limit else float(value.value) if value else None
    return Sample(day=day, value=result, nominal_day=nominal_day(body), lloq=float(limit.value) if limit else None)


def _unit(analyte: str, unit: str) -> str:
    known: Mapping[str, str] = {str(code): each.unit for code, each in analytes().items()}
    return known.get(analyte, unit)
