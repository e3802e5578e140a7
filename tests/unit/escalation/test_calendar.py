"""Trials in calendar time worked by hand, their summary, and comparisons on the same patients."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Design, design_named
from celltrial.escalation.calendar import (
    Arrivals,
    Backfilling,
    Conduct,
    DropOut,
    Outcomes,
    Scenario,
    Stagger,
    compare_in_time,
    plan_conduct,
    simulate_calendar,
    simulate_trials,
)
from celltrial.escalation.calendar.outcomes import estimate, nearest_levels

BOIN = design_named("boin", target=0.30)
TITE = design_named("tite-boin", target=0.30)
NO_DLTS = Scenario(name="none", truth=(0.0, 0.0), activity=(1.0, 1.0))
ALL_DLTS = Scenario(name="all", truth=(1.0, 1.0))
EVERY_TEN = Conduct(cohort_size=3, max_n=6, window_days=28, arrivals=Arrivals(kind="fixed", mean_gap_days=10))


def run(design: Design, scenario: Scenario = NO_DLTS, **changes: Any) -> Outcomes:
    """One trial with a patient every ten days."""
    return simulate_trials(design, scenario, replace(EVERY_TEN, **changes), trials=1, seed=1)


def figures(out: Outcomes, *names: str) -> list[float]:
    """These figures of the one trial."""
    return [float(getattr(out, name)[0]) for name in names]


def test_boin_waits_for_the_window() -> None:
    """Days 0, 10, 20; known on day 48, so 30 and 40 go elsewhere; then 50, 60, 70, known on day 98."""
    out = run(BOIN)
    assert out.n.tolist() == [[3, 3]]
    assert figures(out, "duration_days", "turned_away", "held", "suspensions") == [98, 2, 2, 1]
    assert figures(out, "selected", "early", "unfinished", "staggered") == [2, 0, 0, 0]


def test_tite_boin_does_not_wait_for_the_whole_window() -> None:
    """Day 30: the first is known, two of three pending, too many. Day 40: one pending, escalate; then 50 and 60."""
    out = run(TITE)
    assert out.n.tolist() == [[3, 3]]
    assert figures(out, "duration_days", "turned_away", "suspensions") == [88, 1, 1]


def test_a_sentinel_delays_the_second_participant_of_a_level() -> None:
    """Days 0, 20, 30; 40 and 50 wait for outcomes (day 58); 60, 80, 90: known on day 118. 10 and 70 are too early."""
    out = run(BOIN, stagger=Stagger(sentinel_days=14))
    assert figures(out, "duration_days", "turned_away", "staggered", "held") == [118, 4, 2, 2]


def test_a_gap_is_kept_between_any_two() -> None:
    """15 days between doses: every second patient."""
    out = run(BOIN, stagger=Stagger(gap_days=15), max_n=3)
    assert figures(out, "duration_days", "staggered") == [40 + 28, 2]


def test_who_waits_is_enrolled_when_a_place_is_free() -> None:
    """Up to 20 days: 30 and 40 are enrolled on day 48, 50 at once; the last outcome is known on day 78."""
    out = run(BOIN, patience_days=20)
    assert figures(out, "duration_days", "turned_away", "held", "suspensions") == [78, 0, 2, 1]


def test_a_trial_stops_with_its_design() -> None:
    """DLTs in all three: level 1 is eliminated. They are known within the windows, on day 48 at the latest."""
    out = run(BOIN, ALL_DLTS)
    assert out.dlt.tolist() == [[3, 0]]
    assert figures(out, "selected", "early", "unfinished") == [0, 1, 0]
    assert 20 < out.duration_days[0] < 48


def test_nobody_is_enrolled_after_the_last_day() -> None:
    """Day 55: one participant of the second cohort; the MTD comes from what there is."""
    out = run(BOIN, max_days=55)
    assert out.n.tolist() == [[3, 1]]
    assert figures(out, "unfinished", "early", "selected") == [1, 0, 2]


def test_a_list_of_arrivals_ends_the_trial() -> None:
    """Four patients in all."""
    out = run(BOIN, arrivals=Arrivals(kind="listed", days=(0, 1, 2, 40)))
    assert out.n.tolist() == [[3, 1]]
    assert figures(out, "unfinished", "duration_days") == [1, 68]


def test_a_design_may_stop_on_the_last_outcomes_of_a_list() -> None:
    """Three patients, all with a DLT, and nobody after them: stopped, not unfinished."""
    out = run(BOIN, ALL_DLTS, arrivals=Arrivals(kind="listed", days=(0, 1, 2)))
    assert figures(out, "early", "unfinished") == [1, 0]
    listed = replace(EVERY_TEN, arrivals=Arrivals(kind="listed", days=(0, 1, 2)))
    tite = simulate_trials(TITE, ALL_DLTS, listed, trials=1, seed=1)
    assert figures(tite, "early", "unfinished") == [1, 0]


def test_backfilling_takes_patients_whom_the_escalation_cannot() -> None:
    """Level 1 opens when its first response is known (day 28) and level 2 is the current one (day 50).

    50, 60, 70 escalate at level 2; its outcomes are known on day 98, so 80 and 90 are backfilled at level 1.
    """
    design = design_named("bf-boin", target=0.30, rules=[("backfill", {"n": 12})])
    out = run(design)
    assert (out.enrolled.tolist(), figures(out, "backfilled", "turned_away")) == ([[5, 3]], [2, 2])
    assert figures(out, "duration_days") == [90 + 28]
    cut = run(design, data_cut="escalation")
    assert (cut.n.tolist(), cut.enrolled.tolist(), figures(cut, "duration_days")) == ([[3, 3]], [[5, 3]], [98])


def test_backfilling_stops_at_the_cap() -> None:
    """Four at level 1: one place after the cohort."""
    design = design_named("bf-boin", target=0.30, rules=[("backfill", {"n": 4})])
    assert figures(run(design), "backfilled", "turned_away") == [1, 3]


def test_backfilling_without_activity_only_where_none_is_needed() -> None:
    """No response: closed, unless the conduct does not ask for one; then the lowest or the highest open level."""
    design = design_named("boin", target=0.30, rules=[("backfill", {})])
    silent = Scenario(name="silent", truth=(0.0, 0.0, 0.0))
    assert figures(run(design, silent), "backfilled") == [0]
    for assign, enrolled in (("lowest", [[7, 3, 3]]), ("highest", [[5, 5, 3]])):
        how = Backfilling(assign=assign, needs_activity=False)
        assert run(design, silent, backfilling=how, max_n=9).enrolled.tolist() == enrolled


def test_who_drops_out_shows_no_activity() -> None:
    """One evaluable participant at level 1 with a response rate of 0.3 opens it in 30 % of trials; no drop-out does."""
    design = design_named("boin", target=0.30, rules=[("backfill", {})])
    plan = replace(EVERY_TEN, cohort_size=1, max_n=2, drop_out=DropOut(share=0.6))
    scenario = Scenario(name="some", truth=(0.0, 0.0), activity=(0.3, 0.3))
    out = simulate_trials(design, scenario, plan, trials=600, seed=2)
    assert out.dropped_out.mean() > 1
    assert estimate(out.backfilled > 0).is_near(0.3, errors=4)


def test_estimates_carry_their_standard_error() -> None:
    """Mean 2, variance 1, four trials: 0.5; of one trial it is not known."""
    mean = estimate(np.array([1.0, 3.0, 1.0, 3.0]))
    assert (mean.value, mean.standard_error) == (2.0, pytest.approx((4 / 3 / 4) ** 0.5))
    assert estimate(np.array([1.0])).standard_error == float("inf")
    assert str(mean) == "2 +- 0.58"
    assert mean.is_near(3.0)
    assert not mean.is_near(4.0)


def test_levels_nearest_the_target() -> None:
    """Two that are equally near count both, whatever binary numbers say."""
    assert nearest_levels((0.1, 0.2, 0.4), 0.30) == [2, 3]
    assert nearest_levels((0.1, 0.3), 0.30) == [2]


def test_the_summary_adds_up() -> None:
    """Shares to 1, participants to the total, quantiles in order, as JSON with every error."""
    scenario = Scenario(name="steep", truth=(0.1, 0.3, 0.6))
    oc = simulate_calendar(BOIN, scenario, replace(EVERY_TEN, max_n=12), trials=300, seed=4)
    assert oc.none.value + sum(each.value for each in oc.selection) == pytest.approx(1)
    assert sum(each.value for each in oc.patients) == pytest.approx(oc.expected_n.value)
    assert list(oc.duration_quantiles) == sorted(oc.duration_quantiles)
    assert oc.correct == oc.selection[1]
    assert 0 < oc.overdosed.value < 1
    document: Any = oc.to_json()
    assert set(document["duration_days"]) == {"value", "standard_error"}


def test_designs_are_compared_on_the_same_patients() -> None:
    """BOIN less BOIN is nothing; TITE-BOIN is faster, and the paired error is below that of two samples."""
    plan = plan_conduct(cohort_size=3, max_n=12, patients_per_month=3)
    scenario = Scenario(name="study", truth=(0.05, 0.15, 0.30))
    found = compare_in_time({"boin": BOIN, "again": BOIN, "tite": TITE}, [scenario], plan, trials=200, seed=8)
    again, tite = found.differences
    assert (again.duration_days.value, again.duration_days.standard_error) == (0.0, 0.0)
    assert (again.correct.value, again.dlts.value, again.overdosed.value) == (0.0, 0.0, 0.0)
    assert tite.duration_days.value < -3 * tite.duration_days.standard_error
    errors = [each.duration_days.standard_error for each in found.results if each.design != "again"]
    assert tite.duration_days.standard_error < sum(error**2 for error in errors) ** 0.5
    assert found.reference == "boin"
    assert [each.design for each in found.results] == ["boin", "again", "tite"]


def test_a_comparison_may_have_a_conduct_for_each_design() -> None:
    """Rolling six decides before every participant."""
    plan = plan_conduct(cohort_size=3, max_n=12, patients_per_month=3)
    plans = {"3+3": plan, "rolling": replace(plan, cohort_size=1)}
    designs = {"3+3": design_named("3+3", target=0.30), "rolling": design_named("rolling-6", target=0.30)}
    scenario = Scenario(name="study", truth=(0.05, 0.15, 0.30))
    found = compare_in_time(designs, [scenario], plans, trials=300, seed=8)
    assert found.differences[0].duration_days.value < 0
    with pytest.raises(UsageError, match="designs to compare and their conduct do not fit"):
        compare_in_time(designs, [scenario], {"3+3": plan}, trials=1, seed=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trials": 0}, "nothing to simulate"),
        ({"piece": 0}, "nothing to simulate"),
        ({"conduct": replace(EVERY_TEN, start=3)}, "the starting level does not exist"),
    ],
)
def test_trials_that_cannot_be_are_refused(changes: dict[str, Any], message: str) -> None:
    """With their findings."""
    settings: dict[str, Any] = {"conduct": EVERY_TEN, "trials": 1, "seed": 1} | changes
    with pytest.raises(UsageError, match=message):
        simulate_trials(BOIN, NO_DLTS, **settings)
