"""The BLRM: posterior against an independent integrator, priors, EWOC, criteria and restrictions."""

from math import exp, log

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal

from celltrial.errors import UsageError
from celltrial.escalation import Counts, check_design, design_named
from celltrial.escalation.batch import Batch
from celltrial.escalation.blrm import (
    BivariateNormal,
    BlrmModel,
    BlrmPrior,
    Intervals,
    fit_blrm,
    make_robust,
    normal_prior,
    rate_quantiles,
)
from celltrial.escalation.blrm.design import Blrm

DOSES = (3.0, 4.5, 6.0, 9.0)
PRIOR = normal_prior((-0.8, 0.2), (1.6, 0.9), -0.4)
MODEL = BlrmModel(doses=DOSES, reference=6.0, prior=PRIOR)
N, DLT = (3, 6, 3, 0), (0, 1, 1, 0)


def by_scipy(
    components: list[tuple[float, tuple[float, float], list[list[float]]]], limit: float, dose: float
) -> float:
    """Pr(rate of the dose > limit), from the definition: log beta on a plain grid, log alpha by adaptive quadrature."""
    priors = [(share, multivariate_normal(mean, covariance)) for share, mean, covariance in components]

    def density(a: float, b: float) -> float:
        value = sum(share * prior.pdf((a, b)) for share, prior in priors)
        for each, n, dlts in zip(DOSES, N, DLT, strict=True):
            rate = 1 / (1 + exp(-(a + exp(b) * log(each / 6.0))))
            value *= rate**dlts * (1 - rate) ** (n - dlts)
        return float(value)

    total = above = 0.0
    for b in np.linspace(-5.5, 5.0, 64):
        cut = log(limit / (1 - limit)) - exp(b) * log(dose / 6.0)
        middle = min(max(cut, -14.0), 12.0)
        upper = quad(density, middle, 12.0, args=(b,), epsabs=1e-12, epsrel=1e-6, limit=60)[0]
        total += upper + quad(density, -14.0, middle, args=(b,), epsabs=1e-12, epsrel=1e-6, limit=60)[0]
        above += upper
    return above / total


def test_interval_probabilities_are_the_integrals_they_stand_for() -> None:
    """By scipy, for a prior with correlation, above and below the reference dose."""
    covariance = [[1.6**2, -0.4 * 1.6 * 0.9], [-0.4 * 1.6 * 0.9, 0.81]]
    fit = fit_blrm(MODEL, n=N, dlt=DLT)
    for level, limit, ours in ((1, 0.35, fit.rates[0].overdose), (4, 0.60, fit.rates[3].unacceptable)):
        assert ours == pytest.approx(by_scipy([(1.0, (-0.8, 0.2), covariance)], limit, DOSES[level - 1]), abs=1e-5)


def test_a_robust_prior_is_a_mixture() -> None:
    """By scipy again, with two components."""
    robust = make_robust(PRIOR, BivariateNormal(mean=(-0.8, 0.2), sd=(2.5, 1.2)), 0.2)
    assert robust.weights == (0.8, 0.2)
    fit = fit_blrm(BlrmModel(doses=DOSES, reference=6.0, prior=robust), n=N, dlt=DLT)
    covariances = [[[2.56, -0.576], [-0.576, 0.81]], [[6.25, 0.0], [0.0, 1.44]]]
    parts = [(0.8, (-0.8, 0.2), covariances[0]), (0.2, (-0.8, 0.2), covariances[1])]
    assert fit.rates[2].overdose == pytest.approx(by_scipy(parts, 0.35, 6.0), abs=1e-5)
    assert robust.describe() == "0.8 N((-0.8, 0.2), sd (1.6, 0.9), r -0.4) + 0.2 N((-0.8, 0.2), sd (2.5, 1.2), r 0)"


def test_finer_nodes_change_nothing() -> None:
    """Over many data sets of up to 48 participants, to 5e-6."""
    rng = np.random.default_rng(3)
    for _ in range(12):
        n = tuple(rng.integers(0, 13, 4).tolist())
        dlt = tuple(int(rng.binomial(each, 0.3)) for each in n)
        coarse, fine = (fit_blrm(MODEL, n=n, dlt=dlt, refine=refine).rates for refine in (1.0, 2.0))
        for one, other in zip(coarse, fine, strict=True):
            shown = (one.under, one.target, one.overdose, one.mean, one.sd)
            assert shown == pytest.approx((other.under, other.target, other.overdose, other.mean, other.sd), abs=5e-6)


def test_quantiles_invert_the_distribution() -> None:
    """A quarter of the mass lies above the upper quartile."""
    (quartile,) = rate_quantiles(MODEL, n=N, dlt=DLT, level=3, probabilities=(0.75,))
    covariance = [[1.6**2, -0.4 * 1.6 * 0.9], [-0.4 * 1.6 * 0.9, 0.81]]
    assert by_scipy([(1.0, (-0.8, 0.2), covariance)], quartile, 6.0) == pytest.approx(0.25, abs=1e-5)
    with pytest.raises(UsageError):
        rate_quantiles(MODEL, n=N, dlt=DLT, level=5, probabilities=(0.5, 1.5))


def test_the_four_intervals_share_the_whole() -> None:
    """At every level."""
    for rate in fit_blrm(MODEL, n=N, dlt=DLT).rates:
        assert rate.under + rate.target + rate.over + rate.unacceptable == pytest.approx(1)


@pytest.mark.parametrize(
    "build",
    [
        lambda: BivariateNormal(mean=(0, 0), sd=(0, 1)),
        lambda: BivariateNormal(mean=(0, 0), sd=(1, 1), correlation=1.0),
        lambda: BivariateNormal.with_covariance((0, 0), [[1, 0.5], [0.4, 1]]),
        lambda: BlrmPrior(components=()),
        lambda: BlrmPrior(components=PRIOR.components, weights=(0.9,)),
        lambda: make_robust(PRIOR, PRIOR.components[0], 1.0),
        lambda: Intervals(low=0.4, high=0.3),
        lambda: BlrmModel(doses=(2.0, 1.0), reference=1.0, prior=PRIOR),
        lambda: BlrmModel(doses=(1.0, 2.0), reference=0.0, prior=PRIOR),
        lambda: fit_blrm(MODEL, n=(3,), dlt=(0,)),
        lambda: fit_blrm(MODEL, n=N, dlt=(4, 0, 0, 0)),
        lambda: Blrm(target=0.3, model=MODEL, criterion="best"),  # type: ignore[arg-type]
        lambda: Blrm(target=0.3, model=MODEL, max_increase=0.0),
        lambda: Blrm(target=0.3, model=MODEL, max_overdose=1.0),
        lambda: Blrm(target=0.3, model=MODEL, select_from="some"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_is_refused(build) -> None:
    """Each with a finding."""
    with pytest.raises(UsageError):
        build()


def propose(n: tuple[int, ...], dlt: tuple[int, ...], current: int, **options: object) -> tuple[int, tuple[str, ...]]:
    base = Blrm(target=0.30, model=MODEL, **options)  # type: ignore[arg-type]
    proposal = base.propose(Counts(n=n, dlt=dlt, current=current))
    return (0 if proposal.stop else proposal.level), proposal.reasons


def test_a_dose_that_breaks_ewoc_is_not_given() -> None:
    """With a looser bound the same data go further, and the reasons name the probabilities."""
    tight, loose = (propose(N, DLT, 3, max_overdose=bound) for bound in (0.15, 0.60))
    overdose = [rate.overdose for rate in fit_blrm(MODEL, n=N, dlt=DLT).rates]
    assert overdose[tight[0] - 1] < 0.15 < overdose[tight[0]]
    assert tight[0] < loose[0]
    assert f"Pr(overdose) = {overdose[tight[0] - 1]:.2f} < 0.15" in tight[1][1]


def test_no_safe_dose_stops() -> None:
    """Every level breaks the bound."""
    level, reasons = propose((3, 0, 0, 0), (3, 0, 0, 0), 1)
    assert level == 0
    assert reasons[-1] == "no level is safe enough: stop"
    assert Blrm(target=0.30, model=MODEL).select(Counts(n=(3, 0, 0, 0), dlt=(3, 0, 0, 0))) is None


def test_the_criterion_is_an_option() -> None:
    """Each takes the best admissible level of its own."""
    fit = fit_blrm(MODEL, n=(6, 6, 0, 0), dlt=(0, 0, 0, 0))
    rates = fit.rates
    safe = [level for level in range(1, 5) if rates[level - 1].overdose < 0.5]
    best = {
        "target": max(safe, key=lambda level: rates[level - 1].target),
        "nearest": min(safe, key=lambda level: abs(rates[level - 1].mean - 0.30)),
        "highest": max(safe),
        "loss": min(
            safe, key=lambda level: rates[level - 1].under + rates[level - 1].over + 2 * rates[level - 1].unacceptable
        ),
    }
    for criterion, level in best.items():
        options = {"criterion": criterion, "no_skip": "off", "max_overdose": 0.5}
        assert propose((6, 6, 0, 0), (0, 0, 0, 0), 2, **options)[0] == level, criterion


def test_the_increase_is_bounded() -> None:
    """By one level, by a share of the dose, by less after the first DLT."""
    free = {"criterion": "highest", "max_overdose": 0.99, "no_skip": "off"}
    clean = ((3, 0, 0, 0), (0, 0, 0, 0), 1)
    assert propose(*clean, **free)[0] == 4
    assert propose(*clean, **(free | {"no_skip": "current"}))[0] == 2
    assert propose(*clean, **(free | {"max_increase": 1.0}))[0] == 3
    assert propose(*clean, **(free | {"max_increase": 0.4}))[0] == 1
    bounded = free | {"max_increase": 1.0, "max_increase_after_dlt": 0.5}
    assert propose((6, 0, 0, 0), (1, 0, 0, 0), 1, **bounded)[0] == 2
    assert propose((3, 0, 3, 0), (0, 0, 0, 0), 1, **(free | {"no_skip": "tried"}))[0] == 4
    assert propose((3, 0, 0, 0), (0, 0, 0, 0), 1, **(free | {"no_skip": "tried"}))[0] == 2
    assert "no level above the next is open" in propose(*clean, **(free | {"no_skip": "current"}))[1][-1]


def test_the_mtd_is_among_the_levels_tried() -> None:
    """Or among all, on request; none before anybody is evaluable."""
    counts = Counts(n=(6, 6, 0, 0), dlt=(0, 0, 0, 0), current=2)
    options = {"criterion": "highest", "max_overdose": 0.9}
    assert Blrm(target=0.30, model=MODEL, **options).select(counts) == 2  # type: ignore[arg-type]
    assert Blrm(target=0.30, model=MODEL, select_from="all", **options).select(counts) == 4  # type: ignore[arg-type]
    nobody = Counts(n=(0,) * 4, dlt=(0,) * 4, current=2)
    base = Blrm(target=0.30, model=MODEL)
    assert base.select(nobody) is None
    assert base.propose(nobody).level == 2
    with pytest.raises(UsageError, match="4 doses for 3 levels"):
        base.propose(Counts(n=(0,) * 3, dlt=(0,) * 3))
    with pytest.raises(UsageError, match="no decision for one level"):
        base.cell(0, 3)


def test_many_states_are_decided_as_one_by_one() -> None:
    """Columns and single states agree for every criterion and restriction."""
    rng = np.random.default_rng(5)
    n = rng.integers(0, 7, (12, 4))
    dlt = rng.binomial(n, 0.25)
    batch = Batch(n=n, dlt=dlt, current=rng.integers(1, 5, 12))
    counts = batch.counts()
    options: tuple[dict[str, object], ...] = (
        {},
        {"criterion": "loss", "no_skip": "tried", "max_increase": 1.0, "max_increase_after_dlt": 0.4},
        {"criterion": "nearest", "no_skip": "off", "select_from": "all"},
        {"criterion": "highest", "max_overdose": 0.5, "max_increase": 0.5},
    )
    for each in options:
        base = Blrm(target=0.30, model=MODEL, **each)  # type: ignore[arg-type]
        many, single = base.propose_many(batch), [base.propose(state) for state in counts]
        assert many.stop.tolist() == [proposal.stop for proposal in single]
        assert many.level[~many.stop].tolist() == [proposal.level for proposal in single if not proposal.stop]
        assert base.select_many(batch).tolist() == [base.select(state) or 0 for state in counts]


def test_it_is_built_by_name() -> None:
    """Doses are needed; the rest has defaults that are shown."""
    parameters = {
        "doses": "3.0, 4.5 6",
        "robust_weight": 0.2,
        "mean_alpha": -1.0,
        "max_increase": 1.0,
        "criterion": "loss",
    }
    design = design_named("blrm", target=0.30, parameters=parameters)
    shown = dict(design.base.parameters)
    assert (shown["doses"], shown["reference"], shown["losses"]) == ("3 4.5 6", 6.0, "1 0 1 2")
    assert str(shown["prior"]).startswith("0.8 N((-1, 0), sd (2, 1), r 0) + 0.2")
    wrong: tuple[dict[str, float | str], ...] = (
        {},
        {"doses": "1 x"},
        {"doses": "2 1"},
        {"doses": "1 2", "losses": "1 2"},
        {"doses": "1 2", "criterion": "x"},
        {"doses": "1 2", "robust_weight": 2},
    )
    for each in wrong:
        assert check_design("blrm", target=0.30, parameters=each), each
    assert check_design("blrm", target=3.0, parameters={"doses": "1 2"})
