"""The demo, whole: what a new user gets from one command, and that it is the same again."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from celltrial.cli.evidence import latest_line
from celltrial.cli.main import app
from celltrial.datasets import derive_adam, derive_sdtm
from celltrial.decisions import Trial, open_trial, signed_decisions
from celltrial.record import verify_record
from celltrial.record.bodies import DoseAssignment, Infusion, SrcDecision
from celltrial.reports import write_report
from celltrial.simulate import simulate_trial
from celltrial.study import new_study

SEED = 1192


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`celltrial demo`, run once."""
    out = tmp_path_factory.mktemp("demo") / "out"
    result = CliRunner().invoke(app, ["demo", "--out", str(out), "--seed", str(SEED)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def trial(demo: Path) -> Iterator[Trial]:
    opened = open_trial(demo / "study")
    yield opened
    opened.record.close()


def test_everything_the_readme_names_is_there(demo: Path, trial: Trial) -> None:
    """Report, figures, one package a decision, the study with its record, both kinds of data sets."""
    assert (demo / "report.html").stat().st_size > 100_000
    assert list((demo / "figures").glob("*.svg"))
    assert list((demo / "figures").glob("*.png"))
    decisions = signed_decisions(trial.record.state())
    assert len(list((demo / "src").iterdir())) == len(decisions) >= 3
    assert {path.stem for path in (demo / "sdtm").iterdir()} >= {"dm", "ds", "ex", "ae", "lb", "vs", "rs", "pc", "pp"}
    assert {path.stem for path in (demo / "adam").iterdir()} >= {"adsl", "adae", "adlb", "adrs", "adpc", "adpp"}


def test_the_report_is_one_file_that_needs_no_network(demo: Path) -> None:
    """Nothing is loaded from outside, and the page says that it is simulated."""
    text = (demo / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)\s*=\s*[\"']https?://", text)
    assert not re.search(r"@import|url\(\s*[\"']?https?:", text)
    assert "simulated" in text.lower()


def test_the_record_verifies_and_its_head_is_on_the_report(demo: Path, trial: Trial) -> None:
    """The report names the data cut it was made from."""
    verification = verify_record(demo / "study" / "record.db")
    assert verification.ok, verification.findings
    assert trial.record.head[:12] in (demo / "report.html").read_text(encoding="utf-8")


def test_twelve_participants_are_infused_each_under_a_signed_decision(trial: Trial) -> None:
    """Before each assignment its decision was signed; nobody is dosed at a level that was not assigned."""
    state = trial.record.state()
    infusions = state.entries(Infusion)
    assert len(infusions) == 12
    signed = {entry.body.number: entry for entry in signed_decisions(state)}
    for infusion in infusions:
        assert infusion.subject is not None
        assignment = state.latest(DoseAssignment, infusion.subject)
        assert assignment is not None
        decision = signed[assignment.body.decision]
        signatures = state.signatures_of(decision.seq)
        assert min(each.seq for each in signatures) < assignment.seq < infusion.seq
        assert decision.body.level == assignment.body.level == infusion.body.level


def test_every_data_set_says_how_many_rows_it_has(demo: Path, trial: Trial) -> None:
    """The count in the file is the count of its rows, and every subject of ADSL has consented."""
    for path in (*(demo / "sdtm").iterdir(), *(demo / "adam").iterdir()):
        document = json.loads(path.read_text(encoding="utf-8"))
        assert document["records"] == len(document["rows"]), path.name
        assert all(len(row) == len(document["columns"]) for row in document["rows"]), path.name
    adsl = json.loads((demo / "adam" / "adsl.json").read_text(encoding="utf-8"))
    assert len(adsl["rows"]) == len(trial.record.state().subjects)


def test_the_same_seed_gives_the_same_record_and_the_same_report(demo: Path, trial: Trial, tmp_path: Path) -> None:
    """A second simulation has the same head; its report has the same text."""
    folder = new_study(tmp_path / "study", "ct1192")
    again = simulate_trial(folder, seed=SEED)
    assert again.record.head == trial.record.head
    cut_at = again.record.events()[-1].recorded_at
    # a simulated key signs the same text the same way
    kept = [
        {path.name: path.read_bytes() for path in (each / "checkpoints").iterdir()} for each in (folder, demo / "study")
    ]
    assert kept[0] == kept[1]
    line = latest_line(again, folder)
    path = write_report(
        again.study, again.record.state(), tmp_path / "out", as_of=cut_at, generated_at=cut_at, checkpoint=line
    )
    assert path.read_bytes() == (demo / "report.html").read_bytes()
    again.record.close()


def test_as_of_gives_the_trial_as_it_was_then(trial: Trial, tmp_path: Path) -> None:
    """At the second decision's cut: its participants, its head, nothing of what came later."""
    state = trial.record.state()
    second = state.entries(SrcDecision)[1]
    then = second.event.recorded_at
    early = trial.record.state(then)
    sdtm = derive_sdtm(trial.study, early)
    adam = derive_adam(trial.study, early, sdtm)
    infused = [entry for entry in state.entries(Infusion) if entry.event.recorded_at <= then]
    assert adam["ADSL"].frame.filter(adam["ADSL"].frame["SAFFL"] == "Y").height == len(infused) < 12
    path = write_report(trial.study, early, tmp_path, as_of=then, generated_at=then)
    text = path.read_text(encoding="utf-8")
    assert early.head[:12] in text
    assert trial.record.head[:12] not in text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "STUDY"], 0),
        (["trace", "STUDY"], 0),
        (["verify", "STUDY"], 0),
        (["screen", "STUDY"], 1),
        (["screen", "STUDY", "01-002"], 0),
        (["dose", "next", "STUDY"], 0),
    ],
)
def test_every_command_prints_one_json_document(demo: Path, arguments: list[str], code: int) -> None:
    """`--json` on the simulated study: one document, and the exit code says the answer."""
    words = [str(demo / "study") if word == "STUDY" else word for word in arguments]
    result = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    assert result.exit_code == code, result.output
    json.loads(result.stdout)


def test_its_evidence_holds_under_a_bare_interpreter(demo: Path, trial: Trial) -> None:
    """A few dozen checkpoints at cuts, decisions and the committee's signatures; the last covers every event."""
    command = [sys.executable, "-I", "-S", str(demo / "evidence" / "verify_record.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "this record says that it is simulated" in done.stdout
    assert "NOT PROVEN" not in done.stdout
    assert f"the last covers events 1 to {trial.record.length}," in done.stdout
    assert 12 <= len(list((demo / "study" / "checkpoints").iterdir())) <= 60


def test_signed_documents_name_the_last_checkpoint(demo: Path, trial: Trial) -> None:
    """On the report and on every package: number of events, root, head."""
    line = f"{trial.record.length} events, root "
    for page in (demo / "report.html", *(demo / "src").glob("*/package.html")):
        text = page.read_text(encoding="utf-8")
        assert "Checkpoint" in text
        assert line in text
        assert trial.record.head[:16] in text
