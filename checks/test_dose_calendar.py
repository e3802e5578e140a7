"""Dose-finding vectors from outside for designs that decide while outcomes are pending (`make oracles`)."""

import json
from pathlib import Path
from typing import Any

import pytest

from celltrial.escalation import Design, PartialCounts, decide_partial, design_named
from celltrial.escalation.calendar import Arrivals, Conduct, Estimate, Onset, Scenario, simulate_calendar
from celltrial.escalation.crm.design import Crm
from celltrial.escalation.titecrm_rule import TiteCrmRule

VECTORS = Path(__file__).parents[2] / "shared" / "oracles" / "dose_vectors.json"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason=f"the vectors from outside are not there: {VECTORS}")


def items(group: str) -> list[Any]:
    """The vectors of a group, named by their place in it; none without the file (all skipped)."""
    if not VECTORS.exists():
        return []
    found = json.loads(VECTORS.read_text())["groups"].get(group, {"items": []})["items"]
    return [pytest.param(item, id=f"{group}-{place}") for place, item in enumerate(found)]


@pytest.mark.parametrize("item", items("titeboin_next_dose"))
def test_titeboin_next_dose(item: dict[str, Any]) -> None:
    """The next level, the suspension, the stop and the eliminated levels of the R package TITEgBOIN."""
    design = design_named("tite-boin", target=item["target"], parameters={"max_pending": item["max_pending_frac"]})
    partial = PartialCounts(
        n=tuple(item["n"]),
        dlt=tuple(item["y"]),
        pending=tuple(item["n_pending"]),
        follow_up=tuple(days / item["window"] for days in item["follow_up_total"]),
        current=item["current_dose"],
    )
    decision, expected = decide_partial(design, partial), item["result"]
    out = [level in decision.eliminated for level in range(1, len(item["n"]) + 1)]
    assert out == [bool(each) for each in expected["elimi"]]
    assert decision.stop is bool(expected["earlystop"] or expected["stop"])
    assert decision.hold is bool(expected["pending"])
    if not decision.stop and not decision.hold:
        assert decision.level == expected["d"]


def near(ours: Estimate, theirs: float, their_error: float) -> bool:
    """Whether two Monte Carlo figures agree within three standard errors of their difference."""
    return abs(ours.value - theirs) <= 3 * (ours.standard_error**2 + their_error**2) ** 0.5


@pytest.mark.parametrize("item", items("titeboin_mc_oc"))
def test_titeboin_mc_oc(item: dict[str, Any]) -> None:
    """Selection, participants, DLTs and duration of TITE-BOIN, both sides with Monte Carlo error.

    Their errors are not printed: of a share p it is sqrt(p (1 - p) / trials), of a mean number of participants or DLTs
    ours scaled to their number of trials.
    """
    window = 28.0
    conduct = Conduct(
        cohort_size=item["cohort_size"],
        max_n=item["ncohort"] * item["cohort_size"],
        window_days=window,
        arrivals=Arrivals(mean_gap_days=window * item["maxt"] / item["accrual"]),
        onset=Onset(kind="weibull", late_share=item["alpha1"], late_part=item["alpha2"]),
    )
    design = design_named("tite-boin", target=item["target"], parameters={"max_pending": item["maxpen"]})
    trials = 4_000
    oc = simulate_calendar(
        design, Scenario(name="vector", truth=tuple(item["p"])), conduct, trials=trials, seed=20261122
    )
    scale = (trials / item["ntrial"]) ** 0.5
    for ours, percent in zip((*oc.selection, oc.none), (*item["selpercent"], item["percentstop"]), strict=True):
        share = percent / 100
        assert near(ours, share, (share * (1 - share) / item["ntrial"]) ** 0.5), percent
    for estimates, theirs in ((oc.patients, item["npatients"]), (oc.dlts, item["ntox"])):
        for ours, number in zip(estimates, theirs, strict=True):
            assert near(ours, number, ours.standard_error * scale), number
    duration = Estimate(oc.duration_days.value / window, oc.duration_days.standard_error / window)
    assert near(duration, item["duration"], item["sdduration"] / item["ntrial"] ** 0.5)


@pytest.mark.parametrize("item", items("titecrm_mc"))
def test_titecrm_mc(item: dict[str, Any]) -> None:
    """Selection, participants and DLTs of TITE-CRM, one participant at a time, both sides with Monte Carlo error."""
    window = 28.0
    assert (item["accrual"], item["restrict"]) == ("poisson", True)
    # `restrict` of titesim is no skipping above the current level, nothing else (dfcrm 0.2-2.1)
    crm = Crm(target=item["target"], skeleton=tuple(item["skeleton"]), no_skip="current", coherence="off")
    conduct = Conduct(
        cohort_size=1,
        max_n=item["n"],
        window_days=window,
        arrivals=Arrivals(mean_gap_days=window / item["rate"]),
        onset=Onset(kind="uniform"),
    )
    trials = 1_000
    scenario = Scenario(name="vector", truth=tuple(item["p"]))
    oc = simulate_calendar(Design(base=TiteCrmRule(crm=crm)), scenario, conduct, trials=trials, seed=20261122)
    scale = (trials / item["nsim"]) ** 0.5
    for ours, share in zip(oc.selection, item["result"]["MTD"], strict=True):
        assert near(ours, share, (share * (1 - share) / item["nsim"]) ** 0.5), share
    for estimates, theirs in ((oc.patients, item["result"]["level"]), (oc.dlts, item["result"]["tox"])):
        for ours, number in zip(estimates, theirs, strict=True):
            assert near(ours, number, ours.standard_error * scale), number
