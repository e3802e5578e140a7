"""The table `review` of study.yaml: its settings, their defaults, and names that lead nowhere."""

from pathlib import Path

import pytest

from celltrial.study import check_study, load_study, new_study
from celltrial.study.review_settings import ReviewSettings


@pytest.fixture
def folder(tmp_path):
    return new_study(tmp_path / "study", "ct1192")


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_the_file_says(folder):
    change(folder, "working_hours: {from: 6, to: 22}", "working_hours: {from: 7, to: 19, days: [Monday, Friday]}")
    change(
        folder,
        "lock: {signed: [dlt_assessment], verified: [consent, infusion]}",
        "lock: {signed: [], verified: [labs]}",
    )
    change(folder, "{default: 7, adverse_event: 3, kinetics_sample: 21}", "{labs: 2}")
    change(folder, "answerer_may_close: false", "answerer_may_close: true")
    review = load_study(folder).review
    assert (review.works_from, review.works_to, review.works_on) == (7, 19, (0, 4))
    assert (review.lock_signed, review.lock_verified, review.answerer_may_close) == ((), ("labs",), True)
    assert (review.late_after("labs"), review.late_after("adverse_event")) == (2, 7)


def test_without_the_table_the_defaults():
    review = ReviewSettings()
    assert (review.late_after("labs"), review.late_after("adverse_event")) == (7, 3)
    assert review.lock_signed == ("dlt_assessment",)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("adverse_event: 3,", "adverse_evnt: 3,", "adverse_evnt"),
        ("signed: [dlt_assessment]", "signed: [dlt]", "dlt"),
        ("frozen_open_to: [data_manager]", "frozen_open_to: [manager]", "manager"),
        ("many_changes: 10", "many_changes: 1", "'1'"),
    ],
)
def test_a_name_that_leads_nowhere_is_a_finding(folder, old, new, found):
    """A form, a kind of event, a role, a number: each with its line."""
    change(folder, old, new)
    findings = [each for each in check_study(folder) if found in each.found]
    assert findings
    assert findings[0].source.line
