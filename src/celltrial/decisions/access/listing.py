"""Every signature of a record with its status, for people to read: standing, or fallen and why; none is left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from celltrial.codes import SubjectId
from celltrial.decisions.access.signatures import SignatureStatus, signature_status
from celltrial.decisions.access.signing import eligibility_status
from celltrial.record import DataCut, EligibilitySignature, Entry, Signature, TrialState
from celltrial.study import Study

__all__ = ["SignatureLine", "list_signatures"]

_VOID = "entered in error"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One signature: who, when, what it covers and means, and whether it stands. note: what has happened since."""

    seq: int
    subject: SubjectId | None
    covers: str
    signer: str
    role: str
    at: datetime
    meaning: str
    authenticated_by: str
    status: SignatureStatus
    note: str = ""

    def told(self) -> str:
        """The status in words, with its reason."""
        return ": ".join(part for part in (self.status.word, self.status.reason) if part) + (
            f"; {self.note}" if self.note else ""
        )

    def to_json(self) -> dict[str, object]:
        """The signature as one JSON object."""
        return {
            "event": self.seq,
            "subject": str(self.subject) if self.subject else None,
            "covers": self.covers,
            "signer": self.signer,
            "role": self.role,
            "at": self.at.isoformat(),
            "meaning": self.meaning,
            "authenticated_by": self.authenticated_by,
            "status": self.status.word,
            "reason": self.status.reason,
            "fallen_by": self.status.fallen_by,
            "note": self.note,
        }


def list_signatures(study: Study, state: TrialState) -> tuple[SignatureLine, ...]:
    """All of them in the order they were made, those entered in error among them."""
    lines = [_line(state, each) for each in state.entries(Signature)]
    lines += [_verdict(study, state, each) for each in state.entries(EligibilitySignature)]
    lines += list(_voided(state))
    return tuple(sorted(lines, key=lambda each: each.seq))


def _line(state: TrialState, entry: Entry[Signature]) -> SignatureLine:
    body, event = entry.body, entry.event
    return SignatureLine(
        seq=entry.seq,
        subject=entry.subject,
        covers=_covers(state, body.covers),
        signer=body.printed_name,
        role=event.author.role,
        at=event.recorded_at,
        meaning=body.meaning,
        authenticated_by=body.authenticated_by,
        status=signature_status(state, entry),
        note="; ".join(_since_cut(state, body.covers)),
    )


def _verdict(study: Study, state: TrialState, entry: Entry[EligibilitySignature]) -> SignatureLine:
    body, event = entry.body, entry.event
    return SignatureLine(
        seq=entry.seq,
        subject=entry.subject,
        covers=f"{body.verdict} for {body.stage}",
        signer=event.author.printed_name or str(event.author.person),
        role=event.author.role,
        at=event.recorded_at,
        meaning=body.meaning,
        authenticated_by="",
        status=eligibility_status(study, state, entry),
    )


def _voided(state: TrialState) -> Iterator[SignatureLine]:
    for entry in state.voided:
        if isinstance(entry.body, Signature | EligibilitySignature):
            by = entry.corrections[-1]
            reason = f"event {by.seq} marked it as {_VOID}: {by.why}"
            covers = _covers(state, entry.body.covers) if isinstance(entry.body, Signature) else entry.body.stage
            yield SignatureLine(
                seq=entry.seq,
                subject=entry.subject,
                covers=covers,
                signer=str(entry.event.author.person),
                role=entry.event.author.role,
                at=entry.event.recorded_at,
                meaning=entry.body.meaning,
                authenticated_by="",
                status=SignatureStatus(is_standing=False, reason=reason, fallen_by=by.seq),
            )


def _covers(state: TrialState, covers: tuple[int, ...]) -> str:
    """`#12 src_decision`, or the first and the last of many with their types."""
    if len(covers) == 1:
        return f"#{covers[0]} {_type(state, covers[0])}"
    types = ", ".join(dict.fromkeys(_type(state, each) for each in covers))
    return f"#{covers[0]} to #{covers[-1]} ({len(covers)} events: {types})"


def _type(state: TrialState, seq: int) -> str:
    entry = state.entry(seq) or state.entered_in_error(seq)
    return entry.event.type if entry else "not in the record"


def _since_cut(state: TrialState, covers: tuple[int, ...]) -> Iterator[str]:
    """A data cut is signed as it was frozen; how much of it was corrected since is said beside it."""
    for seq in covers:
        entry = state.entry(seq)
        if entry is None or not isinstance(entry.body, DataCut):
            continue
        last = int(entry.body.events)
        touched = [
            each
            for each in (*state.all_entries(), *state.voided)
            if each.seq <= last and any(by.seq > last for by in each.corrections)
        ]
        if touched:
            yield f"{len(touched)} events of {entry.body.cut} were corrected after it"
