"""A record against its checkpoints: is it still the one that was signed, whole, and signed by whom.

The chain inside the record is checked by `verify.py`; what a chain cannot see is seen here: a tail that was cut off,
and a chain that was rebuilt, up to the last checkpoint. What came after it is the window, and nothing proves it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from celltrial.errors import CelltrialError, Finding
from celltrial.record.bodies import CheckpointKey, StudyOpened
from celltrial.record.canonical import compute_leaf
from celltrial.record.envelope import Row, decode
from celltrial.record.evidence.checkpoints import Checkpoint, find_signature, origin_of, parse_checkpoint
from celltrial.record.evidence.folder import CheckpointFile
from celltrial.record.evidence.key_history import RecordKey, keys_of
from celltrial.record.evidence.signed_note import VerifierKey
from celltrial.record.evidence.tree import EMPTY_PEAKS, grow
from celltrial.record.registry import parse_body

__all__ = ["Comparison", "compare_checkpoints", "compare_rows", "opening_of", "record_keys", "roots_at"]

_RULE = "docs/evidence.md, What is seen"
_NEXT_STEP = "keep the record and the checkpoints as they are, and find out who could write to the database"
# an append may wait for its turn, and a long import takes its time from when it began
_CLOCK_TOLERANCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The outcome.

    findings: what contradicts the record. notes: what the reader should know beside. matched: the checkpoints that
    hold, of `found`. latest: the largest of them, with the key that signed it. window: the events that came after it.
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    found: int
    matched: tuple[Checkpoint, ...]
    latest: Checkpoint | None
    latest_key: VerifierKey | None
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A checkpoint that could be read, of this record, with the key that signed it."""

    file: str
    checkpoint: Checkpoint
    key: RecordKey


def compare_rows(rows: Sequence[Row], files: Sequence[CheckpointFile], trust: Sequence[str] = ()) -> Comparison:
    """Compare the rows of a record, from the first on, with its checkpoint files.

    trust: keys (as `celltrial key show` prints them) or fingerprints that the reader had from elsewhere. Without any,
    the keys that the record itself names are believed.
    """
    keys, findings = record_keys(rows)
    return compare_checkpoints(rows, files, keys=keys, trust=trust, before=findings)


def compare_checkpoints(
    rows: Sequence[Row],
    files: Sequence[CheckpointFile],
    *,
    keys: Sequence[RecordKey],
    trust: Sequence[str] = (),
    before: Sequence[Finding] = (),
) -> Comparison:
    """As `compare_rows`, with the keys of the record at hand."""
    findings = [*before, *_check_trust(keys, trust)]
    read: list[_Read] = []
    for file in files:
        try:
            read.append(_read(file, rows, keys))
        except CelltrialError as error:
            findings += [
                replace(each, where=f"{file.name}: {each.where}".removesuffix(": ")) for each in error.findings
            ]
    findings += _check_contradictions(read)
    roots = roots_at(rows, [each.checkpoint.size for each in read])
    holding = [each for each in read if _agrees(each.checkpoint, rows, roots)]
    findings += _check_cut(read, rows)
    findings += _check_rebuilt(read, holding, rows)
    findings += [finding for each in holding for finding in _check_times(each, rows)]
    trusted, notes, stolen = _judge_keys(holding, _vouched(keys, trust) if trust else None)
    findings += stolen
    latest = max(trusted, key=lambda each: (each.checkpoint.size, each.checkpoint.at), default=None)
    size = latest.checkpoint.size if latest else 0
    if not files and keys:
        findings.append(_none_found(keys))
    return Comparison(
        findings=tuple(findings),
        notes=(*notes, *_notes(rows, files, latest)),
        found=len(files),
        matched=tuple(each.checkpoint for each in trusted),
        latest=latest.checkpoint if latest else None,
        latest_key=latest.key.verifier if latest else None,
        window=max(0, len(rows) - size),
    )


def record_keys(rows: Sequence[Row]) -> tuple[tuple[RecordKey, ...], tuple[Finding, ...]]:
    """The keys that the rows tell of; an event that cannot be read is left to `verify`."""
    events: list[tuple[int, CheckpointKey]] = []
    for row in rows:
        if row.type == CheckpointKey.TYPE:
            try:
                event = decode(row)
                body = parse_body(event.type, event.version, event.payload)
            except CelltrialError:
                continue
            if isinstance(body, CheckpointKey):
                events.append((event.seq, body))
    return keys_of(events)


def roots_at(rows: Sequence[Row], sizes: Sequence[int]) -> dict[int, bytes]:
    """The root after so many rows, for each size that there are rows for."""
    roots: dict[int, bytes] = {}
    peaks = EMPTY_PEAKS
    for size in sorted({size for size in sizes if size <= len(rows)}):
        peaks = grow(peaks, (compute_leaf(row.content) for row in rows[peaks.size : size]))
        roots[size] = peaks.root
    return roots


def _read(file: CheckpointFile, rows: Sequence[Row], keys: Sequence[RecordKey]) -> _Read:
    """The checkpoint of a file with its key. Raises CelltrialError where it is none of this record, or not signed."""
    checkpoint = parse_checkpoint(file.text)
    origin = _origin(rows)
    if checkpoint.origin != origin:
        raise CelltrialError(
            Finding(
                message="a checkpoint of another record; or the first event is not the one that was signed",
                found=checkpoint.origin,
                expected=origin or "a record with a first event",
                rule=_RULE,
                next_step=_NEXT_STEP,
            )
        )
    key, is_signed = find_signature(checkpoint, [each.verifier for each in keys])
    if key is None:
        raise CelltrialError(
            Finding(
                message="a checkpoint signed by a key that the record does not name",
                found=", ".join(f"{line.name}+{line.key_id.hex()}" for line in checkpoint.signatures),
                expected=", ".join(each.verifier.fingerprint for each in keys) or "the record names no key",
                rule=_RULE,
                next_step="compare the printed fingerprints; a chain rebuilt from its beginning looks like this",
            )
        )
    if not is_signed:
        raise CelltrialError(
            Finding(
                message="the signature of the checkpoint does not hold: its text or its signature was changed",
                found=f"{checkpoint.size} events, {checkpoint.at:%Y-%m-%dT%H:%M:%SZ}",
                expected=f"signed by {key.fingerprint}",
                rule=_RULE,
            )
        )
    return _Read(file=file.name, checkpoint=checkpoint, key=next(each for each in keys if each.verifier == key))


def opening_of(rows: Sequence[Row]) -> StudyOpened | None:
    """What the first row says, or None where it does not open a study."""
    if not rows:
        return None
    try:
        event = decode(rows[0])
        body = parse_body(event.type, event.version, event.payload)
    except CelltrialError:
        return None
    return body if isinstance(body, StudyOpened) else None


def _origin(rows: Sequence[Row]) -> str:
    opened = opening_of(rows)
    return origin_of(opened.study, rows[0].hash) if opened else ""


def _agrees(checkpoint: Checkpoint, rows: Sequence[Row], roots: dict[int, bytes]) -> bool:
    size = checkpoint.size
    return roots.get(size) == checkpoint.root and rows[size - 1].hash == checkpoint.head


def _check_contradictions(read: Sequence[_Read]) -> Iterator[Finding]:
    """Two checkpoints of one size that say different things: two histories were signed."""
    by_size: dict[int, _Read] = {}
    for each in read:
        first = by_size.setdefault(each.checkpoint.size, each)
        if (first.checkpoint.root, first.checkpoint.head) != (each.checkpoint.root, each.checkpoint.head):
            yield Finding(
                message="two checkpoints contradict each other: two histories of this record were signed",
                where=f"{first.file} and {each.file}",
                found=f"head {each.checkpoint.head[:16]} at {each.checkpoint.size} events",
                expected=f"head {first.checkpoint.head[:16]}",
                rule=_RULE,
                next_step="find out who held the key; compare both with what is printed on signed documents",
            )


def _check_cut(read: Sequence[_Read], rows: Sequence[Row]) -> Iterator[Finding]:
    last = max(read, key=lambda each: each.checkpoint.size, default=None)
    if last is not None and last.checkpoint.size > len(rows):
        first, size = len(rows) + 1, last.checkpoint.size
        cut = f"event {size} was" if size == first else f"events {first} to {size} were"
        yield Finding(
            message=f"the record ends before the checkpoint: {cut} cut off",
            where=last.file,
            found=f"{len(rows)} events",
            expected=f"at least {last.checkpoint.size}, signed {last.checkpoint.at:%Y-%m-%d %H:%M:%S} UTC",
            rule=_RULE,
            next_step=f"restore the last backup beside it; {_NEXT_STEP}",
        )


def _check_rebuilt(read: Sequence[_Read], holding: Sequence[_Read], rows: Sequence[Row]) -> Iterator[Finding]:
    """One finding for all that do not hold: between which events the record was changed."""
    broken = [each for each in read if each.checkpoint.size <= len(rows) and each not in holding]
    if not broken:
        return
    first = min(broken, key=lambda each: each.checkpoint.size)
    size = first.checkpoint.size
    intact = max((each.checkpoint.size for each in holding if each.checkpoint.size < size), default=0)
    stolen = {each.key.verifier.fingerprint for each in broken if each.key.ended == "compromised"}
    doubt = f"; or the checkpoint was made with the compromised key {', '.join(sorted(stolen))}" if stolen else ""
    yield Finding(
        message=f"events up to {size} are not those that were signed: the chain was rebuilt{doubt}",
        where=first.file if len(broken) == 1 else f"{first.file} and {len(broken) - 1} more",
        found=f"head {rows[size - 1].hash[:16]} at event {size}",
        expected=f"head {first.checkpoint.head[:16]}; what was changed lies in events {intact + 1} to {size}",
        rule=_RULE,
        next_step=f"compare these events with a backup; {_NEXT_STEP}",
    )


def _check_times(each: _Read, rows: Sequence[Row]) -> Iterator[Finding]:
    """A checkpoint is not older than what it covers, and what follows it is not older than the checkpoint."""
    at, size = each.checkpoint.at, each.checkpoint.size
    recorded = _time(rows[size - 1])
    if recorded is not None and at < recorded.replace(microsecond=0) - _CLOCK_TOLERANCE:
        yield Finding(
            message="the checkpoint is older than an event that it covers: a clock was wrong, or a time was made up",
            where=each.file,
            found=f"signed {at:%Y-%m-%d %H:%M:%S} UTC",
            expected=f"not before event {size}, {rows[size - 1].recorded_at}",
            rule=_RULE,
        )
    following = _time(rows[size]) if size < len(rows) else None
    if following is not None and following < at - _CLOCK_TOLERANCE:
        yield Finding(
            message="an event claims an earlier time than the checkpoint that does not have it yet: it was back-dated",
            where=f"event {size + 1}",
            found=rows[size].recorded_at,
            expected=f"not before {each.file}, signed {at:%Y-%m-%d %H:%M:%S} UTC",
            rule=_RULE,
            next_step="ask who wrote it, and what the clock of that computer says",
        )


def _judge_keys(
    holding: Sequence[_Read], vouched: Sequence[VerifierKey] | None
) -> tuple[list[_Read], list[str], list[Finding]]:
    """Which of the checkpoints that hold may be believed: by their key, at their place."""
    findings = [
        Finding(
            message=f"a checkpoint signed after its key was {each.key.ended}",
            where=each.file,
            found=f"{each.checkpoint.size} events, key {each.key.verifier.fingerprint}",
            expected=f"fewer than {each.key.until} events: the key was {each.key.ended} by event {each.key.until}",
            rule=_RULE,
            next_step="find out who has the old key",
        )
        for each in holding
        if each.key.until is not None and each.checkpoint.size >= each.key.until
    ]
    sound = [each for each in holding if each.key.until is None or each.checkpoint.size < each.key.until]
    strangers = sum(vouched is not None and each.key.verifier not in vouched for each in sound)
    if vouched is not None:
        sound = [each for each in sound if each.key.verifier in vouched]
    good = [each for each in sound if each.key.ended != "compromised"]
    covered = max((each.checkpoint.size for each in good), default=0)
    trusted = [each for each in sound if each.key.ended != "compromised" or each.checkpoint.size <= covered]
    doubtful = len(sound) - len(trusted)
    notes = [f"{strangers} checkpoints are signed by keys that no key you trust vouches for: not counted"] * bool(
        strangers
    )
    if doubtful:
        notes.append(
            f"{doubtful} checkpoints are signed by a compromised key and no later checkpoint of another key covers "
            "them: they prove nothing until one does"
        )
    return trusted, notes, findings


def _vouched(keys: Sequence[RecordKey], trust: Sequence[str]) -> list[VerifierKey]:
    """The trusted keys, and those that replaced one of them with its signature."""
    vouched = [key.verifier for key in keys if _is_trusted(key.verifier, trust)]
    for key in keys:
        if key.vouched_by in vouched and key.verifier not in vouched:
            vouched.append(key.verifier)
    return vouched


def _check_trust(keys: Sequence[RecordKey], trust: Sequence[str]) -> Iterator[Finding]:
    if not trust:
        return
    vouched = _vouched(keys, trust)
    for text in trust:
        if not any(_is_trusted(key.verifier, [text]) for key in keys):
            yield Finding(
                message="the record does not name the key that you trust",
                found=", ".join(key.verifier.fingerprint for key in keys) or "no key",
                expected=text,
                rule=_RULE,
                next_step="compare the fingerprint with the paper you were given; it may be another record's",
            )
    # of an older key nothing is asked: what it signed is covered by the checkpoints of the trusted one
    newest = max((key.since for key in keys if key.verifier in vouched), default=0)
    for key in keys:
        if vouched and key.verifier not in vouched and key.since > newest:
            yield Finding(
                message="no key that you trust vouches for this one",
                where=f"event {key.since} (checkpoint_key)",
                found=key.verifier.fingerprint,
                expected="a key signed by the one before it, or one that was handed to you",
                rule=_RULE,
                next_step="compare its printed fingerprint, and name it too: --trust",
            )


def _is_trusted(key: VerifierKey, trust: Sequence[str]) -> bool:
    digits = key.fingerprint.replace(" ", "")
    return any(text.strip() == str(key) or text.replace(" ", "").lower() == digits for text in trust)


def _none_found(keys: Sequence[RecordKey]) -> Finding:
    return Finding(
        message="the record has a checkpoint key, but no checkpoint was found",
        found="no checkpoint file",
        expected=f"those signed since event {keys[0].since}",
        rule=_RULE,
        next_step="name the folder that they are kept in: --checkpoints, or CELLTRIAL_CHECKPOINTS",
    )


def _notes(rows: Sequence[Row], files: Sequence[CheckpointFile], latest: _Read | None) -> Iterator[str]:
    if not files:
        yield "no checkpoints: a cut tail or a rebuilt chain cannot be seen (docs/evidence.md)"
    elif latest is None:
        yield "no checkpoint can be relied on: a cut tail or a rebuilt chain cannot be seen (docs/evidence.md)"
    elif latest.checkpoint.size < len(rows):
        count = len(rows) - latest.checkpoint.size
        yield f"{count} events are newer than the last checkpoint: whether they were changed or dropped is not seen"


def _time(row: Row) -> datetime | None:
    try:
        return datetime.fromisoformat(row.recorded_at).astimezone(UTC)
    except ValueError:
        return None
