"""Exact numbers of the kidney's formulas: creatinine in the unit of the formula, and how a fraction is shown."""

from decimal import Context, Decimal
from fractions import Fraction

from celltrial.errors import UnitError
from celltrial.units import Quantity, convert

__all__ = ["Exact", "creatinine_in_mg_dl", "creatinine_umol_l_per_mg_dl", "show_exact"]

Exact = Decimal | Fraction | int

_SHOWN = Context(prec=15)


def show_exact(number: Exact) -> str:
    """The number in plain digits, 15 significant ones at most; never used for a comparison.

    >>> show_exact(Fraction(1, 3)), show_exact(Decimal("0.50"))
    ('0.333333333333333', '0.5')
    """
    exact = Fraction(number)
    shown = _SHOWN.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return format(shown.normalize(_SHOWN), "f")


def creatinine_in_mg_dl(creatinine: Quantity) -> Fraction:
    """Serum creatinine in mg/dL, exactly; an amount of substance is divided by the factor of `analytes.csv` (88.4).

    Raises UnitError where the unit is neither a mass nor an amount of substance in a volume.

    >>> creatinine_in_mg_dl(Quantity(Decimal("176.8"), "umol/L"))
    Fraction(2, 1)
    """
    try:
        return Fraction(convert(creatinine, "mg/dL").value)
    except UnitError:
        return Fraction(convert(creatinine, "umol/L").value) / creatinine_umol_l_per_mg_dl()


def creatinine_umol_l_per_mg_dl() -> Fraction:
    """The factor of `analytes.csv`: 88.4."""
    return Fraction(convert(Quantity(Decimal(1), "mg/dL"), "umol/L", analyte="creatinine").value)
