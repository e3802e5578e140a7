"""Estimated glomerular filtration by CKD-EPI 2021 (creatinine, without race), body surface, and de-indexing.

Powers of fractions are not fractions: these results are floats (relative error below 1e-14), never rounded.
Source: Inker LA et al., N Engl J Med 2021;385:1737-49 (adults). Body surface: Mosteller RD, N Engl J Med 1987;317:1098;
Du Bois D, Du Bois EF, Arch Intern Med 1916;17:863-71.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import Literal

from celltrial.instruments.renal_function.checks import check_age, check_positive, check_words, require
from celltrial.instruments.renal_function.clearance import Sex
from celltrial.instruments.renal_function.exact import creatinine_in_mg_dl
from celltrial.missing import NotEvaluable
from celltrial.units import Quantity

__all__ = ["Filtration", "SurfaceFormula", "compute_body_surface", "compute_ckd_epi_2021", "compute_deindexed"]

SurfaceFormula = Literal["mosteller", "dubois"]

_KAPPA = {"F": Fraction(7, 10), "M": Fraction(9, 10)}
_ALPHA = {"F": -0.241, "M": -0.302}
_ADULT = 18
_STANDARD_SURFACE_M2 = 1.73


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtration:
    """An estimated filtration rate in mL/min/1.73 m2, unrounded."""

    ml_min_1_73m2: float
    reason: str

    @property
    def as_decimal(self) -> Decimal:
        """The same number for the response rules, which compare decimals."""
        return Decimal(repr(self.ml_min_1_73m2))


def compute_ckd_epi_2021(
    *, age_years: int | None, sex: Sex | None, creatinine: Quantity | None
) -> Filtration | NotEvaluable:
    """142 x min(Scr/k, 1)^a x max(Scr/k, 1)^-1.2 x 0.9938^age x 1.012 for women.

    Args:
        age_years: completed years; 18 or more, the equation is for adults.
        creatinine: serum creatinine with its unit; an amount of substance is divided by 88.4.
    Returns:
        Filtration; NotEvaluable naming what is missing, or for a minor.
    Raises:
        UsageError: a number or a word that cannot be; UnitError: a unit of something else.
    Source: Inker 2021, table 2; k is 0.7 (women) or 0.9, a is -0.241 (women) or -0.302.

    >>> result = compute_ckd_epi_2021(age_years=65, sex="F", creatinine=Quantity(Decimal("1.2"), "mg/dL"))
    >>> round(result.ml_min_1_73m2, 2)
    50.23
    """
    require(
        check_age("CKD-EPI 2021", age_years),
        check_words("CKD-EPI 2021", [("sex", sex, ("F", "M"))]),
        check_positive("CKD-EPI 2021", {"creatinine": creatinine.value if creatinine else None}),
    )
    given = {"age_years": age_years, "sex": sex, "creatinine": creatinine}
    missing = [name for name, value in given.items() if value is None]
    if missing or age_years is None or sex is None or creatinine is None:
        return NotEvaluable(f"not known: {', '.join(missing)}")
    if age_years < _ADULT:
        return NotEvaluable(f"CKD-EPI 2021 is for adults: age {age_years}")
    ratio = creatinine_in_mg_dl(creatinine) / _KAPPA[sex]
    below, above = float(min(ratio, Fraction(1))), float(max(ratio, Fraction(1)))
    rate: float = 142 * below ** _ALPHA[sex] * above**-1.2 * 0.9938**age_years * (1.012 if sex == "F" else 1)
    return Filtration(ml_min_1_73m2=rate, reason=f"age {age_years}, {sex}, creatinine {creatinine}")


def compute_body_surface(
    *, weight_kg: Decimal | None, height_cm: Decimal | None, formula: SurfaceFormula = "mosteller"
) -> float | NotEvaluable:
    """Body surface in m2: Mosteller sqrt(cm x kg / 3600), or Du Bois 0.007184 x kg^0.425 x cm^0.725.

    >>> compute_body_surface(weight_kg=Decimal(80), height_cm=Decimal(180))
    2.0
    """
    require(
        check_words("body surface", [("formula", formula, ("mosteller", "dubois"))]),
        check_positive("body surface", {"weight_kg": weight_kg, "height_cm": height_cm}),
    )
    missing = [name for name, value in (("weight_kg", weight_kg), ("height_cm", height_cm)) if value is None]
    if missing or weight_kg is None or height_cm is None:
        return NotEvaluable(f"not known: {', '.join(missing)}")
    if formula == "mosteller":
        return sqrt(weight_kg * height_cm / 3600)
    surface: float = 0.007184 * float(weight_kg) ** 0.425 * float(height_cm) ** 0.725
    return surface


def compute_deindexed(rate_ml_min_1_73m2: float, *, body_surface_m2: float) -> float:
    """The rate of this body in mL/min: x surface / 1.73.

    >>> compute_deindexed(86.5, body_surface_m2=2.0)
    100.0
    """
    return rate_ml_min_1_73m2 * body_surface_m2 / _STANDARD_SURFACE_M2
