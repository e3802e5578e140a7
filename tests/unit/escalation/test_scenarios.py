"""Many scenarios at once, comparison and calibration: small cases worked by hand."""

import numpy as np
import pytest
from scipy.stats import binom

from celltrial.errors import UsageError
from celltrial.escalation import (
    calibrate_design,
    compare_designs,
    compute_oc,
    design_named,
    enumerate_trials,
    exact_oc,
    measure,
    random_scenarios,
    scenario_grid,
    search_grid,
)

BOIN = design_named("boin", target=0.30)


def test_many_scenarios_are_each_the_same_as_alone() -> None:
    """Twenty by matrix products, each beside its own product of powers."""
    trials = enumerate_trials(BOIN, levels=3, cohort_size=3, max_n=15)
    rows = np.sort(np.random.default_rng(3).random((20, 3)), axis=1)
    together = trials.compute(rows, distributions=True)
    assert len(together) == 20
    for place, row in enumerate(rows):
        alone, mine = compute_oc(trials, row), together.scenario(place)
        for name in ("selection", "none", "patients", "dlts", "expected_n", "stopped_early", "overdosed"):
            assert getattr(mine, name) == pytest.approx(getattr(alone, name), abs=1e-12), name
        assert mine.distributions is not None
        assert alone.distributions is not None
        assert mine.distributions.size == pytest.approx(alone.distributions.size, abs=1e-12)
        assert mine.distributions.dlts == pytest.approx(alone.distributions.dlts, abs=1e-12)
    assert trials.compute(rows).size is None


def test_rates_of_zero_and_one_among_many_scenarios() -> None:
    """Certainties survive the logarithms."""
    trials = enumerate_trials(BOIN, levels=2, cohort_size=3, max_n=9)
    results = trials.compute([(0.0, 1.0)] * 20)
    assert results.patients[0].tolist() == [6.0, 3.0]
    assert results.dlts[0].tolist() == [0.0, 3.0]
    assert results.selection[0].tolist() == [1.0, 0.0]


def test_distributions_of_one_level_are_binomial() -> None:
    """One level, one cohort of four."""
    oc = exact_oc(BOIN, (0.25,), cohort_size=4, max_n=4)
    assert oc.distributions is not None
    assert oc.distributions.dlts == pytest.approx(binom.pmf(np.arange(5), 4, 0.25))
    assert oc.distributions.size == (0.0, 0.0, 0.0, 0.0, 1.0)
    assert oc.distributions.level_size == (oc.distributions.size,)


def test_overdosing_counts_levels_above_the_target() -> None:
    """One level of rate 0.9, nine planned: a trial stopped after three has 3 of 9 there, but 3 of 3 treated."""
    oc = exact_oc(BOIN, (0.9,), cohort_size=3, max_n=9)
    assert oc.overdosed == oc.expected_n
    # 3/3 stops (0.9^3); of those that go on 4/6 and more stop at six, 6 of 9 planned, which are more than 60 %
    assert oc.overdose_60 == pytest.approx(1 - 0.9**3)
    assert oc.overdose_60_treated == pytest.approx(1)
    assert exact_oc(BOIN, (0.1,), cohort_size=3, max_n=9).overdosed == 0


def test_the_last_cohort_may_be_decided_on() -> None:
    """3/3 in the only cohort stops the trial at its full size: early only if somebody looks."""
    size = {"cohort_size": 3, "max_n": 3}
    looked = exact_oc(BOIN, (0.5,), last_cohort="decide", **size)
    assert (looked.stopped_early, looked.selection) == (0.125, (0.875,))
    assert exact_oc(BOIN, (0.5,), **size).stopped_early == 0


def test_scenarios_that_do_not_fit_are_refused() -> None:
    """Wrong width, rates beyond 1, rows of different length, none at all."""
    trials = enumerate_trials(BOIN, levels=2, cohort_size=3, max_n=6)
    for rows in ([(0.1, 0.2, 0.3)], [(0.1, 1.2)], [(0.1,), (0.1, 0.2)], []):
        with pytest.raises(UsageError, match="the scenarios do not fit"):
            trials.compute(rows)


def test_the_grid_has_the_target_at_each_level() -> None:
    """One step apart in log odds, and a row with every level above the target."""
    rows = scenario_grid(4, 0.25, steps=(0.7,))
    assert rows.shape == (5, 4)
    assert np.diagonal(rows[1:]) == pytest.approx([0.25] * 4)
    assert (rows[0] > 0.25).all()
    odds = np.log(rows / (1 - rows))
    assert np.diff(odds, axis=1) == pytest.approx(0.7)
    with pytest.raises(UsageError, match="no levels to make scenarios for"):
        scenario_grid(0, 0.25)


def test_random_scenarios_rise_and_have_each_level_as_mtd() -> None:
    """300 of them, the same for the same generator."""
    rows = random_scenarios(4, 0.30, 300, np.random.default_rng(5))
    assert (np.diff(rows, axis=1) >= 0).all()
    places = np.bincount(np.argmin(np.abs(rows - 0.30), axis=1), minlength=4)
    # each 75 expected, standard deviation 7.5
    assert (np.abs(places - 75) < 30).all()
    assert (rows == random_scenarios(4, 0.30, 300, np.random.default_rng(5))).all()


def test_measures_by_hand() -> None:
    """One cohort of three at one level: selected unless 3/3."""
    trials = enumerate_trials(BOIN, levels=1, cohort_size=3, max_n=3)
    found = measure(trials.compute([(0.3,), (0.5,), (0.1,)]), target=0.30, tolerance=0.05)
    assert found.correct == pytest.approx([1 - 0.3**3, 0.5**3, 1 - 0.1**3])
    assert found.too_high == pytest.approx([0, 1 - 0.5**3, 0])
    assert found.too_low == pytest.approx([0.3**3, 0, 0.1**3])
    assert found.treated_correct.tolist() == [1, 0, 1]
    assert found.treated_too_high.tolist() == [0, 1, 0]
    assert found.means()["expected_n"] == pytest.approx(3)


def test_designs_are_compared_on_the_same_scenarios() -> None:
    """Each as on its own."""
    designs = {"a": BOIN, "b": design_named("3+3", target=0.30)}
    scenarios = scenario_grid(3, 0.30)
    found = compare_designs(designs, scenarios, cohort_size=3, max_n=18)
    assert list(found.means()) == ["a", "b"]
    for name, design in designs.items():
        alone = exact_oc(design, scenarios[2], cohort_size=3, max_n=18)
        assert found.results[name].selection[2] == pytest.approx(alone.selection)
        assert found.measures[name].correct[2] == pytest.approx(alone.selection[1])


def test_a_grid_finds_the_top_of_a_hill_and_stays_on_a_plateau() -> None:
    """A step function's maximum; where nothing matters, the start."""
    hill = search_grid(lambda x: -abs(round(8 * x[0]) - 3), {"x": (0, 1)}, start={"x": 0.9})
    assert round(8 * hill.parameters["x"]) == 3
    assert (hill.score, hill.start_score) == (0, -4)
    flat = search_grid(lambda x: 1.0, {"x": (0, 1), "y": (0, 2)}, start={"x": 0.3, "y": 1.7}, points=3, rounds=2)
    assert flat.parameters == {"x": 0.3, "y": 1.7}
    assert len(flat.tried) <= 1 + 2 * 9


def test_a_box_without_room_is_refused() -> None:
    """And a start outside it, and a grid of two points."""
    with pytest.raises(UsageError) as caught:
        search_grid(lambda x: 0.0, {"x": (1, 1), "y": (0, 1)}, start={"y": 2}, points=2)
    assert [each.message for each in caught.value.findings] == [
        "the box of x has no room",
        "the start of y is not in its box",
        "a grid needs points",
    ]


def test_calibration_never_ends_below_its_start() -> None:
    """And the score is what the design found gives, exact; refused parameters are passed by."""
    scenarios = scenario_grid(3, 0.25)
    found = calibrate_design(
        lambda parameters: design_named("boin", target=0.25, parameters=parameters),
        {"p_saf": (0.05, 0.30), "p_tox": (0.26, 0.60)},
        start={"p_saf": 0.15, "p_tox": 0.35},
        scenarios=scenarios,
        cohort_size=3,
        max_n=15,
        points=4,
        rounds=2,
    )
    assert found.score >= found.start_score
    assert any(score == float("-inf") for _, score in found.tried)
    best = design_named("boin", target=0.25, parameters=found.parameters)
    measures = compare_designs({"best": best}, scenarios, cohort_size=3, max_n=15).measures["best"]
    assert found.score == pytest.approx(float((measures.correct - measures.too_high).mean()))
