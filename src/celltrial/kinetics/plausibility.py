"""What in a profile cannot be, or is hardly so: findings for a person to look into, never a correction.

Rules, each with its limit in `PlausibilityLimits`: more copies than the DNA can hold; a rise faster than cells divide;
a value a thousand times off its neighbours; BLQ between quantifiable samples; the product before it was given; a
sample far from its planned day; one value again and again (a floor); a number below its own limit.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from celltrial.errors import Finding
from celltrial.kinetics.conversion import GENOMES_PER_UG
from celltrial.kinetics.profile import Measured, Profile, Sample, measured_in_time
from celltrial.missing import Blq

__all__ = ["PlausibilityLimits", "check_profile"]

# a slip of the unit: a value that divided (or multiplied) by 1000 lies within this factor of its neighbours' line
_SLIP, _NEAR = 1000.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlausibilityLimits:
    """From where on a result is doubted.

    ceiling: the highest copies/ug, by default 151,500 genomes x 5 copies: every nucleated cell carrying five, the
        copy number usually accepted per transduced cell. It holds for copies/ug only.
    doublings_per_day: a rise between two quantifiable samples by more than 2 to this power a day. T cells divide at
        most about three times a day; 4 leaves room for the assay and for cells that return from tissue.
    days_off, share_off: an actual day further from the planned one than both this many days and this share of it.
    repeats: as many samples with exactly one value.
    """

    ceiling: float = 5 * GENOMES_PER_UG
    doublings_per_day: float = 4.0
    days_off: float = 1.0
    share_off: float = 0.15
    repeats: int = 3


def check_profile(
    profile: Profile, limits: PlausibilityLimits | None = None, *, where: str = ""
) -> tuple[Finding, ...]:
    """Every doubt about one profile, in time; none where nothing is odd.

    Args:
        profile: Samples marked `excluded` are passed over: somebody has judged them.
        where: Subject and analyte, for the findings.
    """
    limits = limits or PlausibilityLimits()
    kept = [sample for sample in profile.samples if not sample.excluded and sample.value is not None]
    found = [*_single(kept, profile.unit, limits)]
    points = measured_in_time(Profile(samples=tuple(kept), unit=profile.unit))
    if isinstance(points, str):
        found.append((math.inf, Finding(message=points, next_step="correct the record, or exclude a sample")))
    else:
        after = [point for point in points if point.day >= 0]
        found += [*_embedded(after), *_rises(after, limits), *_slips(after), *_repeated(after, limits)]
    return tuple(_placed(finding, where, day) for day, finding in sorted(found, key=lambda each: each[0]))


_Doubt = tuple[float, Finding]


def _placed(finding: Finding, where: str, day: float) -> Finding:
    at = f"day {day:g}" if math.isfinite(day) else ""
    return Finding(
        message=finding.message,
        where=", ".join(filter(None, (where, at))),
        found=finding.found,
        expected=finding.expected,
        rule=finding.rule,
        next_step=finding.next_step,
    )


def _single(samples: Sequence[Sample], unit: str, limits: PlausibilityLimits) -> Iterator[_Doubt]:
    """What one sample shows by itself."""
    for sample in samples:
        value = None if isinstance(sample.value, Blq) else sample.value
        if value is not None and unit == "copies/ug" and value > limits.ceiling:
            yield sample.day, _ceiling(value, limits)
        is_quantified = value is not None and value > 0 and not (sample.lloq and value < sample.lloq)
        if sample.day < 0 and is_quantified:
            yield (
                sample.day,
                Finding(
                    message="quantifiable before the infusion",
                    found=f"{value:g} {unit}",
                    expected="below the limit of quantification",
                    rule="none of the product is there before it is given",
                    next_step="check the sample's time and identity, and the assay's blank",
                ),
            )
        if value is not None and sample.lloq and 0 < value < sample.lloq:
            yield (
                sample.day,
                Finding(
                    message="a number below its own limit of quantification; it counts as BLQ",
                    found=f"{value:g} {unit}",
                    expected=f"BLQ, or at least {sample.lloq:g}",
                    rule="a result below the limit is no number",
                    next_step="ask the laboratory which it is",
                ),
            )
        if sample.nominal_day is not None and _is_far(sample.day, sample.nominal_day, limits):
            yield sample.day, _far(sample.day, sample.nominal_day, limits)


def _ceiling(value: float, limits: PlausibilityLimits) -> Finding:
    return Finding(
        message="more transgene than the DNA can plausibly hold",
        found=f"{value:g} copies/ug, {value / GENOMES_PER_UG:.1f} in every cell",
        expected=f"at most {limits.ceiling:g}",
        rule=f"a microgram of human DNA has about {GENOMES_PER_UG:,.0f} genomes",
        next_step="check the unit, the dilution and the standard curve with the laboratory",
    )


def _is_far(day: float, nominal: float, limits: PlausibilityLimits) -> bool:
    off = abs(day - nominal)
    return off > limits.days_off and off > limits.share_off * abs(nominal)


def _far(day: float, nominal: float, limits: PlausibilityLimits) -> Finding:
    return Finding(
        message="drawn far from its planned day",
        found=f"day {day:.2f}",
        expected=f"day {nominal:g}",
        rule=f"within {limits.days_off:g} day(s) or {100 * limits.share_off:.0f} % of the planned day",
        next_step="check the date; the computation takes the actual day",
    )


def _embedded(points: Sequence[Measured]) -> Iterator[_Doubt]:
    numbers = [index for index, point in enumerate(points) if point.value is not None]
    for index in range(numbers[0], numbers[-1]) if numbers else ():
        if points[index].value is None:
            before = max(each for each in numbers if each < index)
            after = min(each for each in numbers if each > index)
            yield (
                points[index].day,
                Finding(
                    message="below the limit between two quantifiable samples",
                    found=f"BLQ, after {points[before].value:g} on day {points[before].day:g}",
                    expected=f"a number: {points[after].value:g} on day {points[after].day:g}",
                    rule="a course does not vanish and return",
                    next_step="ask for a repeat; until then the area passes over it",
                ),
            )


def _rises(points: Sequence[Measured], limits: PlausibilityLimits) -> Iterator[_Doubt]:
    numbers = [(point.day, point.value) for point in points if point.value is not None]
    for (t1, c1), (t2, c2) in pairwise(numbers):
        rate = math.log2(c2 / c1) / (t2 - t1)
        if rate > limits.doublings_per_day:
            yield (
                t2,
                Finding(
                    message="a rise faster than cells divide",
                    found=f"{c1:g} on day {t1:g} to {c2:g} on day {t2:g}: {rate:.1f} doublings a day",
                    expected=f"at most {limits.doublings_per_day:g} a day",
                    rule="T cells divide about three times a day at most",
                    next_step="check both samples' times and units",
                ),
            )


def _slips(points: Sequence[Measured]) -> Iterator[_Doubt]:
    numbers = [(point.day, point.value) for point in points if point.value is not None]
    for index in range(1, len(numbers) - 1):
        (t1, c1), (day, value), (t2, c2) = numbers[index - 1 : index + 2]
        line = math.exp(math.log(c1) + (day - t1) / (t2 - t1) * math.log(c2 / c1))
        is_dip = 1 / _NEAR <= value * _SLIP / line <= _NEAR
        others = [*numbers[:index], *numbers[index + 1 :]]
        peak = max(others, key=lambda point: point[1])[0]
        # a lone spike may be the peak itself, sparsely sampled: doubted only on the way down
        is_spike = 1 / _NEAR <= value / _SLIP / line <= _NEAR and peak < day
        if is_dip or is_spike:
            yield (
                day,
                Finding(
                    message="about a thousand times off its neighbours",
                    found=f"{value:g}; {c1:g} on day {t1:g}, {c2:g} on day {t2:g}",
                    expected=f"about {line:.3g}",
                    rule="a factor of 1000 is how units slip (per ug and per ng, per uL and per mL)",
                    next_step="check the unit with the laboratory",
                ),
            )


def _repeated(points: Sequence[Measured], limits: PlausibilityLimits) -> Iterator[_Doubt]:
    counts = Counter(point.value for point in points if point.value is not None)
    for value, times in counts.items():
        if times >= limits.repeats:
            days = [f"{point.day:g}" for point in points if point.value == value]
            yield (
                float(days[0]),
                Finding(
                    message="exactly one value again and again",
                    found=f"{value:g} on days {', '.join(days)}",
                    expected="values that differ, or BLQ",
                    rule="a repeated value is often the assay's floor, written as a number",
                    next_step="ask the laboratory whether it stands for BLQ",
                ),
            )
