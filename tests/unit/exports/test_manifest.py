"""The manifest of a package: counts read again from the files, hashes, and what stands in no data set."""

import hashlib
import json
from datetime import UTC, datetime

import pytest

from celltrial.datasets import derive_sdtm
from celltrial.errors import RefusedError
from celltrial.exports import FORMATS, make_manifest, write_manifest, write_package
from celltrial.record.bodies import CrsAssessment, FormEntry
from lab_files import ANNA, story

CREATED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def told():
    """Two demographics, three laboratory results and an assessment that SDTM does not have yet."""
    book = story(infused="2025-10-01T10:00")
    for row in ("1", "2", "3"):
        items = {"analyte": "crp", "value": row, "unit": "mg/L", "collected": "2025-09-15"}
        book.write(FormEntry(form="labs", visit="SCR", row=row, items=items), ANNA)
    book.write(CrsAssessment(at="2025-10-02T10:00", temperature_c="36.8", hypotension="no"), ANNA)
    return book


def package(told, folder, form):
    datasets = [*derive_sdtm(told.study, told.state).values()]
    files = write_package(datasets, folder, study=told.study, created_at=CREATED, form=form)
    return datasets, files


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_file_is_counted_and_hashed(told, tmp_path, form):
    """Records of the data set = records read from the file, in each format; the hash is of the bytes."""
    datasets, files = package(told, tmp_path, form)
    manifest = make_manifest(datasets, files, study=told.study, state=told.state, form=form)
    counted = {each.dataset: (each.records, each.counted) for each in manifest.files}
    assert (counted["DM"], counted["LB"]) == ((2, 2), (3, 3))
    by_name = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert {each.file: each.sha256 for each in manifest.files} == by_name
    assert manifest.records == manifest.counted == sum(n for n, _ in counted.values())
    document = json.loads(write_manifest(manifest, tmp_path).read_text(encoding="utf-8"))
    assert (document["counted"], document["head"], document["events"]) == (
        manifest.counted,
        told.state.head,
        told.state.length,
    )


def test_what_is_in_no_data_set_is_told(told, tmp_path):
    """The record's entries of subjects, and how many of them a data set holds."""
    datasets, files = package(told, tmp_path, "csv")
    manifest = make_manifest(datasets, files, study=told.study, state=told.state, form="csv")
    assert manifest.entries["form/labs"] == (3, 3)
    assert manifest.entries["form/demographics"] == (2, 2)
    assert manifest.entries["crs_assessment"] == (1, 0)


@pytest.mark.parametrize("form", ["csv", "dataset-json"])
def test_a_file_that_lost_a_record_is_no_package(told, tmp_path, form):
    """A row taken out of the written file is found by counting it again."""
    datasets, files = package(told, tmp_path, form)
    path = next(each for each in files if each.stem == "lb")
    text = path.read_text(encoding="utf-8")
    if form == "csv":
        path.write_text(text[: text.rindex("\n", 0, -1) + 1], encoding="utf-8")
    else:
        document = json.loads(text)
        document["rows"].pop()
        path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(RefusedError, match="2 records in the file"):
        make_manifest(datasets, files, study=told.study, state=told.state, form=form)
