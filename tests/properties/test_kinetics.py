"""What must hold of any profile."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from celltrial.kinetics import Acceptance, Estimate, Nca, NcaOptions, Profile, Sample, compute_nca
from celltrial.kinetics.areas import compute_area, compute_moment

METHODS = st.sampled_from(["linear", "linear-up-log-down", "linear-log"])
DAYS = st.lists(st.integers(1, 400), min_size=3, max_size=14, unique=True)
LEVELS = st.one_of(st.just(0.0), st.floats(50, 1e6))


@st.composite
def profiles(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Samples on whole days from 0 to past day 90, values 0 (below the limit) or 50 and more."""
    days = sorted({0, 95, *draw(DAYS)})
    return [(float(day), draw(LEVELS)) for day in days]


def nca(points: list[tuple[float, float]], factor: float = 1.0, **options: object) -> Nca:
    samples = tuple(Sample(day=day, value=value * factor) for day, value in points)
    any_slope = Acceptance(min_adj_r2=None, min_span=None)
    return compute_nca(Profile(samples=samples, unit="x"), NcaOptions(acceptance=any_slope, **options))  # type: ignore[arg-type]  # options by name


def number(result: object) -> float | None:
    return result.value if isinstance(result, Estimate) else None


@given(points=profiles(), method=METHODS, cut=st.integers(1, 89))
def test_areas_of_adjacent_windows_add_up(points: list[tuple[float, float]], method: str, cut: int) -> None:
    """0 to cut and cut to 90 make 0 to 90."""
    result = nca(points, method=method, windows=((0.0, 90.0), (0.0, float(cut)), (float(cut), 90.0)))
    whole, first, second = (number(result[name]) for name in ("auc_0_90", f"auc_0_{cut}", f"auc_{cut}_90"))
    assert whole is not None
    assert first is not None
    assert second is not None
    assert first + second == pytest.approx(whole, rel=1e-9, abs=1e-9)


# two values that differ in the last digit only: the logarithm of their quotient has none left
ALL_BUT_LEVEL = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 50.00000000000001), (95.0, 50.0)]


@given(points=profiles(), method=METHODS, factor=st.sampled_from([0.001, 0.5, 3.0, 1e4]))
@example(points=ALL_BUT_LEVEL, method="linear-up-log-down", factor=0.001)
def test_scaling_the_values(points: list[tuple[float, float]], method: str, factor: float) -> None:
    """Peak and areas scale with the values; times and slope do not change."""
    plain, scaled = nca(points, method=method), nca(points, factor, method=method)
    for name in ("cmax", "clast", "auc_last", "auc_0_28", "auc_all"):
        expected = number(plain[name])
        assert number(scaled[name]) == (None if expected is None else pytest.approx(expected * factor, rel=1e-9))
    assert number(plain["tmax"]) == number(scaled["tmax"])
    assert number(plain["tlast"]) == number(scaled["tlast"])


@given(peak=st.floats(100, 1e6), half_life=st.floats(2, 60), factor=st.sampled_from([0.01, 7.0]))
def test_scaling_leaves_the_slope(peak: float, half_life: float, factor: float) -> None:
    """A clean decline keeps its slope, its window and its fit."""
    points = [(0.0, 0.0)] + [(7.0 * k, peak * 2 ** (-7.0 * (k - 1) / half_life)) for k in range(1, 8)]
    plain, scaled = nca(points), nca(points, factor)
    for name in ("lambda_z", "adj_r2", "span_ratio"):
        assert number(scaled[name]) == pytest.approx(number(plain[name]), rel=1e-6)


@given(points=profiles(), method=METHODS)
def test_no_number_is_negative_and_every_parameter_answers(points: list[tuple[float, float]], method: str) -> None:
    """Areas, slopes and times are not negative; what is not a number is a reason with text."""
    for name, result in nca(points, method=method).parameters.items():
        if isinstance(result, Estimate):
            assert name == "adj_r2" or result.value >= 0
        else:
            assert result.reason


@given(
    value=st.floats(50, 1e6),
    fall=st.floats(0, 1e-9),
    start=st.floats(0, 100),
    width=st.floats(0.1, 100),
)
def test_a_decline_too_small_to_see_has_the_area_of_a_level(
    value: float, fall: float, start: float, width: float
) -> None:
    """The logarithmic rule runs into the linear one: area and moment of a level, however the last digits fall."""
    points = [(start, value), (start + width, value * (1 - fall))]
    assert compute_area(points, "linear-up-log-down") == pytest.approx(value * width, rel=1e-8)
    middle = start + width / 2
    assert compute_moment(points, "linear-up-log-down") == pytest.approx(value * width * middle, rel=1e-8)


@pytest.mark.parametrize("fall", [0.009999, 0.01, 0.0100001])
def test_the_moment_is_the_integral_on_both_sides_of_the_series(fall: float) -> None:
    """Against numerical quadrature of t times the decline, where the series takes over."""
    from scipy.integrate import quad

    expected, _ = quad(lambda t: t * 100 * math.exp(-fall * (t - 2) / 3), 2, 5, epsabs=0, epsrel=1e-13)
    moment = compute_moment([(2.0, 100.0), (5.0, 100 * math.exp(-fall))], "linear-up-log-down")
    assert moment == pytest.approx(expected, rel=1e-11)
