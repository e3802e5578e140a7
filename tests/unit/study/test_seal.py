"""The seal: every line of every study file is held to the approved version, until the version is a new one."""

from pathlib import Path

import pytest

from celltrial.errors import StudyError
from celltrial.study import check_study, load_study, new_study, read_study_texts, seal_study, shipped_study
from celltrial.study.files import RECORD_TEXT, STUDY_FILES
from celltrial.study.seal import SEAL_FILE, check_seal, render_seal

TEXTS = read_study_texts(shipped_study("ct1192"))
SEAL = (shipped_study("ct1192") / SEAL_FILE).read_text(encoding="utf-8")
VERSION = load_study(shipped_study("ct1192")).version


def test_the_shipped_seal_is_current() -> None:
    """After a change of the shipped study: celltrial check src/celltrial/studies/ct1192 --seal."""
    assert check_seal(TEXTS, VERSION, SEAL) == ()


@pytest.mark.parametrize("name", STUDY_FILES)
def test_every_line_left_out_or_changed_is_named(name: str) -> None:
    """Each line that says something, deleted and altered in turn: one finding, in that file, at that line."""
    lines = TEXTS[name].split("\n")
    said = [i for i, line in enumerate(lines) if line.strip() and (name == RECORD_TEXT or line.strip()[0] != "#")]
    assert len(said) > 30
    for index in said:
        without = TEXTS | {name: "\n".join(lines[:index] + lines[index + 1 :])}
        altered = TEXTS | {name: "\n".join([*lines[:index], lines[index] + " x", *lines[index + 1 :]])}
        for texts in (without, altered):
            findings = check_seal(texts, VERSION, SEAL)
            assert len(findings) == 1, (name, index + 1)
            source = findings[0].source
            assert source is not None
            assert source.file == name
            assert source.line is not None
            # a deleted line is named at the next line that says something
            assert abs(source.line - (index + 1)) <= 8, (name, index + 1, source.line)
        assert check_seal(altered, VERSION, SEAL)[0].source.line == index + 1  # type: ignore[union-attr]  # seen above


def test_comments_are_free() -> None:
    """A comment changes nothing that runs."""
    assert check_seal(TEXTS | {"study.yaml": "# a note\n" + TEXTS["study.yaml"]}, VERSION, SEAL) == ()


def test_a_clause_left_out_is_found_by_check_and_passes_as_a_new_version(tmp_path: Path) -> None:
    """What is well formed but not the protocol is a finding, until the study is given a version of its own."""
    folder = new_study(tmp_path / "study")
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    clause = next(line for line in text.split("\n") if line.strip().startswith("D03:"))
    path.write_text(text.replace(clause + "\n", ""), encoding="utf-8")
    findings = check_study(folder)
    assert [finding.found for finding in findings] == ["1 line missing before this"]
    amended = text.replace(clause + "\n", "").replace(f"version: {VERSION}", "version: amendment 1")
    path.write_text(amended, encoding="utf-8")
    criteria = folder / "eligibility.yaml"
    criteria.write_text(criteria.read_text(encoding="utf-8").replace(VERSION, "amendment 1"), encoding="utf-8")
    assert check_study(folder) == ()
    seal_study(folder)
    path.write_text(amended.replace("sentinel_days: 14", "sentinel_days: 15"), encoding="utf-8")
    assert "sentinel_days: 15" in [finding.found for finding in check_study(folder)]


def test_a_study_with_problems_is_not_sealed(tmp_path: Path) -> None:
    """Only what loads can be approved."""
    folder = new_study(tmp_path / "study")
    (folder / "forms.yaml").write_text("nonsense", encoding="utf-8")
    with pytest.raises(StudyError):
        seal_study(folder)


def test_a_garbled_seal_says_so() -> None:
    """The seal is a file like any other: what cannot be read is a finding."""
    assert check_seal(TEXTS, VERSION, "{")[0].message == "the seal cannot be read"
    assert check_seal(TEXTS, VERSION, render_seal(TEXTS, VERSION)) == ()
