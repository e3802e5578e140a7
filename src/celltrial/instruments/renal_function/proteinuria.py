"""The urine protein/creatinine ratio, exactly, from a spot sample in any units, and between its own units.

1 mmol of creatinine is 113.12 mg. The pairs that guidelines print side by side, 0.5 g/g and 50 mg/mmol, are rounded:
0.5 g/g is 56.56 mg/mmol, and 52 mg/mmol (0.46 g/g) would fail one and meet the other. Decisions are in g/g.
Source: molar mass of creatinine (C4H7N3O, 113.12 g/mol).
"""

from fractions import Fraction

from celltrial.errors import Finding, UnitError
from celltrial.instruments.renal_function.checks import check_positive, require
from celltrial.instruments.renal_function.exact import Exact
from celltrial.missing import NotEvaluable
from celltrial.units import Quantity, convert

__all__ = ["UPCR_UNITS", "compute_upcr", "convert_upcr"]

_MOLAR_MASS = Fraction(11312, 100)

_TO_G_G = {
    "g/g": Fraction(1),
    "mg/mg": Fraction(1),
    "mg/g": Fraction(1, 1000),
    "mg/mmol": 1 / _MOLAR_MASS,
    "g/mol": 1 / _MOLAR_MASS,
    "g/mmol": 1000 / _MOLAR_MASS,
}
UPCR_UNITS = tuple(_TO_G_G)
"""The units a ratio is reported in."""


def compute_upcr(protein: Quantity | None, creatinine: Quantity | None) -> Fraction | NotEvaluable:
    """Protein over creatinine of the same urine, in g/g, unrounded.

    Args:
        protein: a mass in a volume (mg/dL, g/L, mg/L).
        creatinine: a mass (mg/dL, g/L) or an amount of substance (mmol/L, umol/L) in a volume.
    Returns:
        The ratio; NotEvaluable naming what is missing.
    Raises:
        UsageError: protein below 0, creatinine not above 0; UnitError: a unit of something else.

    >>> from decimal import Decimal
    >>> compute_upcr(Quantity(Decimal(60), "mg/dL"), Quantity(Decimal(120), "mg/dL"))
    Fraction(1, 2)
    """
    given = {"urine_protein": protein, "urine_creatinine": creatinine}
    numbers = {name: each.value if each else None for name, each in given.items()}
    require(check_positive("UPCR", numbers, or_zero=("urine_protein",)))
    missing = [name for name, each in given.items() if each is None]
    if missing or protein is None or creatinine is None:
        return NotEvaluable(f"not known: {', '.join(missing)}")
    return Fraction(convert(protein, "mg/L").value) / _creatinine_mg_l(creatinine)


def convert_upcr(value: Exact, unit: str, target: str = "g/g") -> Fraction:
    """A ratio from one of UPCR_UNITS to another, exactly. Raises UnitError for other units.

    >>> from decimal import Decimal
    >>> convert_upcr(Decimal("0.5"), "g/g", "mg/mmol")
    Fraction(1414, 25)
    """
    for each in (unit, target):
        if each not in _TO_G_G:
            raise UnitError(
                Finding(message="not a unit of UPCR", where="UPCR", found=repr(each), expected=", ".join(UPCR_UNITS))
            )
    return Fraction(value) * _TO_G_G[unit] / _TO_G_G[target]


def _creatinine_mg_l(creatinine: Quantity) -> Fraction:
    try:
        return Fraction(convert(creatinine, "mg/L").value)
    except UnitError:
        return Fraction(convert(creatinine, "mmol/L").value) * _MOLAR_MASS
