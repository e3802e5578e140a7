"""A study's own configuration: the shipped one passes; each thing that can be wrong with one is found."""

from dataclasses import replace
from datetime import UTC, datetime

from celltrial.codes import PersonId
from celltrial.decisions.trial import create_trial
from celltrial.eligibility.language import LabTest, Limit
from celltrial.escalation import decision_table, design_named
from celltrial.escalation.pathways import find_pathways
from celltrial.record import Author
from celltrial.study import load_study, new_study, seal_study, shipped_study
from celltrial.validation import boundaries, dose_rule
from celltrial.validation.boundaries import check_boundaries
from celltrial.validation.configuration import qualify_study
from celltrial.validation.dose_rule import check_courses, check_table
from celltrial.validation.outcome import Status

STUDY = load_study(shipped_study())


def by_id(folder):
    checks = qualify_study(folder, is_quick=True, told=lambda share, text: None)
    return {each.id: each for each in checks}


def test_the_shipped_study_qualifies():
    """All but what was left out: nine checks, the dry run not run by --quick, no record in the folder."""
    checks = by_id(shipped_study())
    assert list(checks) == [f"CQ-{number}" for number in range(1, 10)]
    stands = {name: check.status for name, check in checks.items()}
    assert [name for name, status in stands.items() if status is Status.PASSED] == [
        "CQ-1",
        "CQ-2",
        "CQ-3",
        "CQ-5",
        "CQ-6",
        "CQ-7",
    ]
    assert stands["CQ-4"] is Status.NOTED
    assert stands["CQ-8"] is stands["CQ-9"] is Status.NOT_RUN
    assert "--quick" in checks["CQ-8"].found


def test_the_record_is_looked_for_where_it_is_kept(tmp_path):
    """A record elsewhere is verified there; a damaged one fails."""
    folder, place = new_study(tmp_path / "study"), tmp_path / "elsewhere.db"
    wu = Author(person=PersonId("datamanager.wu"), role="data_manager", site="01")
    create_trial(folder, author=wu, at=datetime(2026, 1, 5, tzinfo=UTC), place=place).record.close()

    def record_check():
        checks = qualify_study(folder, is_quick=True, told=lambda share, text: None, place=place)
        return next(each for each in checks if each.id == "CQ-9")

    assert (record_check().status, record_check().found[:9]) == (Status.PASSED, "1 events,")
    place.write_bytes(b"no record" + place.read_bytes()[9:])
    assert record_check().status is Status.FAILED


def test_a_changed_line_and_a_version_nobody_sealed_fail(tmp_path):
    """Another size of cohorts under the old version; then another version, not sealed; sealed, it passes."""
    folder = new_study(tmp_path / "study")
    path = folder / "study.yaml"
    path.write_text(path.read_text().replace("cohort_size: 3", "cohort_size: 2"))
    checks = by_id(folder)
    assert (checks["CQ-1"].status, checks["CQ-3"].status) == (Status.FAILED, Status.PASSED)
    for name in ("study.yaml", "eligibility.yaml"):
        file = folder / name
        file.write_text(file.read_text().replace("version: as registered", "version: amendment 1"))
    checks = by_id(folder)
    assert (checks["CQ-1"].status, checks["CQ-3"].status) == (Status.PASSED, Status.FAILED)
    assert checks["CQ-3"].found == "sealed 'as registered', in use 'amendment 1'"
    seal_study(folder)
    assert by_id(folder)["CQ-3"].status is Status.PASSED
    (folder / "seal.json").unlink()
    assert by_id(folder)["CQ-3"].found.startswith("no seal")


def test_a_study_that_does_not_load_is_told_and_nothing_more_is_claimed(tmp_path):
    """Its files fail; what rests on them is not run."""
    folder = new_study(tmp_path / "study")
    (folder / "study.yaml").write_text("study: [\n")
    checks = by_id(folder)
    assert checks["CQ-1"].status is Status.FAILED
    assert {checks[name].status for name in ("CQ-2", "CQ-5", "CQ-7", "CQ-8")} == {Status.NOT_RUN}


def test_a_table_that_is_not_the_decisions_is_found(monkeypatch):
    """The cells of another target: each that differs is named."""
    other = decision_table(design_named("boin", target=0.25), 12)
    assert check_table(STUDY).status is Status.PASSED
    monkeypatch.setattr(dose_rule, "decision_table", lambda design, size: other)
    check = check_table(STUDY)
    assert check.status is Status.FAILED
    assert "3 of 9" in " ".join(check.details)


def test_courses_of_another_rule_are_found(monkeypatch):
    """Walked by another design, chances differ from those of the merged states."""
    other = design_named("boin", target=0.20)
    assert check_courses(STUDY).status is Status.PASSED
    monkeypatch.setattr(dose_rule, "find_pathways", lambda design, **size: find_pathways(other, **size))
    assert check_courses(STUDY).status is Status.FAILED


def test_a_limit_read_one_step_off_is_found(monkeypatch):
    """The criteria evaluated with haemoglobin at 60.1: the candidate on the limit says so."""
    real = boundaries.screen

    def one_step_off(criteria, facts, **how):
        (leaf,) = criteria.inclusion
        if isinstance(leaf.body, LabTest) and leaf.body.analyte == "hemoglobin":
            goal = leaf.body.goal
            assert isinstance(goal, Limit)
            leaf = replace(leaf, body=replace(leaf.body, goal=replace(goal, number=goal.number + 1)))
        return real(replace(criteria, inclusion=(leaf,)), facts, **how)

    assert check_boundaries(STUDY).status is Status.PASSED
    monkeypatch.setattr(boundaries, "screen", one_step_off)
    check = check_boundaries(STUDY)
    assert check.status is Status.FAILED
    assert check.details[0] == "I10c: 60 where at least 60 g/L is asked: not met, expected met"


def test_leaves_that_are_not_covered_are_told():
    """The check does not claim what it cannot ask."""
    check = check_boundaries(STUDY)
    assert "not covered: " in check.details[-1]
    assert "I06f (Judged)" in check.details[-1]


def test_a_model_has_no_table_of_one_level_and_says_so():
    """Not run, with its reason; its courses are walked all the same."""
    settings = replace(STUDY.escalation, design="crm", parameters={}, max_participants=6)
    study = replace(STUDY, escalation=settings)
    assert check_table(study).status is Status.NOT_RUN
    assert check_courses(study).status is Status.PASSED
