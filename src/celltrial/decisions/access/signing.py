"""Signing: what is signed is shown, the signer proves who they are once more, then the signature is an event.

A signature carries its meaning, the printed name, the hash of the content, the head of the chain that the signer was
shown, and how the signer was authenticated (21 CFR 11.50, 11.70, 11.200). A signature that has fallen is not mended: a
new one is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from celltrial.codes import PersonId, SubjectId
from celltrial.decisions.access.people import has_delegation_log, person_entry
from celltrial.decisions.access.permissions import may_sign
from celltrial.decisions.access.signatures import SignatureStatus
from celltrial.decisions.content import hash_document
from celltrial.decisions.screening import screen_subject
from celltrial.errors import Finding, RefusedError
from celltrial.record import (
    Author,
    Draft,
    EligibilitySignature,
    Entry,
    Event,
    Record,
    Signature,
    SrcDecision,
    TrialState,
)
from celltrial.record.bodies import Body
from celltrial.study import Study

__all__ = [
    "Reauthenticate",
    "SigningRequest",
    "check_signer",
    "eligibility_status",
    "head_position",
    "request_signature",
    "sign",
    "signable_hash",
]

Findings = Sequence[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRequest:
    """What a person is about to sign, as it is shown to them."""

    covers: tuple[int, ...]
    meaning: str
    content_hash: str
    head: str
    lines: tuple[str, ...]


class Reauthenticate(Protocol):
    """Asks the signer, at the moment of signing, who they are; says how they proved it, or raises RefusedError."""

    def __call__(self, person: PersonId, request: SigningRequest, /) -> str: ...


def request_signature(state: TrialState, covers: Sequence[int], *, meaning: str) -> SigningRequest:
    """What would be signed: the events with their content hash. Raises RefusedError where one does not stand."""
    entries = {seq: state.entry(seq) for seq in covers}
    missing = [str(seq) for seq, entry in entries.items() if entry is None]
    if missing or not entries:
        raise RefusedError(
            Finding(
                message="only events that stand are signed",
                found=f"event {', '.join(missing)}" if missing else "no event",
                expected=f"standing events among 1 to {state.length}",
                next_step="name the events by their numbers",
            )
        )
    standing = [entry for entry in entries.values() if entry is not None]
    return SigningRequest(
        covers=tuple(entries),
        meaning=meaning,
        content_hash=signable_hash(standing),
        head=state.head,
        lines=tuple(_line(entry) for entry in standing),
    )


def sign(
    record: Record,
    covers: Sequence[int],
    *,
    meaning: str,
    author: Author,
    at: datetime,
    reauthenticate: Reauthenticate,
    why: str = "signature",
) -> Event:
    """Sign events of the record: show, ask once more who it is, append.

    Args:
        record: The record, opened with its gates.
        covers: The numbers of the events.
        meaning: What the signature means, in words: "I agree with this dose decision".
        author: Who signs, in which role. The printed name is that of their `person` event, where there is one.
        at: When; aware.
        reauthenticate: Asked before anything is written; it refuses by raising.
        why: The reason in the envelope.
    Returns:
        The signature's event.
    Raises:
        RefusedError: an event that does not stand, a signer who is not who they say, or a gate that refuses.
        StaleError: a covered event was corrected while the signer looked at it.
    """
    state = record.state()
    request = request_signature(state, covers, meaning=meaning)
    known = person_entry(state, author.person)
    how = reauthenticate(author.person, request)
    body = Signature(
        covers=request.covers,
        meaning=meaning,
        printed_name=known.body.printed_name if known else author.printed_name or str(author.person),
        content_hash=request.content_hash,
        head=request.head,
        authenticated_by=how,
    )
    draft = Draft(body=body, subject=_subject(state, request.covers), why=why)
    return record.append([draft], author=author, at=at, base_seq=state.length)[0]


def check_signer(study: Study, state: TrialState, draft: Draft, author: Author, _at: datetime) -> Findings:
    """A role signs what its `signs` has; under the own printed name, over the head that was shown, authenticated."""
    body = draft.body
    if isinstance(body, EligibilitySignature):
        return _check_types(study, author, ["eligibility_signature"], f"subject {draft.subject}, eligibility_signature")
    if not isinstance(body, Signature):
        return ()
    where = f"signature of {author.person}"
    covered = [entry for seq in body.covers if (entry := state.entry(seq)) is not None]
    findings = [*_check_types(study, author, [each.event.type for each in covered], where)]
    known = person_entry(state, author.person)
    if known and body.printed_name != known.body.printed_name:
        findings.append(
            Finding(
                message="the printed name is not the signer's",
                where=where,
                found=repr(body.printed_name),
                expected=f"{known.body.printed_name!r} (event {known.seq})",
                rule="21 CFR 11.50(a)(1): the printed name of the signer",
                next_step="sign in your own name",
            )
        )
    if has_delegation_log(state):
        for name in ("head", "authenticated_by", "meaning"):
            if not getattr(body, name).strip():
                rule = "21 CFR 11.50, 11.70, 11.200(a); docs/access.md"
                findings.append(Finding(message=f"the signature has no {name}", where=where, rule=rule))
    findings += _check_head(state, body, covered, where)
    return findings


def eligibility_status(study: Study, state: TrialState, signature: Entry[EligibilitySignature]) -> SignatureStatus:
    """Whether a signed verdict still stands: asked for the moment it was signed, the record still gives it.

    Corrections since then, and what was entered late, may have changed what the criteria find; then it has fallen.
    """
    if signature.subject is None or signature.corrections:
        reason = "the signed verdict itself was corrected"
        return SignatureStatus(is_standing=False, reason=reason, fallen_by=signature.event.seq)
    stage, signed_at = signature.body.stage, signature.event.recorded_at
    found = screen_subject(study, state, signature.subject, stage=stage, as_of=signed_at).verdict
    if found == signature.body.verdict or (signature.body.verdict == "not eligible" and found == "unknown"):
        return SignatureStatus(is_standing=True)
    since = [each.seq for each in _corrections(state, signature.subject) if each.seq > signature.seq]
    named = f" (corrections since: {', '.join(map(str, since))})" if since else ""
    return SignatureStatus(
        is_standing=False,
        reason=f"for that moment the record now gives: {found}{named}",
        fallen_by=since[0] if since else None,
    )


def head_position(state: TrialState, head: str) -> int | None:
    """The number of the event that made this head; None where the record never had it."""
    if head == state.head:
        return state.length
    entries = (*state.all_entries(), *state.voided)
    return next((each.seq for each in entries if each.event.hash == head), None)


def signable_hash(entries: Sequence[Entry[Body]]) -> str:
    """The content hash a signature over these entries must carry: the body's own where it has one."""
    if len(entries) == 1 and isinstance(entries[0].body, SrcDecision | EligibilitySignature):
        return entries[0].body.content_hash
    return hash_document([_signable(entry) for entry in entries])


def _signable(entry: Entry[Body]) -> dict[str, object]:
    """An event by its hash; once corrected, with its corrections, so that another version is another content."""
    document: dict[str, object] = {"seq": entry.seq, "hash": entry.event.hash}
    if entry.corrections:
        document["corrections"] = [each.hash for each in entry.corrections]
    return document


def _check_types(study: Study, author: Author, types: Sequence[str], where: str) -> Findings:
    def signing_roles(kind: str) -> list[str]:
        return [str(each.id) for each in study.roles if kind in each.signs]

    return tuple(
        Finding(
            message=f"the role {author.role!r} may not sign {kind!r}",
            where=where,
            found=f"{author.person} as {author.role}",
            expected=f"one of: {', '.join(roles)}" if (roles := signing_roles(kind)) else "an event that is signed",
            rule="study.yaml, roles: signs",
            next_step="let a person with one of these roles sign" if roles else "no role signs such an event",
        )
        for kind in dict.fromkeys(types)
        if not may_sign(study, author.role, kind)
    )


def _check_head(state: TrialState, body: Signature, covered: Sequence[Entry[Body]], where: str) -> Findings:
    if not body.head.strip():
        return ()
    shown = head_position(state, body.head)
    last = max((each.corrections[-1].seq if each.corrections else each.seq for each in covered), default=0)
    if shown is not None and shown >= last:
        return ()
    return (
        Finding(
            message="the head signed is not one that shows what is signed",
            where=where,
            found=f"{body.head[:12]}: " + (f"event {shown}" if shown else "no event of this record"),
            expected=f"the head of event {last} or of a later one",
            rule="21 CFR 11.70: a signature is linked to its record",
            next_step="read the record again and sign what it shows",
        ),
    )


def _corrections(state: TrialState, subject: SubjectId) -> list[Event]:
    everything = (*state.all_entries(), *state.voided)
    return sorted((c for e in everything if e.subject == subject for c in e.corrections), key=lambda each: each.seq)


def _subject(state: TrialState, covers: Sequence[int]) -> SubjectId | None:
    subjects = {entry.subject for seq in covers if (entry := state.entry(seq)) is not None}
    return subjects.pop() if len(subjects) == 1 else None


def _line(entry: Entry[Body]) -> str:
    corrected = f", corrected by event {entry.corrections[-1].seq}" if entry.corrections else ""
    about = f" of {entry.subject}" if entry.subject else ""
    return f"event {entry.seq}: {entry.event.type}{about}, {entry.event.author.person}{corrected}"
