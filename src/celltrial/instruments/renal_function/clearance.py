"""Creatinine clearance after Cockcroft and Gault, each variant by its name: two variants never meet in one column.

Source: Cockcroft DW, Gault MH. Prediction of creatinine clearance from serum creatinine. Nephron 1976;16:31-41 (men of
18 to 92 years; 15 % less for women). Constants for umol/L: 1.23 for men, 1.04 for women, as printed widely (exact from
88.4: 1.2278 and 1.0436; the forms differ by 0.2 % in men, 0.3 % in women). Ideal weight: Devine BJ, Drug Intell Clin
Pharm 1974;8:650-5.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from celltrial.errors import Finding
from celltrial.instruments.renal_function.checks import check_age, check_positive, check_words, require
from celltrial.instruments.renal_function.exact import (
    Exact,
    creatinine_in_mg_dl,
    creatinine_umol_l_per_mg_dl,
    show_exact,
)
from celltrial.missing import NotEvaluable
from celltrial.units import Quantity

__all__ = [
    "Clearance",
    "Form",
    "Sex",
    "ShortStature",
    "WeightBasis",
    "cockcroft_gault",
    "compute_adjusted_weight",
    "compute_creatinine_clearance",
    "compute_ideal_weight",
]

Sex = Literal["F", "M"]
Form = Literal["mg/dL", "umol/L"]
WeightBasis = Literal["actual", "ideal", "adjusted"]
ShortStature = Literal["refuse", "extrapolate", "base"]

_UMOL = {"M": Fraction(123, 100), "F": Fraction(104, 100)}
_DEVINE_BASE = {"M": Fraction(50), "F": Fraction(91, 2)}
_DEVINE_PER_INCH = Fraction(23, 10)
_CM_PER_INCH = Fraction(254, 100)
_EXCESS = Fraction(4, 10)
_AGES = (18, 92)
_BASES = ("actual", "ideal", "adjusted")
_FORMS = ("mg/dL", "umol/L")
_SHORT = ("refuse", "extrapolate", "base")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """A creatinine clearance in mL/min, unrounded and not per 1.73 m2, with the weight and variants that made it."""

    ml_min: Fraction
    weight_kg: Fraction
    weight_basis: WeightBasis
    form: Form
    reason: str


def cockcroft_gault(*, age: int, weight_kg: Fraction, creatinine_mg_dl: Fraction, is_female: bool) -> Fraction:
    """(140 - age) x weight x (0.85 for women) / (72 x creatinine), in mL/min, exactly. Source: module docstring.

    Args:
        age: completed years on the day of the sample.
        weight_kg, creatinine_mg_dl: more than 0; the caller has checked them.

    >>> cockcroft_gault(age=40, weight_kg=Fraction(72), creatinine_mg_dl=Fraction(2), is_female=False)
    Fraction(50, 1)
    """
    factor = Fraction(85, 100) if is_female else Fraction(1)
    return (140 - age) * weight_kg * factor / (72 * creatinine_mg_dl)


def compute_creatinine_clearance(
    *,
    age_years: int | None,
    sex: Sex | None,
    weight_kg: Decimal | None,
    creatinine: Quantity | None,
    height_cm: Decimal | None = None,
    weight_basis: WeightBasis = "actual",
    form: Form = "mg/dL",
    short_stature: ShortStature = "refuse",
) -> Clearance | NotEvaluable:
    """Cockcroft-Gault from one creatinine, with the variant said.

    Args:
        age_years: completed years on the day of the sample. weight_kg: as measured; not read for `ideal`.
        creatinine: of serum, with its unit. height_cm: needed for `ideal` and `adjusted`.
        form: `mg/dL` (an amount of substance is divided by 88.4 first) or `umol/L` (constants 1.23 and 1.04).
        short_stature: what ideal weight does below 152.4 cm; see compute_ideal_weight.
    Returns:
        Clearance; NotEvaluable naming every input that is missing.
    Raises:
        UsageError: numbers or words that cannot be, all at once; UnitError: a unit of something else.

    >>> sample = Quantity(Decimal(2), "mg/dL")
    >>> compute_creatinine_clearance(age_years=40, sex="M", weight_kg=Decimal(72), creatinine=sample).ml_min
    Fraction(50, 1)
    """
    words = (
        ("sex", sex, ("F", "M")),
        ("weight_basis", weight_basis, _BASES),
        ("form", form, _FORMS),
        ("short_stature", short_stature, _SHORT),
    )
    require(check_words("Cockcroft-Gault", words), _check_numbers(age_years, creatinine, weight_kg, height_cm))
    needed: dict[str, object] = {"age_years": age_years, "sex": sex, "creatinine": creatinine}
    needed |= {"weight_kg": weight_kg} if weight_basis != "ideal" else {}
    needed |= {"height_cm": height_cm} if weight_basis != "actual" else {}
    missing = [name for name, value in needed.items() if value is None]
    if missing or age_years is None or sex is None or creatinine is None:
        return NotEvaluable(f"not known: {', '.join(missing)}")
    weight = _weight(sex, weight_kg, height_cm, weight_basis, short_stature)
    if isinstance(weight, NotEvaluable):
        return weight
    return Clearance(
        ml_min=_by_form(form, age_years, sex, weight, creatinine_in_mg_dl(creatinine)),
        weight_kg=weight,
        weight_basis=weight_basis,
        form=form,
        reason=f"{weight_basis} weight, age {age_years}, {sex}, {creatinine}, {form} form{_outside(age_years)}",
    )


def compute_ideal_weight(
    *, height_cm: Exact, sex: Sex, short_stature: ShortStature = "refuse"
) -> Fraction | NotEvaluable:
    """Devine's ideal weight in kg: 50 (men) or 45.5 (women) + 2.3 for each inch over 60.

    Below 60 inches (152.4 cm) the formula was not defined and practice differs: `refuse` gives no weight,
    `extrapolate` takes 2.3 kg off for each inch, `base` keeps the weight of 60 inches.

    >>> compute_ideal_weight(height_cm=Decimal("177.8"), sex="M")
    Fraction(73, 1)
    """
    require(check_words("ideal weight", [("short_stature", short_stature, _SHORT)]))
    over = Fraction(height_cm) / _CM_PER_INCH - 60
    if over < 0 and short_stature == "refuse":
        return NotEvaluable(f"ideal weight is not defined below 152.4 cm: {show_exact(height_cm)} cm")
    if short_stature == "base":
        over = max(over, Fraction(0))
    ideal = _DEVINE_BASE[sex] + _DEVINE_PER_INCH * over
    return ideal if ideal > 0 else NotEvaluable(f"no ideal weight at {show_exact(height_cm)} cm")


def compute_adjusted_weight(*, actual_kg: Exact, ideal_kg: Exact) -> Fraction:
    """Ideal weight + 0.4 of what the actual weight has over it, in kg; the actual weight where it has nothing over.

    >>> compute_adjusted_weight(actual_kg=120, ideal_kg=70)
    Fraction(90, 1)
    """
    actual, ideal = Fraction(actual_kg), Fraction(ideal_kg)
    return ideal + _EXCESS * (actual - ideal) if actual > ideal else actual


def _by_form(form: Form, age: int, sex: Sex, weight_kg: Fraction, mg_dl: Fraction) -> Fraction:
    if form == "mg/dL":
        return cockcroft_gault(age=age, weight_kg=weight_kg, creatinine_mg_dl=mg_dl, is_female=sex == "F")
    return (140 - age) * weight_kg * _UMOL[sex] / (mg_dl * creatinine_umol_l_per_mg_dl())


def _check_numbers(
    age_years: int | None, creatinine: Quantity | None, weight_kg: Decimal | None, height_cm: Decimal | None
) -> list[Finding]:
    numbers = {
        "weight_kg": weight_kg,
        "height_cm": height_cm,
        "creatinine": creatinine.value if creatinine else None,
    }
    return check_age("Cockcroft-Gault", age_years) + check_positive("Cockcroft-Gault", numbers)


def _outside(age_years: int) -> str:
    is_inside = _AGES[0] <= age_years <= _AGES[1]
    return "" if is_inside else f"; the formula was derived at ages {_AGES[0]} to {_AGES[1]}"


def _weight(
    sex: Sex, weight_kg: Decimal | None, height_cm: Decimal | None, basis: WeightBasis, short_stature: ShortStature
) -> Fraction | NotEvaluable:
    if basis == "actual":
        return Fraction(weight_kg or 0)
    ideal = compute_ideal_weight(height_cm=height_cm or 0, sex=sex, short_stature=short_stature)
    if basis == "ideal" or isinstance(ideal, NotEvaluable):
        return ideal
    return compute_adjusted_weight(actual_kg=weight_kg or 0, ideal_kg=ideal)
