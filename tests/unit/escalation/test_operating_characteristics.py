"""Exact and simulated operating characteristics: small cases worked by hand, and the two against each other."""

import numpy as np
import pytest

from celltrial.errors import UsageError
from celltrial.escalation import (
    Counts,
    Design,
    ThreePlusThree,
    compute_oc,
    decision_table,
    design_named,
    enumerate_trials,
    exact_oc,
    simulate_oc,
)

BOIN = design_named("boin", target=0.30)


def test_one_cohort_by_hand() -> None:
    """One level, three participants, rate 1/2: 3/3 (one in eight) eliminates it."""
    oc = exact_oc(BOIN, (0.5,), cohort_size=3, max_n=3)
    assert (oc.selection, oc.none) == ((0.875,), 0.125)
    assert (oc.patients, oc.dlts, oc.expected_n, oc.stopped_early) == ((3.0,), (1.5,), 3.0, 0.0)


def test_three_plus_three_at_one_level_by_hand() -> None:
    """Rate 1/2: tolerated at 0/3, or 1/3 and then 0/3, that is 1/8 + 3/8 x 1/8 = 11/64."""
    oc = exact_oc(Design(base=ThreePlusThree(target=0.30, variant="stop")), (0.5,), cohort_size=3, max_n=6)
    assert oc.selection == (11 / 64,)
    assert oc.none == 53 / 64
    assert oc.expected_n == 3 + 3 * 3 / 8
    # with six participants the maximum ends the trial, with three the rule does
    assert oc.stopped_early == 5 / 8


def test_rates_of_zero_and_one() -> None:
    """Certainties: up to the top without any DLT; stopped after three DLTs."""
    safe = exact_oc(BOIN, (0, 0), cohort_size=3, max_n=9)
    assert (safe.selection, safe.patients, safe.none) == ((0.0, 1.0), (3.0, 6.0), 0.0)
    toxic = exact_oc(BOIN, (1, 1), cohort_size=3, max_n=9)
    assert (toxic.selection, toxic.none, toxic.expected_n, toxic.stopped_early) == ((0.0, 0.0), 1.0, 3.0, 1.0)


def test_the_last_cohort_is_what_is_left() -> None:
    """Ten participants in cohorts of three: the fourth cohort is one."""
    endings = enumerate_trials(BOIN, levels=1, cohort_size=3, max_n=10).endings
    assert {sum(ending.n) for ending in endings if not ending.early} == {10}


def test_one_enumeration_serves_many_scenarios() -> None:
    """And each is the same as on its own."""
    trials = enumerate_trials(BOIN, levels=3, cohort_size=3, max_n=12)
    for truth in ((0.1, 0.2, 0.3), (0.3, 0.4, 0.5)):
        assert compute_oc(trials, truth) == exact_oc(BOIN, truth, cohort_size=3, max_n=12)


def test_merging_loses_no_path() -> None:
    """The paths of one level with two cohorts of three: 4 after 0..3 DLTs each, none after elimination at 3/3."""
    assert enumerate_trials(BOIN, levels=1, cohort_size=3, max_n=6).paths == 3 * 4 + 1


@pytest.mark.parametrize("name", ["boin", "i3+3", "3+3"])
def test_simulated_and_exact_agree(name: str) -> None:
    """Within 4.5 Monte Carlo standard errors, for selections and numbers of participants."""
    design = design_named(name, target=0.30, rules=[("no_skip", {}), ("stop_at_n", {"n": 9})])
    truth, size = (0.1, 0.25, 0.45), {"cohort_size": 3, "max_n": 18}
    exact = exact_oc(design, truth, **size)
    found = simulate_oc(design, truth, trials=4000, rng=np.random.default_rng(7), **size)
    assert exact.standard_error is None
    assert found.standard_error is not None
    for mine, sure, error in zip(found.selection, exact.selection, found.standard_error, strict=True):
        assert abs(mine - sure) <= 4.5 * error
    assert found.patients == pytest.approx(exact.patients, abs=0.3)
    assert found.dlts == pytest.approx(exact.dlts, abs=0.2)
    assert found.none == pytest.approx(exact.none, abs=0.04)
    assert found.stopped_early == pytest.approx(exact.stopped_early, abs=0.04)


def test_the_same_seed_gives_the_same_simulation() -> None:
    """And another seed another one."""
    first, again, other = (
        simulate_oc(BOIN, (0.2, 0.4), cohort_size=3, max_n=12, trials=50, rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_a_trial_may_start_above_the_lowest_level() -> None:
    """From level 2, one cohort: level 1 has nobody."""
    oc = exact_oc(BOIN, (0.1, 0.2, 0.3), cohort_size=3, max_n=3, start=2)
    assert oc.patients == pytest.approx((0, 3, 0))


def test_bounding_the_mtd_takes_selections_away() -> None:
    """No level above lambda_d is selected; only BOIN has that bound."""
    free = exact_oc(BOIN, (0.4,), cohort_size=3, max_n=3)
    bound = exact_oc(BOIN, (0.4,), cohort_size=3, max_n=3, bound_mtd=True)
    # 2/3 is over lambda_d: 3 x 0.4^2 x 0.6 of the trials
    assert free.selection[0] - bound.selection[0] == pytest.approx(3 * 0.4**2 * 0.6)
    with pytest.raises(UsageError, match=r"3\+3 has no lambda_d"):
        exact_oc(design_named("3+3", target=0.30), (0.4,), cohort_size=3, max_n=3, bound_mtd=True)


def test_sizes_and_rates_that_cannot_be_are_found_at_once() -> None:
    """Cohorts of nobody, a maximum of nobody, no such level."""
    with pytest.raises(UsageError) as caught:
        exact_oc(BOIN, (0.1,), cohort_size=0, max_n=0, start=2)
    assert [each.message for each in caught.value.findings] == [
        "the cohort size is not a positive number",
        "the maximum sample size is not a positive number",
        "the starting level does not exist",
    ]
    with pytest.raises(UsageError, match="nothing to simulate"):
        simulate_oc(BOIN, (0.1,), cohort_size=3, max_n=3, trials=0, rng=np.random.default_rng(1))
    with pytest.raises(UsageError, match="the true DLT rates do not fit"):
        compute_oc(enumerate_trials(BOIN, levels=1, cohort_size=3, max_n=3), (0.1, 1.2))


def test_a_trial_too_large_to_enumerate_says_so() -> None:
    """With what to do instead."""
    with pytest.raises(UsageError, match=r"too many states to enumerate.*next: use larger cohorts"):
        enumerate_trials(BOIN, levels=3, cohort_size=1, max_n=12, max_states=50)


def test_a_table_needs_a_size() -> None:
    """At least one participant."""
    with pytest.raises(UsageError, match="a table needs a size"):
        decision_table(BOIN, 0)


def test_decisions_between_levels_that_were_added_later() -> None:
    """A level put in between two explored ones is the next step up from below it."""
    decision = BOIN.decide(Counts(n=(6, 0, 3), dlt=(0, 0, 2), current=1))
    assert (decision.action, decision.level) == ("escalate", 2)
