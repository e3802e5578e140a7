"""Qualification of a study's own configuration: its files, its seal, its dose rule, its limits, and a trial run dry.

Source: ICH E6(R3) 4.3.4 asks for validation of the system and of the trial-specific configuration, dosing and dose
titration named. Nothing here writes into the study's folder.
"""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from celltrial.decisions.trial import record_place
from celltrial.errors import CelltrialError
from celltrial.record import verify_record
from celltrial.record.stores import is_database
from celltrial.simulate import simulate_trial
from celltrial.study import STUDY_FILES, Study, check_study, load_study, trace_study
from celltrial.study.seal import SEAL_FILE
from celltrial.validation.boundaries import check_boundaries
from celltrial.validation.dose_rule import check_courses, check_table
from celltrial.validation.outcome import Check, Status

__all__ = ["qualify_study"]

_SEED = 1192
_SHOWN = 20
# told(share of the study's checks that are done, what is being done)
Told = Callable[[float, str], None]


def qualify_study(folder: Path, *, is_quick: bool, told: Told, place: Path | str | None = None) -> tuple[Check, ...]:
    """Every look at a study folder, in the order of the report.

    Args:
        folder: The study's folder; it is only read.
        is_quick: Leave out the dry run, which takes most of the time.
        told: Called before each look.
        place: Where the record is, as in `decisions.trial.record_place`.
    """
    checks: list[Check] = []
    for share, check in zip((0.0, 0.05), (_files, _seal), strict=True):
        told(share, "study files")
        checks.append(check(folder))
    try:
        study = load_study(folder)
    except CelltrialError as error:
        reason = f"the study does not load: {len(error.findings)} findings"
        rest = (
            ("CQ-2", "Trace"),
            ("CQ-4", "Open matters"),
            ("CQ-5", "Dose rule"),
            ("CQ-7", "Limits"),
            ("CQ-8", "Dry run"),
        )
        return (
            *checks,
            *(Check(id=number, title=title, status=Status.NOT_RUN, found=reason) for number, title in rest),
        )
    looks: tuple[tuple[float, str, Callable[[], Check]], ...] = (
        (0.1, "trace", lambda: _trace(folder)),
        (0.15, "open matters", lambda: _open_matters(study)),
        (0.2, "dose table", lambda: check_table(study)),
        (0.25, "courses of the dose rule", lambda: check_courses(study)),
        (0.4, "eligibility limits", lambda: check_boundaries(study)),
        (0.5, "dry run", lambda: _dry_run(folder, is_quick=is_quick)),
        (0.95, "record", lambda: _record(folder, place)),
    )
    for share, name, look in looks:
        told(share, name)
        checks.append(look())
    told(1.0, "study")
    return tuple(sorted(checks, key=lambda each: each.id))


def _files(folder: Path) -> Check:
    findings = check_study(folder)
    return Check(
        id="CQ-1",
        title="Study files",
        status=Status.FAILED if findings else Status.PASSED,
        found=f"{len(STUDY_FILES)} files, {len(findings)} findings",
        expected="no finding",
        details=tuple(str(each) for each in findings[:_SHOWN]),
    )


def _seal(folder: Path) -> Check:
    """Whether this version was released: the seal names it. Its lines are compared by the check of files."""
    title, expected = "Seal of the version", "the version in use is the one that was sealed when it was approved"
    path = folder / SEAL_FILE
    if not path.is_file():
        found, status = "no seal: celltrial check STUDY --seal, once the version is approved", Status.FAILED
        return Check(id="CQ-3", title=title, status=status, found=found, expected=expected)
    try:
        sealed = str(json.loads(path.read_text(encoding="utf-8"))["version"])
        version = load_study(folder).version
    except (ValueError, KeyError, CelltrialError) as error:
        return Check(id="CQ-3", title=title, status=Status.FAILED, found=f"not readable: {error}", expected=expected)
    status = Status.PASSED if sealed == version else Status.FAILED
    return Check(
        id="CQ-3", title=title, status=status, found=f"sealed {sealed!r}, in use {version!r}", expected=expected
    )


def _trace(folder: Path) -> Check:
    sentences = trace_study(folder)
    unbound = tuple(f"{each.id}: {each.text}" for each in sentences if each.status == "unbound")
    assumed = sum(each.status == "assumption" for each in sentences)
    return Check(
        id="CQ-2",
        title="Trace to the registry record",
        status=Status.FAILED if unbound else Status.PASSED,
        found=f"{len(sentences)} sentences, {len(unbound)} unbound, {assumed} bound to an assumption only",
        expected="no sentence unbound",
        details=unbound[:_SHOWN],
    )


def _open_matters(study: Study) -> Check:
    """What people still have to answer: told, not judged, for the record refuses what rests on it."""
    questions = [each.id for each in study.questions if not each.answer.strip()]
    found = (
        f"{len(study.assumptions)} assumptions to confirm, {len(questions)} questions without an answer in the files"
    )
    return Check(id="CQ-4", title="Assumptions and open questions", status=Status.NOTED, found=found)


def _dry_run(folder: Path, *, is_quick: bool) -> Check:
    """A whole virtual trial under these files, in another place; every gate is passed, and the record verifies."""
    title, expected = "Dry run", "a virtual trial under these files runs to its end and its record verifies"
    if is_quick:
        return Check(id="CQ-8", title=title, status=Status.NOT_RUN, found="left out by --quick", expected=expected)
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name, "study")
        copy.mkdir()
        for file in (*STUDY_FILES, SEAL_FILE):
            if (folder / file).is_file():
                shutil.copyfile(folder / file, copy / file)
        try:
            trial = simulate_trial(copy, seed=_SEED)
            verified = verify_record(copy / "record.db")
        except CelltrialError as error:
            details = tuple(str(each) for each in error.findings[:_SHOWN])
            return Check(
                id="CQ-8", title=title, status=Status.FAILED, found="it did not end", expected=expected, details=details
            )
        state = trial.record.state()
        return Check(
            id="CQ-8",
            title=title,
            status=Status.PASSED if verified.ok else Status.FAILED,
            found=f"seed {_SEED}: {len(state.subjects)} subjects, {verified.events} events, head {verified.head[:16]}",
            expected=expected,
            details=tuple(str(each) for each in verified.findings[:_SHOWN]),
        )


def _record(folder: Path, place: Path | str | None) -> Check:
    """The study's own record, wherever it is kept."""
    title, at = "Record of the study", record_place(folder, place)
    if not is_database(at) and not Path(at).is_file():
        return Check(id="CQ-9", title=title, status=Status.NOT_RUN, found=f"no {Path(at).name} in the folder")
    try:
        verified = verify_record(at)
    except CelltrialError as error:
        details = tuple(str(each) for each in error.findings[:_SHOWN])
        return Check(id="CQ-9", title=title, status=Status.FAILED, found="it could not be read", details=details)
    return Check(
        id="CQ-9",
        title=title,
        status=Status.PASSED if verified.ok else Status.FAILED,
        found=f"{verified.events} events, head {verified.head}",
        expected="every hash and link, and the projection, as stored",
        details=tuple(str(each) for each in verified.findings[:_SHOWN]),
    )
