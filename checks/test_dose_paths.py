"""Pathways, decisions from outcomes, and fits by the commands, against the vectors from outside (`make oracles`)."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli.dose import register
from celltrial.escalation import design_named
from celltrial.escalation.notation import read_history
from celltrial.escalation.pathways import Pathway, find_pathways

VECTORS = Path(__file__).parents[2] / "shared" / "oracles" / "dose_vectors.json"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason=f"the vectors from outside are not there: {VECTORS}")

COHORTS = 7
VARIANTS = {"deesc": "de-escalate", "six": "six", "esc_only": "stop"}


def items(group: str) -> list[dict[str, Any]]:
    """The items of a group; none where the file is absent."""
    return json.loads(VECTORS.read_text(encoding="utf-8"))["groups"][group]["items"] if VECTORS.exists() else []


def viola_row(path: Pathway) -> str:
    """A pathway as dtpcrm writes it: D0 T1 D1 ... T7 D7, NA once it has stopped."""
    words = [str(path.nodes[0].level)]
    for node in path.nodes:
        words += [str(node.dlts), "NA" if node.next_level is None else str(node.next_level)]
    return " ".join(words + ["NA"] * (2 * COHORTS + 1 - len(words)))


def test_the_pathways_of_viola() -> None:
    """All 4,693 pathways of a real trial's CRM, found one for one."""
    design = design_named(
        "crm",
        target=0.2,
        parameters={
            "skeleton": ".03 .07 .12 .20 .30 .40 .52",
            "prior_var": 0.75,
            "no_skip": "tried",
            "coherence": "current-level",
            "too_toxic_rate": 0.3,
            "too_toxic_cutoff": 0.72,
            "tail": "normal",
        },
        rules=[("stop_when_full", {"n": 12})],
    )
    found = find_pathways(design, levels=7, cohort_size=3, max_n=3 * COHORTS, start=3)
    expected = items("dtp_viola")[0]["rows"]
    rows = [viola_row(path) for path in found.paths()]
    assert len(rows) == len(set(rows)) == len(expected)
    assert set(rows) == set(expected)


@pytest.mark.parametrize("item", items("three_plus_three_path_counts"), ids=lambda item: item["source"][:40])
def test_path_counts(item: dict[str, Any]) -> None:
    """Every course of 3+3 and of a BOIN with cohorts of one, walked and counted."""
    for doses, paths in zip(item["doses"], item["paths"], strict=True):
        if "design" in item:  # it ends where the next cohort would go to a full level, or below the lowest
            rules = [("stop_when_full", {"n": 9}), ("stop_below_lowest", {})]
            design = design_named("boin", target=0.25, rules=rules)
            assert find_pathways(design, levels=doses, cohort_size=1, max_n=24).count == paths
            continue
        design = design_named("3+3", target=0.3, parameters={"variant": VARIANTS[item["variant"]]})
        assert find_pathways(design, levels=doses, cohort_size=3, max_n=6 * doses).count == paths


def test_a_tree_without_stops() -> None:
    """Four cohorts of three without a stop: 256 courses, 341 nodes with the root that we do not count."""
    for item in items("dtp_small_example"):
        found = find_pathways(design_named("crm", target=0.25), levels=5, cohort_size=3, max_n=12)
        assert (found.count, len(found.nodes) + 1) == (item["terminal"], item["nodes"])


@pytest.mark.parametrize("item", items("published_decisions"), ids=lambda item: f"{item['design']} {item['outcomes']}")
def test_published_decisions_from_outcomes(item: dict[str, Any]) -> None:
    """The outcomes as they are written, through the notation, to the level that papers recommend."""
    names = {"mtpi2": "mtpi-2"}
    settings = {key: item[key] for key in ("k1", "k2") if key in item}
    settings |= {ours: item[theirs] for ours, theirs in (("eps1", "epsilon1"), ("eps2", "epsilon2")) if theirs in item}
    settings |= {"cutoff_eli": item["exclusion_certainty"]} if "exclusion_certainty" in item else {}
    design = design_named(names.get(item["design"], item["design"]), target=item["target"], parameters=settings)
    decision = design.decide(read_history(item["outcomes"], levels=item["num_doses"]))
    if item["continue"]:
        assert decision.level == item["recommended_dose"]
    else:
        assert decision.level is None


@pytest.mark.parametrize("place", range(len(items("crm_fits"))))
def test_crm_fits_through_the_command(place: int, tmp_path: Path) -> None:
    """`dose fit` on a file of participants: beta, its variance, rates, interval and level of dfcrm."""
    item = items("crm_fits")[place]
    if item["method"] != "bayes":
        pytest.skip("the command fits by Bayes; maximum likelihood is checked in test_dose_models.py")
    if item["tite"] and item["weights"] is None:
        pytest.skip("weights from calendar follow-up are checked in test_dose_models.py")
    rows = zip(item["level"], item["tox"], item["weights"] or [""] * len(item["tox"]), strict=True)
    if item["weights"] and any(tox and weight != 1 for tox, weight in zip(item["tox"], item["weights"], strict=True)):
        pytest.skip("dfcrm takes a weight under 1 with a DLT; here a DLT counts in full")
    file = tmp_path / "trial.csv"
    file.write_text("level,dlt,weight\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows), encoding="utf-8")
    skeleton = " ".join(map(repr, item["prior"]))
    words = ["dose", "fit", "--design", "titecrm" if item["tite"] else "crm", "--data", str(file), "--json"]
    words += [
        "--target",
        repr(item["target"]),
        "--doses",
        str(len(item["prior"])),
        "--parameter",
        f"skeleton={skeleton}",
    ]
    words += ["--parameter", f"form={item['model']}", "--parameter", f"prior_var={item['prior_var']!r}"]
    words += ["--parameter", f"intercept={item['intcpt']}"]
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["beta"] == pytest.approx(item["estimate"], abs=1e-5)
    assert document["variance"] == pytest.approx(item["post_var"], abs=1e-5)
    assert document["ptox"] == pytest.approx(item["ptox"], abs=1e-5)
    assert document["ptox_lower"] == pytest.approx(item["ptoxL"], abs=1e-5)
    assert document["ptox_upper"] == pytest.approx(item["ptoxU"], abs=1e-5)
    assert document["mtd"] == item["mtd"]
