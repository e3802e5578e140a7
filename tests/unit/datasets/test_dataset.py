"""What a data set is: keys, required values, lengths, types; and the metadata behind it."""

import polars as pl
import pytest

from celltrial.datasets import INTERNAL, build_dataset, dataset_names
from celltrial.datasets.dataset import read_table

ROW = {"STUDYID": "S", "DOMAIN": "DS", "USUBJID": "S-1", "DSSEQ": 1, "DSTERM": "x", "DSDECOD": "X"}


def test_rows_that_share_a_key_are_a_finding():
    """Both rows stay; the finding names the key."""
    dataset = build_dataset("DS", [ROW, ROW])
    assert dataset.frame.height == 2
    assert [each.where for each in dataset.findings] == ["DS STUDYID=S, USUBJID=S-1, DSSEQ=1"]


def test_a_required_value_that_is_missing_is_a_finding():
    """DSDECOD is required."""
    findings = build_dataset("DS", [ROW | {"DSDECOD": None}]).findings
    assert [each.message for each in findings] == ["DSDECOD is missing in 1 of 1 rows"]


def test_a_text_longer_than_declared_is_a_finding_counted_in_bytes():
    """70 Chinese characters are 210 bytes in UTF-8."""
    findings = build_dataset("DS", [ROW | {"DSTERM": "狼" * 70}]).findings
    assert [each.message for each in findings] == ["DSTERM is longer than 200 bytes in 1 rows"]


def test_a_variable_without_metadata_is_refused():
    """A fault of the program, found at once."""
    with pytest.raises(KeyError, match="DSFOO"):
        build_dataset("DS", [ROW | {"DSFOO": 1}])


def test_an_empty_data_set_has_its_columns_and_types():
    """No rows, all variables."""
    frame = build_dataset("DS", []).frame
    assert frame.schema["DSSEQ"] == pl.Int64
    assert set(INTERNAL) <= set(frame.columns)


def test_every_data_set_is_clean_on_the_small_trial(sdtm, adam):
    """One finding is expected: an age that a birth year does not decide."""
    findings = [finding for each in (*sdtm.values(), *adam.values()) for finding in each.findings]
    assert [each.where for each in findings] == ["DM CT1192-01-002"]


def test_names_of_data_sets_and_of_metadata_agree(sdtm, adam):
    """Every data set listed is derived, and has variables with labels of 40 characters at most."""
    assert (*sdtm, *adam) == (*dataset_names("sdtm"), *dataset_names("adam"))
    for standard in ("sdtm", "adam"):
        rows = read_table(standard)
        assert {row["dataset"] for row in rows} == set(dataset_names(standard))
        assert all(0 < len(row["label"]) <= 40 and len(row["variable"]) <= 8 for row in rows)


def test_every_row_leads_back_to_an_event(sdtm, adam):
    """The trial design comes from the study file; everything else has an event."""
    for name, dataset in {**sdtm, **adam}.items():
        if name not in ("TS", "TA", "TE", "TV"):
            assert dataset.frame["EVENTSEQ"].null_count() == 0, name
