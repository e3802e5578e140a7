"""Every dose-finding vector from outside of the kinds the escalation room implements (`make oracles`)."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from celltrial.escalation import (
    Design,
    Enumeration,
    OperatingCharacteristics,
    compute_oc,
    count_cohorts,
    decision_table,
    design_named,
    enumerate_trials,
    exact_oc,
    parse_outcomes,
    select_mtd,
    simulate_oc,
)
from celltrial.missing import NotEstimable

VECTORS = Path(__file__).parents[2] / "shared" / "oracles" / "dose_vectors.json"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason=f"the vectors from outside are not there: {VECTORS}")


OURS = {"boin", "i3+3", "3+3", "tpi", "mtpi", "mtpi2"}
NAMES = {"mtpi2": "mtpi-2"}
PARAMETERS = {"epsilon1": "eps1", "epsilon2": "eps2", "eps1": "eps1", "eps2": "eps2", "k1": "k1", "k2": "k2"}


def design_of(item: dict[str, Any]) -> Any:
    """The design of a vector by its name, with the parameters and the cutoff it has."""
    parameters = {PARAMETERS[key]: value for key, value in item.items() if key in PARAMETERS}
    if "exclusion_certainty" in item:
        parameters["cutoff_eli"] = item["exclusion_certainty"]
    return design_named(NAMES.get(item["design"], item["design"]), target=item["target"], parameters=parameters)


def items(group: str) -> list[Any]:
    """The vectors of a group for designs of ours, named by their place in it; none without the file (all skipped)."""
    if not VECTORS.exists():
        return []
    return [
        pytest.param(item, id=f"{group}-{place}")
        for place, item in enumerate(json.loads(VECTORS.read_text())["groups"][group]["items"])
        if item.get("design", "boin").split()[0].lower() in OURS
    ]


def boin(item: dict[str, Any], rules: tuple[tuple[str, dict[str, float]], ...] = ()) -> Any:
    """The design a BOIN vector was made with."""
    rates = {key: item[key] for key in ("p_saf", "p_tox") if key in item}
    cutoff = {"cutoff_eli": item["cutoff_eli"]} if "cutoff_eli" in item else {}
    return design_named("boin", target=item["target"], parameters=rates | cutoff, rules=rules)


@pytest.mark.parametrize("item", items("keyboard_boundaries"))
def test_keyboard_boundaries(item: dict[str, Any]) -> None:
    """Every boundary of the R package Keyboard; mTPI-2, judged from one participant on as well, has the same cells."""
    parameters, rules = {"eps1": item["marginL"], "eps2": item["marginR"]}, []
    for name in ("keyboard", "mtpi-2"):
        design = design_named(name, target=item["target"], parameters=parameters, rules=rules)
        check_boundaries(item, decision_table(design, max(item["n"])).to_json())
        rules = [("eliminate", {"cutoff": item["cutoff_eli"], "min_n": 1})]


def check_boundaries(item: dict[str, Any], document: dict[str, Any]) -> None:
    assert [row["n"] for row in document["rows"]] == item["n"]
    for column, expected in (
        ("escalate_le", "escalate_if_le"),
        ("deescalate_ge", "deescalate_if_ge"),
        ("eliminate_ge", "eliminate_if_ge"),
    ):
        assert [row[column] for row in document["rows"]] == item[expected], column


@pytest.mark.parametrize("item", items("boin_boundaries"))
def test_boin_boundaries(item: dict[str, Any]) -> None:
    """lambda_e, lambda_d and every boundary of the R package BOIN."""
    document = decision_table(boin(item), max(item["n"])).to_json()
    assert document["lambda_e"] == pytest.approx(item["lambda_e"], abs=1e-12)
    assert document["lambda_d"] == pytest.approx(item["lambda_d"], abs=1e-12)
    check_boundaries(item, document)


@pytest.mark.parametrize("item", items("boin_extrasafe_boundaries"))
def test_boin_extra_safe(item: dict[str, Any]) -> None:
    """The stopping boundary of the lowest level, with `extrasafe`."""
    table = decision_table(boin(item, rules=(("extra_safe", {"offset": item["offset"]}),)), max(item["n"]))
    check_boundaries(item, table.to_json())
    assert [row.stop_lowest_ge for row in table.rows] == item["stop_boundary"]["stop_if_ge"]


@pytest.mark.parametrize("item", items("i3plus3_tables"))
def test_i3plus3_tables(item: dict[str, Any]) -> None:
    """Every cell of the i3+3 tables, letters as given."""
    design = design_named("i3+3", target=item["target"], parameters={"eps1": item["eps1"], "eps2": item["eps2"]})
    table = decision_table(design, max(n for n, _, _ in item["cells"]))
    assert [[cell.n, cell.dlts, cell.letter] for cell in table.cells] == item["cells"]


@pytest.mark.parametrize("item", items("tpi_mtpi_mtpi2_boin_tables"))
def test_cells_of_the_r_package_escalation(item: dict[str, Any]) -> None:
    """Every cell of BOIN, TPI, mTPI and mTPI-2."""
    table = decision_table(design_of(item), max(n for n, _, _ in item["cells"]))
    assert [[n, dlts, table.cell(dlts, n).letter] for n, dlts, _ in item["cells"]] == item["cells"]


@pytest.mark.parametrize("item", items("published_decisions"))
def test_published_decisions(item: dict[str, Any]) -> None:
    """The recommended dose after published sequences of cohorts."""
    counts = count_cohorts(parse_outcomes(item["outcomes"]), levels=item["num_doses"])
    decision = design_of(item).decide(counts)
    assert decision.level == item["recommended_dose"]
    assert (decision.action != "stop") is item["continue"]


@pytest.mark.parametrize("item", items("boin_select_mtd"))
def test_select_mtd(item: dict[str, Any]) -> None:
    """The selected dose (99: none) and the isotonic rates as printed, two decimals."""
    selection = select_mtd(
        item["n"],
        item["y"],
        target=item["target"],
        cutoff=item["cutoff_eli"],
        extra_safe_offset=item["offset"] if item["extrasafe"] else None,
        bound_mtd=item["boundMTD"],
    )
    printed = ["----" if isinstance(rate, NotEstimable) else f"{rate:.2f}" for rate in selection.estimates]
    assert (99 if selection.level is None else selection.level) == item["mtd"]
    assert printed == item["phat"]


VARIANTS = {"esc_only": "stop", "deesc": "de-escalate", "six": "six"}


def three_plus_three(variant: str) -> Any:
    """The 3+3 design of a vector; the target is not used by it."""
    return design_named("3+3", target=0.30, parameters={"variant": VARIANTS[variant]})


def check_oc(oc: OperatingCharacteristics, exact: dict[str, Any]) -> None:
    found = [oc.none, *oc.selection, *oc.patients, *oc.dlts, oc.expected_n, sum(oc.dlts)]
    expected = [exact["p_select_none"], *exact["p_select"], *exact["e_n"], *exact["e_tox"]]
    assert found == pytest.approx([*expected, exact["e_total_n"], exact["e_total_tox"]], abs=1e-9)


@pytest.mark.parametrize("item", items("boin_exact_oc"))
def test_boin_exact_oc(item: dict[str, Any]) -> None:
    """Selection probabilities, expected participants and DLTs of BOIN, exact."""
    options = item["options"]
    assert set(options) <= {"n_earlystop", "boundMTD", "extrasafe", "offset", "cutoff_eli", "p_saf", "p_tox"}, options
    rules: list[tuple[str, dict[str, float]]] = []
    if "n_earlystop" in options:
        rules.append(("stop_at_n", {"n": options["n_earlystop"]}))
    if options.get("extrasafe"):
        rules.append(("extra_safe", {"offset": options.get("offset", 0.05)}))
    oc = exact_oc(
        boin({"target": item["target"]} | options, tuple(rules)),
        item["p"],
        cohort_size=item["cohort_size"],
        max_n=item["ncohort"] * item["cohort_size"],
        bound_mtd=options.get("boundMTD", False),
    )
    check_oc(oc, item["exact"])
    overdosing = [item["exact"]["risk_overdose60"], item["exact"]["risk_overdose80"]]
    assert [oc.overdose_60, oc.overdose_80] == pytest.approx(overdosing, abs=1e-9)


@pytest.mark.parametrize("item", items("keyboard_exact_oc"))
def test_keyboard_exact_oc(item: dict[str, Any]) -> None:
    """Selection probabilities, expected participants and DLTs of the keyboard design, exact."""
    design, size = design_named("keyboard", target=item["target"]), item["cohort_size"]
    oc = exact_oc(design, item["p"], cohort_size=size, max_n=item["ncohort"] * size)
    check_oc(oc, item["exact"])
    overdosing = [item["exact"]["risk_overdose60"], item["exact"]["risk_overdose80"]]
    assert [oc.overdose_60, oc.overdose_80] == pytest.approx(overdosing, abs=1e-9)


@pytest.mark.parametrize("item", items("boin_mc_titration"))
def test_boin_titration(item: dict[str, Any]) -> None:
    """BOIN with titration: the package's simulation lies within 3 of its standard errors of our exact result."""
    size, trials = item["cohort_size"], item["ntrial"]
    design = design_named("boin", target=item["target"], parameters={"titration": size})
    max_n = item["ncohort"] * size
    enumeration = enumerate_trials(design, levels=len(item["p"]), cohort_size=size, max_n=max_n)
    oc, found = compute_oc(enumeration, item["p"]), item["result"]
    exact = [*oc.selection, oc.none, oc.overdose_60, oc.overdose_80]
    percent = [*found["selpercent"], found["percentstop"], found["overdose60"], found["overdose80"]]
    for sure, simulated in zip(exact, percent, strict=True):
        assert abs(sure - simulated / 100) <= 3 * math.sqrt(sure * (1 - sure) / trials), (sure, simulated)
    # of numbers the exact distribution gives the standard deviation
    for level, (sure, simulated) in enumerate(zip(oc.patients, found["npatients"], strict=True)):
        assert oc.distributions is not None
        shares = oc.distributions.level_size[level]
        variance = sum(share * (n - sure) ** 2 for n, share in enumerate(shares))
        assert abs(sure - simulated) <= 3 * math.sqrt(variance / trials), level
    variance = sum(share * (n - sum(oc.dlts)) ** 2 for n, share in enumerate(oc.distributions.dlts))
    assert abs(sum(oc.dlts) - found["totaltox"]) <= 3 * math.sqrt(variance / trials)


@pytest.mark.parametrize("item", items("tpi_published_oc"))
def test_published_simulations(item: dict[str, Any]) -> None:
    """Selection and participants as printed, from simulations of a size the paper tells: within two per cent points."""
    parameters = {"eps1": item["eps"], "eps2": item["eps"]}
    design = design_named(item["design"], target=item["target"], parameters=parameters)
    oc = exact_oc(design, item["p"], cohort_size=3, max_n=item["n"])
    assert [oc.none, *oc.selection] == pytest.approx(item["p_none_then_doses"], abs=0.1)
    assert oc.patients == pytest.approx(item["n_at_dose"], abs=1.0)


@pytest.mark.parametrize("item", items("dtp_small_example"))
def test_number_of_nodes_without_stopping(item: dict[str, Any]) -> None:
    """With nothing that stops, every cohort of 3 has four outcomes: 4^4 paths, and 341 nodes with the root."""
    design = Design(base=design_named("boin", target=0.30).base)
    sizes = item["cohort_sizes"]
    paths = [
        enumerate_trials(design, levels=5, cohort_size=3, max_n=sum(sizes[:cohorts])).paths
        for cohorts in range(1, len(sizes) + 1)
    ]
    assert paths[-1] == item["terminal"]
    assert 1 + sum(paths) == item["nodes"]


@pytest.mark.parametrize("item", items("boin_exact_oc")[:1])
def test_simulation_agrees_with_the_exact_vector(item: dict[str, Any]) -> None:
    """20,000 simulated trials lie within 4.5 standard errors of the exact selection probabilities."""
    design = boin({"target": item["target"]})
    max_n = item["ncohort"] * item["cohort_size"]
    rng = np.random.default_rng(20261122)
    oc = simulate_oc(design, item["p"], cohort_size=item["cohort_size"], max_n=max_n, trials=20_000, rng=rng)
    assert oc.standard_error is not None
    for found, error, exact in zip(oc.selection, oc.standard_error, item["exact"]["p_select"], strict=True):
        assert abs(found - exact) <= 4.5 * error


@pytest.mark.parametrize("item", items("three_plus_three_exact"))
def test_three_plus_three_exact(item: dict[str, Any]) -> None:
    """The three variants of 3+3, exact, with their number of paths."""
    levels = len(item["p"])
    trials = enumerate_trials(three_plus_three(item["variant"]), levels=levels, cohort_size=3, max_n=6 * levels)
    assert trials.paths == item["n_paths"]
    check_oc(compute_oc(trials, item["p"]), item)


@pytest.mark.parametrize("item", items("three_plus_three_published"))
def test_three_plus_three_published(item: dict[str, Any]) -> None:
    """Published selection probabilities, two decimals."""
    truth = item["p"]
    oc = exact_oc(three_plus_three(item["variant"]), truth, cohort_size=3, max_n=6 * len(truth))
    assert [oc.none, *oc.selection] == pytest.approx(item["p_none_then_doses"], abs=0.005)


@pytest.mark.parametrize("item", items("three_plus_three_path_counts"))
def test_path_counts(item: dict[str, Any]) -> None:
    """The number of paths per number of doses: 3+3, and BOIN as the R package precautionary enumerates it."""
    if "variant" in item:
        design = three_plus_three(item["variant"])
        sizes = [{"levels": doses, "cohort_size": 3, "max_n": 6 * doses} for doses in item["doses"]]
    else:
        assert item["design"] == "BOIN target 0.25, cohort size 1, stop at 9 per dose, max 24"
        design = design_named("boin", target=0.25, rules=[("stop_below_lowest", {}), ("stop_when_full", {"n": 9})])
        sizes = [{"levels": doses, "cohort_size": 1, "max_n": 24} for doses in item["doses"]]
    assert [enumerate_trials(design, **size).paths for size in sizes] == item["paths"]


@pytest.mark.parametrize("item", items("a_plus_b_exact"))
def test_a_plus_b(item: dict[str, Any]) -> None:
    """A+B designs as AplusB computes them; those that are 3+3 by that rule too."""
    levels, numbers = len(item["p"]), [item[name] for name in "ABCDE"]
    variant = "stop" if item["esc_only"] else "de-escalate"
    settings = dict(zip("abcde", numbers, strict=True)) | {"variant": variant}
    designs = [design_named("a+b", target=0.30, parameters=settings)]
    if numbers == [3, 3, 1, 1, 1]:
        designs.append(design_named("3+3", target=0.30, parameters={"variant": variant}))
    for design in designs:
        check_a_plus_b(item, enumerate_trials(design, levels=levels, cohort_size=3, max_n=sum(numbers[:2]) * levels))


def check_a_plus_b(item: dict[str, Any], trials: Enumeration) -> None:
    levels = len(item["p"])
    oc = compute_oc(trials, item["p"])
    found = [oc.none, *oc.selection, oc.expected_n, sum(oc.dlts)]
    expected = [item["mtd"][str(level)] for level in range(levels + 1)]
    assert trials.paths == item["n_paths"]
    assert found == pytest.approx([*expected, item["expected_n"], item["expected_dlt"]], abs=1e-9)
    # AplusB gives the expectation of each trial's proportions, not the proportions of the expected numbers
    shares = [0.0] * levels
    for ending in trials.endings:
        cells = zip(item["p"], ending.dlt, ending.n, strict=True)
        chance = ending.ways * math.prod(p**y * (1 - p) ** (n - y) for p, y, n in cells)
        shares = [share + chance * n / sum(ending.n) for share, n in zip(shares, ending.n, strict=True)]
    assert shares == pytest.approx(item["exp_proportion"], abs=1e-9)
