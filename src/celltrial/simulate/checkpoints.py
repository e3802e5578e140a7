"""The checkpoints of a virtual trial: as in a real one, with a key that anybody can compute from the seed.

They show what a reader of a real record would find, and prove nothing: the key's event says so.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from celltrial.decisions import Trial
from celltrial.errors import CelltrialError, Finding
from celltrial.record import Author, Draft, Event, Record
from celltrial.record.bodies import CheckpointKey
from celltrial.record.evidence.automatic import Signer, find_key, sign_now
from celltrial.record.evidence.folder import FOLDER
from celltrial.record.evidence.key_history import origin_of_state
from celltrial.record.evidence.signing_keys import simulated_key
from celltrial.record.log import Listener

__all__ = ["checkpoint_listener", "name_simulated_key", "sign_last_checkpoint"]

_WHY = "simulated: a key that anybody can compute from the seed; it shows how checkpoints work and proves nothing"
# a real record is signed more often (automatic.py); here it is what the committee and the sponsor decide upon
_TYPES = frozenset(("data_cut", "src_decision", "study_status"))


def checkpoint_listener(folder: Path) -> Listener:
    """Signs after data cuts, decisions, the committee's signatures, and states of the study."""
    signer = Signer(folder=folder / FOLDER, keys=folder / "no private keys", on_problem=_fail)

    def listen(record: Record, events: Sequence[Event]) -> None:
        if any(_matters(event) for event in events):
            signer(record, events)

    signer.types = _TYPES | {"signature"}
    return listen


def name_simulated_key(trial: Trial, *, author: Author, at: datetime, seed: int) -> None:
    """Put the key on record."""
    key = simulated_key(origin_of_state(trial.record.state()), str(seed))
    trial.record.append([Draft(body=CheckpointKey(key=str(key.verifier)), why=_WHY)], author=author, at=at)


def sign_last_checkpoint(trial: Trial, folder: Path) -> None:
    """So that the checkpoints cover the record to its last event."""
    key, last = find_key(trial.record, folder), trial.record.events()[-1]
    assert key is not None, "a simulated record has its key from the seed"
    sign_now(trial.record, folder / FOLDER, key, last.recorded_at)


def _matters(event: Event) -> bool:
    return event.type in _TYPES or (event.type == "signature" and event.author.role == "src_member")


def _fail(findings: Sequence[Finding]) -> None:
    raise CelltrialError(findings)
