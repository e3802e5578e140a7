"""The state that the study is in, and the steps from one to the next."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import get_args

from celltrial.errors import Finding
from celltrial.record import Author, Consent, Draft, TrialState
from celltrial.record.bodies import StudyStatus
from celltrial.study import Study
from celltrial.tables import read_package_table

__all__ = ["STUDY_STATES", "check_study_step", "next_states", "study_state"]

STUDY_STATES: tuple[str, ...] = get_args(StudyStatus.__annotations__["status"])


def study_state(state: TrialState) -> str:
    """The state of the study by its last `study_status`; `open` where there is none."""
    entries = state.entries(StudyStatus)
    return entries[-1].body.status if entries else "open"


@cache
def next_states(now: str) -> tuple[str, ...]:
    """The states that may follow.

    >>> next_states("locked")
    ('recruitment closed', 'archived')
    """
    return tuple(row["to"] for row in read_package_table(__package__, "study_states.csv") if row["from"] == now)


def check_study_step(
    _study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime
) -> Sequence[Finding]:
    """A study goes from state to state as the table has it; it begins with set-up, or open."""
    if not isinstance(draft.body, StudyStatus):
        return ()
    now, wanted = study_state(state), draft.body.status
    is_first = not state.entries(StudyStatus)
    allowed = next_states(now)
    if is_first:
        allowed = (*allowed, "open", *(() if state.entries(Consent) else ("set-up",)))
    if wanted in allowed:
        return ()
    return (
        Finding(
            message=f"the study does not go from {now} to {wanted}",
            where="study_status",
            found=wanted,
            expected=f"one of: {', '.join(dict.fromkeys(allowed))}",
            rule="study_states.csv (docs/access.md)",
            next_step="take the steps in order, each with its reason",
        ),
    )
