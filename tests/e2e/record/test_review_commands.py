"""The commands of work on data, one after another as people would type them, on the reference study."""

import csv
import json
from datetime import UTC, datetime, timedelta

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import audit, review
from celltrial.codes import PersonId, SubjectId
from celltrial.decisions.trial import create_trial, open_trial
from celltrial.errors import CelltrialError
from celltrial.record import Author, Consent, Draft, FormEntry
from celltrial.study import new_study

WHO = "01-001"
# eleven in the morning at the site, so that no row depends on the hour at which the test runs
BEGUN = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) - timedelta(days=20)
app = typer.Typer(pretty_exceptions_enable=False)
for topic in (review, audit):
    topic.register(app)


def run(*words, person):
    """Exit code, and what is printed (or the findings of a refusal)."""
    result = CliRunner().invoke(app, [str(word) for word in words], env={"CELLTRIAL_PERSON": person, "COLUMNS": "160"})
    if isinstance(result.exception, CelltrialError):
        return result.exception.exit_code, str(result.exception)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


@pytest.fixture
def study(tmp_path):
    """A consent (event 2) and a late laboratory result (event 3)."""
    folder = new_study(tmp_path / "study", "ct1192")
    chen = Author(person=PersonId("coordinator.chen"), role="coordinator", site="01")
    trial = create_trial(folder, author=chen, at=BEGUN)
    day = f"{BEGUN:%Y-%m-%d}"
    consent = Consent(signed_at=day, document_version="1")
    items = {"analyte": "hemoglobin", "value": "96", "unit": "g/L", "collected": day}
    labs = FormEntry(form="labs", visit="SCR", items=items)
    for after, body in ((timedelta(minutes=1), consent), (timedelta(days=12), labs)):
        trial.record.append([Draft(body=body, subject=SubjectId(WHO))], author=chen, at=BEGUN + after)
    trial.record.close()
    return folder


def test_a_query_from_question_to_close(study):
    """Asked, listed, answered by a correction that shows old and new, closed, listed as closed."""
    code, text = run(
        "query",
        "open",
        study,
        3,
        "--field",
        "items.value",
        "--text",
        "96 or 69?",
        "--role",
        "monitor",
        person="monitor.lin",
    )
    assert (code, text) == (0, "Q1 asked in event 4, waits for coordinator\n")
    code, text = run("query", "list", study, "--open", person="anyone")
    assert f"{WHO}/SCR/labs/value (event 3), now 96: 96 or 69?" in text
    assert "1 open, 0 answered, 0 closed" in text
    code, text = run(
        "correct", study, 3, "--set", "items.value=69", "--why", "digits transposed", person="coordinator.chen"
    )
    assert "items.value: 96 → 69   (event 5)" in text
    assert "query Q1 (open): 96 or 69?   [a change answers it]" in text
    close = ("query", "close", study, "Q1", "--outcome", "corrected")
    assert run(*close, "--role", "monitor", person="monitor.lin")[0] == 0
    code, text = run("query", "show", study, "Q1", "--json", person="anyone")
    document = json.loads(text)
    assert (document["status"], document["outcome"]) == ("closed", "corrected")
    assert [item["kind"] for item in document["items"]] == ["asked", "corrected", "closed"]
    assert run("query", "answer", study, "Q1", "--text", "late", person="coordinator.chen")[0] == 1


def test_a_correction_shows_what_rests_on_the_entry_and_refuses_a_stale_one(study):
    """A preview writes nothing; one who has not seen the last version sees both."""
    code, text = run("correct", study, 3, "--preview", "--why", "-", "--json", person="coordinator.chen")
    assert json.loads(text) == {"target": 3, "event": None, "changes": [], "dependents": []}
    preview = ("correct", study, 3, "--preview", "--why", "digits transposed", "--set")
    code, text = run(*preview, "items.value=69", "--json", person="coordinator.chen")
    told = json.loads(text)
    change = {"field": "items.value", "old": "96", "new": "69", "event": None}
    assert (code, told["changes"]) == (0, [change])
    assert run(*preview, "items.nonsense=1", person="coordinator.chen")[0] == 1
    assert run("correct", study, 99, "--preview", "--why", "-", person="coordinator.chen")[0] == 2
    run("correct", study, 3, "--set", "items.value=69", "--why", "digits transposed", person="coordinator.chen")
    stale = ("correct", study, 3, "--set", "items.value=95", "--why", "misread", "--seen", 3)
    code, text = run(*stale, person="coordinator.chen")
    assert code == 1
    assert "items.value '69' (was '96')" in text
    assert "items.value '95' (was '96')" in text
    assert run("correct", study, 3, "--set", "value", "--why", "x", person="coordinator.chen")[0] == 2
    code, text = run("correct", study, 3, "--entered-in-error", "--why", "wrong patient", person="coordinator.chen")
    assert "the entry: entry → entered in error" in text


def test_source_verification_and_its_counts(study):
    """All filled fields of one entry; a later change is listed as fallen."""
    verify = ("sdv", "verify", study, 3, "--source", "laboratory report")
    assert run(*verify, person="monitor.lin") == (0, "event 3 verified against laboratory report in event 4\n")
    run("correct", study, 3, "--set", "items.value=69", "--why", "digits transposed", person="coordinator.chen")
    document = json.loads(run("sdv", "list", study, "--json", person="anyone")[1])
    labs = next(each for each in document["coverage"] if each["form"] == "labs")
    assert (labs["entries"], labs["entries_verified"], labs["items"], labs["items_verified"]) == (1, 0, 4, 3)
    assert (
        "items.value '96', compared by monitor.lin: changed since, in event 5"
        in run("sdv", "list", study, person="anyone")[1]
    )


def test_a_freeze_and_a_lock(study):
    """What is frozen is refused with who and how to go on; an unlock says that it waits."""
    freeze = ("lock", "freeze", study, WHO, "--visit", "SCR", "--why", "screening is complete")
    assert run(*freeze, person="datamanager.wu") == (0, "freeze of 01-001, SCR in event 4\n")
    code, text = run("correct", study, 3, "--set", "items.value=69", "--why", "misread", person="coordinator.chen")
    assert code == 1
    assert "01-001/SCR/labs is frozen: correction cannot be written" in text
    assert run("lock", "lock", study, WHO, "--form", "labs", "--why", "reviewed", person="datamanager.wu")[0] == 0
    code, text = run("lock", "unlock", study, WHO, "--form", "labs", "--why", "an error", person="datamanager.wu")
    assert "takes effect when a second person signs event 6" in text
    document = json.loads(run("lock", "list", study, "--json", person="anyone")[1])
    assert [(each["visit"], each["form"], each["level"]) for each in document] == [
        ("SCR", "all", "frozen"),
        ("all", "labs", "locked"),
    ]
    assert document[1]["unlock_asked_in"] == "6"


def test_an_audit_review_is_shown_written_and_gone_on_from(study, tmp_path):
    """The rows as CSV; the review as an event; after it nothing new but itself."""
    out = tmp_path / "rows.csv"
    _, text = run("audit", "review", study, "-o", out, person="datamanager.wu")
    assert "late entry: 1" in text
    with out.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["kind"], row["event"], row["subject"], row["by"]) == ("late entry", "3", WHO, "coordinator.chen")
    sign = ("audit", "sign", study, "--conclusion", "the ward was closed", "--json")
    document = json.loads(run(*sign, person="datamanager.wu")[1])
    assert document == {"event": 4, "through": 3, "counts": {"events": "3", "late entry": "1"}}
    document = json.loads(run("audit", "review", study, "--since", "last", "--json", person="datamanager.wu")[1])
    assert (document["after"], document["through"]) == (3, 4)
    assert {row["kind"] for row in document["rows"]} <= {"out of hours"}
    tomorrow = f"{BEGUN + timedelta(days=1):%Y-%m-%d}"
    assert json.loads(run("audit", "review", study, "--since", tomorrow, "--json", person="x")[1])["after"] == 2
    assert open_trial(study).record.length == 4


def test_nothing_is_stale_in_a_young_record(study):
    assert run("stale", study, person="anyone") == (0, "nothing derived has been left behind by its inputs\n")
    assert run("stale", study, "--json", person="anyone") == (0, "[]\n")
