"""Exposure and response in few participants: exact cases, reasons, and what cannot be seen."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celltrial.errors import UsageError
from celltrial.kinetics import (
    Effect,
    Profile,
    Sample,
    compute_detectable_correlation,
    compute_detectable_odds_ratio,
    compute_detectable_ratio,
    compute_event_response,
    compute_peak,
    compute_rank_correlation,
    compute_ratio_of_means,
    fit_firth,
)
from celltrial.kinetics.student import student_quantile, student_tail
from celltrial.missing import NotEstimable


def test_firth_of_a_two_by_two_table_is_the_half_added_odds_ratio() -> None:
    """Firth's estimate of a saturated 2 x 2 table adds 1/2 to each cell: 3/1 against 1/4 gives (3.5/1.5)/(1.5/4.5)."""
    rows = [[1.0]] * 4 + [[0.0]] * 5
    outcomes = [True, True, True, False, True, False, False, False, False]
    fit = fit_firth(rows, outcomes)
    assert not isinstance(fit, NotEstimable)
    assert fit["x1"].estimate == pytest.approx(math.log((3.5 / 1.5) / (1.5 / 4.5)), abs=1e-6)
    assert fit["x1"].low < fit["x1"].estimate < fit["x1"].high


def test_complete_separation_has_a_finite_estimate_and_interval() -> None:
    """The three highest exposures had the event: ordinary regression gives infinity."""
    response = compute_event_response([2.0**i for i in range(12)], [i > 8 for i in range(12)])
    assert isinstance(response.odds_ratio, Effect)
    assert 1 < response.odds_ratio.low < response.odds_ratio.value < response.odds_ratio.high < math.inf


@pytest.mark.parametrize(("events", "who"), [(0, "nobody"), (5, "everybody")])
def test_without_events_nothing_is_estimated(events: int, who: str) -> None:
    """Nor where everybody had it: no odds ratio, no means, nothing that could have been seen."""
    response = compute_event_response([1.0, 2.0, 3.0, 4.0, 5.0], [i < events for i in range(5)])
    assert response.odds_ratio == NotEstimable(f"{who} had the event ({events} of 5)")
    assert isinstance(response.ratio_of_means, NotEstimable)
    assert isinstance(response.detectable_odds_ratio, NotEstimable)


def test_an_exposure_that_is_the_same_for_all_tells_nothing() -> None:
    """No covariate, no spread."""
    response = compute_event_response([5.0, 5.0, 5.0, 5.0], [True, False, True, False])
    assert response.odds_ratio == NotEstimable("a covariate is the same for all, or follows from the others")
    assert response.ratio_of_means == NotEstimable("no value differs within the groups")


def test_an_exposure_of_zero_is_refused() -> None:
    """It has no logarithm; leaving it out silently would be a choice."""
    with pytest.raises(UsageError, match="without a logarithm"):
        compute_event_response([0.0, 1.0], [True, False])


@settings(max_examples=12)
@given(
    st.lists(st.floats(1.0, 1e6), min_size=12, max_size=12, unique=True),
    st.lists(st.booleans(), min_size=12, max_size=12).filter(lambda each: 0 < sum(each) < 12),
)
def test_turning_the_outcome_round_inverts_the_odds_ratio(exposures: list[float], outcomes: list[bool]) -> None:
    """The odds of not having the event: 1/OR with the ends of the interval swapped."""
    one = compute_event_response(exposures, outcomes).odds_ratio
    other = compute_event_response(exposures, [not each for each in outcomes]).odds_ratio
    if isinstance(one, NotEstimable) or isinstance(other, NotEstimable):
        assert isinstance(one, NotEstimable)
        assert isinstance(other, NotEstimable)
        return
    assert math.log(one.value) == pytest.approx(-math.log(other.value), rel=1e-3, abs=1e-4)
    assert (one.p < 0.05) == (not one.low <= 1 <= one.high)


def test_the_exact_p_value_counts_all_pairings() -> None:
    """Against all 720 permutations of six, with ties, one by one."""
    x, y = [1.0, 2.0, 2.0, 4.0, 5.0, 6.0], [2.0, 1.0, 4.0, 3.0, 6.0, 6.0]
    ranks = [1.0, 2.5, 2.5, 4.0, 5.0, 6.0]
    others = [2.0, 1.0, 4.0, 3.0, 5.5, 5.5]
    mean = 6 * 3.5 * 3.5
    seen = abs(sum(a * b for a, b in zip(ranks, others, strict=True)) - mean)
    sums = [sum(a * b for a, b in zip(ranks, each, strict=True)) for each in itertools.permutations(others)]
    share = sum(abs(each - mean) >= seen - 1e-9 for each in sums) / len(sums)
    found = compute_rank_correlation(x, y)
    assert not isinstance(found, NotEstimable)
    assert found.p == pytest.approx(share, abs=1e-12)


def test_a_rank_correlation_has_an_interval_or_a_reason() -> None:
    """Too few; one side without differences; a perfect agreement has no width; more than 13 have no exact p."""
    assert compute_rank_correlation([1, 2, 3], [1, 2, 3]) == NotEstimable(
        "fewer than 4 participants with both values (there are 3)"
    )
    assert compute_rank_correlation([1, 2, 3, 4], [1, 1, 1, 1]) == NotEstimable("one side is the same for all")
    perfect = compute_rank_correlation([1, 2, 3, 4], [1, 2, 3, 4])
    assert not isinstance(perfect, NotEstimable)
    assert (perfect.rho, isinstance(perfect.low, NotEstimable)) == (1.0, True)
    # 2 of 24 pairings are perfect, up or down
    assert perfect.p == pytest.approx(2 / 24)
    many = compute_rank_correlation(list(range(20)), [*range(10, 20), *range(10)])
    assert not isinstance(many, NotEstimable)
    assert many.p == NotEstimable("more than 13 participants: no exact p value")


def test_ratio_of_means_by_hand() -> None:
    """Logs 0, 2 and 1, 3: means 1 and 2, variances 2; error sqrt(2), 2 degrees; t(0.975, 2) = 4.302653."""
    found = compute_ratio_of_means([1.0, math.e**2], [math.e, math.e**3])
    assert isinstance(found, Effect)
    spread = 4.302653 * math.sqrt(2)
    assert found.value == pytest.approx(math.exp(-1))
    assert math.log(found.low) == pytest.approx(-1 - spread, abs=1e-5)
    assert math.log(found.high) == pytest.approx(-1 + spread, abs=1e-5)


def test_what_so_few_can_show() -> None:
    """Twelve show a correlation of 0.74 or more; an odds ratio by Hsieh's formula by hand; more show less."""
    assert compute_detectable_correlation(12) == pytest.approx(math.tanh(2.801585 * math.sqrt(1.06 / 9)), abs=1e-5)
    logs = [-1.0, 1.0] * 6
    # s = sqrt(12/11), p = 0.25, n = 12: exp(2.801585 / (1.044466 x 1.5))
    assert compute_detectable_odds_ratio(logs, 3) == pytest.approx(
        math.exp(2.801585 / (math.sqrt(12 / 11) * 1.5)), rel=1e-5
    )
    few, more = compute_detectable_ratio([1, 3], [1, 3]), compute_detectable_ratio([1, 3] * 3, [1, 3] * 3)
    assert isinstance(few, float)
    assert isinstance(more, float)
    assert few > more > 1
    assert compute_detectable_correlation(3) == NotEstimable("fewer than 4 participants with both values (there are 3)")


# two-sided 5 % points of Student's t, as printed in any table
@pytest.mark.parametrize(("degrees", "printed"), [(1, 12.706), (2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042)])
def test_student_against_the_printed_table(degrees: int, printed: float) -> None:
    """Quantile and tail agree with the table and with each other."""
    assert student_quantile(0.975, degrees) == pytest.approx(printed, abs=6e-4)
    assert student_tail(printed, degrees) == pytest.approx(0.05, abs=1e-4)
    assert student_quantile(0.025, degrees) == pytest.approx(-student_quantile(0.975, degrees), rel=1e-12)


def test_peak_over_baseline() -> None:
    """8 before, 200 on day 5: 25 times; a baseline below the limit gives no fold; a peak at the end is noted."""
    samples = tuple(
        Sample(day=day, value=value, lloq=5.0) for day, value in ((0, 8.0), (5, 200.0), (9, 40.0), (40, 900.0))
    )
    peak = compute_peak(Profile(samples=samples, unit="ng/L"))
    assert (peak.value.value, peak.day.value, peak.fold.value, peak.fold.note) == (200.0, 5.0, 25.0, "")
    low = compute_peak(Profile(samples=(Sample(day=0, value=2.0, lloq=5.0), *samples[1:2]), unit="ng/L"))
    assert low.fold == NotEstimable("baseline below the limit (day 0)")
    assert low.value.note == "the last sample of the window"
    none = compute_peak(Profile(samples=(Sample(day=3, value=1.0, lloq=5.0),), unit="ng/L"))
    assert none.value == NotEstimable("below the limit in all 1 samples to day 28")
