"""Glucocorticoids in prednisone: equivalence, routes, totals, exposure with bounds instead of guesses."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import (
    GlucocorticoidCourse,
    GlucocorticoidExposure,
    PrednisoneDose,
    compute_glucocorticoid_exposure,
    compute_prednisone_equivalent,
    compute_prednisone_per_kg,
    convert_glucocorticoid,
    glucocorticoid_routes,
    total_prednisone_equivalent,
)
from celltrial.missing import NotEvaluable
from celltrial.studyday import PartialDate, parse_partial_date

D = Decimal
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 10)


def day(text: str | None) -> PartialDate | None:
    return None if text is None else parse_partial_date(text, ZoneInfo("Asia/Shanghai"))


def dose(drug: str | None = "prednisone", mg: str | None = "10", **changes: object) -> PrednisoneDose | NotEvaluable:
    given: dict[str, object] = {"per_day": D(1), "route": "oral"}
    return compute_prednisone_equivalent(drug=drug, mg=None if mg is None else D(mg), **(given | changes))  # type: ignore[arg-type]


def amount(result: PrednisoneDose | NotEvaluable) -> Fraction:
    assert isinstance(result, PrednisoneDose)
    return result.mg_per_day


def test_every_other_day_is_half_a_day_each() -> None:
    assert amount(dose(mg="15", interval_days=D(2))) == Fraction(15, 2)
    assert amount(dose(mg="15", per_day=D("0.5"))) == Fraction(15, 2)
    assert amount(dose(mg="15", per_day=D(2), interval_days=D(2))) == 15


def test_betamethasone_and_deflazacort_may_be_named_otherwise() -> None:
    assert amount(dose("betamethasone", "0.6")) == 5
    assert amount(dose("betamethasone", "0.6", equivalents={"betamethasone": D("0.75")})) == 4
    assert amount(dose("deflazacort", "6")) == 5
    assert amount(dose("Deflazacort", "7.5", equivalents={"deflazacort": D("7.5")})) == 5
    with pytest.raises(UsageError):
        dose(equivalents={"prednisone": D(0)})


@pytest.mark.parametrize("route", [name for name, each in glucocorticoid_routes().items() if each.rule == "local"])
def test_local_routes_count_nothing_and_say_so(route: str) -> None:
    result = dose("budesonide", None, route=route)
    assert isinstance(result, PrednisoneDose)
    assert (result.mg_per_day, result.is_counted) == (0, False)
    assert "not counted" in result.reason


def test_a_depot_is_neither_counted_nor_left_out() -> None:
    result = dose("triamcinolone", "40", route="intramuscular")
    assert isinstance(result, NotEvaluable)
    assert "depot" in result.reason


def test_everything_missing_is_named() -> None:
    result = compute_prednisone_equivalent(drug=None, mg=None, per_day=None, route=None)
    assert result == NotEvaluable("drug not known; mg not known; per_day not known; route not known")
    unknown = dose("fluocortolone", "20", route="by mouth")
    assert isinstance(unknown, NotEvaluable)
    assert "no rule for the route" in unknown.reason
    assert "not in the table" in unknown.reason
    assert amount(dose(mg="0")) == 0
    with pytest.raises(UsageError) as caught:
        dose(mg="-1", interval_days=D(0))
    assert len(caught.value.findings) == 2


def test_totals_add_and_keep_what_is_open() -> None:
    known = total_prednisone_equivalent([dose(mg="5"), dose("methylprednisolone", "4"), dose(route="inhaled")])
    assert known.mg_per_day == 10
    open_ = total_prednisone_equivalent([dose(mg="5"), dose("fluocortolone")])
    assert isinstance(open_.mg_per_day, NotEvaluable)
    assert open_.mg_per_day.lower_bound == 5
    assert open_.known_mg_per_day == 5


def test_per_kilogram() -> None:
    assert compute_prednisone_per_kg(D(30), D(60)) == Fraction(1, 2)
    assert compute_prednisone_per_kg(D(30), None) == NotEvaluable("weight_kg not known")
    assert compute_prednisone_per_kg(NotEvaluable("x"), D(60)) == NotEvaluable("x")


def test_conversion_between_any_two() -> None:
    assert convert_glucocorticoid(Fraction(20), "hydrocortisone", "methylprednisolone") == 4
    assert convert_glucocorticoid(Fraction(25), "Cortisone acetate") == 5
    assert convert_glucocorticoid(Fraction(1), "water") is None


def course(
    start: str | None, ended: str | None = None, mg: str | None = "10", **changes: object
) -> GlucocorticoidCourse:
    given: dict[str, object] = {
        "drug": "prednisone",
        "mg": None if mg is None else D(mg),
        "per_day": D(1),
        "route": "oral",
        "indication": "sle",
        "start": day(start),
        "ended": day(ended),
    }
    return GlucocorticoidCourse(**(given | changes))  # type: ignore[arg-type]


def expose(*courses: GlucocorticoidCourse, **options: object) -> GlucocorticoidExposure:
    return compute_glucocorticoid_exposure(courses, first=FIRST, last=LAST, **options)  # type: ignore[arg-type]


def cumulative(*courses: GlucocorticoidCourse, **options: object) -> tuple[float, float | None]:
    found = expose(*courses, **options).cumulative_mg
    return float(found.lower), None if found.upper is None else float(found.upper)


def test_both_ends_of_a_course_and_of_the_window_count() -> None:
    assert cumulative(course("2026-03-02", "2026-03-04")) == (30, 30)
    assert cumulative(course("2026-01-01", "2026-12-31")) == (100, 100)
    assert cumulative(course("2026-02-01", "2026-02-28")) == (0, 0)
    assert cumulative(course("2026-03-11", "2026-03-12")) == (0, 0)
    assert cumulative(course("2026-03-10", is_ongoing=True)) == (10, 10)


def test_average_highest_and_days() -> None:
    found = expose(course("2026-03-01", "2026-03-05", "20"), course("2026-03-04", "2026-03-06", "5"))
    assert found.days == 10
    assert found.cumulative_mg.value == 115
    assert found.average_mg_per_day.value == Fraction(23, 2)
    assert found.highest_mg_per_day.value == 25
    assert [found.days_over(D(limit)).value for limit in (4, 5, 19, 20, 24, 25)] == [6, 5, 5, 2, 2, 0]
    assert found.longest_run_over(D(4)).value == 6


def test_a_new_dose_replaces_the_old_one_on_its_day() -> None:
    taper = (course("2026-03-01", "2026-03-05", "20"), course("2026-03-05", "2026-03-10", "10"))
    assert cumulative(*taper) == (140, 140)
    assert cumulative(*taper, on_change_day="both") == (160, 160)
    other_drug = course("2026-03-05", "2026-03-10", "8", drug="methylprednisolone")
    assert cumulative(taper[0], other_drug) == (160, 160)
    pulse = course("2026-03-05", "2026-03-10", "10", route="iv")
    assert cumulative(taper[0], pulse) == (160, 160)


def test_a_partial_start_gives_bounds() -> None:
    """From some day of March to the 10th: any of ten days; from some day of February: all ten."""
    assert cumulative(course("2026-03", "2026-03-10")) == (10, 100)
    assert cumulative(course("2026-02", "2026-03-10")) == (100, 100)
    assert cumulative(course("2026-03-08", "2026-03")) == (10, 30)


def test_an_unknown_end_may_go_on() -> None:
    assert cumulative(course("2026-03-08")) == (10, 30)
    assert cumulative(course("2026-03")) == (0, 100)
    assert cumulative(course(None, "2026-03-03")) == (10, 30)
    assert cumulative(course(None, is_ongoing=True)) == (10, 100)
    assert cumulative(course(None)) == (0, 100)


def test_an_ongoing_course_is_known_up_to_the_day_of_reading() -> None:
    assert cumulative(course("2026-03-01", is_ongoing=True), until=date(2026, 3, 4)) == (40, 100)
    assert cumulative(course("2026-03-06", is_ongoing=True), until=date(2026, 3, 4)) == (0, 50)


def test_a_dose_without_a_number_has_no_upper_bound() -> None:
    found = expose(course("2026-03-01", "2026-03-02", "5"), course("2026-03-02", "2026-03-03", None))
    assert found.cumulative_mg.lower == 5  # on the 2nd the new dose counts, whatever it is
    assert found.cumulative_mg.upper is None
    assert found.highest_mg_per_day.upper is None
    assert isinstance(found.cumulative_mg.value, NotEvaluable)
    assert "no upper limit" in found.cumulative_mg.value.reason
    assert (found.days_over(D(4)).lower, found.days_over(D(4)).upper) == (1, 3)
    assert any("mg not known" in reason for reason in found.reasons)
    assert cumulative(course("2026-04-01", "2026-04-02", None)) == (0, 0)


def test_what_it_was_given_for_is_kept_apart() -> None:
    lines = (
        course("2026-03-01", "2026-03-10", "7.5"),
        course("2026-03-01", "2026-03-03", "500", drug="methylprednisolone", route="intravenous"),
        course("2026-03-05", "2026-03-06", "10", drug="dexamethasone", route="iv", indication="toxicity"),
        course("2026-03-05", "2026-03-05", "100", drug="hydrocortisone", route="iv", indication="other"),
    )
    found = {kind: cumulative(*lines, kind=kind) for kind in ("maintenance", "pulse", "toxicity", "other", None)}
    assert found["maintenance"] == (75, 75)
    assert found["pulse"] == (1875, 1875)
    assert found["toxicity"] == pytest.approx((400 / 3, 400 / 3))
    assert found["other"] == (25, 25)
    assert found[None] == pytest.approx((75 + 1875 + 400 / 3 + 25,) * 2)


def test_a_pulse_begins_at_250_mg_intravenously() -> None:
    for mg, route, kind in (("250", "iv", "pulse"), ("249.9", "iv", "maintenance"), ("250", "oral", "maintenance")):
        line = course("2026-03-01", "2026-03-01", mg, route=route)
        assert [k for k in ("maintenance", "pulse") if cumulative(line, kind=k)[0] > 0] == [kind]
    assert cumulative(course("2026-03-01", "2026-03-01", "100", route="iv"), kind="pulse", pulse_from=D(100)) == (
        100,
        100,
    )


def test_an_unknown_indication_may_belong_to_any() -> None:
    line = course("2026-03-01", "2026-03-01", indication="unknown")
    assert cumulative(line) == cumulative(line, kind="toxicity") == (0, 10)
    assert cumulative(line, kind="pulse") == (0, 0)
    assert cumulative(line, kind=None) == (10, 10)
    unknown_route = course("2026-03-01", "2026-03-01", "500", route=None)
    assert cumulative(unknown_route, kind="pulse") == (0, None)
    unknown_dose = course("2026-03-01", "2026-03-01", None, route="iv")
    assert cumulative(unknown_dose) == cumulative(unknown_dose, kind="pulse") == (0, None)


def test_courses_that_contradict_themselves() -> None:
    with pytest.raises(UsageError) as caught:
        compute_glucocorticoid_exposure(
            [
                course("2026-03-05", "2026-03-04"),
                course("2026-03-01", "2026-03-02", is_ongoing=True),
                course("2026-03-01", indication="lupus"),
            ],
            first=LAST,
            last=FIRST,
        )
    assert len(caught.value.findings) == 4
