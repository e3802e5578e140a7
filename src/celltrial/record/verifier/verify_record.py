#!/usr/bin/env python3
"""Check an exported trial record: is it whole, unchanged, and the one that was signed?

    python3 verify_record.py [FOLDER | FILE.zip | PROOF.json] [--key KEY ...]

Needs Python 3.9 or later and nothing else: no package, no network, nothing of the program that made the export.
Without an argument it checks the folder it lies in. KEY is a key or the fingerprint of a key that you were given on
paper; without one, the keys that the record itself names are believed, and their fingerprints are printed for you to
compare. Exit code: 0 all of it holds, 1 something does not, 2 it could not be checked.

What it computes, from the first byte: each event's leaf SHA-256(0x00 || content), its link SHA-256(0x01 || previous
link || leaf), the commitments of its values, the Merkle tree (RFC 6962, section 2.1) over all leaves, and the Ed25519
signatures (RFC 8032) of the checkpoints. All of it stands in one file of more than 400 lines, so that it can be read
and carried as one.
"""

from __future__ import annotations

import base64
import binascii
import calendar
import hashlib
import json
import pathlib
import re
import sys
import time
import zipfile
from typing import Any, NamedTuple

__all__ = ["main"]

GENESIS = "0" * 64
CLOCK_TOLERANCE = 3600
TIME = "%Y-%m-%dT%H:%M:%S"


class UnusableError(Exception):
    """What was given cannot be checked at all."""


class Event(NamedTuple):
    """An event as exported: what is hashed, and the values whose hash is in it."""

    seq: int
    prev: str
    link: str
    content: bytes
    opening: bytes
    fields: dict[str, Any]
    payload: dict[str, Any]
    redacted: tuple[str, ...]


class Key(NamedTuple):
    """A public key of the record: since which event, until which, how it ended, and which key signed it."""

    name: str
    public: bytes
    since: int
    until: int | None
    ended: str
    vouched_by: str

    @property
    def text(self) -> str:
        return "{}+{}+{}".format(self.name, self.id.hex(), base64.b64encode(b"\x01" + self.public).decode())

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]

    @property
    def fingerprint(self) -> str:
        digits = hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).hexdigest()[:32]
        return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


class Checkpoint(NamedTuple):
    """A checkpoint as read; `lines` are the signatures: name, key id, signature."""

    file: str
    text: bytes
    origin: str
    size: int
    root: bytes
    head: str
    at: str
    lines: tuple[tuple[str, bytes, bytes], ...]


class Report:
    """What holds, what does not, and what the reader should know."""

    def __init__(self) -> None:
        self.broken = 0

    def holds(self, text: str) -> None:
        sys.stdout.write(f"holds           {text}\n")

    def breaks(self, text: str) -> None:
        self.broken += 1
        sys.stdout.write(f"DOES NOT HOLD   {text}\n")

    def note(self, text: str) -> None:
        sys.stdout.write(f"note            {text}\n")


# --- Ed25519, RFC 8032 section 5.1: the curve -x^2 + y^2 = 1 + d x^2 y^2 over the integers modulo 2^255 - 19 ---------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
# a point as (X, Y, Z, T) with x = X / Z, y = Y / Z, x y = T / Z
Point = tuple[int, int, int, int]


def add_points(one: Point, other: Point) -> Point:
    """The sum of two points (RFC 8032, section 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply_point(times: int, point: Point) -> Point:
    """The point added to itself so many times."""
    total: Point = (0, 1, 1, 0)
    while times:
        if times & 1:
            total = add_points(total, point)
        point = add_points(point, point)
        times >>= 1
    return total


def are_equal(one: Point, other: Point) -> bool:
    """Whether two points are the same, whatever their Z."""
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def find_x(y: int, is_odd: int) -> int | None:
    """The x of a point with this y, even or odd; None where there is none (RFC 8032, section 5.1.3)."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and is_odd):
        return None
    return x if x & 1 == is_odd else P - x


def read_point(data: bytes) -> Point | None:
    """The point of 32 bytes: y, and in the highest bit whether x is odd; None where it is no point."""
    number = int.from_bytes(data, "little")
    y, is_odd = number & ((1 << 255) - 1), number >> 255
    x = find_x(y, is_odd) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = find_x(BASE_Y, 0) or 0
BASE: Point = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def verify_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the Ed25519 signature of the message is the key's (RFC 8032, section 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, nonce = read_point(public), read_point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    return are_equal(multiply_point(scalar, BASE), add_points(nonce, multiply_point(challenge, key)))


# --- hashes of the record ---------------------------------------------------------------------------------------------


def hash_leaf(content: bytes) -> bytes:
    """The leaf of an event."""
    return hashlib.sha256(b"\x00" + content).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """A node of the Merkle tree."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def hash_items(opening: bytes) -> str:
    """The hash over the commitments of an event's values, open or redacted."""
    commitments = b""
    for line in opening.split(b"\n"):
        if line[:1] == b"#" and re.match(rb"[0-9a-f]{64}", line[1:]):
            commitments += bytes.fromhex(line[1:65].decode())
        else:
            commitments += hashlib.sha256(b"\x02" + line).digest()
    return hashlib.sha256(b"\x03" + commitments).hexdigest()


def roots_at(leaves: list[bytes], sizes: list[int]) -> dict[int, bytes]:
    """The root of the tree of the first so many leaves, for each size (RFC 6962, section 2.1)."""
    wanted, roots = set(sizes), {}
    peaks: list[bytes] = []
    for size, leaf in enumerate(leaves, start=1):
        node, rest = leaf, size - 1
        while rest & 1:
            node, rest = hash_node(peaks.pop(), node), rest >> 1
        peaks.append(node)
        if size in wanted:
            root = peaks[-1]
            for peak in reversed(peaks[:-1]):
                root = hash_node(peak, root)
            roots[size] = root
    return roots


def root_of_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to; None where it is no proof for this place (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    node, place, last = leaf, index, size - 1
    for each in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = hash_node(each, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = hash_node(node, each)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None


def read_event(line: dict[str, Any]) -> Event:
    """An event of the export. Raises ValueError, KeyError or TypeError where it is not one."""
    content, opening = line["content"].encode(), line["opening"].encode()
    fields = json.loads(content)
    payload, redacted = fields.get("payload"), []
    if opening:
        payload = {}
        for each in opening.decode().split("\n"):
            if each[:1] == "#":
                redacted.append(json.loads(each[65:]))
                continue
            for path, value in json.loads("{" + each[32:] + "}").items():
                payload[path] = value
    if not isinstance(payload, dict) or not isinstance(fields, dict):
        raise ValueError("no values")
    return Event(line["seq"], line["prev"], line["hash"], content, opening, fields, payload, tuple(redacted))


def read_checkpoint(file: str, data: bytes) -> Checkpoint:
    """A checkpoint file. Raises ValueError where it is not one."""
    text, blank, block = data.decode().rpartition("\n\n")
    origin, size, root, head, at = text.split("\n")
    lines = []
    for line in block.splitlines():
        dash, name, blob = line.split(" ")
        raw = base64.b64decode(blob, validate=True)
        if dash != "—" or len(raw) <= 4:
            raise ValueError("no signature line")
        lines.append((name, raw[:4], raw[4:]))
    is_read = re.fullmatch(r"[1-9][0-9]*", size) and re.fullmatch(r"head [0-9a-f]{64}", head) and lines and blank
    if not is_read or not re.fullmatch(r"time \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", at):
        raise ValueError("no checkpoint")
    text_bytes = text.encode() + b"\n"
    return Checkpoint(
        file, text_bytes, origin, int(size), base64.b64decode(root, validate=True), head[5:], at[5:-1], tuple(lines)
    )


def parse_key(text: str) -> tuple[str, bytes]:
    """The name and the 32 bytes of a public key. Raises ValueError where it is not one."""
    name, digits, encoded = text.split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    key = Key(name, raw[1:], 0, None, "", "")
    if raw[:1] != b"\x01" or len(raw) != 33 or key.id.hex() != digits:
        raise ValueError("no key")
    return name, raw[1:]


def seconds(text: str) -> int:
    """A UTC time as seconds; parts of a second are left out. Raises ValueError where it is not one."""
    return calendar.timegm(time.strptime(text[:19], TIME))


def check_chain(events: list[Event], report: Report) -> None:
    """Every event in its place, with the hashes that its bytes give."""
    before = report.broken
    prev, last_time, redacted = GENESIS, "", 0
    for number, event in enumerate(events, start=1):
        place = "event {} ({})".format(event.seq, event.fields.get("type"))
        if event.seq != number:
            report.breaks(f"{place}: event {number} should stand here: events are missing or were moved")
        if event.prev != prev:
            report.breaks(f"{place}: it is not linked to the event before it")
        own = event.prev if re.fullmatch("[0-9a-f]{64}", str(event.prev)) else prev
        link = hashlib.sha256(b"\x01" + bytes.fromhex(own) + hash_leaf(event.content)).hexdigest()
        if link != event.link:
            report.breaks(f"{place}: its content does not give its hash: it was changed")
        if event.fields.get("seq") != event.seq:
            report.breaks("{}: the content says it is event {}".format(place, event.fields.get("seq")))
        if event.fields.get("format") != 1 and event.fields.get("items") != hash_items(event.opening):
            report.breaks(f"{place}: its values are not those that were hashed: they were changed")
        recorded = str(event.fields.get("recorded_at"))
        if recorded < last_time:
            report.breaks(f"{place}: it was recorded before the event ahead of it")
        prev, last_time, redacted = link, recorded, redacted + len(event.redacted)
    if events and events[0].fields.get("type") != "study_opened":
        report.breaks("the first event does not open the study: the beginning is missing")
    if report.broken == before:
        report.holds(f"{len(events)} events, each linked to the one before it; head {prev}")
    check_redactions(events, redacted, report)


def check_redactions(events: list[Event], count: int, report: Report) -> None:
    """Values that were made unreadable: asked for by one person and approved by another, on the record."""
    by_seq = {event.seq: event for event in events}
    approved = set()
    for event in events:
        if event.fields.get("type") == "redaction_approval":
            asked = by_seq.get(event.payload.get("redaction", 0))
            who = None if asked is None else asked.fields["author"]["person"]
            if (
                asked is not None
                and asked.fields.get("type") == "redaction"
                and who != event.fields["author"]["person"]
            ):
                approved |= {(asked.payload["target"], path) for path in asked.payload["fields"]}
    for event in events:
        for path in event.redacted:
            if (event.seq, path) not in approved:
                report.breaks(f"event {event.seq}: {path} is unreadable, and no two people redacted it")
    if count:
        report.note(f"{count} values are redacted; every one of them is still part of its event's hash")


def read_keys(events: list[Event], report: Report) -> list[Key]:
    """The keys that the record names, each with what vouches for it."""
    keys: dict[str, Key] = {}
    for event in events:
        if event.fields.get("type") != "checkpoint_key":
            continue
        body = event.payload
        text, old = str(body.get("key")), keys.get(str(body.get("replaces")))
        if body.get("status") != "in use":
            if text in keys:
                keys[text] = keys[text]._replace(until=event.seq, ended=str(body.get("status")))
            continue
        try:
            name, public = parse_key(text)
            proof = base64.b64decode(str(body.get("proof")), validate=True)
        except (ValueError, binascii.Error):
            report.breaks(f"event {event.seq}: not a checkpoint key")
            continue
        in_use = next((key for key in keys.values() if key.until is None), None)
        if old != in_use or (old is not None and not verify_signature(old.public, text.encode(), proof)):
            report.breaks(f"event {event.seq}: a checkpoint key that the key before it did not sign")
            continue
        if old is not None:
            keys[old.text] = old._replace(until=event.seq, ended="replaced")
        keys[text] = Key(name, public, event.seq, None, "", "" if old is None else old.text)
    return list(keys.values())


def find_trusted(keys: list[Key], given: list[str], report: Report) -> list[Key]:
    """The keys to believe: those given, and those that replaced one of them with its signature."""
    if not given:
        for key in keys:
            state = "in use" if key.until is None else f"{key.ended} by event {key.until}"
            report.note(f"key {key.fingerprint} ({state}): compare it with the fingerprint you have on paper")
        return keys
    trusted: list[Key] = []
    for text in given:
        digits = text.replace(" ", "").lower()
        found = [key for key in keys if text == key.text or digits == key.fingerprint.replace(" ", "")]
        if not found:
            report.breaks(f"the record does not name the key that you trust: {text}")
        trusted += found
    for key in keys:
        vouched = any(key.vouched_by == each.text for each in trusted)
        if vouched and key not in trusted:
            trusted.append(key)
        elif key not in trusted and key.since > max([0] + [each.since for each in trusted]):
            report.breaks(f"no key that you trust vouches for {key.fingerprint} (event {key.since})")
    return trusted


def check_checkpoints(
    events: list[Event], checkpoints: list[Checkpoint], keys: list[Key], trusted: list[Key], report: Report
) -> None:
    """The record against each checkpoint: signed by a key of it, and the same events."""
    signed = [each for each in checkpoints if is_signed(each, events, keys, report)]
    roots = roots_at([hash_leaf(event.content) for event in events], [each.size for each in signed])
    holding: list[Checkpoint] = []
    for each in signed:
        if each.size > len(events):
            cut = (len(events) + 1, each.size)
            report.breaks("{}: the record ends before it: events {} to {} were cut off".format(each.file, *cut))
        elif roots[each.size] != each.root or events[each.size - 1].link != each.head:
            intact = max([0] + [one.size for one in holding if one.size < each.size])
            report.breaks(
                f"{each.file}: events up to {each.size} are not those that were signed: the chain was rebuilt; "
                f"the change lies in events {intact + 1} to {each.size}"
            )
        elif check_time(each, events, report):
            holding.append(each)
    for one in signed:
        for other in signed:
            if one.file < other.file and one.size == other.size and one.root != other.root:
                report.breaks(f"{one.file} and {other.file} contradict each other: two histories were signed")
    judge_window(events, [each for each in holding if is_believed(each, holding, trusted, report)], checkpoints, report)


def is_signed(checkpoint: Checkpoint, events: list[Event], keys: list[Key], report: Report) -> bool:
    """Whether the checkpoint is of this record, and signed by a key of it that was in use then."""
    study = re.sub(r"[^A-Za-z0-9._-]", "-", str(events[0].payload.get("study")))
    if checkpoint.origin != f"celltrial/{study}/{events[0].link[:16]}":
        report.breaks(f"{checkpoint.file}: a checkpoint of another record, {checkpoint.origin}")
        return False
    key = signer(checkpoint, keys)
    if key is None:
        report.breaks(f"{checkpoint.file}: signed by a key that the record does not name")
        return False
    line = next(line for line in checkpoint.lines if line[:2] == (key.name, key.id))
    if not verify_signature(key.public, checkpoint.text, line[2]):
        report.breaks(f"{checkpoint.file}: the signature does not hold: the checkpoint was changed")
        return False
    if key.until is not None and checkpoint.size >= key.until:
        report.breaks(f"{checkpoint.file}: signed after its key was {key.ended} (event {key.until})")
        return False
    return True


def signer(checkpoint: Checkpoint, keys: list[Key]) -> Key | None:
    """The first key of the record that has a signature line on the checkpoint."""
    return next((key for key in keys for line in checkpoint.lines if line[:2] == (key.name, key.id)), None)


def is_believed(checkpoint: Checkpoint, holding: list[Checkpoint], trusted: list[Key], report: Report) -> bool:
    """Whether its key may be believed: trusted, and if it was compromised, covered by a checkpoint of another key."""
    key = signer(checkpoint, trusted)
    if key is None:
        return False
    if key.ended != "compromised":
        return True
    keys = [(each.size, signer(each, trusted)) for each in holding]
    is_covered = any(size >= checkpoint.size and other and other.ended != "compromised" for size, other in keys)
    if not is_covered:
        report.note(f"{checkpoint.file}: signed by a compromised key and covered by no other: it proves nothing")
    return is_covered


def check_time(checkpoint: Checkpoint, events: list[Event], report: Report) -> bool:
    """Whether its time fits the events before and after it, to the hour."""
    at = seconds(checkpoint.at)
    if at < seconds(str(events[checkpoint.size - 1].fields["recorded_at"])) - CLOCK_TOLERANCE:
        report.breaks(f"{checkpoint.file}: it is older than an event that it covers")
        return False
    following = events[checkpoint.size] if checkpoint.size < len(events) else None
    if following is not None and seconds(str(following.fields["recorded_at"])) < at - CLOCK_TOLERANCE:
        report.breaks(f"event {following.seq}: back-dated: {checkpoint.file} did not have it yet")
        return False
    return True


def judge_window(
    events: list[Event], believed: list[Checkpoint], checkpoints: list[Checkpoint], report: Report
) -> None:
    """What the checkpoints prove, and what came after the last of them."""
    if not believed:
        why = "none of the checkpoints can be relied on" if checkpoints else "there are no checkpoints"
        report.note(f"NOT PROVEN: {why}, so a cut tail or a rebuilt chain cannot be seen")
        return
    last = max(believed, key=lambda each: each.size)
    report.holds(f"{len(believed)} checkpoints; the last covers events 1 to {last.size}, {last.at} UTC")
    if last.size < len(events):
        count = len(events) - last.size
        report.note(f"NOT PROVEN: {count} events are newer than the last checkpoint")


def check_manifest(files: dict[str, bytes], manifest: dict[str, Any], events: int, report: Report) -> None:
    """Every file of the export is the one that was written, and none is missing."""
    before = report.broken
    for name, digest in sorted(manifest["files"].items()):
        if name not in files:
            report.breaks(f"{name}: the file is missing")
        elif hashlib.sha256(files[name]).hexdigest() != digest:
            report.breaks(f"{name}: it is not the file that was exported")
    if manifest["events"] != events:
        report.breaks("{} events were exported, {} are here".format(manifest["events"], events))
    if report.broken == before:
        report.holds("{} files are those that were exported".format(len(manifest["files"])))


def check_bundle(files: dict[str, bytes], given: list[str], report: Report) -> None:
    """An export, by the bytes of its files."""
    try:
        manifest = json.loads(files["manifest.json"])
        events = [read_event(json.loads(line)) for line in files["events.jsonl"].decode().split("\n") if line]
        first = events[0].fields
        sys.stdout.write("{}, {} events, first of {}\n".format(manifest["origin"], len(events), first["recorded_at"]))
        check_manifest(files, manifest, len(events), report)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise UnusableError(f"not an export of a trial record: {error!r}") from None
    if events[0].payload.get("simulated") == "yes":
        report.note("this record says that it is simulated: its key proves nothing")
    check_chain(events, report)
    keys = read_keys(events, report)
    trusted = find_trusted(keys, given, report)
    checkpoints = []
    for name in sorted(name for name in files if name.startswith("checkpoints/")):
        try:
            checkpoints.append(read_checkpoint(name, files[name]))
        except (ValueError, binascii.Error):
            report.breaks(f"{name}: it cannot be read as a checkpoint")
    if keys and not checkpoints:
        report.breaks("the record has a checkpoint key, but no checkpoint is here")
    check_checkpoints(events, checkpoints, keys, trusted, report)


def check_proof(proof: dict[str, Any], given: list[str], report: Report) -> None:
    """One event and its place in a signed tree."""
    event, checkpoint = read_event(proof["event"]), read_checkpoint("checkpoint", proof["checkpoint"].encode())
    name, public = parse_key(proof["key"])
    key = Key(name, public, 0, None, "", "")
    if event.fields.get("format") != 1 and event.fields.get("items") != hash_items(event.opening):
        report.breaks(f"event {event.seq}: its values are not those that were hashed")
    path = [bytes.fromhex(each) for each in proof["path"]]
    root = root_of_path(hash_leaf(event.content), event.seq - 1, checkpoint.size, path)
    if root != checkpoint.root or event.fields.get("seq") != event.seq:
        report.breaks(f"event {event.seq} is not in the tree that was signed")
    lines = [line[2] for line in checkpoint.lines if line[:2] == (key.name, key.id) and name == checkpoint.origin]
    if not any(verify_signature(public, checkpoint.text, line) for line in lines):
        report.breaks(f"the checkpoint is not signed by {key.fingerprint}")
    digits = [text.replace(" ", "").lower() for text in given]
    if given and key.text not in given and key.fingerprint.replace(" ", "") not in digits:
        report.breaks(f"the key is not the one that you trust: {key.fingerprint}")
    if not given:
        report.note(f"key {key.fingerprint}: compare it with the fingerprint you have on paper")
    if not report.broken:
        found = (event.seq, event.fields.get("type"), checkpoint.size, checkpoint.at)
        report.holds("event {} ({}) is one of the {} events signed {} UTC".format(*found))


def read_files(place: pathlib.Path) -> dict[str, bytes]:
    """The files of an export, by their names as in its manifest; `../` is the data that the evidence goes with."""
    if zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            where = min((name for name in names if name.rpartition("/")[2] == "events.jsonl"), key=len, default="")
            start = where[: -len("events.jsonl")]
            within = {name: name[len(start) :] if name.startswith(start) else "../" + name for name in names}
            return {within[name]: archive.read(name) for name in names}
    base = place / "evidence" if (place / "evidence" / "manifest.json").is_file() else place
    files = {path.relative_to(base).as_posix(): path.read_bytes() for path in base.rglob("*") if path.is_file()}
    for name in json.loads(files.get("manifest.json", b"{}")).get("files", {}):
        if name.startswith("../") and ".." not in name[3:] and (base / name).is_file():
            files[name] = (base / name).read_bytes()
    return files


def main(arguments: list[str]) -> int:
    """Check what the arguments name; the exit code."""
    given, places = [], []
    words = iter(arguments)
    for word in words:
        if word in ("-h", "--help"):
            sys.stdout.write(__doc__ or "")
            return 0
        if word == "--key":
            given.append(next(words, ""))
        else:
            places.append(word)
    place = pathlib.Path(places[0]) if places else pathlib.Path(__file__).resolve().parent
    report = Report()
    try:
        if len(places) > 1 or not place.exists():
            raise UnusableError("name one folder, zip file or proof that is there")
        if place.suffix == ".json":
            check_proof(json.loads(place.read_text(encoding="utf-8")), given, report)
        else:
            check_bundle(read_files(place), given, report)
    except (UnusableError, OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stdout.write(f"it cannot be checked: {error}\n")
        return 2
    verdict = "everything that can be checked holds" if not report.broken else "IT DOES NOT HOLD"
    sys.stdout.write(f"{verdict}\n")
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
