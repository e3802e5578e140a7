"""What calendar-time simulation keeps for every design: exact results, one result for both engines, any executor."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields, replace
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from celltrial.escalation import Design, PartialRule, design_named, exact_oc
from celltrial.escalation.calendar import (
    Arrivals,
    Conduct,
    DropOut,
    Onset,
    Outcomes,
    Scenario,
    Stagger,
    simulate_calendar,
    simulate_trials,
)
from celltrial.escalation.calendar.lockstep import runs_in_lockstep, simulate_lockstep
from celltrial.escalation.calendar.one_by_one import simulate_one_by_one

SETTINGS: dict[str, tuple[str, dict[str, Any], list[tuple[str, dict[str, Any]]]]] = {
    "3+3, stop": ("3+3", {"variant": "stop"}, []),
    "3+3, de-escalate": ("3+3", {"variant": "de-escalate"}, []),
    "3+3, six": ("3+3", {"variant": "six"}, []),
    "a+b": ("a+b", {"a": 2, "b": 3}, []),
    "boin": ("boin", {}, []),
    "boin, extra safe, stop at 9": ("boin", {}, [("extra_safe", {}), ("stop_at_n", {"n": 9})]),
    "boin with titration": ("boin", {"titration": 3}, []),
    "boin with a sentinel": ("boin", {}, [("sentinel", {})]),
    "i3+3": ("i3+3", {}, []),
    "keyboard": ("keyboard", {}, []),
    "mtpi": ("mtpi", {}, []),
    "mtpi-2": ("mtpi-2", {}, []),
    "tpi": ("tpi", {}, []),
    "bf-boin": ("bf-boin", {}, []),
    "crm": ("crm", {"coherence": "off"}, []),
    "crm, coherent": ("crm", {"coherence": "last-cohort"}, []),
}
DESIGNS = {name: design_named(of, target=0.30, parameters=p, rules=rules) for name, (of, p, rules) in SETTINGS.items()}
PARTIAL = {name: design_named(name, target=0.30) for name in ("tite-boin", "rolling-6", "tite-crm")}
every_design = pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())

STEEP = Scenario(name="steep", truth=(0.08, 0.20, 0.35, 0.55))
AT_ONCE = Conduct(cohort_size=3, max_n=18, window_days=0, arrivals=Arrivals(kind="fixed", mean_gap_days=1))
IN_TIME = replace(AT_ONCE, window_days=28, arrivals=Arrivals(mean_gap_days=8))
CONDUCTS = {
    "plain": IN_TIME,
    "late DLTs, uniform gaps": replace(
        IN_TIME, onset=Onset(kind="weibull", late_share=0.8), arrivals=Arrivals(kind="uniform", mean_gap_days=8)
    ),
    "drop-outs are replaced": replace(IN_TIME, drop_out=DropOut(share=0.3)),
    "drop-outs are not replaced": replace(IN_TIME, drop_out=DropOut(share=0.3, replaced=False)),
    "sentinel of a level": replace(IN_TIME, stagger=Stagger(sentinel_days=14, gap_days=3)),
    "sentinel of a cohort, drop-outs": replace(
        IN_TIME, stagger=Stagger(sentinel_days=14, first_of="cohort"), drop_out=DropOut(share=0.3)
    ),
    "patients wait": replace(IN_TIME, patience_days=10, stagger=Stagger(sentinel_days=14), drop_out=DropOut(share=0.2)),
    "the last day": replace(IN_TIME, max_days=120, patience_days=5),
    "a list of arrivals": replace(IN_TIME, arrivals=Arrivals(kind="listed", days=tuple(range(0, 150, 6)))),
    "at once": AT_ONCE,
}


def assert_same(left: Outcomes, right: Outcomes) -> None:
    """Every figure of every trial."""
    for each in fields(Outcomes):
        np.testing.assert_allclose(
            getattr(left, each.name).astype(float),
            getattr(right, each.name).astype(float),
            rtol=0,
            atol=1e-9,
            err_msg=each.name,
        )


@every_design
def test_known_at_once_it_is_exact_within_monte_carlo_error(design: Design) -> None:
    """No window and no drop-out: selection, participants and DLTs of `exact_oc`, within 4.5 standard errors."""
    exact = exact_oc(design, STEEP.truth, cohort_size=3, max_n=18)
    oc = simulate_calendar(design, STEEP, AT_ONCE, trials=4_000, seed=11)
    pairs = [*zip(oc.selection, exact.selection, strict=True), (oc.none, exact.none)]
    pairs += [*zip(oc.patients, exact.patients, strict=True), *zip(oc.dlts, exact.dlts, strict=True)]
    pairs += [(oc.expected_n, exact.expected_n), (oc.stopped_early, exact.stopped_early)]
    for found, expected in pairs:
        assert abs(found.value - expected) <= 4.5 * found.standard_error + 1e-3, (found, expected)


@pytest.mark.parametrize(
    ("name", "like", "cohort_size"), [("tite-boin", "boin", 3), ("rolling-6", "3+3", 1), ("tite-crm", "crm", 3)]
)
def test_rules_for_pending_outcomes_known_at_once_are_their_parents(name: str, like: str, cohort_size: int) -> None:
    """TITE-BOIN is BOIN, TITE-CRM the CRM; rolling six selects as 3+3 does, and leaves a level at the second DLT."""
    exact = exact_oc(design_named(like, target=0.30), STEEP.truth, cohort_size=3, max_n=24)
    conduct = replace(AT_ONCE, cohort_size=cohort_size, max_n=24)
    oc = simulate_calendar(PARTIAL[name], STEEP, conduct, trials=3_000, seed=12)
    for found, expected in zip((oc.none, *oc.selection), (exact.none, *exact.selection), strict=True):
        assert abs(found.value - expected) <= 4.5 * found.standard_error + 1e-3
    saved, error = exact.expected_n - oc.expected_n.value, 4.5 * oc.expected_n.standard_error + 1e-9
    assert saved >= -error
    assert name == "rolling-6" or saved <= error


@every_design
def test_both_engines_agree_on_every_patient(design: Design) -> None:
    """All trials at once and one after the other, however the trial is run."""
    assert runs_in_lockstep(design)
    for name, conduct in CONDUCTS.items():
        left = simulate_lockstep(design, STEEP, conduct, seed=5, first=20, trials=12)
        right = simulate_one_by_one(design, STEEP, conduct, seed=5, first=20, trials=12)
        try:
            assert_same(left, right)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from None


@pytest.mark.parametrize("design", PARTIAL.values(), ids=PARTIAL.keys())
def test_every_conduct_ends_with_what_was_enrolled(design: Design) -> None:
    """Designs for pending outcomes under every conduct: nobody is lost, nobody is counted twice."""
    for conduct in CONDUCTS.values():
        out = simulate_one_by_one(design, STEEP, conduct, seed=6, first=0, trials=20)
        assert ((out.n.sum(axis=1) + out.dropped_out) == out.enrolled.sum(axis=1)).all()
        assert (out.dlt <= out.n).all()
        assert (out.n.sum(axis=1) <= conduct.max_n).all()
        assert (out.early | out.unfinished | (out.enrolled.sum(axis=1) >= conduct.max_n)).all()


@pytest.mark.parametrize("design", [DESIGNS["boin"], PARTIAL["tite-boin"]], ids=["boin", "tite-boin"])
def test_no_executor_and_no_cut_changes_a_result(design: Design) -> None:
    """In one piece, in sevens, on threads and on other processes: the same trials."""
    conduct = CONDUCTS["patients wait"]
    whole = simulate_trials(design, STEEP, conduct, trials=40, seed=9)
    assert_same(whole, simulate_trials(design, STEEP, conduct, trials=40, seed=9, piece=7))
    with ThreadPoolExecutor(2) as threads:
        assert_same(whole, simulate_trials(design, STEEP, conduct, trials=40, seed=9, piece=11, executor=threads))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        assert_same(whole, simulate_trials(design, STEEP, conduct, trials=40, seed=9, piece=20, executor=processes))


def test_a_dask_cluster_changes_nothing() -> None:
    """Two worker processes of a local Dask cluster, as the extra `dask` brings it."""
    distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    conduct = CONDUCTS["plain"]
    here = simulate_trials(DESIGNS["boin"], STEEP, conduct, trials=60, seed=3)
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client, client.get_executor() as executor:
        there = simulate_trials(DESIGNS["boin"], STEEP, conduct, trials=60, seed=3, piece=16, executor=executor)
    assert_same(here, there)


def test_more_trials_begin_with_the_same_ones() -> None:
    """Trial 7 is trial 7, alone or among a thousand."""
    design, conduct = DESIGNS["boin"], CONDUCTS["plain"]
    few = simulate_trials(design, STEEP, conduct, trials=10, seed=2)
    many = simulate_trials(design, STEEP, conduct, trials=300, seed=2)
    assert (few.duration_days == many.duration_days[:10]).all()
    other = simulate_trials(design, STEEP, conduct, trials=10, seed=3)
    assert not (few.duration_days == other.duration_days).any()


def test_partial_rules_are_told_from_the_others() -> None:
    """Only rules that decide on pending outcomes leave the fast engine."""
    assert all(isinstance(design.base, PartialRule) and not runs_in_lockstep(design) for design in PARTIAL.values())
    backfilled = design_named("boin", target=0.30, rules=[("backfill", {})])
    assert not runs_in_lockstep(backfilled)
