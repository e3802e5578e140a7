"""What an inspector is given: every event, the checkpoints, the keys, and one file that checks them.

events.jsonl          one event a line: number, link before, own link, hashed content, values
checkpoints/*.txt     as they were signed
keys.txt              the keys of the record with their fingerprints, for reading
manifest.json         counts, root, and the SHA-256 of every file, of the data beside it too
verify_record.py      python3 verify_record.py; Python's standard library only
README.txt            how to use it
"""

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from celltrial import __version__
from celltrial.errors import Finding, InputError, UsageError
from celltrial.record.canonical import compute_leaf
from celltrial.record.durable_files import hash_file, name_new_file, scratch_folder
from celltrial.record.envelope import Row
from celltrial.record.evidence.checkpoints import Checkpoint, origin_of
from celltrial.record.evidence.comparison import compare_rows, record_keys
from celltrial.record.evidence.folder import CheckpointFile
from celltrial.record.evidence.tree import prove_inclusion, root_of

__all__ = ["EVIDENCE", "Evidence", "prove_event", "write_evidence", "write_evidence_zip"]

# the sub-folder of an export that the evidence is in
EVIDENCE = "evidence"
_README = """\
The record of a trial, so that it can be checked without the program that made it.

    python3 verify_record.py

needs Python 3.9 or later and nothing else. It reads the files of this folder and says, line by line, what holds and
what does not. Exit code: 0 all of it holds, 1 something does not, 2 it could not be checked.

Compare the fingerprint of the key that it prints with the one that you were given on paper, or let it compare:

    python3 verify_record.py --key "FINGERPRINT"

The last checkpoint is printed on signed documents: its number of events, root and head must be those in checkpoints/.
Whether what was typed is true, no such check can say. Events newer than the last checkpoint are proven by nothing.

events.jsonl holds everything that was recorded, personal data among it: handle it as the record itself.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was written: where, how many events, under which root."""

    path: Path
    events: int
    root: str
    checkpoints: int


def write_evidence(
    rows: Sequence[Row],
    checkpoints: Sequence[CheckpointFile],
    folder: Path,
    *,
    study: str,
    made_at: datetime,
    data: Iterable[Path] = (),
) -> Evidence:
    """Write the evidence of a record into `folder`, which is made if it is not there; an earlier one is replaced.

    Args:
        rows: All events of the record, from the first on.
        checkpoints: As `folder.read_checkpoints` gives them.
        study: The study's id.
        made_at: The caller reads the clock.
        data: Files beside `folder` whose hashes the manifest is to hold.
    """
    if not rows:
        raise InputError(Finding(message="a record without events has no evidence"))
    folder.mkdir(parents=True, exist_ok=True)
    contents = _contents(rows, checkpoints)
    for old in (folder / "checkpoints").glob("*.txt"):
        old.unlink()
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    hashes = {name: hash_file(folder / name) for name in contents}
    hashes |= {f"../{path.relative_to(folder.parent).as_posix()}": hash_file(path) for path in data}
    root = root_of(compute_leaf(row.content) for row in rows).hex()
    manifest = {
        "format": "celltrial evidence 1",
        "study": study,
        "origin": origin_of(study, rows[0].hash),
        "events": len(rows),
        "head": rows[-1].hash,
        "root": root,
        "checkpoints": len(checkpoints),
        "made_at": f"{made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "app": f"celltrial {__version__}",
        "files": dict(sorted(hashes.items())),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
    return Evidence(path=folder, events=len(rows), root=root, checkpoints=len(checkpoints))


def write_evidence_zip(
    rows: Sequence[Row], checkpoints: Sequence[CheckpointFile], path: Path, *, study: str, made_at: datetime
) -> Evidence:
    """The same as one file. Raises InputError where there is a file of that name: it is never overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with scratch_folder(beside=path.parent) as scratch:
        written = write_evidence(rows, checkpoints, scratch / EVIDENCE, study=study, made_at=made_at)
        draft = scratch / path.name
        with zipfile.ZipFile(draft, "w", compression=zipfile.ZIP_DEFLATED) as archive:
            for each in sorted(each for each in written.path.rglob("*") if each.is_file()):
                archive.write(each, each.relative_to(scratch).as_posix())
        name_new_file(draft, path)
    return Evidence(path=path, events=written.events, root=written.root, checkpoints=written.checkpoints)


def prove_event(rows: Sequence[Row], checkpoints: Sequence[CheckpointFile], seq: int) -> dict[str, object]:
    """One event with the proof that it is among those that were signed, as a JSON document for verify_record.py.

    Raises UsageError where there is no such event, or no checkpoint that holds and covers it.
    """
    latest = compare_rows(rows, checkpoints).latest
    covered = latest.size if latest else 0
    if not 1 <= seq <= covered or latest is None:
        raise UsageError(
            Finding(
                message="no checkpoint covers this event",
                found=f"event {seq}",
                expected=f"1 to {covered}" if covered else "a record with a checkpoint that holds",
                next_step="sign one: celltrial checkpoint STUDY",
            )
        )
    key = next(each.verifier for each in record_keys(rows)[0] if _signed(latest, each.verifier.id))
    path = prove_inclusion([compute_leaf(row.content) for row in rows[:covered]], seq - 1)
    return {
        "format": "celltrial event proof 1",
        "event": _line(rows[seq - 1]),
        "path": [each.hex() for each in path],
        "checkpoint": str(latest),
        "key": str(key),
    }


def _signed(checkpoint: Checkpoint, key_id: bytes) -> bool:
    return any(line.key_id == key_id for line in checkpoint.signatures)


def _contents(rows: Sequence[Row], checkpoints: Sequence[CheckpointFile]) -> Mapping[str, str]:
    keys, _ = record_keys(rows)
    lines = (json.dumps(_line(row), ensure_ascii=False) for row in rows)
    described = [
        f"{key.verifier}\n  fingerprint {key.verifier.fingerprint}\n  named by event {key.since}"
        + (f", {key.ended} by event {key.until}" if key.until else ", in use")
        + "\n"
        for key in keys
    ]
    return {
        "events.jsonl": "".join(f"{line}\n" for line in lines),
        **{f"checkpoints/{each.name}": each.text for each in checkpoints},
        "keys.txt": "".join(described) or "the record has no checkpoint key\n",
        "verify_record.py": files("celltrial.record.verifier").joinpath("verify_record.py").read_text("utf-8"),
        "README.txt": _README,
    }


def _line(row: Row) -> dict[str, object]:
    return {
        "seq": row.seq,
        "prev": row.prev,
        "hash": row.hash,
        "content": row.content.decode("utf-8", errors="replace"),
        "opening": row.opening.decode("utf-8", errors="replace"),
    }
