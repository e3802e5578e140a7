"""The CRM: working model, skeleton, fits against an independent integrator, and every restriction of the design."""

from math import exp, inf, log, sqrt

import numpy as np
import pytest
from scipy.integrate import quad

from celltrial.errors import UsageError
from celltrial.escalation import Counts, Design, check_design, count_cohorts, design_named, parse_outcomes
from celltrial.escalation.batch import Batch
from celltrial.escalation.crm import (
    WorkingModel,
    calibrate_skeleton,
    compute_sample_size,
    compute_sensitivity,
    find_incoherences,
    fit_crm,
    prob_rate_above,
)
from celltrial.escalation.crm.design import Crm
from celltrial.escalation.crm.fit import nearest_level
from celltrial.escalation.crm.posterior import Data, compute_moments, find_mle, recommend_levels

SKELETON = (0.05, 0.12, 0.25, 0.40, 0.55)


def as_batch(counts: list[Counts]) -> Batch:
    """The columns of these counts."""
    return Batch(
        n=np.array([each.n for each in counts]),
        dlt=np.array([each.dlt for each in counts]),
        current=np.array([each.current for each in counts]),
    )


def likelihood(model: WorkingModel, n: tuple[int, ...], dlt: tuple[int, ...], beta: float) -> float:
    """Written from the definition, one participant group at a time."""
    value = 1.0
    for level, (evaluable, dlts) in enumerate(zip(n, dlt, strict=True)):
        if model.form == "empiric":
            rate = model.skeleton[level] ** exp(beta)
        else:
            x = log(model.skeleton[level] / (1 - model.skeleton[level])) - model.intercept
            eta = max(model.intercept + exp(beta) * x, -700.0)
            rate = 1 / (1 + exp(-eta))
        value *= rate**dlts * (1 - rate) ** (evaluable - dlts)
    return value


@pytest.mark.parametrize("form", ["empiric", "logistic"])
@pytest.mark.parametrize(
    ("n", "dlt"),
    [((3, 0, 0, 0, 0), (0, 0, 0, 0, 0)), ((3, 6, 9, 3, 0), (0, 1, 3, 2, 0)), ((3, 3, 3, 3, 3), (3, 3, 3, 3, 3))],
)
def test_the_posterior_is_the_integral_it_stands_for(form: str, n: tuple[int, ...], dlt: tuple[int, ...]) -> None:
    """Mean, variance, mean rates and tail, by scipy's adaptive integrator."""
    model = WorkingModel(skeleton=SKELETON, form=form)
    sd = sqrt(1.34)

    def integral(function, low=-7 * sd, high=7 * sd):
        return quad(
            lambda b: function(b) * exp(-b * b / (2 * sd**2)) * likelihood(model, n, dlt, b),
            low,
            high,
            epsabs=0,
            epsrel=1e-11,
            limit=400,
            points=[-2.0, 0.0, 2.0] if low < -2 and high > 2 else None,
        )[0]

    total = integral(lambda _: 1.0)
    fit = fit_crm(model, target=0.25, n=n, dlt=dlt, estimate="mean")
    mean = integral(lambda b: b) / total
    assert fit.beta == pytest.approx(mean, abs=1e-8)
    assert fit.variance == pytest.approx(integral(lambda b: b * b) / total - mean**2, abs=1e-8)
    assert fit.rates[2] == pytest.approx(integral(lambda b: model.rate(3, b)) / total, abs=1e-8)
    cut = model.beta_where(2, 0.25)
    tail = prob_rate_above(model, level=2, rate=0.25, n=n, dlt=dlt)
    assert tail == pytest.approx(integral(lambda _: 1.0, high=cut) / total, abs=1e-7)


@pytest.mark.parametrize("form", ["empiric", "logistic"])
def test_finer_nodes_change_nothing(form: str) -> None:
    """The spacing is fine enough for the sharpest posteriors of 60 participants."""
    model = WorkingModel(skeleton=SKELETON, form=form)
    rng = np.random.default_rng(20261122)
    n = rng.integers(0, 13, (200, 5))
    data = Data(n=n, dlt=rng.binomial(n, 0.4))
    coarse, fine = (compute_moments(model, sqrt(1.34), data, refine=refine) for refine in (1, 3))
    np.testing.assert_allclose(coarse.beta, fine.beta, atol=1e-9)
    np.testing.assert_allclose(coarse.variance, fine.variance, atol=1e-9)
    np.testing.assert_allclose(coarse.rates, fine.rates, atol=1e-9)


def test_at_beta_zero_the_rates_are_the_skeleton() -> None:
    """Both forms."""
    for form in ("empiric", "logistic"):
        assert WorkingModel(skeleton=SKELETON, form=form).rates(0.0) == pytest.approx(SKELETON)


def test_beta_where_inverts_the_rate() -> None:
    """And says minus infinity where the logistic form cannot go."""
    for form in ("empiric", "logistic"):
        model = WorkingModel(skeleton=SKELETON, form=form)
        assert model.rate(3, model.beta_where(3, 0.31)) == pytest.approx(0.31)
    assert WorkingModel(skeleton=SKELETON, form="logistic").beta_where(1, 0.96) == -inf


@pytest.mark.parametrize(
    ("skeleton", "form", "message"),
    [
        ((0.2, 0.1), "empiric", "does not rise"),
        ((0.0, 0.1), "empiric", "not a list of rates"),
        ((), "empiric", "not a list of rates"),
        ((0.1, 0.96), "logistic", "intercept of the logistic model is too small"),
        ((0.1, 0.2), "probit", "no such working model"),
    ],
)
def test_a_model_that_cannot_be_is_refused(skeleton: tuple[float, ...], form: str, message: str) -> None:
    """Each with what is wrong."""
    with pytest.raises(UsageError, match=message):
        WorkingModel(skeleton=skeleton, form=form)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["empiric", "logistic"])
def test_a_calibrated_skeleton_has_the_half_width_everywhere(form: str) -> None:
    """Lee & Cheung (2009): all inner indifference intervals are target +- half-width."""
    skeleton = calibrate_skeleton(0.06, 0.25, 2, 6, form=form)
    assert skeleton[1] == pytest.approx(0.25)
    for interval in compute_sensitivity(WorkingModel(skeleton=skeleton, form=form), 0.25).intervals[1:-1]:
        assert (interval.lower, interval.upper) == pytest.approx((0.19, 0.31))


def test_a_calibration_that_cannot_be_is_refused() -> None:
    """All findings at once."""
    with pytest.raises(UsageError) as caught:
        calibrate_skeleton(0.4, 0.3, 7, 5)
    assert len(caught.value.findings) == 2
    with pytest.raises(UsageError, match="intercept"):
        calibrate_skeleton(0.05, 0.30, 3, 5, form="logistic", intercept=-1.0)


def test_h_sets_part_the_axis_where_the_recommendation_changes() -> None:
    """A beta just inside each H set recommends its level."""
    model = WorkingModel(skeleton=SKELETON)
    sensitivity = compute_sensitivity(model, 0.25)
    for level, (low, high) in enumerate(sensitivity.h_sets, start=1):
        for beta in (low + 1e-6, high - 1e-6):
            assert nearest_level(model.rates(beta), 0.25) == level


def test_rates_that_vanish_recommend_the_highest_level() -> None:
    """At beta = 7 every rate is 0 to the last digit; one by one and in columns."""
    rates = WorkingModel(skeleton=(0.05, 0.12)).rates(7.0)
    assert nearest_level(rates, 0.25) == 2
    assert recommend_levels(np.array([rates]), 0.25).tolist() == [2]


def test_an_initial_design_can_be_incoherent() -> None:
    """The two examples of dfcrm's manual of `cohere`: coherent at 0.20, not at 0.30."""
    model = WorkingModel(skeleton=(0.05, 0.10, 0.20, 0.35, 0.50, 0.70))
    initial = [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3 + [5] * 3 + [6] * 9
    assert find_incoherences(model, 0.20, initial) == ()
    first = find_incoherences(model, 0.30, initial)[0]
    assert first == "participant 5 has the first DLT at level 2, and the CRM goes up to level 3"


def test_sample_size_says_where_it_was_not_validated() -> None:
    """And refuses what makes no sense."""
    notes = compute_sample_size(0.5, 0.33, 9, 3.0).notes
    assert [note for note in notes if note.startswith("validated")] == [
        "validated for a target of 0.10 to 0.30, not 0.33",
        "validated for 4 to 8 levels, not 9",
        "validated for an odds ratio of 1.25 to 2.50, not 3.0",
    ]
    assert compute_sample_size(0.6, 0.2, 6, 2.0, correction=False).n <= compute_sample_size(0.6, 0.2, 6, 2.0).n + 5
    for arguments in ((0.1, 0.2, 5, 2.0), (0.6, 0.2, 1, 2.0), (0.6, 0.2, 5, 1.0), (1.2, 0.2, 5, 2.0)):
        with pytest.raises(UsageError):
            compute_sample_size(*arguments)


def test_the_maximum_likelihood_estimate_is_a_maximum() -> None:
    """No beta nearby is more likely; without both outcomes there is none."""
    model = WorkingModel(skeleton=SKELETON)
    n, dlt = (3, 6, 6, 0, 0), (0, 1, 3, 0, 0)
    beta, _ = find_mle(model, Data(n=np.array([n]), dlt=np.array([dlt])))
    best = likelihood(model, n, dlt, beta)
    assert all(likelihood(model, n, dlt, beta + step) < best for step in (-1e-3, 1e-3))
    with pytest.raises(UsageError, match="does not exist"):
        fit_crm(model, target=0.25, n=(3, 0, 0, 0, 0), dlt=(0, 0, 0, 0, 0), method="mle")


@pytest.mark.parametrize(
    "wrong",
    [
        {"n": (3, 0)},
        {"dlt": (4, 0, 0, 0, 0)},
        {"target": 1.5},
        {"prior_sd": 0.0},
        {"method": "ml"},
        {"estimate": "median"},
        {"pending": [(6, 0.5)]},
        {"pending": [(1, 1.5)]},
    ],
)
def test_a_fit_of_impossible_data_is_refused(wrong: dict[str, object]) -> None:
    """Each with a finding."""
    right: dict[str, object] = {"target": 0.25, "n": (3, 0, 0, 0, 0), "dlt": (0, 0, 0, 0, 0)}
    with pytest.raises(UsageError):
        fit_crm(WorkingModel(skeleton=SKELETON), **(right | wrong))  # type: ignore[arg-type]


def crm(outcomes: str, **options: object) -> tuple[int, bool, tuple[str, ...]]:
    base = Crm(**({"target": 0.25, "skeleton": SKELETON} | options))  # type: ignore[arg-type]
    proposal = base.propose(count_cohorts(parse_outcomes(outcomes), levels=5))
    return proposal.level, proposal.stop, proposal.reasons


def test_no_level_is_skipped() -> None:
    """From the current level, from the highest tried, or at all."""
    assert crm("1NNN")[0] == 2
    assert crm("1NNN", no_skip="off")[0] == 4
    assert crm("3NNN 1NNN")[0] == 2
    assert crm("3NNN 1NNN", no_skip="tried")[0] == 4
    assert crm("1NNN")[2][-1] == "no level is skipped: level 2, not 4"


def test_coherence_has_two_meanings() -> None:
    """3NT after 3NNN: half of the last cohort, but a fifth of level 3, had a DLT."""
    outcomes = "1NNN 2NNN 3NNN 3NNN 3NT"
    assert crm(outcomes, coherence="off")[0] == 4
    assert crm(outcomes, coherence="current-level")[0] == 4
    level, _, reasons = crm(outcomes)
    assert level == 3
    assert reasons[-1] == "1/2 DLTs in the last cohort, 0.50 >= 0.25, no escalation after them: level 3, not 4"


def test_at_the_target_only_one_of_the_two_blocks() -> None:
    """1 of 4 is 0.25: at the target, not above it."""
    outcomes = "1NNN 2NNN 3NNNT"
    assert crm(outcomes, coherence="off", skeleton=(0.01, 0.03, 0.08, 0.15, 0.25))[0] == 4
    assert crm(outcomes, coherence="current-level", skeleton=(0.01, 0.03, 0.08, 0.15, 0.25))[0] == 4
    assert crm(outcomes, coherence="last-cohort", skeleton=(0.01, 0.03, 0.08, 0.15, 0.25))[0] == 3


def test_without_the_last_cohort_the_current_level_stands_in() -> None:
    """And the reason says so."""
    base = Crm(target=0.25, skeleton=(0.01, 0.03, 0.08, 0.15, 0.25))
    proposal = base.propose(Counts(n=(3, 3, 4, 0, 0), dlt=(0, 0, 1, 0, 0), current=3))
    assert "the last cohort not known" in proposal.reasons[-1]
    assert proposal.level == 3


def test_a_toxic_lowest_level_stops() -> None:
    """With its probability; the two tails differ a little, and can fall on both sides of a cutoff."""
    level, stop, reasons = crm("1NTT", too_toxic_rate=0.25, too_toxic_cutoff=0.8)
    assert stop
    assert level == 1
    assert reasons[-1].endswith("the lowest level is too toxic, stop")
    assert not crm("1NNT", too_toxic_rate=0.25, too_toxic_cutoff=0.9)[1]
    model = WorkingModel(skeleton=(0.03, 0.07, 0.12, 0.20, 0.30, 0.40, 0.52))
    tails = [
        prob_rate_above(
            model, level=1, rate=0.3, n=(9, 6, 6, 0, 0, 0, 0), dlt=(4, 3, 3, 0, 0, 0, 0), prior_sd=sqrt(0.75), tail=tail
        )
        for tail in ("exact", "normal")
    ]
    assert tails[0] < 0.72 < tails[1]


def test_the_rates_that_decide_are_an_option() -> None:
    """Plug-in and posterior means can recommend different levels."""
    counts = Counts(n=(3, 0, 0, 0, 0), dlt=(1, 0, 0, 0, 0))
    plug_in, means = (Crm(target=0.25, skeleton=SKELETON, estimate=each).fit(counts) for each in ("plug-in", "mean"))
    assert plug_in.rates != means.rates
    assert plug_in.means == means.rates
    assert means.plug_in == plug_in.rates


def test_before_anybody_is_evaluable_the_start_stands() -> None:
    """Whatever the prior would recommend."""
    assert crm("")[:2] == (1, False)
    assert Crm(target=0.25, skeleton=SKELETON).select(Counts(n=(0,) * 5, dlt=(0,) * 5)) is None


def test_a_closed_level_is_left_out() -> None:
    """An intermediate level that is not open is passed over downwards."""
    base = Crm(target=0.25, skeleton=SKELETON, no_skip="off")
    counts = Counts(n=(6, 0, 0, 0, 0), dlt=(0, 0, 0, 0, 0), closed=(4, 5))
    assert base.propose(counts).level == 3


def test_the_mtd_is_the_unrestricted_recommendation() -> None:
    """As dfcrm's simulations end; none where the lowest level is too toxic."""
    base = Crm(target=0.25, skeleton=SKELETON)
    counts = Counts(n=(6, 0, 0, 0, 0), dlt=(0, 0, 0, 0, 0))
    assert base.propose(counts).level == 2
    assert base.select(counts) == base.fit(counts).level == 5
    strict = Crm(target=0.25, skeleton=SKELETON, too_toxic_rate=0.25, too_toxic_cutoff=0.8)
    assert strict.select(Counts(n=(3, 0, 0, 0, 0), dlt=(2, 0, 0, 0, 0))) is None


def test_there_is_no_cell_for_one_level() -> None:
    """A decision table of one level cannot show it."""
    with pytest.raises(UsageError, match="no decision for one level alone"):
        Crm(target=0.25).cell(1, 3)


def test_a_skeleton_for_other_levels_is_refused() -> None:
    """By number; without a skeleton it is calibrated for those there are."""
    with pytest.raises(UsageError, match="5 guesses for 3 levels"):
        Crm(target=0.25, skeleton=SKELETON).propose(Counts(n=(3, 0, 0), dlt=(0, 0, 0)))
    assert Crm(target=0.25, half_width=0.05).model(3).skeleton == calibrate_skeleton(0.05, 0.25, 2, 3)


def test_many_states_are_decided_as_one_by_one() -> None:
    """Columns and single states agree, also where the last cohort is not known."""
    rng = np.random.default_rng(7)
    options = (
        {},
        {"coherence": "current-level", "no_skip": "tried"},
        {"coherence": "off", "no_skip": "off", "estimate": "mean"},
        {"too_toxic_rate": 0.25, "too_toxic_cutoff": 0.7},
        {"too_toxic_rate": 0.25, "too_toxic_cutoff": 0.7, "tail": "normal", "form": "logistic"},
    )
    counts = []
    for _ in range(120):
        n = tuple(rng.integers(0, 7, 5).tolist())
        dlt = tuple(int(rng.integers(0, each + 1)) for each in n)
        counts.append(Counts(n=n, dlt=dlt, current=int(rng.integers(1, 6))))
    for each in options:
        base = Crm(target=0.25, skeleton=SKELETON, **each)  # type: ignore[arg-type]
        many = base.propose_many(as_batch(counts))
        single = [base.propose(each) for each in counts]
        assert many.stop.tolist() == [proposal.stop for proposal in single]
        going = ~many.stop
        assert many.level[going].tolist() == [p.level for p in single if not p.stop]
        assert base.select_many(as_batch(counts)).tolist() == [base.select(each) or 0 for each in counts]


def test_it_is_built_by_name() -> None:
    """Lists as words; findings for what does not fit."""
    design = design_named("crm", target=0.25, parameters={"skeleton": "0.05, 0.12 0.25", "prior_var": 0.75})
    assert isinstance(design, Design)
    assert isinstance(design.base, Crm)
    assert design.base.skeleton == (0.05, 0.12, 0.25)
    assert dict(design.base.parameters)["skeleton"] == "0.05 0.12 0.25"
    wrong = (
        {"skeleton": "a b"},
        {"form": "probit"},
        {"no_skip": "never"},
        {"coherence": "x"},
        {"too_toxic_rate": 0.3},
        {"prior_var": 0},
        {"too_toxic_rate": 0.3, "too_toxic_cutoff": 2},
    )
    for parameters in wrong:
        assert check_design("crm", target=0.25, parameters=parameters), parameters
    assert dict(design_named("crm", target=0.25, parameters={"form": "logistic"}).base.parameters)["intercept"] == 3.0
    tail = design_named("crm", target=0.25, parameters={"too_toxic_rate": 0.3, "too_toxic_cutoff": 0.9}).base.parameters
    assert dict(tail)["tail"] == "exact"
