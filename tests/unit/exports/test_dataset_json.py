"""Dataset-JSON: what is written, and that it reads back the same."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from celltrial.datasets import derive_adam, derive_sdtm
from celltrial.errors import InputError, UsageError
from celltrial.exports import parse_format, read_dataset_json, write_dataset_json, write_package
from small_trial import ct1192, small_trial

CREATED = datetime(2025, 10, 21, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def datasets():
    sdtm = derive_sdtm(ct1192(), small_trial())
    return {**sdtm, **derive_adam(ct1192(), small_trial(), sdtm)}


def written(dataset, folder):
    path = folder / "x.json"
    write_dataset_json(dataset, path, study=ct1192(), created_at=CREATED, as_of=small_trial().as_of)
    return path


def test_every_data_set_reads_back_as_it_was(datasets, tmp_path):
    """Names, types and values, with blank texts as missing."""
    for dataset in datasets.values():
        head, frame = read_dataset_json(written(dataset, tmp_path))
        names = [each.name for each in dataset.variables]
        expected = dataset.frame.select(names).with_columns(pl.col(pl.String).replace("", None))
        assert_frame_equal(frame, expected)
        assert (head["name"], head["records"], head["label"]) == (dataset.name, dataset.frame.height, dataset.label)


def test_the_head_of_the_file(datasets, tmp_path):
    """Dataset-JSON 1.1: times as given, study, item group, keys in order."""
    document = json.loads(written(datasets["DM"], tmp_path).read_text(encoding="utf-8"))
    assert document["datasetJSONCreationDateTime"] == "2025-10-21T08:00:00+00:00"
    assert document["datasetJSONVersion"] == "1.1.0"
    assert (document["studyOID"], document["itemGroupOID"]) == ("CT1192", "IG.DM")
    assert document["columns"][0] == {
        "itemOID": "IT.DM.STUDYID",
        "name": "STUDYID",
        "label": "Study Identifier",
        "dataType": "string",
        "length": 20,
        "keySequence": 1,
    }


def test_internal_columns_stay_inside_and_missing_is_null(datasets, tmp_path):
    """EVENTSEQ is not exported; no cell is an empty text."""
    document = json.loads(written(datasets["ADSL"], tmp_path).read_text(encoding="utf-8"))
    assert not {"EVENTSEQ", "EVENTSEQS"} & {each["name"] for each in document["columns"]}
    assert not [cell for row in document["rows"] for cell in row if cell == ""]


def test_numeric_dates_are_iso_dates_with_an_integer_target(datasets, tmp_path):
    """TRTSDT of ADSL."""
    document = json.loads(written(datasets["ADSL"], tmp_path).read_text(encoding="utf-8"))
    index, column = next((i, each) for i, each in enumerate(document["columns"]) if each["name"] == "TRTSDT")
    assert (column["dataType"], column["targetDataType"]) == ("date", "integer")
    assert document["rows"][0][index] == "2025-08-01"


def test_the_same_data_give_the_same_bytes(datasets, tmp_path):
    """No clock inside."""
    assert written(datasets["LB"], tmp_path).read_bytes() == written(datasets["LB"], tmp_path).read_bytes()


@pytest.mark.parametrize("content", ["", "{}", '{"columns": [], "rows": [], "records": 3}', "[1]"])
def test_a_file_that_is_none_is_refused(content, tmp_path):
    """One clear error, whatever is wrong."""
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="not a Dataset-JSON file"):
        read_dataset_json(path)


@pytest.mark.parametrize(("form", "suffix"), [("dataset-json", "json"), ("parquet", "parquet"), ("csv", "csv")])
def test_a_package_has_a_file_for_each_data_set_with_rows(datasets, tmp_path, form, suffix):
    """An empty data set is not written."""
    files = write_package(
        datasets.values(), tmp_path / form, study=ct1192(), created_at=CREATED, form=parse_format(form)
    )
    assert {path.name for path in files} == {
        f"{name.lower()}.{suffix}" for name, each in datasets.items() if each.frame.height
    }


def test_parquet_keeps_types(datasets, tmp_path):
    """Dates come back as dates."""
    write_package([datasets["ADSL"]], tmp_path, study=ct1192(), created_at=CREATED, form="parquet")
    assert pl.read_parquet(tmp_path / "adsl.parquet").schema["TRTSDT"] == pl.Date


def test_transport_files_come_later():
    """xpt is asked for by name and refused with a message."""
    with pytest.raises(UsageError, match="xpt comes with a later release"):
        parse_format("xpt")
