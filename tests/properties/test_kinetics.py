"""What must hold of any profile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celltrial.kinetics import Acceptance, Estimate, Nca, NcaOptions, Profile, Sample, compute_nca

METHODS = st.sampled_from(["linear", "linear-up-log-down"])
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


@given(points=profiles(), method=METHODS, factor=st.sampled_from([0.001, 0.5, 3.0, 1e4]))
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
