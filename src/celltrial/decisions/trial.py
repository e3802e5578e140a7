"""A trial as a whole: its study files and its record, opened together so that no write passes by the gates."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from celltrial.decisions.gates import gates
from celltrial.errors import Finding, InputError
from celltrial.record import Author, Record
from celltrial.record.bodies import YesNo
from celltrial.study import Study, load_study, require_folder

__all__ = ["RECORD_FILE", "Trial", "create_trial", "discard_empty_record", "open_trial"]

RECORD_FILE = "record.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial: the protocol as data, and what has happened."""

    study: Study
    record: Record


def open_trial(folder: Path) -> Trial:
    """The trial in a study folder. Raises StudyError, InputError (no record yet) or TamperedError."""
    study = load_study(require_folder(folder))
    path = folder / RECORD_FILE
    if not path.exists():
        raise InputError(
            Finding(
                message="the study folder has no record yet",
                where=str(path),
                expected="a record made by `celltrial new DIR --from ct1192`",
                next_step=f"make one: celltrial new DIR --from {study.id.lower()}",
            )
        )
    return Trial(study=study, record=Record.open(path, study, guards=gates(study)))


def discard_empty_record(folder: Path) -> None:
    """Take away a record that holds nothing but its opening, so that a simulated one can begin in its place.

    Raises InputError where anything has been recorded: a record is never overwritten. No record at all is fine.
    """
    path = folder / RECORD_FILE
    if not path.exists():
        return
    trial = open_trial(folder)
    length = trial.record.length
    trial.record.close()
    if length > 1:
        raise InputError(
            Finding(
                message="the study folder has a record already; it is never overwritten",
                where=str(path),
                found=f"{length} events",
                expected="a folder made by `celltrial new`, in which nothing has been recorded",
                next_step="choose another folder: celltrial new DIR --from ct1192",
            )
        )
    for each in folder.glob(f"{RECORD_FILE}*"):
        each.unlink()


def create_trial(folder: Path, *, author: Author, at: datetime, simulated: YesNo = "no", seed: str = "") -> Trial:
    """Start the record of a study folder. Raises InputError where there is one already: nothing is overwritten."""
    study = load_study(require_folder(folder))
    path = folder / RECORD_FILE
    if path.exists():
        raise InputError(
            Finding(
                message="the study folder has a record already; it is never overwritten",
                where=str(path),
                next_step="choose another folder, or open this one",
            )
        )
    record = Record.create(path, study, author=author, at=at, simulated=simulated, seed=seed, guards=gates(study))
    return Trial(study=study, record=record)
