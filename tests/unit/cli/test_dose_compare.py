"""`celltrial dose compare` and `dose replay`, on a study and without one."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli.dose import register
from celltrial.codes import PersonId
from celltrial.decisions.next_dose import DoseProposal
from celltrial.decisions.replay import ReplayedDecision
from celltrial.decisions.trial import create_trial
from celltrial.errors import UsageError
from celltrial.escalation import design_named, exact_oc
from celltrial.record import Author
from celltrial.study import new_study

TRIAL = ["--target", "0.25", "--doses", "2", "--cohort-size", "3", "--max-n", "9"]


def run(*words: str) -> str:
    """Standard output of `celltrial dose ...`, which must end well."""
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["dose", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study folder whose record has been opened and holds nobody."""
    study = new_study(tmp_path_factory.mktemp("dose") / "study", "ct1192")
    create_trial(
        study,
        author=Author(person=PersonId("sponsor.rep"), role="sponsor", site="01"),
        at=datetime(2025, 7, 11, 1, tzinfo=UTC),
    )
    return study


def test_a_study_is_compared_as_it_stands(folder: Path) -> None:
    """Its levels, target, cohorts, size, rules and design; the numbers are those of `dose oc`."""
    document = json.loads(run("compare", str(folder), "--design", "3+3", "--json"))
    assert (document["target"], document["cohort_size"], document["max_n"]) == (0.3, 3, 12)
    assert (document["levels"], document["chosen"]) == (["DL1", "DL2", "DL3"], "boin")
    assert [each["name"] for each in document["designs"]] == ["boin", "3+3"]
    rules = [("no_skip", {}), ("eliminate", {"cutoff": 0.95}), ("stop_at_n", {"n": 9}), ("max_n", {"n": 12})]
    for name in ("boin", "3+3"):
        design = design_named(name, target=0.30, rules=rules)
        assert next(each for each in document["designs"] if each["name"] == name)["rules"] == [
            rule.describe() for rule in design.rules
        ]
        for scenario in document["scenarios"]:
            mine = next(
                each for each in document["results"] if (each["design"], each["scenario"]) == (name, scenario["name"])
            )
            known = exact_oc(design, scenario["truth"], cohort_size=3, max_n=12)
            assert mine["selection"] == pytest.approx(list(known.selection))
            assert mine["expected_n"] == pytest.approx(known.expected_n)


def test_the_section_is_written_for_the_protocol(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "section"
    run("compare", str(folder), "--design", "i3+3", "-o", str(out))
    names = {each.name for each in out.iterdir()}
    assert names == {
        "design-section.md", "design-section.html", "comparison.json",
        "selection.svg", "selection.png", "sizes.svg", "sizes.png",
    }  # fmt: skip
    text = (out / "design-section.md").read_text(encoding="utf-8")
    assert "Dose escalation follows the BOIN design (Liu & Yuan (2015)" in text
    assert "The target DLT rate is 30 %." in text
    assert "> **Assumption.** A07, dose-finding algorithm: BOIN." in text
    assert "| 6 | 1 | 3 | 4 |" in text
    assert "boin, i3+3: equal results in every scenario" in text
    page = (out / "design-section.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert '<p class="assumed">' in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_a_model_has_tables_for_each_level(tmp_path: Path) -> None:
    run("compare", *TRIAL, "--design", "crm", "-o", str(tmp_path))
    text = (tmp_path / "design-section.md").read_text(encoding="utf-8")
    assert "Decisions of crm for level 2 of 2; seen at the others: level 1 0/3" in text
    assert "Candidate designs side by side" not in text


def test_settings_of_one_design_stand_side_by_side() -> None:
    document = json.loads(run("compare", *TRIAL, "--design", "boin", "--design", "boin:p_tox=0.4", "--json"))
    assert [each["name"] for each in document["designs"]] == ["boin", "boin (p_tox=0.4)"]
    assert document["designs"][1]["parameters"]["p_tox"] == 0.4


def test_a_scenario_of_ones_own_joins_the_grid() -> None:
    words = ["compare", *TRIAL, "--design", "boin", "--scenario", "mine: early:0.05,0.3"]
    document = json.loads(run(*words, "--json"))
    assert document["scenarios"][-1]["name"] == "mine: early"
    assert document["scenarios"][-1]["truth"] == [0.05, 0.3]
    assert document["scenarios"][-1]["right"] == [2]
    assert "mine: early" in run(*words)


def test_durations_are_simulated_where_an_accrual_is_given() -> None:
    words = ["compare", *TRIAL, "--design", "boin", "--accrual", "2", "--trials", "40", "--seed", "5"]
    document = json.loads(run(*words, "--json"))
    assert {each["design"] for each in document["durations"]} == {"boin", "tite-boin"}
    assert {each["seed"] for each in document["durations"]} == {5}
    assert all(each["duration_days"]["standard_error"] > 0 for each in document["durations"])
    text = run(*words)
    assert "40 simulated trials, seed 5" in text
    assert "The accrual is an assumption." in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["compare", "--target", "0.3"], "neither a study nor a whole trial is given"),
        (["compare", *TRIAL, "--design", "nonsense"], "no such design"),
        (["compare", *TRIAL, "--scenario", "short:0.3"], "a scenario cannot be read"),
        (["compare", *TRIAL, "--scenario", "all safe:0.1,0.2"], "a name that is taken"),
        (["compare", *TRIAL, "--design", "boin", "--accrual", "0"], "no patients come"),
        (["compare", "STUDY", "--doses", "4"], "the study has its own levels"),
        (["next", "STUDY", "--target", "0.25"], "given without a design"),
    ],
)
def test_mistakes_are_findings(words: list[str], message: str, folder: Path) -> None:
    with pytest.raises(UsageError, match=message):
        run(*(str(folder) if word == "STUDY" else word for word in words))


def test_the_next_dose_of_a_study_by_another_design(folder: Path) -> None:
    document = json.loads(run("next", str(folder), "--design", "crm", "--target", "0.25", "--json"))
    assert (document["design"], document["action"], document["level"]) == ("crm", "start", "DL1")
    assert "crm, which is not the study's design, would propose: start at DL1" in run(
        "next", str(folder), "--design", "crm"
    )


def test_a_history_without_decisions_has_nothing_to_replay(folder: Path) -> None:
    document = json.loads(run("replay", str(folder), "--design", "3+3", "--json"))
    assert (document["own"], document["other"], document["decisions"]) == ("boin", "3+3", [])
    assert "No decision has been signed yet." in run("replay", str(folder), "--design", "3+3")


def test_a_replayed_history_for_people(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decided, the study's design and the other one side by side; a difference is marked, and each has its reasons."""
    import celltrial.decisions.replay

    def proposal(design: str, action: str, level: str) -> DoseProposal:
        return DoseProposal(
            design=design,
            action=action,
            level=level,
            reasons=(f"{design} says so",),
            evaluable={"DL1": 3, "DL2": 0, "DL3": 0},
            dlts={"DL1": 1, "DL2": 0, "DL3": 0},
            not_evaluable=(),
            incomplete=(),
            table_cell="",
            blocked=(),
            source_events=(),
        )

    row = ReplayedDecision(
        number="2",
        decided_on=datetime(2026, 1, 2, tzinfo=UTC),
        cut="cut-2",
        current="DL1",
        evaluable={"DL1": 3, "DL2": 0, "DL3": 0},
        dlts={"DL1": 1, "DL2": 0, "DL3": 0},
        action="stay",
        level="DL1",
        is_override=True,
        own=proposal("boin", "stay", "DL1"),
        other=proposal("crm", "escalate", "DL2"),
    )
    monkeypatch.setattr(celltrial.decisions.replay, "replay_decisions", lambda study, record, other: (row,))
    text = run("replay", str(folder), "--design", "crm")
    line = next(line for line in text.splitlines() if "2026-01-02" in line)
    assert "DL1 1/3" in line
    assert "escalate" in line
    assert "Decision 2, crm: crm says so" in text
    assert "differs from what was decided: 1 of 1" in text
