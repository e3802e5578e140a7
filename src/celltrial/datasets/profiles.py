"""From kinetics samples to profiles and their parameters, by the options of the study file.

A profile belongs to one infusion: a second one starts its own, with its own days, and the first ends with the last
sample before it. What was left of the first then is named; it cannot be told apart from the second afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from celltrial.datasets.context import Case, Casebook
from celltrial.datasets.moments import Moment, is_before
from celltrial.datasets.results import read_amount
from celltrial.errors import CelltrialError, Finding
from celltrial.kinetics import Nca, NcaOptions, Profile, Sample, compute_nca
from celltrial.kinetics.conversion import BloodConversion, convert_profile
from celltrial.kinetics.plausibility import PlausibilityLimits, check_profile
from celltrial.missing import Blq
from celltrial.record import Entry, Infusion, KineticsSample
from celltrial.units import Quantity, analytes, convert, parse_number

__all__ = [
    "SampledProfile",
    "check_profiles",
    "days_between",
    "derive_profiles",
    "in_blood",
    "infusion_number",
    "nominal_day",
    "plausibility_limits",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledProfile:
    """The parameters of one participant, analyte, specimen and infusion, with the samples behind them.

    infusion: 1 for the first; `infused` its time, lot and donor its product. profile: days from that infusion, one
    sample for each of `entries` that has a day, with the white cells counted beside it. left_over: what an earlier
    infusion had left when this one was given.
    """

    case: Case
    analyte: str
    specimen: str
    unit: str
    entries: tuple[Entry[KineticsSample], ...]
    nca: Nca
    infusion: int
    infused: Moment
    lot: str
    donor: str
    profile: Profile
    leukocytes_per_ul: tuple[float | None, ...]
    left_over: str = ""


def derive_profiles(book: Casebook, options: NcaOptions) -> Iterator[SampledProfile]:
    """Every profile of an infused participant; samples without a result or a day take no part."""
    for case in book.cases:
        if case.infused.day is None:
            continue
        groups: dict[tuple[str, str, int], list[Entry[KineticsSample]]] = {}
        for entry in book.state.entries(KineticsSample, case.subject):
            number = infusion_number(book, case, _collected(book, entry))
            groups.setdefault((entry.body.analyte, entry.body.specimen, number), []).append(entry)
        for key in sorted(groups, key=lambda key: key[2]):
            analyte, specimen, number = key
            earlier = groups.get((analyte, specimen, number - 1), ())
            found = _profile(book, case, number, groups[key], options)
            yield replace(found, left_over=_left_over(book, case, earlier, number))


def infusion_number(book: Casebook, case: Case, at: Moment) -> int:
    """Which infusion a sample belongs to: the last one given before it; the first for what was drawn before that."""
    given = [_infused(book, each) for each in case.infusions]
    return max(sum(1 for each in given if is_before(at, each) is False), 1)


def in_blood(sampled: SampledProfile, conversion: BloodConversion | None = None) -> Profile:
    """The profile in copies per microlitre of blood, by the white cells of each sample (`kinetics.conversion`)."""
    return convert_profile(sampled.profile, sampled.leukocytes_per_ul, conversion)


def plausibility_limits(book: Casebook) -> PlausibilityLimits:
    """The limits of the study: `plausible_below` of its kinetics is the ceiling."""
    ceiling = book.study.kinetics.get("plausible_below")
    return PlausibilityLimits() if ceiling is None else PlausibilityLimits(ceiling=float(str(ceiling)))


def check_profiles(
    book: Casebook, profiles: Sequence[SampledProfile]
) -> tuple[tuple[SampledProfile, tuple[Finding, ...]], ...]:
    """What is doubtful in each profile, those without a doubt left out; an earlier infusion's rest is one of them."""
    limits = plausibility_limits(book)
    found = []
    for each in profiles:
        number = f" (infusion {each.infusion})" if each.infusion > 1 else ""
        where = f"subject {each.case.subject}, {each.analyte}{number}"
        doubts = check_profile(each.profile, limits, where=where)
        if each.left_over:
            doubts = (Finding(message="an earlier infusion had not gone", where=where, found=each.left_over), *doubts)
        if doubts:
            found.append((each, doubts))
    return tuple(found)


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


def _profile(
    book: Casebook, case: Case, number: int, entries: Sequence[Entry[KineticsSample]], options: NcaOptions
) -> SampledProfile:
    product = case.infusions[number - 1]
    infused = case.infused if number == 1 else _infused(book, product)
    placed = [(entry, _sample(book, infused, number, entry)) for entry in entries]
    samples = tuple(sample for _, sample in placed if sample is not None)
    body = entries[0].body
    profile = Profile(samples=samples, unit=_unit(body.analyte, body.unit))
    return SampledProfile(
        case=case,
        analyte=body.analyte,
        specimen=body.specimen,
        unit=profile.unit,
        entries=tuple(entries),
        nca=compute_nca(profile, options),
        infusion=number,
        infused=infused,
        lot=product.body.lot,
        donor=product.body.donor,
        profile=profile,
        leukocytes_per_ul=tuple(_white_cells(entry.body) for entry, sample in placed if sample is not None),
    )


def _left_over(book: Casebook, case: Case, earlier: Sequence[Entry[KineticsSample]], number: int) -> str:
    """The last sample before a later infusion, where it was still quantifiable."""
    if not earlier:
        return ""
    samples = [_sample(book, case.infused, number - 1, entry) for entry in earlier]
    known = [sample for sample in samples if sample is not None and sample.value is not None]
    last = max(known, key=lambda sample: sample.day, default=None)
    if last is None or isinstance(last.value, Blq):
        return ""
    unit = _unit(earlier[0].body.analyte, earlier[0].body.unit)
    return (
        f"{last.value:g} {unit} on day {last.day:g} from the first infusion, the last sample before infusion {number}"
    )


def _collected(book: Casebook, entry: Entry[KineticsSample]) -> Moment:
    # what is wrong with a sample is reported once, by PC
    unused: list[Finding] = []
    return book.moment(entry.body.collected_at, "", unused)


def _infused(book: Casebook, entry: Entry[Infusion]) -> Moment:
    unused: list[Finding] = []
    return book.moment(entry.body.infused_at, "", unused)


def _sample(book: Casebook, infused: Moment, number: int, entry: Entry[KineticsSample]) -> Sample | None:
    unused: list[Finding] = []
    body = entry.body
    day = days_between(_collected(book, entry), infused)
    if day is None:
        return None
    limit = read_amount(body.lloq, body, "", unused)
    value = read_amount(body.value, body, "", unused)
    result = Blq(limit.value) if body.blq == "yes" and limit else float(value.value) if value else None
    # planned days are counted from the first infusion
    planned = nominal_day(body) if number == 1 else None
    return Sample(day=day, value=result, nominal_day=planned, lloq=float(limit.value) if limit else None)


def _white_cells(body: KineticsSample) -> float | None:
    """White cells per microlitre beside the sample; None where they are not recorded or cannot be read."""
    try:
        counted = Quantity(parse_number(body.leukocytes), body.leukocytes_unit)
        # 10*9/L are thousands per microlitre
        return float(convert(counted, "10*9/L", analyte="leukocytes").value * Decimal(1000))
    except CelltrialError:
        return None


def _unit(analyte: str, unit: str) -> str:
    known: Mapping[str, str] = {str(code): each.unit for code, each in analytes().items()}
    return known.get(analyte, unit)
