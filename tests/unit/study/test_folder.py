"""Study folders: read, hashed, copied; never overwritten."""

from pathlib import Path

import pytest

from celltrial.errors import InputError, StudyError
from celltrial.study import (
    STUDY_FILES,
    check_study,
    discard_study,
    load_study,
    new_study,
    require_folder,
    shipped_study,
    trace_study,
)
from celltrial.study.seal import SEAL_FILE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_study(tmp_path / "mine")


def test_a_new_folder_is_the_template_and_loads(folder: Path) -> None:
    """The files are the shipped ones, byte for byte, so the hash is the same; the folder is its own."""
    mine, theirs = load_study(folder), load_study(shipped_study())
    assert sorted(each.name for each in folder.iterdir()) == sorted((*STUDY_FILES, SEAL_FILE))
    assert mine.hash == theirs.hash
    assert mine.folder == folder


def test_the_hash_is_of_the_study_files_and_not_of_the_record(folder: Path) -> None:
    """A comment changes it, a record beside the files does not."""
    before = load_study(folder).hash
    (folder / "record.db").write_bytes(b"anything")
    assert load_study(folder).hash == before
    path = folder / "forms.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# a comment\n", encoding="utf-8")
    assert load_study(folder).hash != before


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """Nothing is ever overwritten."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not empty"):
        new_study(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]


def test_a_discarded_folder_keeps_what_is_not_the_studys(folder: Path) -> None:
    """Only the study files go, and the folder when nothing else is in it."""
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    discard_study(folder)
    assert [each.name for each in folder.iterdir()] == ["notes.txt"]
    (folder / "notes.txt").unlink()
    discard_study(folder)
    assert not folder.exists()


def test_an_unknown_template_names_those_there_are(tmp_path: Path) -> None:
    """The message lists what can be copied."""
    with pytest.raises(InputError, match="expected: ct1192"):
        new_study(tmp_path / "x", "nope")


def test_missing_and_unreadable_files_are_all_named(folder: Path) -> None:
    """Each is one finding with its file."""
    (folder / "forms.yaml").unlink()
    (folder / "trace.yaml").write_bytes(b"\xff\xfe")
    findings = check_study(folder)
    assert [each.source.file for each in findings if each.source] == ["forms.yaml", "trace.yaml"]
    with pytest.raises(StudyError, match="no such file"):
        load_study(folder)


def test_a_wrong_path_is_no_study(tmp_path: Path) -> None:
    """A folder that is not there is one problem, not seven."""
    with pytest.raises(InputError, match="no such study folder"):
        require_folder(tmp_path / "nowhere")


def test_loading_raises_with_every_finding(folder: Path) -> None:
    """The error carries the findings of the check, with file and line in its text."""
    path = folder / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("lloq: 50", "lloq: low"), encoding="utf-8")
    with pytest.raises(StudyError, match=r"study\.yaml:\d+: not what is expected here") as caught:
        load_study(folder)
    assert tuple(caught.value.findings) == check_study(folder)


def test_a_changed_sentence_is_unbound_and_a_target_that_is_not_there_binds_nothing(folder: Path) -> None:
    """The trace says what is bound now, not what was."""
    record, trace = folder / "registry-record.txt", folder / "trace.yaml"
    record.write_text(record.read_text(encoding="utf-8").replace("Sex: All", "Sex: Female"), encoding="utf-8")
    trace.write_text(
        trace.read_text(encoding="utf-8").replace("to: [study:registry.status]", "to: [study:x]"), encoding="utf-8"
    )
    assert [each.text for each in trace_study(folder) if each.status == "unbound"] == [
        "Status: Recruiting",
        "Sex: Female",
    ]


def test_a_sentence_bound_to_an_assumption_only_says_so(folder: Path) -> None:
    """It is not bound to anything the record gives."""
    trace = folder / "trace.yaml"
    text = trace.read_text(encoding="utf-8").replace("study:registry.therapeutic_areas, ", "")
    trace.write_text(text, encoding="utf-8")
    assert [each.status for each in trace_study(folder) if each.text == "Related Therapeutic Areas"] == ["assumption"]


def test_a_trace_that_cannot_be_read_is_refused(folder: Path) -> None:
    """Else sentences would seem unbound that are not."""
    trace = folder / "trace.yaml"
    trace.write_text(trace.read_text(encoding="utf-8").replace("to: [", "to: [[", 1), encoding="utf-8")
    with pytest.raises(StudyError, match="cannot be read as YAML"):
        trace_study(folder)
