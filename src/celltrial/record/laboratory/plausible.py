"""What is hardly plausible of a result: warnings for a person to look at, never a refusal."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from statistics import median

from celltrial.codes import AnalyteCode
from celltrial.errors import Finding, Source
from celltrial.record.laboratory.known import canonical_value
from celltrial.record.laboratory.rows import Sample
from celltrial.studyday import PartialDate
from celltrial.units import analytes, parse_number

__all__ = ["check_plausible"]

# slips of a unit's prefix
_PREFIXES = (Decimal(10), Decimal(100), Decimal(1000), Decimal(1_000_000))


def check_plausible(sample: Sample, earlier: Sequence[tuple[PartialDate, Decimal]], file: str) -> Iterator[Finding]:
    """Warnings about one result. earlier: the person's results collected before it, in the analyte's own unit."""
    source, where = Source(file=file, line=sample.line), f"{sample.subject}/{sample.analyte}"
    shown = f"{sample.value} {sample.unit}".strip()
    if problem := _flag_problem(sample):
        yield Finding(
            message="the laboratory's flag does not agree with its limits",
            source=source,
            where=where,
            found=f"{shown}, flag {sample.result.flag}, {problem}",
            next_step="ask the laboratory; the result is taken as printed",
        )
    value = canonical_value(sample.analyte, sample.value, sample.unit)
    if value is None:
        return
    unit = analytes()[AnalyteCode(sample.analyte)].unit
    rule = sample.rule
    if (rule.low is not None and value < rule.low) or (rule.high is not None and value > rule.high):
        yield Finding(
            message="a result outside what the profile calls plausible",
            source=source,
            where=where,
            found=shown,
            expected=f"{'..' if rule.low is None else rule.low} to {'..' if rule.high is None else rule.high} {unit}",
            next_step="compare with the laboratory's report",
        )
    usual = median([each for _, each in earlier]) if earlier else None
    if usual and value and (value >= usual * rule.times or value * rule.times <= usual):
        yield Finding(
            message="a result far from the person's earlier ones: a slip of the unit?",
            source=source,
            where=where,
            found=f"{shown}; earlier results: {len(earlier)}, median {_show(usual)} {unit}"
            + _slip(sample, value / usual),
            expected=f"less than {rule.times} times the median, and more than 1/{rule.times} of it",
            next_step="compare value and unit with the laboratory's report",
        )


def _slip(sample: Sample, ratio: Decimal) -> str:
    """The factor that a usual slip of the unit would make, where the ratio lies within a factor of 2 of it."""
    known = analytes()[AnalyteCode(sample.analyte)]
    times = ratio if ratio > 1 else 1 / ratio
    factor = known.factor
    candidates = [*_PREFIXES] + ([factor if factor > 1 else 1 / factor] if factor and factor != 1 else [])
    near = [each for each in candidates if each / 2 <= times <= each * 2]
    best = min(near, key=lambda each: max(times / each, each / times), default=None)
    if best is None:
        return ""
    if factor and best in (factor, 1 / factor):
        return f" (about {_show(best)} times: {known.mass_unit} for {known.molar_unit}?)"
    return f" (about {_show(best)} times)"


def _flag_problem(sample: Sample) -> str:
    """How the flag disagrees with the printed limits; blank where it does not, or cannot be compared."""
    if not sample.value[:1].isdigit() or not sample.result.flag:
        return ""
    value = parse_number(sample.value) if ":" not in sample.value and "+" not in sample.value else None
    if value is None:
        return ""
    is_high = bool(sample.uln) and value > parse_number(sample.uln)
    is_low = bool(sample.lln) and value < parse_number(sample.lln)
    match sample.result.flag:
        case "high" if sample.uln and not is_high:
            return f"upper limit {sample.uln}"
        case "low" if sample.lln and not is_low:
            return f"lower limit {sample.lln}"
        case "normal" if is_high or is_low:
            return f"limits {sample.lln or '..'} to {sample.uln or '..'}"
    return ""


def _show(number: Decimal) -> str:
    return format(number.quantize(Decimal("0.01")).normalize(), "f") if abs(number) >= 1 else f"{number:.3g}"
