"""Reading a result and comparing it with a limit: comparators are intervals, comparison is exact and three-valued."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from celltrial.codes import AnalyteCode
from celltrial.eligibility.language import Op
from celltrial.eligibility.truth import Cost, Verdict
from celltrial.errors import UnitError
from celltrial.tables import read_package_table
from celltrial.units import Quantity, analytes, convert, parse_number

__all__ = [
    "Obtaining",
    "Range",
    "compare",
    "cost_of",
    "format_number",
    "in_unit",
    "is_possible",
    "obtaining",
    "parse_flag",
    "parse_range",
]

_RESULT = re.compile(r"(?P<comparator><=|>=|<|>|≤|≥)?\s*(?P<number>[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)")
_TITRE = re.compile(r"(?P<comparator><=|>=|<|>|≤|≥)?\s*1\s*[:/]\s*(?P<number>\d+)")
_COMPARATORS = {"≤": "<=", "≥": ">="}
_FLAGS = {
    "positive": True,
    "pos": True,
    "+": True,
    "reactive": True,
    "阳性": True,
    "negative": False,
    "neg": False,
    "-": False,
    "non-reactive": False,
    "阴性": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The numbers a printed result may stand for: `<5` is everything below 5. An end of None has no bound."""

    low: Fraction | None
    high: Fraction | None
    has_low: bool = True
    has_high: bool = True

    def apply(self, change: Callable[[Fraction], Fraction]) -> "Range":
        """Both ends through a rising function."""
        return Range(
            low=None if self.low is None else change(self.low),
            high=None if self.high is None else change(self.high),
            has_low=self.has_low,
            has_high=self.has_high,
        )


def parse_range(text: str) -> Range | None:
    """Read `9.6`, `<5`, `>=1000`, or a titre `1:160` (as 160); None for anything else.

    >>> parse_range("<5").high
    Fraction(5, 1)
    """
    match = _RESULT.fullmatch(text.strip()) or _TITRE.fullmatch(text.strip())
    if match is None:
        return None
    number = Fraction(parse_number(match["number"]))
    match _COMPARATORS.get(match["comparator"], match["comparator"]):
        case "<":
            return Range(low=None, high=number, has_high=False)
        case "<=":
            return Range(low=None, high=number)
        case ">":
            return Range(low=number, high=None, has_low=False)
        case ">=":
            return Range(low=number, high=None)
        case _:
            return Range(low=number, high=number)


def parse_flag(text: str) -> bool | None:
    """True for a word that means positive, False for negative, None for anything else."""
    return _FLAGS.get(text.strip().lower())


def compare(value: Range, op: Op, limit: Fraction) -> Verdict:
    """A result against a limit: unknown where the limit lies among the numbers it may stand for."""
    match op:
        case "at_least":
            return _settle(_low_reaches(value, limit, strictly=False), _high_misses(value, limit, strictly=False))
        case "above":
            return _settle(_low_reaches(value, limit, strictly=True), _high_misses(value, limit, strictly=True))
        case "at_most":
            return _settle(_high_misses(value, limit, strictly=True), _low_reaches(value, limit, strictly=True))
        case "below":
            return _settle(_high_misses(value, limit, strictly=False), _low_reaches(value, limit, strictly=False))


def _settle(is_met: bool, is_not_met: bool) -> Verdict:
    return Verdict.MET if is_met else Verdict.NOT_MET if is_not_met else Verdict.UNKNOWN


def _low_reaches(value: Range, limit: Fraction, *, strictly: bool) -> bool:
    """Every number of the range is at (or, strictly, above) the limit or over it."""
    if value.low is None:
        return False
    return value.low > limit or (value.low == limit and (not strictly or not value.has_low))


def _high_misses(value: Range, limit: Fraction, *, strictly: bool) -> bool:
    """Every number of the range is under the limit; with `strictly`, "above" is what is missed, so equality misses."""
    if value.high is None:
        return False
    return value.high < limit or (value.high == limit and (strictly or not value.has_high))


def in_unit(value: Range, unit: str, target: str, analyte: str) -> Range | None:
    """The range in another unit, exactly; None where the unit is missing or cannot be converted."""
    if unit == target:
        return value
    if not unit:
        # a count, a ratio or a titre has no unit to lose
        return value if target == "1" else None
    try:
        return value.apply(lambda number: _convert(number, unit, target, analyte))
    except UnitError:
        return None


def _convert(number: Fraction, unit: str, target: str, analyte: str) -> Fraction:
    known = analytes().get(AnalyteCode(analyte))
    if known and known.factor and (unit, target) == (known.mass_unit, known.molar_unit):
        return number * Fraction(known.factor)
    if known and known.factor and (unit, target) == (known.molar_unit, known.mass_unit):
        return number / Fraction(known.factor)
    value = Decimal(number.numerator) / Decimal(number.denominator)
    return Fraction(convert(Quantity(value, unit), target, analyte=analyte).value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtaining:
    """How a measurement is obtained, and between which values it is possible."""

    cost: Cost
    low: Fraction
    high: Fraction


@cache
def obtaining() -> Mapping[str, Obtaining]:
    """`obtaining.csv`, by analyte."""
    costs = {"blood draw": Cost.BLOOD_DRAW, "bedside": Cost.BEDSIDE, "procedure": Cost.PROCEDURE}
    rows = read_package_table("celltrial.eligibility", "obtaining.csv")
    return {
        row["analyte"]: Obtaining(cost=costs[row["obtained_by"]], low=Fraction(row["low"]), high=Fraction(row["high"]))
        for row in rows
    }


def cost_of(analyte: str) -> Cost:
    """What a new result costs; a laboratory test where the table does not say."""
    known = obtaining().get(analyte)
    return known.cost if known else Cost.BLOOD_DRAW


def is_possible(value: Range, unit: str, analyte: str) -> bool:
    """Whether a living adult may have such a value; True where the table or the unit gives no way to tell."""
    bounds, known = obtaining().get(analyte), analytes().get(AnalyteCode(analyte))
    if bounds is None or known is None:
        return True
    canonical = in_unit(value, unit, known.unit, analyte)
    if canonical is None:
        return True
    too_low = canonical.high is not None and canonical.high < bounds.low
    return not too_low and not (canonical.low is not None and canonical.low > bounds.high)


def format_number(number: Fraction, digits: int = 4) -> str:
    """A computed number for people, to so many significant digits; only ever shown, never compared."""
    return f"{float(number):.{digits}g}"
