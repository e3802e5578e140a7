"""Every dose-finding vector from outside on CRM, TITE-CRM and BLRM (`make oracles`)."""

import json
from itertools import zip_longest
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from celltrial.escalation import Counts, Design, StopWhenFull, compute_oc, enumerate_trials
from celltrial.escalation.blrm import (
    BivariateNormal,
    BlrmModel,
    BlrmPrior,
    Intervals,
    fit_blrm,
    rate_quantiles,
)
from celltrial.escalation.blrm.design import Blrm
from celltrial.escalation.crm import (
    CrmFit,
    WorkingModel,
    calibrate_skeleton,
    compute_sample_size,
    compute_sensitivity,
    find_incoherences,
    fit_crm,
)
from celltrial.escalation.crm.design import Crm
from celltrial.escalation.titecrm import Followed, fit_titecrm

VECTORS = Path(__file__).parents[2] / "shared" / "oracles" / "dose_vectors.json"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason=f"the vectors from outside are not there: {VECTORS}")

# dfcrm integrates with R's `integrate`, whose own tolerance is about 1e-4 of the integral
INTEGRATE = 5e-6


def items(group: str) -> list[Any]:
    """The vectors of a group, named by their place in it; none without the file (all skipped)."""
    if not VECTORS.exists():
        return []
    found = json.loads(VECTORS.read_text())["groups"].get(group, {"items": []})["items"]
    return [pytest.param(item, id=f"{group}-{place}") for place, item in enumerate(found)]


def model_of(item: dict[str, Any]) -> WorkingModel:
    return WorkingModel(
        skeleton=tuple(item["prior"]), form=item.get("model", "empiric"), intercept=item.get("intcpt") or 3.0
    )


def fit_of(item: dict[str, Any]) -> CrmFit:
    """The fit of a vector: participants with their weights, or with their follow-up."""
    weights = item["weights"] or [1.0] * len(item["tox"])
    days = item["followup"] or [1.0] * len(weights)
    window = item["obswin"] or 1.0
    followed = [
        Followed(level=level, dlt=bool(dlt), days=min(day, window), weight=None if item["followup"] else weight)
        for level, dlt, day, weight in zip(item["level"], item["tox"], days, weights, strict=True)
    ]
    return fit_titecrm(
        model_of(item),
        followed,
        target=item["target"],
        window=window,
        scheme=item["scheme"] or "linear",
        prior_sd=sqrt(item["prior_var"]),
        method=item["method"],
    )


@pytest.mark.parametrize("item", items("crm_fits"))
def test_crm_fits(item: dict[str, Any]) -> None:
    """`crm` and `titecrm` of dfcrm: beta, its variance, every rate with its interval, the level."""
    fit = fit_of(item)
    assert list(fit.model.scaled_doses) == pytest.approx(item["dosescaled"], abs=1e-9)
    # the maximum of a likelihood is found by R's `optimize` to 1e-4
    tolerance = INTEGRATE if item["method"] == "bayes" else 1e-4
    assert fit.beta == pytest.approx(item["estimate"], abs=tolerance)
    assert list(fit.rates) == pytest.approx(item["ptox"], abs=tolerance)
    assert fit.level == item["mtd"]
    if item["method"] == "bayes" or item["model"] == "empiric":
        assert fit.variance == pytest.approx(item["post_var"], abs=tolerance)
        assert list(fit.lower) == pytest.approx(item["ptoxL"], abs=2 * tolerance)
        assert list(fit.upper) == pytest.approx(item["ptoxU"], abs=2 * tolerance)
    # else: the flat posterior of the logistic form is improper, and dfcrm's number depends on R's integrator


@pytest.mark.parametrize("item", items("crm_getprior"))
def test_crm_getprior(item: dict[str, Any]) -> None:
    """`getprior` of dfcrm."""
    skeleton = calibrate_skeleton(
        item["halfwidth"], item["target"], item["nu"], item["nlevel"], form=item["model"], intercept=item["intcpt"]
    )
    assert list(skeleton) == pytest.approx(item["prior"], abs=1e-9)


@pytest.mark.parametrize("item", items("crm_sensitivity"))
def test_crm_sensitivity(item: dict[str, Any]) -> None:
    """`crmsens` of dfcrm, which bisects until the rates are within 1e-6."""
    sensitivity = compute_sensitivity(model_of(item), item["target"])
    for ours, theirs in zip(sensitivity.h_sets, item["Hset"], strict=True):
        assert list(ours) == pytest.approx(theirs, abs=1e-5)
    for interval, (lower, upper) in zip(sensitivity.intervals, item["iint"], strict=True):
        assert interval.lower == (None if lower is None else pytest.approx(lower, abs=1e-6))
        assert interval.upper == (None if upper is None else pytest.approx(upper, abs=1e-6))


@pytest.mark.parametrize("item", items("crm_sample_size"))
def test_crm_sample_size(item: dict[str, Any]) -> None:
    """`getn` of dfcrm."""
    size = compute_sample_size(item["apcs"], item["target"], item["nlevel"], item["psi"], correction=item["correction"])
    assert size.n == item["n"]


@pytest.mark.parametrize("item", items("crm_coherence"))
def test_crm_coherence(item: dict[str, Any]) -> None:
    """`cohere` of dfcrm, for the initial design of its manual."""
    initial = [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3 + [5] * 3 + [6] * 9
    model = WorkingModel(skeleton=(0.05, 0.10, 0.20, 0.35, 0.50, 0.70))
    incoherent = find_incoherences(model, item["target"], initial)
    assert (not incoherent) == (item["message"] == "Coherent")


@pytest.mark.parametrize("item", items("crm_cheung_table_3_2"))
def test_cheung_table_3_2(item: dict[str, Any]) -> None:
    """Cheung (2011), table 3.2: beta after each participant, printed to two decimals; and the doses given."""
    model, n, dlt = model_of(item), [0] * 5, [0] * 5
    following = [*item["doses"][1:], None]
    for level, had, beta, then in zip(item["doses"], item["tox"], item["beta_hat"], following, strict=True):
        n[level - 1] += 1
        dlt[level - 1] += had
        fit = fit_crm(model, target=item["target"], n=n, dlt=dlt, prior_sd=sqrt(item["prior_var"]))
        assert fit.beta == pytest.approx(beta, abs=0.005)
        assert then is None or fit.level == then


@pytest.mark.parametrize("item", items("crm_exact_oc"))
def test_crm_exact_oc(item: dict[str, Any]) -> None:
    """Exact operating characteristics, five decimals."""
    crm = Crm(
        target=item["target"],
        skeleton=tuple(item["skeleton"]),
        coherence="last-cohort" if item["coherent"] else "off",
    )
    size = item["cohort_size"]
    enumeration = enumerate_trials(
        Design(base=crm), levels=len(item["p"]), cohort_size=size, max_n=size * item["ncohort"], max_states=10**8
    )
    oc = compute_oc(enumeration, item["p"])
    expected = item["exact"]
    assert list(oc.selection) == pytest.approx(expected["p_select"], abs=1e-5)
    assert list(oc.patients) == pytest.approx(expected["e_n"], abs=1e-5)
    assert list(oc.dlts) == pytest.approx(expected["e_tox"], abs=1e-5)
    simulated = item.get("mc_dfcrm_crmsim")
    for share, exact in zip(simulated["MTD"], oc.selection, strict=True) if simulated else ():
        trials = simulated["nsim"]
        if trials * exact >= 5:  # the standard error says nothing of rarer levels
            assert abs(share - exact) <= 3 * sqrt(exact * (1 - exact) / trials) + 5e-4


@pytest.mark.parametrize("item", items("dtp_viola"))
def test_dtp_viola(item: dict[str, Any]) -> None:
    """All 4,693 dose-transition pathways of the VIOLA trial, as the R package dtpcrm has them."""
    crm = Crm(
        target=0.20,
        skeleton=(0.03, 0.07, 0.12, 0.20, 0.30, 0.40, 0.52),
        prior_var=0.75,
        no_skip="tried",
        coherence="current-level",
        too_toxic_rate=0.30,
        too_toxic_cutoff=0.72,
        tail="normal",
    )
    design = Design(base=crm, rules=(StopWhenFull(n=12),))
    decided: dict[Counts, str] = {}
    assert len(item["rows"]) == item["n_unique"]
    for row in item["rows"]:
        first, *rest = row.split()
        level, n, dlt = int(first), [0] * 7, [0] * 7
        for dlts, then in zip_longest(rest[::2], rest[1::2]):
            if dlts == "NA":
                break
            n[level - 1] += 3
            dlt[level - 1] += int(dlts)
            counts = Counts(n=tuple(n), dlt=tuple(dlt), current=level)
            if counts not in decided:
                decided[counts] = str(design.decide(counts).level or "NA")
            assert decided[counts] == then, row
            level = level if then == "NA" else int(then)


def blrm_of(item: dict[str, Any]) -> tuple[BlrmModel, list[int], list[int], Intervals]:
    prior = BlrmPrior(components=(BivariateNormal.with_covariance(item["mean"], item["cov"]),))
    model = BlrmModel(doses=tuple(map(float, item["doses"])), reference=item["ref"], prior=prior)
    n = [item["x"].count(dose) for dose in item["doses"]]
    given = list(zip(item["x"], item["y"], strict=True))
    dlt = [sum(had for dose, had in given if dose == each) for each in item["doses"]]
    low, high = item["intervals"]["target"]
    return model, n, dlt, Intervals(low=low, high=high, unacceptable=item["intervals"]["unacceptable"][0])


@pytest.mark.parametrize("item", [each for each in items("blrm") if "doses" in each.values[0]])
def test_blrm(item: dict[str, Any]) -> None:
    """SAS results of the tests of crmPack (Monte Carlo, about 0.01), and another quadrature (its grid, about 0.003)."""
    if "mean" not in item or "cov" not in item:
        pytest.skip("a vector of another kind")
    model, n, dlt, intervals = blrm_of(item)
    fit = fit_blrm(model, n=n, dlt=dlt, intervals=intervals)
    under, target, over, worst = item.get("losses", (1, 0, 1, 2))
    for row, ours in zip(item.get("sas", []), fit.rates, strict=bool(item.get("sas"))):
        expected = [row[key] for key in ("PTARGET", "POVEREX", "POVERUN", "POVER", "PMEAN")]
        shown = [ours.target, ours.over, ours.unacceptable, ours.overdose, ours.mean]
        assert shown == pytest.approx(expected, abs=0.0101)
        loss = under * ours.under + target * ours.target + over * ours.over + worst * ours.unacceptable
        assert loss == pytest.approx(row["LOSS"], abs=0.02)
    for level, (row, ours) in enumerate(zip(item["quadrature"], fit.rates, strict=True), start=1):
        assert [ours.mean, ours.sd] == pytest.approx([row["mean"], row["sd"]], abs=1e-9)
        shares = [ours.under, ours.target, ours.over, ours.unacceptable]
        expected = [row[key] for key in ("p_under", "p_target", "p_over", "p_unacceptable")]
        assert shares == pytest.approx(expected, abs=3e-3)
        quantiles = rate_quantiles(model, n=n, dlt=dlt, level=level, probabilities=(0.025, 0.25, 0.5, 0.75, 0.975))
        expected = [row[key] for key in ("q025", "q25", "median", "q75", "q975")]
        assert list(quantiles) == pytest.approx(expected, abs=3e-3)


@pytest.mark.parametrize("item", [each for each in items("blrm") if "sas_recommended_dose" in each.values[0]])
def test_blrm_recommended_dose(item: dict[str, Any]) -> None:
    """The dose SAS recommends by expected loss; example 3 bounds the increase (crmPack, its tests): 67 % from 60 on,
    50 % after a DLT."""
    model, n, dlt, intervals = blrm_of(item)
    bounded = item["name"].startswith("sc3")
    blrm = Blrm(
        target=0.30,
        model=model,
        intervals=intervals,
        max_overdose=item["max_over"],
        criterion="loss",
        losses=tuple(item["losses"]),
        no_skip="off",
        max_increase=(0.67 if item["x"][-1] >= 60 else 1.0) if bounded else None,
        max_increase_after_dlt=0.50 if bounded else None,
    )
    current = item["doses"].index(item["x"][-1]) + 1
    level = blrm.propose(Counts(n=tuple(n), dlt=tuple(dlt), current=current)).level
    assert item["doses"][level - 1] == item["sas_recommended_dose"]


@pytest.mark.parametrize("item", items("neuenschwander2008_table1_crm"))
@pytest.mark.parametrize("skeleton", ["A", "B"])
def test_neuenschwander_table_1(item: dict[str, Any], skeleton: str) -> None:
    """Posterior means and standard deviations of the rates; as printed within 0.005, by quadrature exactly."""
    guesses = tuple(item[f"skeleton_{skeleton}"])
    doses = item["doses"][: len(guesses)]
    given = list(zip(item["x"], item["y"], strict=True))
    n = [item["x"].count(dose) for dose in doses]
    dlt = [sum(had for dose, had in given if dose == each) for each in doses]
    fit = fit_crm(WorkingModel(skeleton=guesses), target=0.30, n=n, dlt=dlt, prior_sd=item["sigma"], estimate="mean")
    means, sds = list(fit.rates[:10]), list(fit.means_sd[:10])
    assert means == pytest.approx(item["published"][f"{skeleton}_mean"], abs=0.005)
    assert sds == pytest.approx(item["published"][f"{skeleton}_sd"], abs=0.005)
    assert means == pytest.approx([row[0] for row in item[f"quadrature_{skeleton}"]], abs=1e-9)
    assert sds == pytest.approx([row[1] for row in item[f"quadrature_{skeleton}"]], abs=1e-9)
