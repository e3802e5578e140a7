"""The keys of a record, as its `checkpoint_key` events tell: which was in use when, and who vouches for it.

A first key has no proof; a key that replaces another carries the other's signature over its own text; a key that is
retired or compromised leaves none in use, and the next one is again a first: only its printed fingerprint tells it
from a stranger's.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.record.bodies import CheckpointKey, StudyOpened
from celltrial.record.evidence.checkpoints import origin_of
from celltrial.record.evidence.signed_note import VerifierKey, is_signed_by, parse_key
from celltrial.record.evidence.signing_keys import SigningKey
from celltrial.record.state import TrialState

__all__ = ["RecordKey", "check_checkpoint_key", "key_in_use", "keys_of", "keys_of_state", "origin_of_state", "rotate"]

RULE = "docs/evidence.md, Keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKey:
    """A key of the record, by the events that speak of it.

    since: the event that named it. until: the event that ended it, or None while it is in use.
    ended: how it ended, or blank. vouched_by: the key that it replaced and that signed it, or None for a first key.
    """

    verifier: VerifierKey
    since: int
    until: int | None = None
    ended: Literal["", "replaced", "retired", "compromised"] = ""
    vouched_by: VerifierKey | None = None


def keys_of_state(state: TrialState) -> tuple[tuple[RecordKey, ...], tuple[Finding, ...]]:
    """As `keys_of`, of a state."""
    return keys_of((entry.seq, entry.body) for entry in state.entries(CheckpointKey))


def keys_of(events: Iterable[tuple[int, CheckpointKey]]) -> tuple[tuple[RecordKey, ...], tuple[Finding, ...]]:
    """The keys in the order they were named, and what is wrong with the events: a key or a proof that is not one."""
    keys: dict[str, RecordKey] = {}
    findings: list[Finding] = []
    for seq, body in events:
        problem = _problem(list(keys.values()), body)
        if problem is not None:
            findings.append(replace(problem, where=f"event {seq} (checkpoint_key)"))
            continue
        if body.status != "in use":
            keys[body.key] = replace(keys[body.key], until=seq, ended=body.status)
            continue
        old = keys.get(body.replaces)
        if old is not None:
            keys[body.replaces] = replace(old, until=seq, ended="replaced")
        keys[body.key] = RecordKey(
            verifier=parse_key(body.key), since=seq, vouched_by=None if old is None else old.verifier
        )
    return tuple(keys.values()), tuple(findings)


def key_in_use(state: TrialState) -> VerifierKey | None:
    """The key that signs now, or None."""
    keys, _ = keys_of_state(state)
    return next((key.verifier for key in keys if key.until is None), None)


def origin_of_state(state: TrialState) -> str:
    """The record's origin. Raises InputError for a state without events."""
    opened = state.entries(StudyOpened)
    if not opened:
        raise InputError(Finding(message="a record without events has no checkpoints"))
    return origin_of(opened[0].body.study, opened[0].event.hash)


def rotate(old: SigningKey, new: VerifierKey) -> CheckpointKey:
    """The event that puts a key in the place of another, with its proof."""
    proof = base64.b64encode(old.sign(str(new).encode())).decode()
    return CheckpointKey(key=str(new), replaces=str(old.verifier), proof=proof)


def check_checkpoint_key(state: TrialState, body: CheckpointKey, where: str) -> Iterator[Finding]:
    """What keeps a `checkpoint_key` out: not a key of this record, no proof, none of the keys in use."""
    keys, _ = keys_of_state(state)
    problem = _problem(keys, body)
    if problem is not None:
        yield replace(problem, where=where)
    elif parse_key(body.key).name != (origin := origin_of_state(state)):
        yield Finding(
            message="a key of another record", where=where, found=body.key, expected=f"{origin}+...", rule=RULE
        )


def _problem(keys: Sequence[RecordKey], body: CheckpointKey) -> Finding | None:
    """What is wrong with one more key event, after these keys."""
    try:
        key = parse_key(body.key)
    except CelltrialError as error:
        return error.findings[0]
    named = next((each for each in keys if each.verifier == key), None)
    if body.status != "in use":
        return _problem_with_end(named, body)
    in_use = next((each for each in keys if each.until is None), None)
    if named is not None:
        return Finding(message="a key is used once", found=body.key, expected="a new key", rule=RULE)
    if in_use is None:
        expected, has_proof = "neither `replaces` nor `proof`: no key is in use", not (body.replaces or body.proof)
    else:
        expected = f"the signature of {in_use.verifier.fingerprint}, the key in use, over the new key"
        has_proof = body.replaces == str(in_use.verifier) and _is_proof(body, in_use.verifier)
    if has_proof:
        return None
    return Finding(
        message="nothing proves that this key is the record's own",
        found=f"replaces {body.replaces or 'nothing'}, proof {body.proof or 'none'}",
        expected=expected,
        rule=RULE,
        next_step="celltrial key rotate; if the old key is lost, celltrial key retire and then key create",
    )


def _problem_with_end(named: RecordKey | None, body: CheckpointKey) -> Finding | None:
    # a key that was retired or replaced may turn out to be compromised later
    is_news = body.status == "compromised" and named is not None and named.ended != "compromised"
    may_end = named is not None and (named.until is None or is_news)
    if may_end and not body.replaces and not body.proof:
        return None
    return Finding(
        message=f"this key cannot be {body.status}",
        found="the record does not name it" if named is None else f"it is {named.ended or 'in use'}",
        expected="the key in use, without `replaces` and `proof`",
        rule=RULE,
    )


def _is_proof(body: CheckpointKey, old: VerifierKey) -> bool:
    try:
        proof = base64.b64decode(body.proof, validate=True)
    except (binascii.Error, ValueError):
        return False
    return is_signed_by(body.key.encode(), proof, old)
