"""Who may do what when: one table of role x action x state of the study, allowed or refused with the reason.

An action is an event type (to append one), or something that is no append (`read`, `sign`, ...). Which role may write
and sign what stands in study.yaml (`roles`); what is open in which state of the study, and why not, in permissions.csv.
Both are asked at every append. Of what is no append the table can hold only `sign`; who may read a file is for the
computer that keeps it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import product

from celltrial.decisions.access.study_state import STUDY_STATES, study_state
from celltrial.errors import Finding
from celltrial.record import Author, Draft, TrialState
from celltrial.study import Study
from celltrial.study.model import Role
from celltrial.study.vocabulary import EVENT_TYPES
from celltrial.tables import read_package_table

__all__ = ["ACTIONS", "OTHER_ACTIONS", "Permission", "check_permission", "may_sign", "permission", "permissions"]

# what celltrial does beside appending; each is open to the roles that may write the event it leaves, or to all
OTHER_ACTIONS: Mapping[str, str] = {
    "read": "",
    "verify": "",
    "backup": "backup_drill",
    "export": "transfer",
    "print": "transfer",
    "sign": "signature",
}
ACTIONS = (*EVENT_TYPES, *OTHER_ACTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Allowed, or refused: `reason`, by which `rule`, and what would open it."""

    allowed: bool
    reason: str = ""
    rule: str = ""
    next_step: str = ""


_ALLOWED = Permission(allowed=True)


def permissions(study: Study) -> Mapping[tuple[str, str, str], Permission]:
    """The whole table: (role, action, state of the study) to allowed or refused."""
    roles = [each.id for each in study.roles]
    return {key: permission(study, *key) for key in product(roles, ACTIONS, STUDY_STATES)}


def permission(study: Study, role: str, action: str, state: str) -> Permission:
    """One cell of the table. A role or an action that the study does not know is refused.

    >>> from celltrial.study import load_study, shipped_study
    >>> permission(load_study(shipped_study()), "pharmacist", "infusion", "suspended").reason[:34]
    'nobody begins, or goes on with, tr'
    """
    known = next((each for each in study.roles if each.id == role), None)
    if known is None or action not in ACTIONS or not _is_for(known, action):
        allowed = [each.id for each in study.roles if _is_for(each, action)] if action in ACTIONS else []
        return Permission(
            allowed=False,
            reason=f"the role {role!r} may not {_words(action)}",
            rule="study.yaml, roles",
            next_step=f"let one of these roles do it: {', '.join(allowed) or 'no role of this study'}",
        )
    return _by_state()[action, state]


def may_sign(study: Study, role: str, event_type: str) -> bool:
    """Whether the role's `signs` has that type of event."""
    return any(each.id == role and event_type in each.signs for each in study.roles)


def check_permission(study: Study, state: TrialState, draft: Draft, author: Author, _at: datetime) -> Sequence[Finding]:
    """The table, asked for one draft: its author's role, its type, the state that the study is in."""
    now = study_state(state)
    answer = permission(study, author.role, draft.body.TYPE, now)
    if answer.allowed:
        return ()
    where = f"subject {draft.subject}, {draft.body.TYPE}" if draft.subject else draft.body.TYPE
    is_role = answer.rule == "study.yaml, roles"
    return (
        Finding(
            message=answer.reason
            if is_role
            else f"{draft.body.TYPE} is refused while the study is {now}: {answer.reason}",
            where=where,
            found=f"{author.person} as {author.role}" if is_role else f"state of the study: {now}",
            rule=answer.rule,
            next_step=answer.next_step,
        ),
    )


def _is_for(role: Role, action: str) -> bool:
    if action == "sign":
        return bool(role.signs)
    written = OTHER_ACTIONS.get(action, action)
    return not written or written in role.writes


def _words(action: str) -> str:
    return f"write {action!r}" if action in EVENT_TYPES else action


@cache
def _by_state() -> Mapping[tuple[str, str], Permission]:
    """(action, state) to the cell, of a role that may."""
    reasons = {
        row["code"]: Permission(allowed=False, reason=row["reason"], rule=row["rule"], next_step=row["next_step"])
        for row in read_package_table(__package__, "refusals.csv")
    }
    rows = read_package_table(__package__, "permissions.csv")
    return {
        (row["action"], state): reasons[row[state]] if row[state] else _ALLOWED
        for row in rows
        for state in STUDY_STATES
    }
