"""Where an entry of a participant stands for review: its visit and its form; every other kind of event is its own form.

A lock, a freeze, a number of days and a count of coverage all speak of the same places.
"""

from dataclasses import dataclass
from typing import Any

from celltrial.codes import SubjectId
from celltrial.record import Entry, TrialState
from celltrial.record.bodies import (
    AdverseEvent,
    Body,
    Completion,
    Consent,
    CrsAssessment,
    DltAssessment,
    DoseAssignment,
    EligibilitySignature,
    Enrolment,
    FormEntry,
    IcansAssessment,
    Infusion,
    KineticsSample,
    Lymphodepletion,
    ProductRelease,
    Screening,
    Visit,
    Withdrawal,
)

__all__ = ["DATA", "SOURCED", "Place", "find_entry", "kind_of", "place_of"]

# what was seen or done, and so stands in a source document first
SOURCED: tuple[type[Body], ...] = (
    Consent,
    Screening,
    Lymphodepletion,
    ProductRelease,
    Infusion,
    Visit,
    FormEntry,
    AdverseEvent,
    CrsAssessment,
    IcansAssessment,
    KineticsSample,
    Withdrawal,
    Completion,
)

# what is a participant's data: that, and what was decided about the participant
DATA: tuple[type[Body], ...] = (*SOURCED, EligibilitySignature, Enrolment, DoseAssignment, DltAssessment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A participant's visit (blank: outside any) and form; the kind of event where it is no form."""

    subject: SubjectId
    visit: str
    form: str

    def __str__(self) -> str:
        return "/".join(part for part in (self.subject, self.visit, self.form) if part)


def kind_of(body: Body) -> str:
    """The form of a form entry, else the kind of event."""
    return body.form if isinstance(body, FormEntry) else body.TYPE


def place_of(subject: SubjectId | None, body: Body) -> Place | None:
    """Where a participant's data stand; None for what is no data of a participant."""
    if subject is None or not isinstance(body, DATA):
        return None
    visit = body.visit if isinstance(body, FormEntry | Visit) else ""
    return Place(subject=subject, visit=visit, form=kind_of(body))


def find_entry(state: TrialState, seq: int) -> Entry[Any] | None:
    """The entry that event `seq` made, standing or entered in error."""
    return state.entry(seq) or state.entered_in_error(seq)
