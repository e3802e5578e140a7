"""Where a participant stands: the standing events of one life, followed through the table in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celltrial.codes import SubjectId
from celltrial.decisions.life.table import LOCKED, LifeRow, about, life_rows, moves
from celltrial.decisions.review.locks import lock_state
from celltrial.decisions.review.places import Place
from celltrial.record import Entry, TrialState
from celltrial.record.bodies import (
    AdverseEvent,
    Body,
    Completion,
    Consent,
    DltAssessment,
    DoseAssignment,
    EligibilitySignature,
    Enrolment,
    Infusion,
    Lymphodepletion,
    ProductRelease,
    Screening,
    Withdrawal,
)
from celltrial.study import Study

__all__ = ["LIFE_EVENTS", "LifeStep", "current_step", "follow", "next_state", "steps"]

# the events that lead on
LIFE_EVENTS: tuple[type[Body], ...] = (
    Consent,
    Screening,
    EligibilitySignature,
    Enrolment,
    DoseAssignment,
    Lymphodepletion,
    ProductRelease,
    Infusion,
    DltAssessment,
    AdverseEvent,
    Withdrawal,
    Completion,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeStep:
    """A state reached by an event; `skipped`: the table does not lead there from the state before."""

    state: str
    seq: int
    at: datetime | None
    skipped: str = ""

    @property
    def row(self) -> LifeRow:
        return life_rows()[self.state]


_LIFE_TYPES = tuple(kind.TYPE for kind in LIFE_EVENTS)
_START = LifeStep(state="none", seq=0, at=None)


def next_state(state: str, body: Body) -> tuple[str, bool]:
    """The state after an event, and whether the table leads there; an event that leads nowhere leaves the state.

    >>> next_state("none", Consent(signed_at="2026-01-05", document_version="2"))
    ('consented', True)
    """
    found = moves().get((body.TYPE, about(body)), ())
    for move in found:
        if state in move.origins:
            return move.to, True
    arrival = next((move.to for move in found if move.arrives), None)
    if arrival is None:
        return state, True
    # someone who has left the study does not come back by a late entry
    return (state, True) if life_rows()[state].group == "over" else (arrival, False)


def follow(entries: list[Entry[Any]]) -> Iterator[LifeStep]:
    """The states that these events lead through, in order; the first is `none`."""
    now = _START
    yield now
    for entry in entries:
        state, is_led = next_state(now.state, entry.body)
        if state != now.state or not is_led:
            skipped = "" if is_led else f"{entry.event.type} in the state {now.state!r}"
            now = LifeStep(state=state, seq=entry.seq, at=entry.event.recorded_at, skipped=skipped)
            yield now


def steps(state: TrialState, subject: SubjectId) -> tuple[LifeStep, ...]:
    """The steps of a participant's life as the record stands, locks left out."""

    def find() -> tuple[LifeStep, ...]:
        entries: list[Entry[Any]] = [each for kind in LIFE_EVENTS for each in state.entries(kind, subject)]
        return tuple(follow(sorted(entries, key=lambda each: each.seq)))

    return state.recall(_LIFE_TYPES, ("steps", subject), find)


def current_step(study: Study, state: TrialState, subject: SubjectId) -> LifeStep:
    """The last step; `locked` where all data of the participant are locked."""
    lock = lock_state(study, state, Place(subject=subject, visit="", form=""))
    if lock.level == "locked" and lock.by is not None:
        return LifeStep(state=LOCKED, seq=lock.by.seq, at=lock.by.event.recorded_at)
    return steps(state, subject)[-1]
