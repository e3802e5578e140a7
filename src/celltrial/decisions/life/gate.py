"""The gate of the life table: what the participant's state does not allow is refused, and what is next is said."""

from collections.abc import Sequence
from datetime import datetime

from celltrial.decisions.life.table import about, allowance, life_rows
from celltrial.decisions.life.walk import steps
from celltrial.errors import Finding
from celltrial.record import Author, Draft, TrialState
from celltrial.study import Study

__all__ = ["check_life"]


def check_life(study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Sequence[Finding]:
    """What the table does not allow is refused: with the state, its owner, and the step that comes first."""
    row = allowance(draft.body.TYPE, about(draft.body))
    if draft.subject is None or row is None:
        return ()
    step = steps(state, draft.subject)[-1]
    if step.state in row.allowed or step.state in row.late:
        return ()
    before = state.latest(type(draft.body), draft.subject) if row.once else None
    if before is not None:
        return (_once(draft, before.seq),)
    now = life_rows()[step.state]
    return (
        Finding(
            message=f"{draft.body.TYPE} {now.refusal}",
            where=f"subject {draft.subject}, {draft.body.TYPE}",
            found=f"{draft.subject} is {now.state!r}" + (f" since event {step.seq}" if step.seq else ""),
            expected="in the state " + " or ".join(repr(each) for each in life_rows() if each in row.allowed),
            rule=f"the life of a participant, docs/access.md ({now.source}); criterion I02 of {study.id}"
            if step.state == "none"
            else f"the life of a participant, docs/access.md ({now.source})",
            next_step=f"{now.owner}: {now.next_step}",
        ),
    )


def _once(draft: Draft, seq: int) -> Finding:
    return Finding(
        message=f"{draft.subject} has {'an' if draft.body.TYPE[0] in 'aeiou' else 'a'} {draft.body.TYPE} already",
        where=f"subject {draft.subject}, {draft.body.TYPE}",
        found=f"event {seq}",
        rule=f"one {draft.body.TYPE} a participant",
        next_step=f"correct event {seq} with a reason instead",
    )
