"""Checkpoints that nobody has to think of: after the events that matter, and after the first event of each day.

A `Signer` is a listener of the record (`Record.open(..., listeners=...)`): it is called when events are durable, and
never undoes them. What keeps it from signing is told to `on_problem`, since the events are written all the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from celltrial.errors import CelltrialError, Finding, TamperedError
from celltrial.record.bodies import CheckpointKey, StudyOpened
from celltrial.record.canonical import compute_leaf
from celltrial.record.envelope import Row
from celltrial.record.events import Event
from celltrial.record.evidence.checkpoints import Checkpoint, make_checkpoint
from celltrial.record.evidence.comparison import compare_rows
from celltrial.record.evidence.folder import keep_checkpoint, read_checkpoints
from celltrial.record.evidence.key_history import key_in_use, origin_of_state
from celltrial.record.evidence.signed_note import VerifierKey
from celltrial.record.evidence.signing_keys import SigningKey, load_key, simulated_key
from celltrial.record.evidence.tree import EMPTY_PEAKS, Peaks, grow
from celltrial.record.log import Record
from celltrial.record.verify import verify_links

__all__ = [
    "EVENTS_THAT_MATTER",
    "Signer",
    "checkpoint_folder",
    "find_key",
    "is_simulated",
    "require_consistent",
    "sign_now",
]

EVENTS_THAT_MATTER = frozenset(
    (
        "backup_drill",
        "data_cut",
        "data_lock",
        "eligibility_signature",
        "redaction_approval",
        "signature",
        "src_decision",
        "study_status",
        "transfer",
    )
)


@dataclass(slots=True, kw_only=True)
class Signer:
    """Signs a checkpoint after each append that holds an event of `types`, or the first event of a day at the site.

    folder: where checkpoints go; elsewhere: a folder of many studies' checkpoints outside this host, taken instead
    where the record is not simulated. keys: where private keys are. zone: of the site, for its days; None: none daily.
    """

    folder: Path
    elsewhere: Path | None = None
    keys: Path
    on_problem: Callable[[Sequence[Finding]], None]
    types: frozenset[str] = EVENTS_THAT_MATTER
    zone: tzinfo | None = None
    passphrase: bytes | None = None
    _place: Path = field(default=Path(), init=False)
    _key: SigningKey | None = field(default=None, init=False)
    _peaks: Peaks = field(default=EMPTY_PEAKS, init=False)
    _last_at: datetime | None = field(default=None, init=False)

    def __call__(self, record: Record, events: Sequence[Event]) -> None:
        """Called by the record after each append."""
        self._place = checkpoint_folder(record, self.folder, self.elsewhere)
        in_use = key_in_use(record.state()) if self._is_due(events) else None
        if in_use is None:
            return
        try:
            key = self._signing_key(record, in_use)
            if key is not None:
                self._sign(record, key, events)
        except CelltrialError as error:
            self.on_problem(error.findings)

    def _is_due(self, events: Sequence[Event]) -> bool:
        if any(event.type in self.types for event in events):
            return True
        if self.zone is None:
            return False
        if self._last_at is None:
            self._last_at = _last_time(self._place)
        last = None if self._last_at is None else self._last_at.astimezone(self.zone).date()
        return events[-1].recorded_at.astimezone(self.zone).date() != last

    def _signing_key(self, record: Record, in_use: VerifierKey) -> SigningKey | None:
        # another program may have rotated the key since
        if self._key is None or self._key.verifier != in_use:
            self._key = find_key(record, self.keys, passphrase=self.passphrase)
            if self._key is None:
                self.on_problem((_no_key(in_use, self.keys),))
        return self._key

    def _sign(self, record: Record, key: SigningKey, events: Sequence[Event]) -> None:
        event = events[-1]
        rows = record.rows(after=self._peaks.size)
        if self._peaks.size == 0:
            is_first = is_simulated(record) or any(each.type == CheckpointKey.TYPE for each in events)
            require_consistent(rows, self._place, may_begin=is_first)
        # what came after this event has its own turn
        rows = [row for row in rows if row.seq <= event.seq]
        if rows:
            self._peaks = grow(self._peaks, (compute_leaf(row.content) for row in rows))
            at = event.recorded_at
            keep_checkpoint(self._place, make_checkpoint(rows[-1:], key, at, root=self._peaks.root))
            self._last_at = at


def checkpoint_folder(record: Record, folder: Path, elsewhere: Path | None) -> Path:
    """Where the record's checkpoints go: `elsewhere`, by the study's id; else, and if it is simulated, `folder`."""
    if elsewhere is None or is_simulated(record):
        return folder
    return elsewhere / record.study.id


def is_simulated(record: Record) -> bool:
    """Whether the record says that it is a simulated one."""
    return record.state().is_simulated


def sign_now(record: Record, folder: Path, key: SigningKey, at: datetime) -> tuple[Checkpoint, Path]:
    """A checkpoint of all events, now; with its file.

    Raises TamperedError where the record contradicts its checkpoints or itself: another history is never signed.
    """
    rows = record.rows()
    require_consistent(rows, folder)
    checkpoint = make_checkpoint(rows, key, at)
    return checkpoint, keep_checkpoint(folder, checkpoint)


def find_key(record: Record, keys: Path, *, passphrase: bytes | None = None) -> SigningKey | None:
    """The private key that is in use, or None where it is not here. A simulated record's comes from its seed."""
    state = record.state()
    in_use = key_in_use(state)
    if in_use is None:
        return None
    opened = state.entries(StudyOpened)[0].body
    if opened.simulated == "yes":
        simulated = simulated_key(origin_of_state(state), opened.seed)
        if simulated.verifier == in_use:
            return simulated
    return load_key(keys, in_use, passphrase=passphrase)


def require_consistent(rows: Sequence[Row], folder: Path, *, may_begin: bool = True) -> None:
    """Raise TamperedError where the rows are no chain, or are not what the checkpoints in the folder say.

    may_begin: whether a folder without any is fine. A record with a key has had checkpoints: only a person may say that
    they begin anew, else the next append would cover up that they are gone.
    """
    files = read_checkpoints(folder)
    findings = () if may_begin and not files else compare_rows(rows, files).findings
    if not verify_links(rows) or findings:
        raise TamperedError(
            findings
            or Finding(message="the chain of the record is broken: nothing was signed", next_step="celltrial verify")
        )


def _no_key(in_use: VerifierKey, keys: Path) -> Finding:
    return Finding(
        message="no checkpoint was signed: the key that is in use is not on this computer",
        found=str(keys),
        expected=in_use.fingerprint,
        rule="docs/evidence.md, Keys",
        next_step="set CELLTRIAL_KEYS, or sign where the key is: celltrial checkpoint STUDY",
    )


def _last_time(folder: Path) -> datetime | None:
    """When the newest checkpoint was made, by the names of the files."""
    times = [file.name.removesuffix(".txt").rpartition("-")[2] for file in read_checkpoints(folder)]
    try:
        return max(datetime.strptime(time, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for time in times)
    except ValueError:
        return None
