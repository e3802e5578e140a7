"""All checks of a study folder, in the order a reader needs them: the machine, the record, how it is kept."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from celltrial.decisions.doctor import machine
from celltrial.decisions.doctor.findings import Check, refused, unknown
from celltrial.decisions.doctor.judge_keeping import (
    check_checkpoints,
    check_delegation_log,
    check_drill,
    check_key_file,
    check_redactions,
    check_study_files,
    check_whole,
)
from celltrial.decisions.doctor.judge_machine import (
    check_clock,
    check_database,
    check_file_system,
    check_free_space,
    check_last_time,
    check_lock,
    check_log,
    check_rights,
    check_settings,
)
from celltrial.errors import CelltrialError
from celltrial.record import TrialState, fold
from celltrial.record.evidence.folder import advise_place, read_checkpoints
from celltrial.record.evidence.key_history import key_in_use
from celltrial.record.evidence.signing_keys import key_path
from celltrial.record.reading import read_events
from celltrial.record.state import EMPTY
from celltrial.record.stores import is_database, open_store
from celltrial.record.verify import verify_store
from celltrial.study import check_study
from celltrial.study.seal import SEAL_FILE

__all__ = ["examine"]


def examine(folder: Path, place: Path | str, *, checkpoints: Path, keys: Path, now: datetime) -> tuple[Check, ...]:
    """Every check of a study and its record; a part that cannot be read is a check of its own.

    Args:
        folder: The study folder.
        place: The record's file or database (`stores.py`).
        checkpoints: The folder where checkpoints are kept.
        keys: The folder where private keys are kept.
        now: The time, aware.
    """
    seal = folder / SEAL_FILE
    checks = [*_check_place(folder, place, now), check_clock(machine.read_clock(now))]
    checks.append(check_study_files(check_study(folder), has_seal=seal.exists()))
    try:
        store = open_store(place, read_only=True)
    except CelltrialError as error:
        return (*checks, _broken("record", error))
    try:
        verified = verify_store(store)
        checks.append(check_whole(verified))
        state = fold(read_events(store.read(), EMPTY)) if verified.ok else None
    except CelltrialError as error:
        return (*checks, _broken("record", error))
    finally:
        store.close()
    if state is None:
        return (*checks, unknown("how it is kept", "the record is not whole"))
    return (*checks, *_check_keeping(state, folder, place, checkpoints, keys, now))


def _check_place(folder: Path, place: Path | str, now: datetime) -> Iterator[Check]:
    rights = [machine.read_file(folder)]
    if is_database(place):
        try:
            yield from check_database(*machine.read_database(str(place)))
        except CelltrialError as error:
            yield _broken("PostgreSQL", error)
    else:
        path = Path(place)
        disk = machine.read_disk(path if path.exists() else folder)
        yield check_file_system(disk)
        yield check_free_space(disk, path.stat().st_size if path.exists() else 0)
        rights.append(machine.read_file(path))
        try:
            file = machine.read_record_file(path, now)
        except CelltrialError as error:
            yield _broken("settings", error)
        else:
            yield from (check_settings(file), check_log(file), check_lock(file))
    yield from (check_rights(each) for each in rights if each is not None)


def _check_keeping(
    state: TrialState, folder: Path, place: Path | str, checkpoints: Path, keys: Path, now: datetime
) -> Iterator[Check]:
    is_simulated = state.is_simulated
    yield check_last_time(machine.read_clock(now), state.as_of, is_simulated=is_simulated)
    yield check_delegation_log(state, is_simulated=is_simulated)
    in_use = key_in_use(state)
    last = _last_checkpoint(checkpoints)
    yield check_checkpoints(state, last, now, has_key=in_use is not None, is_simulated=is_simulated)
    if in_use is not None and not is_simulated:
        advice = () if is_database(place) else advise_place(checkpoints, Path(place))
        yield from (
            Check(name="place of the checkpoints", outcome="warning", found=each.found, finding=each) for each in advice
        )
        path = key_path(keys, in_use)
        beside = path.resolve().is_relative_to(folder.resolve())
        yield check_key_file(machine.read_file(path), machine.read_file(keys), is_beside_record=beside)
    yield check_drill(state, now, is_simulated=is_simulated)
    yield check_redactions(state, now)


def _last_checkpoint(folder: Path) -> datetime | None:
    """When the newest checkpoint of the folder was made, by the names of its files."""
    times = []
    for file in read_checkpoints(folder):
        try:
            stamp = datetime.strptime(file.name.removesuffix(".txt").rpartition("-")[2], "%Y%m%dT%H%M%S%z")
        except ValueError:
            continue
        times.append(stamp)
    return max(times, default=None)


def _broken(name: str, error: CelltrialError) -> Check:
    first = error.findings[0]
    return refused(name, first.message, found=first.found, expected=first.expected, next_step=first.next_step)
