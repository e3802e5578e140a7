"""Properties of the model-based designs and of BOIN12, over any counts a trial can show."""

import json
from dataclasses import replace
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from celltrial.escalation import Counts, Design, Eliminate, MaxN, StopAtN, compute_oc, enumerate_trials, simulate_oc
from celltrial.escalation.blrm import BlrmModel, fit_blrm, normal_prior
from celltrial.escalation.blrm.design import Blrm
from celltrial.escalation.boin12 import Boin12, PairCounts
from celltrial.escalation.crm import WorkingModel, calibrate_skeleton, compute_sensitivity, fit_crm, prob_rate_above
from celltrial.escalation.crm.design import Crm
from celltrial.escalation.titecrm import Followed, fit_titecrm

LEVELS = 4
BLRM = BlrmModel(doses=(3.0, 4.5, 6.0, 9.0), reference=6.0, prior=normal_prior((-0.85, 0.0), (2.0, 1.0)))
forms = st.sampled_from(["empiric", "logistic"])
targets = st.sampled_from([0.20, 0.25, 0.30, 0.33])


@st.composite
def all_counts(draw: st.DrawFn) -> Counts:
    """Counts in no order a design would choose: people override."""
    n = tuple(draw(st.integers(0, 9)) for _ in range(LEVELS))
    dlt = tuple(draw(st.integers(0, each)) for each in n)
    return Counts(n=n, dlt=dlt, current=draw(st.integers(1, LEVELS)))


crms = st.builds(
    Crm,
    target=targets,
    half_width=st.sampled_from([0.04, 0.08]),
    form=forms,
    estimate=st.sampled_from(["plug-in", "mean"]),
    no_skip=st.sampled_from(["current", "tried", "off"]),
    coherence=st.sampled_from(["last-cohort", "current-level", "off"]),
)
blrms = st.builds(
    Blrm,
    target=st.just(0.30),
    model=st.just(BLRM),
    criterion=st.sampled_from(["target", "loss", "nearest", "highest"]),
    no_skip=st.sampled_from(["current", "tried", "off"]),
    max_overdose=st.sampled_from([0.15, 0.25, 0.50]),
)


def one_more_dlt(counts: Counts, level: int) -> Counts:
    """One participant of the level had a DLT after all."""
    dlt = tuple(each + (place == level - 1) for place, each in enumerate(counts.dlt))
    return replace(counts, dlt=dlt)


@given(all_counts(), forms, targets)
@settings(max_examples=40)
def test_another_dlt_raises_every_rate_of_the_crm(counts: Counts, form: str, target: float) -> None:
    """Wherever it is: beta falls, every rate and every tail rises, the recommended level does not."""
    model = WorkingModel(skeleton=calibrate_skeleton(0.06, target, 2, LEVELS, form=form), form=form)  # type: ignore[arg-type]
    before = fit_crm(model, target=target, n=counts.n, dlt=counts.dlt)
    for level in range(1, LEVELS + 1):
        if counts.dlt[level - 1] < counts.n[level - 1]:
            worse = one_more_dlt(counts, level)
            after = fit_crm(model, target=target, n=worse.n, dlt=worse.dlt)
            assert after.beta < before.beta
            assert after.level <= before.level
            tails = [prob_rate_above(model, level=1, rate=0.3, n=each.n, dlt=each.dlt) for each in (counts, worse)]
            assert tails[0] <= tails[1]


@given(crms, all_counts(), st.integers(1, LEVELS))
@settings(max_examples=60)
def test_another_dlt_never_takes_the_crm_further_up(crm: Crm, counts: Counts, level: int) -> None:
    """The proposal, restrictions and all."""
    if counts.dlt[level - 1] < counts.n[level - 1]:
        assert crm.propose(one_more_dlt(counts, level)).level <= crm.propose(counts).level


@given(st.one_of(crms, blrms), all_counts())
@settings(max_examples=60)
def test_a_decision_is_complete_and_within_the_levels(base: Crm | Blrm, counts: Counts) -> None:
    """It has reasons, a level that exists or a stop, no skipping where that is asked for, and makes JSON."""
    design = Design(base=base, rules=(Eliminate(target=base.target), StopAtN(n=9), MaxN(n=24)))
    decision = design.decide(counts)
    assert decision.reasons
    assert decision.level is None or 1 <= decision.level <= LEVELS
    if base.no_skip == "current" and decision.level is not None:
        assert decision.level <= counts.current + 1
    assert json.loads(json.dumps(decision.to_json()))["inputs"]["design"] == base.name
    assert base.select(counts) in (None, *range(1, LEVELS + 1))


@given(crms, st.lists(st.integers(0, 3), min_size=1, max_size=5))
@settings(max_examples=40)
def test_a_coherent_crm_never_goes_up_after_a_cohort_at_the_target(crm: Crm, dlts: list[int]) -> None:
    """Followed along a trial of cohorts of three."""
    n, dlt, level = [0] * LEVELS, [0] * LEVELS, 1
    for had in dlts:
        n[level - 1] += 3
        dlt[level - 1] += had
        counts = Counts(n=tuple(n), dlt=tuple(dlt), current=level, last=(had, 3))
        following = crm.propose(counts).level
        if crm.coherence == "last-cohort" and had / 3 >= crm.target:
            assert following <= level
        level = following


@given(st.sampled_from([0.02, 0.05, 0.08]), targets, st.integers(2, 8), st.data())
@settings(max_examples=40)
def test_calibration_and_sensitivity_are_inverse(
    half_width: float, target: float, levels: int, data: st.DataObject
) -> None:
    """Every inner end of an indifference interval is target +- half-width, for both forms."""
    nu, form = data.draw(st.integers(1, levels)), data.draw(forms)
    skeleton = calibrate_skeleton(half_width, target, nu, levels, form=form)
    assert list(skeleton) == sorted(skeleton)
    for interval in compute_sensitivity(WorkingModel(skeleton=skeleton, form=form), target).intervals:
        assert interval.lower is None or interval.lower == pytest.approx(target - half_width)
        assert interval.upper is None or interval.upper == pytest.approx(target + half_width)


@given(all_counts(), st.floats(0, 1), st.integers(1, LEVELS))
@settings(max_examples=40)
def test_follow_up_lies_between_nobody_and_a_whole_participant(counts: Counts, weight: float, level: int) -> None:
    """Beta with a participant in follow-up is between beta without and beta with that one complete."""
    model = WorkingModel(skeleton=(0.08, 0.16, 0.28, 0.42))
    complete = [
        Followed(level=place, dlt=had, days=28)
        for place in range(1, LEVELS + 1)
        for had, times in ((True, counts.dlt[place - 1]), (False, counts.n[place - 1] - counts.dlt[place - 1]))
        for _ in range(times)
    ]
    without, partly, whole = (
        fit_titecrm(model, [*complete, *extra], target=0.25, window=28).beta
        for extra in (
            [],
            [Followed(level=level, dlt=False, days=0, weight=weight)],
            [Followed(level=level, dlt=False, days=28)],
        )
    )
    assert without - 1e-9 <= partly <= whole + 1e-9


@given(all_counts(), st.integers(1, LEVELS))
@settings(max_examples=30)
def test_rates_of_the_blrm_rise_with_the_dose_and_with_dlts(counts: Counts, level: int) -> None:
    """Means and overdose probabilities rise with the dose; a DLT at the highest dose treated raises its own mean."""
    rates = fit_blrm(BLRM, n=counts.n, dlt=counts.dlt).rates
    for low, high in pairwise(rates):
        assert low.mean <= high.mean + 1e-9
        assert low.overdose <= high.overdose + 1e-6
    if counts.dlt[level - 1] < counts.n[level - 1]:
        worse = one_more_dlt(counts, level)
        assert fit_blrm(BLRM, n=worse.n, dlt=worse.dlt).rates[level - 1].mean > rates[level - 1].mean


@pytest.mark.parametrize(
    "base",
    [
        Crm(target=0.30, half_width=0.06),
        Crm(target=0.30, half_width=0.06, form="logistic", coherence="off", too_toxic_rate=0.3, too_toxic_cutoff=0.85),
        Blrm(target=0.30, model=BLRM),
    ],
    ids=["crm", "crm with a stop", "blrm"],
)
def test_exact_and_simulated_characteristics_agree(base: Crm | Blrm) -> None:
    """Within four standard errors, for a trial of five cohorts of three, with a wrapper around the model."""
    design, truth, trials = Design(base=base, rules=(StopAtN(n=9),)), (0.08, 0.20, 0.35, 0.50), 2000
    exact = compute_oc(enumerate_trials(design, levels=LEVELS, cohort_size=3, max_n=15), truth)
    assert exact.none + sum(exact.selection) == pytest.approx(1)
    simulated = simulate_oc(design, truth, cohort_size=3, max_n=15, trials=trials, rng=np.random.default_rng(11))
    for ours, theirs in zip((*exact.selection, exact.none), (*simulated.selection, simulated.none), strict=True):
        assert abs(ours - theirs) <= 4 * (ours * (1 - ours) / trials) ** 0.5 + 1e-9


@st.composite
def pair_counts(draw: st.DrawFn) -> PairCounts:
    """Counts of DLTs and responses, with those who had both."""
    rows = []
    for _ in range(LEVELS):
        n = draw(st.integers(0, 9))
        dlts, responses = draw(st.integers(0, n)), draw(st.integers(0, n))
        both = draw(st.integers(max(0, dlts + responses - n), min(dlts, responses)))
        rows.append((n, dlts, responses, both))
    n, dlt, response, both = zip(*rows, strict=True)
    return PairCounts(n=n, dlt=dlt, response=response, both=both, current=draw(st.integers(1, LEVELS)))


@given(pair_counts())
@settings(max_examples=100)
def test_boin12_never_proposes_what_is_not_admissible(counts: PairCounts) -> None:
    """Nor selects it; and a proposal is a neighbour, or below."""
    design = Boin12()
    proposal, levels = design.propose(counts), design.summarise(counts)
    if not proposal.stop and counts.n[counts.current - 1] > 0:
        assert levels[proposal.level - 1].is_admissible
        assert proposal.level <= counts.current + 1
    optimum = design.select(counts)
    if optimum.level is not None:
        assert optimum.mtd is not None
        assert optimum.level <= optimum.mtd
        assert levels[optimum.level - 1].is_admissible


@given(st.integers(1, 12), st.data())
@settings(max_examples=60)
def test_desirability_rises_with_responses_and_falls_with_dlts(n: int, data: st.DataObject) -> None:
    """At equal numbers."""
    design = Boin12()
    dlts, responses = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, n - 1))
    here = design.desirability(n, dlts, responses)
    assert design.desirability(n, dlts, responses + 1) > here > design.desirability(n, dlts + 1, responses)
