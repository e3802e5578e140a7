"""What `celltrial verify` says beside the chain: the record against its checkpoints, and against keys one trusts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.trials import CHECKPOINTS, checkpoints_elsewhere
from celltrial.errors import CelltrialError, Finding, InputError

if TYPE_CHECKING:
    from celltrial.record.envelope import Row
    from celltrial.record.evidence.comparison import Comparison
    from celltrial.record.evidence.folder import CheckpointFile

__all__ = ["Checkpoints", "Trust", "compare_study", "print_comparison", "to_document"]

Checkpoints = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help=f"Where the checkpoints are; default: {CHECKPOINTS}, and the study folder"),
]
Trust = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY", help="A key or fingerprint that you had on paper, or a file of them; may be repeated"),
]


def compare_study(
    place: Path | str, study: Path, checkpoints: Path | None, trust: Sequence[str] | None
) -> "Comparison | None":
    """The record against its checkpoints; None where its rows cannot even be read, which `verify_record` has said."""
    from celltrial.record.evidence.comparison import compare_rows
    from celltrial.record.stores import open_store

    try:
        store = open_store(place, read_only=True)
    except CelltrialError:
        return None
    try:
        rows = store.read()
    except CelltrialError:
        return None
    finally:
        store.close()
    return compare_rows(rows, _files(rows, study, checkpoints), [line for each in trust or () for line in _lines(each)])


def print_comparison(comparison: "Comparison") -> None:
    """What the checkpoints prove, and what they do not."""
    from celltrial.record.evidence.checkpoints import checkpoint_line

    if comparison.latest is not None:
        line = checkpoint_line(comparison.latest, comparison.latest_key)
        typer.echo(f"{len(comparison.matched)} of {comparison.found} checkpoints hold; the last: {line}")
    for note in comparison.notes:
        typer.echo(note)


def to_document(comparison: "Comparison | None") -> dict[str, object]:
    """The keys that `verify --json` has beside its own."""
    if comparison is None:
        return {"checkpoints": 0, "root": None, "signed_events": 0, "key": None, "notes": []}
    latest, key = comparison.latest, comparison.latest_key
    return {
        "checkpoints": len(comparison.matched),
        "root": latest.root.hex() if latest else None,
        "signed_events": latest.size if latest else 0,
        "key": key.fingerprint if key else None,
        "notes": list(comparison.notes),
    }


def _files(rows: "Sequence[Row]", study: Path, checkpoints: Path | None) -> "tuple[CheckpointFile, ...]":
    from celltrial.record.evidence.comparison import opening_of
    from celltrial.record.evidence.folder import FOLDER, read_checkpoints

    if checkpoints is not None:
        if not checkpoints.is_dir():
            raise InputError(Finding(message="there is no such folder of checkpoints", found=str(checkpoints)))
        return read_checkpoints(checkpoints)
    within = read_checkpoints((study if study.is_dir() else study.parent) / FOLDER)
    opened, elsewhere = opening_of(rows), checkpoints_elsewhere()
    if elsewhere is None or opened is None or opened.simulated == "yes":
        return within
    outside = read_checkpoints(elsewhere / opened.study)
    names = {each.name for each in outside}
    return (*outside, *(each for each in within if each.name not in names))


def _lines(trusted: str) -> list[str]:
    """A key as given, or the keys of a file: a line that is no key and no fingerprint is left out."""
    path = Path(trusted)
    try:
        if not path.is_file():
            return [trusted]
        texts = [line.strip().removeprefix("fingerprint ") for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        return [trusted]
    return [text for text in texts if "+" in text]
