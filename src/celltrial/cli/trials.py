"""The trial that a command works on, opened with what the environment says: where the record and its checkpoints are,
and which key signs.

Every command opens its trial here, so that no append passes by the automatic checkpoints or into another record.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from celltrial.decisions.trial import Trial
    from celltrial.errors import Finding

__all__ = [
    "CHECKPOINTS",
    "DATABASE",
    "KEYS",
    "PASSPHRASE",
    "checkpoints_elsewhere",
    "key_folder",
    "open_trial",
    "passphrase",
    "record_place",
    "warn",
]

CHECKPOINTS = "CELLTRIAL_CHECKPOINTS"
DATABASE = "CELLTRIAL_DATABASE"
KEYS = "CELLTRIAL_KEYS"
PASSPHRASE = "CELLTRIAL_KEY_PASSPHRASE"


def open_trial(study: Path) -> "Trial":
    """The trial in a study folder; appends to it are followed by checkpoints where its key is at hand."""
    from celltrial.decisions.trial import open_trial as open_folder
    from celltrial.record.evidence.automatic import Signer
    from celltrial.record.evidence.folder import FOLDER

    signer = Signer(
        folder=study / FOLDER,
        elsewhere=checkpoints_elsewhere(),
        keys=key_folder(),
        on_problem=warn,
        passphrase=passphrase(),
    )
    trial = open_folder(study, place=record_place(study), listeners=(signer,))
    signer.zone = trial.study.site.zone
    return trial


def record_place(study: Path) -> Path | str:
    """Where the record of a study folder is: CELLTRIAL_DATABASE, the `database` of study.yaml, or the file in it.

    A file is taken for a record itself.
    """
    from celltrial.decisions.trial import record_place as of_folder

    return study if study.is_file() else of_folder(study, os.environ.get(DATABASE) or None)


def checkpoints_elsewhere() -> Path | None:
    """The folder outside this host, or None where none is named."""
    named = os.environ.get(CHECKPOINTS, "")
    return Path(named) if named else None


def key_folder() -> Path:
    """Where private keys are: never in the study folder."""
    named = os.environ.get(KEYS, "")
    return Path(named) if named else Path.home() / ".config" / "celltrial" / "keys"


def passphrase() -> bytes | None:
    """The passphrase of the key's file, where one is given."""
    given = os.environ.get(PASSPHRASE, "")
    return given.encode() if given else None


def warn(findings: Sequence["Finding"]) -> None:
    """Say why no checkpoint was signed; the events are written, and the command goes on."""
    for each in findings:
        typer.echo(f"checkpoint: {each}", err=True)
