"""A trial as a whole: its study files and its record, opened together so that no write passes by the gates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_bytes

from celltrial.decisions.gates import gates
from celltrial.errors import Finding, InputError
from celltrial.record import Author, Record
from celltrial.record.bodies import YesNo
from celltrial.record.log import Listener
from celltrial.record.opening import Salts
from celltrial.record.stores import is_database, name_place
from celltrial.study import Study, load_study, read_database, require_folder

__all__ = ["RECORD_FILE", "Trial", "create_trial", "discard_empty_record", "open_trial", "record_place"]

RECORD_FILE = "record.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial: the protocol as data, and what has happened."""

    study: Study
    record: Record


def record_place(folder: Path, place: Path | str | None = None) -> Path | str:
    """Where the record of a study folder is: `place` if given, the `database` of study.yaml, or the file beside it.

    Raises StudyError where study.yaml names a database in a way that cannot be read.
    """
    return place or read_database(folder) or folder / RECORD_FILE


def open_trial(folder: Path, *, place: Path | str | None = None, listeners: Sequence[Listener] = ()) -> Trial:
    """The trial in a study folder. Raises StudyError, InputError (no record yet) or TamperedError.

    place: where the record is; see `record_place`. listeners: told of every append, the signer of checkpoints among
    them (`record.evidence.automatic`).
    """
    study = load_study(require_folder(folder))
    at = record_place(folder, place)
    if not is_database(at) and not Path(at).exists():
        raise InputError(
            Finding(
                message="the study folder has no record yet",
                where=str(at),
                expected="a record made by `celltrial new DIR --from ct1192`",
                next_step=f"make one: celltrial new DIR --from {study.id.lower()}",
            )
        )
    return Trial(study=study, record=Record.open(at, study, guards=gates(study), listeners=listeners))


def discard_empty_record(folder: Path, *, place: Path | str | None = None) -> None:
    """Take away a record that holds nothing but its opening, so that a simulated one can begin in its place.

    Raises InputError where anything has been recorded: a record is never overwritten. No record at all is fine; one in
    a database, which nobody can take back, is left to `create_trial`.
    """
    at = record_place(folder, place)
    if is_database(at) or not Path(at).exists():
        return
    trial = open_trial(folder, place=at)
    length = trial.record.length
    trial.record.close()
    if length > 1:
        raise InputError(
            Finding(
                message="the study folder has a record already; it is never overwritten",
                where=str(at),
                found=f"{length} events",
                expected="a folder made by `celltrial new`, in which nothing has been recorded",
                next_step="choose another folder: celltrial new DIR --from ct1192",
            )
        )
    for each in folder.glob(f"{Path(at).name}*"):
        each.unlink()


def create_trial(
    folder: Path,
    *,
    author: Author,
    at: datetime,
    place: Path | str | None = None,
    simulated: YesNo = "no",
    seed: str = "",
    salts: Salts = token_bytes,
    listeners: Sequence[Listener] = (),
) -> Trial:
    """Start the record of a study folder. Raises InputError where there is one already: nothing is overwritten.

    place: where the record is to be; see `record_place`. salts: random bytes for the commitments of the record; only a
    simulation gives its own.
    """
    study = load_study(require_folder(folder))
    chosen = record_place(folder, place)
    if not is_database(chosen) and Path(chosen).exists():
        raise InputError(
            Finding(
                message="the study folder has a record already; it is never overwritten",
                where=name_place(chosen),
                next_step="choose another folder, or open this one",
            )
        )
    record = Record.create(
        chosen,
        study,
        author=author,
        at=at,
        simulated=simulated,
        seed=seed,
        guards=gates(study),
        salts=salts,
        listeners=listeners,
    )
    return Trial(study=study, record=record)
