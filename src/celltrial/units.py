"""Quantities with units: read, convert, compare; unlike units raise.

Arithmetic of units is pint's, with magnitudes as fractions, so that a comparison with a limit is exact. What pint
cannot know - that 1 mg/dL of creatinine is 88.4 umol/L - stands per analyte in `analytes.csv`, each factor with its
source.
Units are written in UCUM-like text (`10*9/L`, `mm[Hg]`, `/hpf`); the spellings that laboratories print are read too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from celltrial.codes import AnalyteCode
from celltrial.errors import Finding, UnitError
from celltrial.tables import read_package_table

if TYPE_CHECKING:
    import pint

__all__ = ["Analyte", "Quantity", "analytes", "convert", "is_unit", "is_unit_of", "parse_number", "parse_quantity"]

_QUANTITY = re.compile(r"(?P<number>[-+]?[0-9][0-9.]*(?:[eE][-+]?\d+)?)\s*(?P<unit>\S.*)?")
_TIMES_TEN = re.compile(r"^[x×]\s*10")
_POWER_OF_TEN = re.compile(r"^(?:[x×]\s*)?10(?:\*|\^|\*\*)(?P<power>\d+)")

# A unit has no number in front but a power of ten: `109/L` is 10^9/L that has lost its superscript, not 109 per litre.
_WRITTEN = re.compile(r"(1?/|(10(\*|\^|\*\*)|1e)\d+\s*/?|[A-Za-z%µμ])[A-Za-z0-9%µμ/*^\[\]. ]*")

# Spellings that laboratories print -> the text pint reads. `mm3` is a microlitre.
_SPELLINGS = {
    "%": "percent",
    "1": "dimensionless",
    "": "dimensionless",
    "ratio": "dimensionless",
    "mm[Hg]": "mmHg",
    "degC": "delta_degree_Celsius",
    "degF": "delta_degree_Fahrenheit",
    "/hpf": "1/hpf",
    "/min": "1/minute",
    "G/L": "1e9/L",
    "K/uL": "1e9/L",
    "T/L": "1e12/L",
    "kg/m2": "kg/m**2",
    "mL/min/1.73m2": "mL/min/standard_surface",
}


# What a screening meets every day, so that it need not wait for pint (0.4 s to import); a test holds each against pint.
_COMMON: Mapping[tuple[str, str], Fraction] = {
    ("g/dL", "g/L"): Fraction(10),
    ("mg/L", "mg/dL"): Fraction(1, 10),
    ("10^9/L", "10*9/L"): Fraction(1),
    ("10*3/uL", "10*9/L"): Fraction(1),
    ("/uL", "10*9/L"): Fraction(1, 1000),
    ("g", "mg"): Fraction(1000),
    ("ug", "mg"): Fraction(1, 1000),
    ("mg/dL", "mg/dL"): Fraction(1),
    ("umol/L", "umol/L"): Fraction(1),
    ("mmol/L", "mmol/L"): Fraction(1),
    ("g/L", "g/dL"): Fraction(1, 10),
}
# mass and amount of substance, met at every dose: only the analyte's own factor leads from one to the other
_UNLIKE = frozenset((("mg/dL", "umol/L"), ("umol/L", "mg/dL"), ("mg/dL", "mmol/L"), ("mmol/L", "mg/dL")))
_READABLE = frozenset(unit for pair in _COMMON for unit in pair)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit. `unit` is kept as written; compare with `convert`, never by text.

    >>> convert(parse_quantity("9.6 g/dL"), "g/L").value == 96
    True
    """

    value: Decimal
    unit: str

    def __str__(self) -> str:
        number = format(self.value.normalize(), "f") if self.value == self.value.to_integral() else str(self.value)
        return number if self.unit in ("", "1") else f"{number} {self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyte:
    """What can be measured, its canonical unit, and its conversion between mass and amount of substance."""

    code: AnalyteCode
    label: str
    unit: str
    mass_unit: str | None = None
    molar_unit: str | None = None
    factor: Decimal | None = None
    factor_source: str = ""
    assay_specific: bool = False


@cache
def analytes() -> Mapping[AnalyteCode, Analyte]:
    """Every analyte of `analytes.csv`, by code."""
    rows = read_package_table("celltrial", "analytes.csv")
    return {
        AnalyteCode(row["analyte"]): Analyte(
            code=AnalyteCode(row["analyte"]),
            label=row["label"],
            unit=row["unit"],
            mass_unit=row["mass_unit"] or None,
            molar_unit=row["molar_unit"] or None,
            factor=Decimal(row["factor"]) if row["factor"] else None,
            factor_source=row["factor_source"],
            assay_specific=row["assay_specific"] == "yes",
        )
        for row in rows
    }


def parse_number(text: str) -> Decimal:
    """Read a plain decimal number. Raises UnitError for anything else, `NaN` and `1,5` among them."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise UnitError(
            Finding(
                message="not a number",
                found=repr(text),
                expected="digits with a decimal point, e.g. 0.85",
                next_step="enter the number as printed by the laboratory, with a point for the decimal sign",
            )
        )
    return number


def parse_quantity(text: str) -> Quantity:
    """Read a number and a unit, `60 g/L`, `1.0 10*9/L`, `7.5 mg/day`. Raises UnitError.

    >>> parse_quantity("1.0 10*9/L")
    Quantity(value=Decimal('1.0'), unit='10*9/L')
    """
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise UnitError(Finding(message="not a quantity", found=repr(text), expected="a number and a unit: 60 g/L"))
    unit = (match["unit"] or "1").strip()
    quantity = Quantity(parse_number(match["number"]), unit)
    _pint_unit(unit)
    return quantity


def is_unit(text: str) -> bool:
    """Whether `text` is a unit that can be read."""
    if text in _READABLE:
        return True
    try:
        _pint_unit(text)
    except UnitError:
        return False
    return True


def is_unit_of(unit: str, analyte: Analyte) -> bool:
    """Whether a result in `unit` can be brought to the analyte's own unit; True where units differ by assay.

    >>> is_unit_of("g/dL", analytes()["hemoglobin"]), is_unit_of("10*9/L", analytes()["hemoglobin"])
    (True, False)
    """
    if analyte.assay_specific or unit == analyte.unit:
        return True
    try:
        convert(Quantity(Decimal(1), unit), analyte.unit, analyte=analyte.code)
    except UnitError:
        return False
    return True


def convert(quantity: Quantity, unit: str, *, analyte: AnalyteCode | str | None = None) -> Quantity:
    """`quantity` in `unit`, exactly; mass to amount of substance only with the analyte's own factor.

    Raises UnitError where the units are unlike, or where they would need a factor the analyte does not have.

    >>> convert(Quantity(Decimal("1"), "mg/dL"), "umol/L", analyte="creatinine").value
    Decimal('88.4')
    """
    if quantity.unit == unit:
        return quantity
    direct = _scale(quantity.unit, unit)
    if direct is not None:
        return Quantity(_times(quantity.value, direct), unit)
    if analyte is not None:
        known = analytes().get(AnalyteCode(analyte))
        if known and known.factor and known.mass_unit and known.molar_unit:
            factor = Fraction(known.factor)
            for start, end, step in (
                (known.mass_unit, known.molar_unit, factor),
                (known.molar_unit, known.mass_unit, 1 / factor),
            ):
                there, back = _scale(quantity.unit, start), _scale(end, unit)
                if there is not None and back is not None:
                    return Quantity(_times(quantity.value, there * step * back), unit)
    raise UnitError(
        Finding(
            message="units that cannot be converted into one another",
            where=str(analyte or ""),
            found=str(quantity),
            expected=unit,
            rule="units convert by dimension; mass to amount of substance only by the factor in analytes.csv",
            next_step="correct the unit, or ask the laboratory which unit the result is in",
        )
    )


@cache
def _scale(source: str, target: str) -> Fraction | None:
    """The factor from one unit to the other, or None where they are unlike."""
    if (source, target) in _COMMON:
        return _COMMON[source, target]
    if (source, target) in _UNLIKE:
        return None
    start, end = _pint_unit(source), _pint_unit(target)
    if start.dimensionality != end.dimensionality:
        return None
    return Fraction((start / end).to_base_units().magnitude)


def _times(value: Decimal, factor: Fraction) -> Decimal:
    exact = Fraction(value) * factor
    return Decimal(exact.numerator) / Decimal(exact.denominator)


@cache
def _pint_unit(text: str) -> "pint.Quantity[Any]":
    import pint

    spelled = _respell(text.strip())
    try:
        if text.strip() not in _SPELLINGS and not _WRITTEN.fullmatch(_TIMES_TEN.sub("10", text.strip())):
            raise ValueError(text)
        unit: pint.Quantity[Any] = _registry().Quantity(spelled)
    except (pint.PintError, ValueError, TypeError, AttributeError, SyntaxError, AssertionError):
        raise UnitError(
            Finding(
                message="unknown unit",
                found=repr(text),
                expected="a unit such as g/L, 10*9/L (not 109/L), umol/L, U/L, %, mg/day",
                next_step="use the laboratory's unit in one of these spellings",
            )
        ) from None
    return unit


def _respell(text: str) -> str:
    if text in _SPELLINGS:
        return _SPELLINGS[text]
    text = text.replace("µ", "u").replace("μ", "u").replace("mm^3", "uL").replace("mm3", "uL")
    text = _POWER_OF_TEN.sub(lambda match: f"1e{match['power']}", text)
    text = text.replace("/24h", "/day").replace("/24 h", "/day")
    return f"1{text}" if text.startswith("/") else text


@cache
def _registry() -> "pint.UnitRegistry[Any]":
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(non_int_type=Fraction, cache_folder=None)
    # arbitrary units of biology have dimensions of their own: IU/mL is never U/L
    for definition in (
        "enzyme_unit = [enzyme_activity] = U",
        "international_unit = [international_unit] = IU",
        "cells = 1",
        "copies = [gene_copies] = copies",
        "high_power_field = [microscope_field] = hpf",
        # a clearance per 1.73 m2 of body surface is not the clearance of this body: never converted into mL/min
        "standard_surface = [standard_body_surface]",
    ):
        registry.define(definition)
    return registry
