"""TITE-CRM: weights, the likelihood of those in follow-up, and the restrictions it shares with the CRM."""

from math import exp, sqrt

import pytest
from scipy.integrate import quad

from celltrial.errors import UsageError
from celltrial.escalation import Counts, Design, MaxN
from celltrial.escalation.crm import WorkingModel, fit_crm
from celltrial.escalation.crm.design import Crm
from celltrial.escalation.titecrm import Followed, TiteCrm, compute_weights, fit_titecrm

SKELETON = (0.05, 0.12, 0.25)


def free(level: int, days: float, weight: float | None = None) -> Followed:
    return Followed(level=level, dlt=False, days=days, weight=weight)


def had(level: int, days: float) -> Followed:
    return Followed(level=level, dlt=True, days=days)


def test_linear_weights_are_the_share_of_the_window() -> None:
    """One after the window; one with a DLT; a given weight stands."""
    followed = [free(1, 7), free(1, 28), free(1, 40), had(1, 3), free(1, 7, weight=0.9)]
    assert compute_weights(followed, window=28) == (0.25, 1.0, 1.0, 1.0, 0.9)


def test_adaptive_weights_follow_the_dlts_seen() -> None:
    """Cheung & Chappell (2000): with DLTs at 10 and 20 days of 30, each third of the weight takes 10 days."""
    followed = [free(1, 5), free(1, 10), free(1, 15), free(1, 25), had(1, 10), had(1, 20)]
    weights = compute_weights(followed, window=30, scheme="adaptive")
    assert weights == pytest.approx((1 / 6, 1 / 3, 1 / 2, 5 / 6, 1, 1))


def test_adaptive_weights_without_a_dlt_are_linear() -> None:
    """And a DLT on the last day of the window divides by nothing."""
    assert compute_weights([free(1, 7)], window=28, scheme="adaptive") == (0.25,)
    assert compute_weights([free(1, 14), had(1, 28)], window=28, scheme="adaptive") == (0.25, 1.0)
    assert compute_weights([free(1, 28), had(1, 28), had(1, 28)], window=28, scheme="adaptive") == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("followed", "window", "scheme"),
    [
        ([free(1, -1)], 28, "linear"),
        ([had(1, 29)], 28, "linear"),
        ([free(1, 1, weight=1.5)], 28, "linear"),
        ([], 0, "linear"),
        ([], 28, "logistic"),
    ],
)
def test_follow_up_that_cannot_be_is_refused(followed: list[Followed], window: float, scheme: str) -> None:
    """Each with a finding."""
    with pytest.raises(UsageError):
        compute_weights(followed, window=window, scheme=scheme)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        TiteCrm(crm=Crm(target=0.25), window=window, scheme=scheme, followed=tuple(followed))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["empiric", "logistic"])
def test_the_fit_is_the_integral_it_stands_for(form: str) -> None:
    """Posterior mean of beta by scipy's integrator, likelihood 1 - weight x rate for those in follow-up."""
    model = WorkingModel(skeleton=SKELETON, form=form)
    followed = [free(1, 28), had(2, 9), free(2, 14), free(3, 7), free(3, 0)]

    def density(beta: float) -> float:
        one, two, three = model.rates(beta)
        return exp(-beta * beta / 2.68) * (1 - one) * two * (1 - two / 2) * (1 - three / 4)

    total = quad(density, -9, 9, epsabs=0, epsrel=1e-11)[0]
    mean = quad(lambda beta: beta * density(beta), -9, 9, epsabs=1e-13, epsrel=1e-11)[0] / total
    assert fit_titecrm(model, followed, target=0.25, window=28).beta == pytest.approx(mean, abs=1e-8)


def test_with_everybody_followed_it_is_the_crm() -> None:
    """Same fit, same proposal."""
    followed = [free(1, 28)] * 3 + [had(2, 5)] + [free(2, 30)] * 2
    model = WorkingModel(skeleton=SKELETON)
    tite = fit_titecrm(model, followed, target=0.25, window=28)
    assert tite == fit_crm(model, target=0.25, n=(3, 3, 0), dlt=(0, 1, 0))
    counts = Counts(n=(3, 3, 0), dlt=(0, 1, 0), current=2)
    crm = Crm(target=0.25, skeleton=SKELETON)
    proposal = TiteCrm(crm=crm, window=28, followed=tuple(followed)).propose(counts)
    assert proposal.level == crm.propose(counts).level
    assert "0 in follow-up count 0.00 together" in proposal.reasons


def test_less_follow_up_is_less_reason_to_go_up() -> None:
    """Beta, and with it the recommendation, rises with the follow-up of those without a DLT."""
    model = WorkingModel(skeleton=SKELETON)
    betas = [
        fit_titecrm(model, [had(2, 5), *[free(2, days)] * 5], target=0.25, window=28).beta
        for days in (0, 7, 14, 21, 28)
    ]
    assert betas == sorted(betas)
    assert betas[0] < betas[-1]


def test_the_wrappers_of_a_design_apply() -> None:
    """`max_n` stops it; the restrictions of the CRM hold."""
    followed = tuple([free(1, 20)] * 3)
    base = TiteCrm(crm=Crm(target=0.25, skeleton=SKELETON), window=28, followed=followed)
    counts = Counts(n=(3, 0, 0), dlt=(0, 0, 0))
    decision = Design(base=base).decide(counts)
    assert decision.level == 2
    assert decision.inputs.design == "titecrm"
    assert dict(decision.inputs.parameters)["window"] == 28
    assert Design(base=base, rules=(MaxN(n=3),)).decide(counts).level is None
    with pytest.raises(UsageError, match="no decision for one level"):
        base.cell(0, 3)


def test_it_stops_when_the_lowest_level_is_too_toxic() -> None:
    """Those in follow-up count by their weight here too."""
    crm = Crm(target=0.25, skeleton=SKELETON, too_toxic_rate=0.25, too_toxic_cutoff=0.8)
    counts = Counts(n=(5, 0, 0), dlt=(2, 0, 0))
    early = TiteCrm(crm=crm, window=28, followed=(had(1, 3), had(1, 5), *[free(1, 1)] * 3))
    late = TiteCrm(crm=crm, window=28, followed=(had(1, 3), had(1, 5), *[free(1, 28)] * 3))
    assert (early.propose(counts).stop, late.propose(counts).stop) == (True, False)
    assert (early.select(counts), late.select(counts)) == (None, late.fit(counts).level)


def test_participants_have_to_be_those_of_the_counts() -> None:
    """Else two of them would be decided on different people."""
    base = TiteCrm(crm=Crm(target=0.25, skeleton=SKELETON), window=28, followed=(free(1, 3),))
    with pytest.raises(UsageError, match="not those of the counts"):
        base.propose(Counts(n=(3, 0, 0), dlt=(0, 0, 0)))
    with pytest.raises(UsageError, match="no such level"):
        fit_titecrm(WorkingModel(skeleton=SKELETON), [free(4, 3)], target=0.25, window=28, prior_sd=sqrt(1.34))


def test_before_anybody_is_treated_the_start_stands() -> None:
    """And nothing is selected."""
    base = TiteCrm(crm=Crm(target=0.25, skeleton=SKELETON), window=28)
    nobody = Counts(n=(0, 0, 0), dlt=(0, 0, 0), current=2)
    assert base.propose(nobody).level == 2
    assert base.select(nobody) is None
