"""Non-compartmental parameters on small profiles whose answers are plain arithmetic."""

import math
from decimal import Decimal
from typing import Any

import pytest

from celltrial.kinetics import (
    BLQ_DROP_ALL,
    BLQ_HALF_LLOQ,
    BLQ_ICH_M13A,
    BLQ_KEEP_ZERO,
    NCA_PARAMETERS,
    Acceptance,
    Estimate,
    Nca,
    NcaOptions,
    Profile,
    Sample,
    compute_nca,
)
from celltrial.missing import Blq, NotEstimable

BLQ = Blq(Decimal(50))
# 1000 halving every 7 days from day 7: slope ln(2)/7, R2 of 1
HALVING = [(0, 0.0), (7, 1000.0), (14, 500.0), (21, 250.0), (28, 125.0), (35, 62.5)]


def profile(*points: tuple[float, Any]) -> Profile:
    return Profile(samples=tuple(Sample(day=day, value=value) for day, value in points), unit="copies/ug")


def nca(*points: tuple[float, Any], **options: Any) -> Nca:
    return compute_nca(profile(*points), NcaOptions(**options))


def value(result: Estimate | NotEstimable) -> float:
    assert isinstance(result, Estimate), result
    return result.value


def reason(result: Estimate | NotEstimable) -> str:
    assert isinstance(result, NotEstimable), result
    return result.reason


def test_peak_and_last() -> None:
    """Cmax, Tmax, Clast and Tlast with their units; Tlast is the last quantifiable sample, not the last."""
    result = nca((0, BLQ), (7, 900.0), (14, 2000.0), (28, 80.0), (56, BLQ))
    assert result["cmax"] == Estimate(2000.0, "copies/ug")
    assert result["tmax"] == Estimate(14, "day")
    assert result["clast"] == Estimate(80.0, "copies/ug")
    assert result["tlast"] == Estimate(28, "day")


def test_every_parameter_is_there() -> None:
    """An estimate or a reason for each name, and for each window."""
    result = nca(*HALVING, windows=((0.0, 28.0), (7.0, 14.5)))
    assert set(result.parameters) == {*NCA_PARAMETERS, "auc_0_28", "auc_7_14.5"}


def test_the_first_of_two_equal_peaks() -> None:
    """Tmax is the first maximum; the second counts as a point after it."""
    result = nca((0, 0.0), (7, 100.0), (10, 100.0), (14, 50.0), (21, 20.0))
    assert result["tmax"] == Estimate(7, "day")
    assert value(result["lambda_z_first"]) == 10


def test_an_early_peak_may_be_passed_over() -> None:
    """Catheter contents on day 0.1 are not the expansion peak where the search begins on day 1."""
    points = ((0.1, 9000.0), (3, 100.0), (10, 5000.0), (20, 800.0))
    assert nca(*points)["tmax"] == Estimate(0.1, "day")
    assert nca(*points, tmax_from_day=1.0)["tmax"] == Estimate(10, "day")


def test_linear_area() -> None:
    """Trapezoids: 7 x 500 up, then down to 125 on day 28."""
    expected = 7 * 500 + 7 * 750 + 7 * 375 + 7 * 187.5
    assert value(nca(*HALVING, method="linear")["auc_0_28"]) == pytest.approx(expected)


def test_log_area_of_an_exponential_is_exact() -> None:
    """Linear up to the peak, then (C1 - C2) / slope."""
    slope = math.log(2) / 7
    result = nca(*HALVING)
    assert value(result["auc_0_28"]) == pytest.approx(3500 + (1000 - 125) / slope)
    assert value(result["auc_last"]) == pytest.approx(3500 + (1000 - 62.5) / slope)
    assert value(result["auc_inf"]) == pytest.approx(3500 + 1000 / slope)
    assert value(result["auc_extrapolated_fraction"]) == pytest.approx(62.5 / slope / (3500 + 1000 / slope))


def test_slope_of_an_exponential() -> None:
    """Half-life 7 days over the four points after the peak."""
    result = nca(*HALVING)
    assert value(result["half_life"]) == pytest.approx(7)
    assert value(result["lambda_z"]) == pytest.approx(math.log(2) / 7)
    assert (value(result["lambda_z_n"]), value(result["span_ratio"])) == (4, pytest.approx(3))
    assert value(result["adj_r2"]) == pytest.approx(1)


def test_residence_time_of_an_exponential() -> None:
    """Started at its peak at day 0, a mono-exponential stays 1/slope on average."""
    points = [(7.0 * k, 1000.0 * 2.0**-k) for k in range(6)]
    assert value(nca(*points)["mrt"]) == pytest.approx(7 / math.log(2))


@pytest.mark.parametrize("method", ["linear", "linear-up-log-down"])
def test_the_window_ends_exactly_at_its_bound(method: Any) -> None:
    """A sample on day 28.05 is used up to day 28: interpolated by the rule of the area."""
    points = ((0, 0.0), (10, 1000.0), (20, 400.0), (28.05, 100.0))
    share = 8 / 8.05
    at_28 = 400 - share * 300 if method == "linear" else 400 * (100 / 400) ** share
    fall = 8 * (400 + at_28) / 2 if method == "linear" else 8 * (400 - at_28) / math.log(400 / at_28)
    peak = 10 * 700 if method == "linear" else 10 * 600 / math.log(1000 / 400)
    assert value(nca(*points, method=method)["auc_0_28"]) == pytest.approx(5000 + peak + fall)


def test_a_partial_area_may_begin_late() -> None:
    """Days 7 to 90 of a profile that ends in between."""
    result = nca(*HALVING, windows=((7.0, 21.0), (40.0, 50.0)))
    slope = math.log(2) / 7
    assert value(result["auc_7_21"]) == pytest.approx(750 / slope)
    beyond = 62.5 / slope * (math.exp(-slope * 5) - math.exp(-slope * 15))
    assert value(result["auc_40_50"]) == pytest.approx(beyond)


def test_extrapolation_is_never_silent() -> None:
    """Past the last sample: with a reported slope and a note, or not at all."""
    result = nca(*HALVING, windows=((0.0, 42.0),))["auc_0_42"]
    assert isinstance(result, Estimate)
    assert result.note == "extrapolated beyond day 35, the last sample, with lambda_z (2.4% of the area)"
    stopped = nca((0, 0.0), (7, 100.0), (14, 900.0))["auc_0_28"]
    assert reason(stopped).startswith("the last sample is on day 14, before day 28, and there is no terminal slope")


def test_below_the_limit_to_the_end() -> None:
    """The last sample below the limit: a triangle down to it, nothing after, and a note."""
    result = nca((0, BLQ), (7, 1000.0), (14, BLQ), method="linear")["auc_0_28"]
    assert result == Estimate(
        7000.0,
        "copies*day/ug",
        "below the limit of quantification on day 14, the last sample: counted as 0 to day 28",
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (BLQ_ICH_M13A, 7 * 500 + 14 * 800),
        (BLQ_KEEP_ZERO, 7 * 500 + 7 * 500 + 7 * 300),
        (BLQ_HALF_LLOQ, 7 * 512.5 + 7 * 512.5 + 7 * 312.5),
        (BLQ_DROP_ALL, 7 * 500 + 14 * 800),
    ],
)
def test_blq_rules(rule: Any, expected: float) -> None:
    """An embedded result below the limit: left out, 0, or half the limit."""
    result = nca((0, BLQ), (7, 1000.0), (14, BLQ), (21, 600.0), (28, BLQ), blq=rule, method="linear")
    assert value(result["auc_last"]) == pytest.approx(expected)


def test_blq_never_enters_the_slope() -> None:
    """Half the limit after the last result changes areas only."""
    points = ((0, BLQ), *HALVING[1:], (42, BLQ))
    half = nca(*points, blq=BLQ_HALF_LLOQ)
    assert value(half["lambda_z"]) == pytest.approx(math.log(2) / 7)
    assert value(half["lambda_z_last"]) == 35


def test_half_of_no_limit() -> None:
    """A zero without a limit cannot be halved."""
    result = nca((0, 0.0), (7, 10.0), blq=BLQ_HALF_LLOQ)
    assert reason(result["cmax"]) == "half the limit of quantification is asked for, and day 0 has no limit"


def test_a_value_below_its_own_limit_is_blq() -> None:
    """A printed 20 under a limit of 50 is not quantifiable."""
    samples = (Sample(day=0, value=20.0, lloq=50.0), Sample(day=7, value=50.0, lloq=50.0))
    result = compute_nca(Profile(samples=samples, unit="copies/ug"))
    assert result["tlast"] == Estimate(7, "day")
    assert value(result["auc_last"]) == pytest.approx(7 * 25)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0, 0.0), (7, 100.0), (14, 50.0)], "fewer than 3 quantifiable points after Tmax (there are 1)"),
        (
            [(0, 0.0), (7, 100.0), (14, 20.0), (21, 30.0), (28, 40.0)],
            "no window of 3 or more points after Tmax falls",
        ),
        (
            [(0, 0.0), (7, 100.0), (14, 20.0), (21, 20.0), (28, 20.0)],
            "no window of 3 or more points after Tmax falls",
        ),
    ],
)
def test_no_slope(points: list[tuple[float, Any]], expected: str) -> None:
    """Too few points, a rising tail, a flat tail: no slope, with the reason on everything it carries."""
    result = nca(*points)
    for name in ("lambda_z", "half_life", "auc_inf", "mrt", "adj_r2"):
        assert reason(result[name]) == expected


def test_a_refused_slope_names_the_number_and_the_rule() -> None:
    """A scattered tail and a short one: what was found, what the rule is; the description of the fit stays."""
    scattered = nca((0, 0.0), (7, 1000.0), (14, 500.0), (21, 50.0), (28, 400.0), (60, 30.0), (90, 100.0))
    text = reason(scattered["half_life"])
    assert "adjusted R2" in text
    assert "is below 0.8" in text
    assert value(scattered["adj_r2"]) < 0.8
    short = nca((0, 0.0), (7, 1000.0), (14, 900.0), (21, 800.0), (28, 711.0))
    assert "half-lives is below 2" in reason(short["lambda_z"])
    relaxed = nca(
        (0, 0.0),
        (7, 1000.0),
        (14, 900.0),
        (21, 800.0),
        (28, 711.0),
        acceptance=Acceptance(min_adj_r2=None, min_span=None),
    )
    assert value(relaxed["lambda_z"]) > 0


def test_rising_windows_are_dropped_before_the_best_is_chosen() -> None:
    """The last three points rise with a better R2 than anything that falls; the fall is still found."""
    points = [(0, 0.0), (7, 30000.0), (14, 3000.0), (21, 900.0), (28, 200.0), (60, 100.0), (90, 110.0), (120, 121.0)]
    result = nca(*points, acceptance=Acceptance(min_adj_r2=None, min_span=None))
    assert value(result["lambda_z"]) > 0
    assert value(result["lambda_z_n"]) > 3


def test_before_the_infusion() -> None:
    """Samples before day 0 take no part, and the result says so; day 0 is taken as 0 where no sample was drawn."""
    result = nca((-34, 50.0), (10, 100.0), (20, 100.0), method="linear")
    assert value(result["auc_last"]) == pytest.approx(500 + 1000)
    assert result.notes == ("1 sample(s) before the infusion left out", "no sample on day 0: taken as 0")
    bare = nca((10, 100.0), (20, 100.0), at_infusion=None, method="linear")
    assert value(bare["auc_last"]) == pytest.approx(1000)
    assert reason(bare["auc_0_28"]) == "the first sample is on day 10, after day 0"


def test_nothing_quantifiable() -> None:
    """No parameter, and an area of 0 over the days that were covered."""
    result = nca((0, BLQ), (14, BLQ), (28, BLQ))
    assert reason(result["cmax"]) == "none of 3 sample(s) is quantifiable"
    assert result["auc_0_28"] == Estimate(0.0, "copies*day/ug", "none of 3 sample(s) is quantifiable")
    assert reason(result["auc_0_90"]) == "none of 3 sample(s) is quantifiable"


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0, 0.0), (7, 10.0), (7, 11.0)], "more than one sample on day 7: which one counts must be said"),
        ([(0, 0.0), (7, -1.0)], "a negative value on day 7: -1"),
        ([(-1, 5.0), (-3, 5.0)], "no sample with a result at or after the infusion"),
        ([], "no sample with a result at or after the infusion"),
        ([(0, None), (7, None)], "no sample with a result at or after the infusion"),
    ],
)
def test_profiles_that_cannot_be_used(points: list[tuple[float, Any]], expected: str) -> None:
    """Every parameter carries the reason."""
    result = nca(*points)
    assert {reason(each) for each in result.parameters.values()} == {expected}


def test_nominal_days() -> None:
    """By nominal days where asked for, refused where one is missing."""
    samples = [Sample(day=7.3, nominal_day=7, value=100.0), Sample(day=14.1, nominal_day=14, value=40.0)]
    assert value(compute_nca(Profile(samples=tuple(samples), unit="x"), NcaOptions(time="nominal"))["tmax"]) == 7
    samples.append(Sample(day=21, value=20.0))
    result = compute_nca(Profile(samples=tuple(samples), unit="x"), NcaOptions(time="nominal"))
    assert reason(result["cmax"]) == "1 of 3 samples have no nominal day"


@pytest.mark.parametrize("half_life", [3.0, 7.0, 11.0, 13.0])
def test_a_span_of_exactly_two_half_lives_is_enough(half_life: float) -> None:
    """The rule is 2 or more; rounding does not refuse it."""
    points = [(0.0, 0.0), *((half_life * k, 800.0 / 2 ** (k - 1)) for k in range(1, 5))]
    assert value(nca(*points)["half_life"]) == pytest.approx(half_life)
