"""Simulated kinetics: shape, limits, dose."""

import numpy as np
import pytest

from celltrial.simulate.kinetics import (
    LLOQ,
    Kinetics,
    at_dose,
    b_cells_at,
    observe_transgene,
    simulate_kinetics,
    transgene_at,
)


@pytest.fixture(scope="module")
def people() -> list[Kinetics]:
    """Two thousand people of one seed."""
    rng = np.random.default_rng(1)
    return [simulate_kinetics(rng, non_expander=0.125) for _ in range(2000)]


def test_b_cells_fall_to_none_and_come_back() -> None:
    """In an expander, B cells are gone by day 14, absent at day 28, and back a year later."""
    rng = np.random.default_rng(5)
    expanders = [simulate_kinetics(rng, non_expander=0.0) for _ in range(50)]
    for each in expanders:
        assert b_cells_at(each, None) == each.b_cell_baseline
        assert b_cells_at(each, 14.0) < 0.01 * each.b_cell_baseline
        assert b_cells_at(each, 28.0) == 0.0
        assert b_cells_at(each, 360.0) > 0.4 * each.b_cell_baseline


def test_profile_peaks_at_tmax_and_is_absent_before(people: list[Kinetics]) -> None:
    """The true profile is 0 before infusion and highest at Tmax, where it equals Cmax."""
    for each in people[:50]:
        days = np.linspace(0.1, 60.0, 400)
        assert transgene_at(each, 0.0) == 0.0
        assert max(transgene_at(each, day) for day in days) <= each.cmax * 1.0000001
        assert transgene_at(each, each.tmax) == pytest.approx(each.cmax)


def test_results_below_the_limit_are_blank(people: list[Kinetics]) -> None:
    """A result is a whole number at or above the limit of quantification, or blank."""
    rng = np.random.default_rng(2)
    results = [observe_transgene(rng, each, day) for each in people[:100] for day in (0.0, 3.0, 10.0, 90.0)]
    assert "" in results
    assert all(not text or int(text) >= LLOQ for text in results)


def test_peak_rises_weakly_with_the_dose(people: list[Kinetics]) -> None:
    """Doubling the dose raises the peak by 7 % (power 0.1) and changes nothing else."""
    low, high = at_dose(people[0], 3.0e8), at_dose(people[0], 6.0e8)
    assert high.cmax / low.cmax == pytest.approx(2**0.1)
    assert (high.tmax, high.alpha) == (low.tmax, low.alpha)
