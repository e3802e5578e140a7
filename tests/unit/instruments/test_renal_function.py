"""Creatinine clearance, estimated filtration, urine protein/creatinine ratio: variants named, results unrounded."""

from decimal import Decimal
from fractions import Fraction

import pytest

from celltrial.errors import UnitError, UsageError
from celltrial.instruments import (
    Clearance,
    Filtration,
    compute_adjusted_weight,
    compute_body_surface,
    compute_ckd_epi_2021,
    compute_creatinine_clearance,
    compute_deindexed,
    compute_ideal_weight,
    compute_upcr,
    convert_upcr,
)
from celltrial.missing import NotEvaluable
from celltrial.units import Quantity, parse_quantity

D = Decimal


def clearance(creatinine: str = "2 mg/dL", **changes: object) -> Clearance:
    given: dict[str, object] = {
        "age_years": 40,
        "sex": "M",
        "weight_kg": D(72),
        "creatinine": parse_quantity(creatinine),
    }
    result = compute_creatinine_clearance(**(given | changes))  # type: ignore[arg-type]
    assert isinstance(result, Clearance)
    return result


def test_mg_and_umol_agree_through_88_4() -> None:
    assert clearance("2 mg/dL").ml_min == clearance("176.8 umol/L").ml_min == 50


def test_the_umol_form_has_its_own_constants() -> None:
    """(140 - 40) x 72 x 1.23 / 176.8 and x 1.04 for a woman: not the mg/dL form."""
    assert clearance("176.8 umol/L", form="umol/L").ml_min == Fraction(100 * 72 * 123, 17680)
    assert clearance("176.8 umol/L", form="umol/L", sex="F").ml_min == Fraction(100 * 72 * 104, 17680)
    assert clearance("2 mg/dL", form="umol/L").ml_min == clearance("176.8 umol/L", form="umol/L").ml_min


def test_women_have_85_percent() -> None:
    assert clearance(sex="F").ml_min == Fraction(85, 2)


@pytest.mark.parametrize(
    ("creatinine", "is_over"), [("1.9999 mg/dL", True), ("2 mg/dL", False), ("2.0001 mg/dL", False)]
)
def test_nothing_is_rounded_around_fifty(creatinine: str, is_over: bool) -> None:
    assert (clearance(creatinine).ml_min > 50) is is_over
    assert (clearance(creatinine).ml_min < 50) is (creatinine == "2.0001 mg/dL")


def test_ideal_and_adjusted_weight_are_options() -> None:
    """177.8 cm are 70 inches: 73 kg for a man; adjusted 73 + 0.4 x 47."""
    assert clearance(weight_basis="ideal", height_cm=D("177.8")).weight_kg == 73
    assert clearance(weight_basis="adjusted", height_cm=D("177.8"), weight_kg=D(120)).weight_kg == Fraction(918, 10)
    assert clearance(weight_basis="adjusted", height_cm=D("177.8"), weight_kg=D(60)).weight_kg == 60
    assert clearance(weight_basis="ideal", height_cm=D("177.8"), weight_kg=None).weight_kg == 73


def test_ideal_weight_below_sixty_inches_is_a_choice() -> None:
    """150 cm is 0.9449 inch below 60: 45.5 kg of a woman, less 2.3 kg an inch where extrapolated."""
    assert isinstance(compute_ideal_weight(height_cm=D(150), sex="F"), NotEvaluable)
    assert compute_ideal_weight(height_cm=D("152.4"), sex="F") == Fraction(91, 2)
    assert isinstance(compute_ideal_weight(height_cm=D("152.39"), sex="F"), NotEvaluable)
    assert compute_ideal_weight(height_cm=D(150), sex="F", short_stature="base") == Fraction(91, 2)
    extrapolated = compute_ideal_weight(height_cm=D(150), sex="F", short_stature="extrapolate")
    assert isinstance(extrapolated, Fraction)
    assert float(extrapolated) == pytest.approx(43.3268, abs=1e-4)
    assert compute_adjusted_weight(actual_kg=70, ideal_kg=70) == 70
    assert isinstance(compute_ideal_weight(height_cm=D(50), sex="F", short_stature="extrapolate"), NotEvaluable)


def test_every_missing_input_is_named() -> None:
    result = compute_creatinine_clearance(
        age_years=None, sex=None, weight_kg=None, creatinine=None, weight_basis="adjusted"
    )
    assert isinstance(result, NotEvaluable)
    assert result.reason == "not known: age_years, sex, creatinine, weight_kg, height_cm"
    short = compute_creatinine_clearance(
        age_years=30,
        sex="F",
        weight_kg=D(50),
        creatinine=parse_quantity("1 mg/dL"),
        weight_basis="ideal",
        height_cm=D(140),
    )
    assert isinstance(short, NotEvaluable)


def test_what_cannot_be_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        clearance("0 mg/dL", age_years=140, sex="W", weight_kg=D(-1), form="mg")
    assert len(caught.value.findings) == 5
    with pytest.raises(UnitError):
        clearance("2 g")
    with pytest.raises(UsageError, match="age_years"):
        clearance(age_years=-1)
    assert clearance(age_years=139).ml_min > 0


def test_ages_outside_the_paper_are_marked() -> None:
    assert "derived at ages 18 to 92" in clearance(age_years=17).reason
    assert "derived at ages 18 to 92" in clearance(age_years=93).reason
    assert "derived" not in clearance(age_years=18).reason + clearance(age_years=92).reason


def filtration(creatinine: str, age: int | None = 65, sex: str | None = "F") -> Filtration | NotEvaluable:
    return compute_ckd_epi_2021(age_years=age, sex=sex, creatinine=parse_quantity(creatinine))  # type: ignore[arg-type]


@pytest.mark.parametrize("sex", ["F", "M"])
def test_the_two_branches_meet_at_kappa(sex: str) -> None:
    """At 0.7 (women) and 0.9 mg/dL (men) both powers are of 1: 142 x 0.9938^age (x 1.012)."""
    kappa = "0.7 mg/dL" if sex == "F" else "0.9 mg/dL"
    found = filtration(kappa, 40, sex)
    assert isinstance(found, Filtration)
    assert found.ml_min_1_73m2 == pytest.approx(142 * 0.9938**40 * (1.012 if sex == "F" else 1), rel=1e-12)


def test_filtration_is_for_adults() -> None:
    minor = filtration("1 mg/dL", 17)
    assert isinstance(minor, NotEvaluable)
    assert "adults" in minor.reason
    assert isinstance(filtration("1 mg/dL", 18), Filtration)
    assert filtration("1 mg/dL", None, None) == NotEvaluable("not known: age_years, sex")
    with pytest.raises(UsageError, match="creatinine"):
        filtration("0 mg/dL")


def test_body_surface_and_deindexing() -> None:
    """80 kg and 180 cm: 2.0 m2 by Mosteller; Du Bois worked by hand."""
    assert compute_body_surface(weight_kg=D(80), height_cm=D(180)) == 2.0
    dubois = compute_body_surface(weight_kg=D(80), height_cm=D(180), formula="dubois")
    assert dubois == pytest.approx(1.9964, abs=1e-3)
    assert compute_deindexed(50.0, body_surface_m2=1.73) == pytest.approx(50.0)
    assert compute_body_surface(weight_kg=None, height_cm=D(180)) == NotEvaluable("not known: weight_kg")
    with pytest.raises(UsageError, match="formula"):
        compute_body_surface(weight_kg=D(80), height_cm=D(180), formula="haycock")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("protein", "creatinine", "g_per_g"),
    [
        ("60 mg/dL", "120 mg/dL", Fraction(1, 2)),
        ("0.6 g/L", "1.2 g/L", Fraction(1, 2)),
        ("600 mg/L", "1200 mg/L", Fraction(1, 2)),
        ("113.12 mg/L", "1 mmol/L", Fraction(1)),
        ("113.12 mg/L", "1000 umol/L", Fraction(1)),
        ("0 mg/dL", "100 mg/dL", Fraction(0)),
    ],
)
def test_upcr_is_the_same_in_any_units(protein: str, creatinine: str, g_per_g: Fraction) -> None:
    assert compute_upcr(parse_quantity(protein), parse_quantity(creatinine)) == g_per_g


def test_fifty_mg_per_mmol_is_not_half_a_gram() -> None:
    """The rounded pair of the guideline: 50 mg/mmol is 0.442 g/g, 0.5 g/g is 56.56 mg/mmol."""
    assert convert_upcr(D("0.5"), "g/g", "mg/mmol") == Fraction("56.56")
    assert convert_upcr(50, "mg/mmol") < Fraction(1, 2)
    assert convert_upcr(Fraction("56.55"), "mg/mmol") < Fraction(1, 2) < convert_upcr(Fraction("56.57"), "mg/mmol")
    assert convert_upcr(500, "mg/g") == convert_upcr(D("0.5"), "mg/mg") == Fraction(1, 2)


def test_upcr_names_what_is_missing_or_cannot_be() -> None:
    assert compute_upcr(None, Quantity(D(1), "mg/dL")) == NotEvaluable("not known: urine_protein")
    with pytest.raises(UsageError, match="urine_creatinine"):
        compute_upcr(Quantity(D(1), "mg/dL"), Quantity(D(0), "mg/dL"))
    with pytest.raises(UnitError):
        compute_upcr(Quantity(D(1), "mmol/L"), Quantity(D(1), "mg/dL"))
    with pytest.raises(UnitError, match="UPCR"):
        convert_upcr(1, "mg/dL")
