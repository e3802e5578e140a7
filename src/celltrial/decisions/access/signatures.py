"""Does a signature stand? It falls when what it covers is corrected or entered in error after it, and stays visible.

What a signature covers it covers as it was shown. A redaction does not make it fall: the commitment of what was signed
stays in the chain. A data cut is signed as it was frozen; what was corrected since is another cut's matter.
"""

from dataclasses import dataclass

from celltrial.record import Entry, Signature, TrialState
from celltrial.record.bodies import Body, Correction

__all__ = ["SignatureStatus", "changes_since", "is_signed", "signature_status", "standing_signatures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureStatus:
    """Standing, or fallen: by which event, and why in words."""

    is_standing: bool
    reason: str = ""
    fallen_by: int | None = None

    @property
    def word(self) -> str:
        return "standing" if self.is_standing else "fallen"


_STANDS = SignatureStatus(is_standing=True)


def signature_status(state: TrialState, signature: Entry[Signature]) -> SignatureStatus:
    """Whether a signature still stands on every event that it covers; of several reasons the first in time."""
    corrected, since = state.lookup(Correction, _target), signature.seq
    # one signature may cover thousands of events, few of them ever corrected
    doubtful = (seq for seq in signature.body.covers if seq in corrected or not 1 <= seq <= state.length)
    falls = [fall for seq in doubtful for fall in changes_since(state, seq, since)]
    return min(falls, key=lambda each: each.fallen_by or 0, default=_STANDS)


def changes_since(state: TrialState, covered: int, since: int) -> tuple[SignatureStatus, ...]:
    """What took the ground from a signature of event `covered` made as event `since`: each change as a fall."""
    entry = state.entry(covered) or state.entered_in_error(covered)
    if entry is None:
        return (SignatureStatus(is_standing=False, reason=f"event {covered} is not in the record", fallen_by=covered),)
    return tuple(
        SignatureStatus(is_standing=False, reason=_describe(covered, each.seq, each.payload), fallen_by=each.seq)
        for each in entry.corrections
        if each.seq > since
    )


def standing_signatures(state: TrialState, seq: int) -> tuple[Entry[Signature], ...]:
    """The signatures of event `seq` that still stand."""
    return tuple(each for each in state.signatures_of(seq) if signature_status(state, each).is_standing)


def is_signed(state: TrialState, entry: Entry[Body]) -> bool:
    """Whether at least one signature of the entry still stands."""
    return bool(standing_signatures(state, entry.seq))


def _target(correction: Correction) -> tuple[int]:
    return (correction.target,)


def _describe(covered: int, by: int, payload: object) -> str:
    given = payload if isinstance(payload, dict) else {}
    if given.get("entered_in_error") == "yes":
        return f"event {by} marked event {covered} as entered in error"
    replaced = given.get("replace") or {}
    return f"event {by} changed {', '.join(replaced)} of event {covered}"
