"""BOIN12: its exact operating characteristics keep the laws of probability, and simulation agrees within its error."""

from math import comb

import numpy as np
import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Boin12
from celltrial.escalation.boin12_counts import PairCounts, Utilities
from celltrial.escalation.boin12_oc import PairRates, exact_boin12, simulate_boin12

ADDITIVE = Boin12()
WITH_BOTH = Boin12(utilities=Utilities(response_only=100, neither=30, both=60, dlt_only=0))
TRUTHS = {
    "rising": [
        PairRates(dlt=0.05, response=0.15),
        PairRates(dlt=0.15, response=0.40),
        PairRates(dlt=0.45, response=0.50),
    ],
    "toxic": [PairRates(dlt=0.50, response=0.40), PairRates(dlt=0.65, response=0.50)],
    "linked": [PairRates(dlt=0.20, response=0.30, both=0.15), PairRates(dlt=0.30, response=0.50, both=0.25)],
}
CASES = [
    pytest.param(design, truth, id=f"{name}-{kind}")
    for name, truth in TRUTHS.items()
    for kind, design in (("margins", ADDITIVE), ("with both", WITH_BOTH))
]


@pytest.mark.parametrize(("design", "truth"), CASES)
def test_exact_results_keep_the_laws(design: Boin12, truth: list[PairRates]) -> None:
    """Probabilities add up to 1; a stopping time leaves DLTs = patients x rate and responses likewise (Wald)."""
    found = exact_boin12(design, truth, cohort_size=3, max_n=9)
    assert sum(found.selection) + found.none == pytest.approx(1, abs=1e-12)
    for patients, dlts, responses, rates in zip(found.patients, found.dlts, found.responses, truth, strict=True):
        assert dlts == pytest.approx(patients * rates.dlt, abs=1e-10)
        assert responses == pytest.approx(patients * rates.response, abs=1e-10)
    assert found.expected_n <= 9
    assert (found.stopped_early > 0) == (found.expected_n < 9 - 1e-12)


@pytest.mark.parametrize(("design", "truth"), CASES)
def test_simulation_agrees_with_the_exact_result(design: Boin12, truth: list[PairRates]) -> None:
    """Each selection within 4.5 standard errors, at 4,000 trials."""
    exact = exact_boin12(design, truth, cohort_size=3, max_n=9)
    seen = simulate_boin12(design, truth, cohort_size=3, max_n=9, trials=4000, rng=np.random.default_rng(12))
    for ours, theirs in zip((*exact.selection, exact.none), (*seen.selection, seen.none), strict=True):
        assert abs(ours - theirs) <= 4.5 * max((ours * (1 - ours) / 4000) ** 0.5, 1e-4)
    assert seen.expected_n == pytest.approx(exact.expected_n, abs=0.25)
    assert seen.standard_error is not None
    assert exact.standard_error is None


def test_one_cohort_at_one_level_is_the_binomial() -> None:
    """Nobody selected exactly where the counts of a cohort of three make the level inadmissible, asked one by one."""
    rates = PairRates(dlt=0.3, response=0.4)
    none = 0.0
    for dlts in range(4):
        for responses in range(4):
            counts = PairCounts(n=(3,), dlt=(dlts,), response=(responses,))
            if ADDITIVE.select(counts).level is None:
                none += (
                    comb(3, dlts)
                    * 0.3**dlts
                    * 0.7 ** (3 - dlts)
                    * comb(3, responses)
                    * 0.4**responses
                    * 0.6 ** (3 - responses)
                )
    assert exact_boin12(ADDITIVE, [rates], cohort_size=3, max_n=3).none == pytest.approx(none, abs=1e-12)


def test_sizes_and_rates_that_cannot_be_are_refused() -> None:
    """All at once; and a trial that is too large names the way out."""
    with pytest.raises(UsageError) as refused:
        exact_boin12(ADDITIVE, [PairRates(dlt=0.1, response=0.2)], cohort_size=0, max_n=0, start=2)
    assert len(refused.value.findings) == 3
    with pytest.raises(UsageError, match="true rates"):
        PairRates(dlt=0.6, response=0.6, both=0.1)
    with pytest.raises(UsageError, match="simulate_boin12"):
        exact_boin12(ADDITIVE, TRUTHS["rising"], cohort_size=1, max_n=9, max_states=50)
