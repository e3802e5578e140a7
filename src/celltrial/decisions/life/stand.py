"""Where each participant stands, who moves them on, by which step, and what that step still waits for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from celltrial.codes import PersonId, SubjectId
from celltrial.decisions.access.people import delegations
from celltrial.decisions.access.signatures import is_signed
from celltrial.decisions.access.signing import eligibility_status
from celltrial.decisions.access.study_state import study_state
from celltrial.decisions.dlt_review import dlt_window_end
from celltrial.decisions.gates_dosing import check_level_open, check_not_paused, check_sentinel
from celltrial.decisions.life.table import FINAL_GROUPS
from celltrial.decisions.life.walk import current_step, steps
from celltrial.decisions.next_dose import signed_decisions
from celltrial.errors import Finding
from celltrial.record import Author, Draft, TrialState
from celltrial.record.bodies import DltAssessment, EligibilitySignature, Lymphodepletion
from celltrial.study import Study

__all__ = ["LifeState", "life_state", "life_states"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeState:
    """A participant's state: since which event and when, the role that owns it and its people, the next step.

    waits_for: what stands in the way of the next step. notes: what is odd: a skipped step, a fallen signature.
    """

    subject: SubjectId
    state: str
    means: str
    since: datetime | None
    event: int
    owner: str
    people: tuple[str, ...]
    next_step: str
    waits_for: tuple[str, ...]
    notes: tuple[str, ...]
    source: str
    is_final: bool

    def to_json(self) -> dict[str, object]:
        """The state as one JSON object."""
        return {
            "subject": str(self.subject),
            "state": self.state,
            "means": self.means,
            "since": self.since.isoformat() if self.since else None,
            "event": self.event or None,
            "owner": self.owner,
            "people": list(self.people),
            "next_step": self.next_step,
            "waits_for": list(self.waits_for),
            "notes": list(self.notes),
            "source": self.source,
            "is_final": self.is_final,
        }


def life_state(study: Study, state: TrialState, subject: SubjectId, *, as_of: datetime) -> LifeState:
    """One participant, on the record as it stands in `state`, asked at `as_of`."""
    step = current_step(study, state, subject)
    row = step.row
    day = as_of.astimezone(study.site.zone).date()
    people = tuple(
        line.person for line in delegations(study, state, day) if line.role == row.owner and line.status == "active"
    )
    return LifeState(
        subject=subject,
        state=row.state,
        means=row.means,
        since=step.at,
        event=step.seq,
        owner=row.owner,
        people=people,
        next_step=row.next_step,
        waits_for=tuple(_waits(study, state, subject, row.state, as_of)),
        notes=tuple(_notes(study, state, subject)),
        source=row.source,
        is_final=row.group in FINAL_GROUPS,
    )


def life_states(study: Study, state: TrialState, *, as_of: datetime) -> tuple[LifeState, ...]:
    """Everybody, in the order in which they came."""
    return tuple(life_state(study, state, each, as_of=as_of) for each in state.subjects)


def _waits(study: Study, state: TrialState, subject: SubjectId, now: str, as_of: datetime) -> Iterator[str]:
    if study_state(state) in ("suspended", "locked", "archived"):
        yield f"the study is {study_state(state)}"
    waits = _WAITS.get(now)
    if waits is not None:
        yield from waits(study, state, subject, as_of)


def _for_decision(_study: Study, state: TrialState, _subject: SubjectId, _as_of: datetime) -> Iterator[str]:
    signed = signed_decisions(state)
    if not signed:
        yield "a signed SRC decision that opens a dose level"
    elif signed[-1].body.action == "stop":
        yield f"SRC decision {signed[-1].body.number} in force: stop"


def _for_dosing(study: Study, state: TrialState, subject: SubjectId, as_of: datetime) -> Iterator[str]:
    """What the gates of lymphodepletion would say today: sentinel, open level, stopping rules."""
    today = as_of.astimezone(study.site.zone).date().isoformat()
    draft = Draft(body=Lymphodepletion(started_on=today, ended_on=today, agents=()), subject=subject)
    nobody = Author(person=PersonId("nobody"), role="", site=study.site.id)
    for gate in (check_sentinel, check_level_open, check_not_paused):
        findings: list[Finding] = list(gate(study, state, draft, nobody, as_of))
        yield from (f"{each.message}; {each.next_step}" for each in findings)


def _for_window(study: Study, state: TrialState, subject: SubjectId, as_of: datetime) -> Iterator[str]:
    end = dlt_window_end(study, state, subject)
    if end is not None and as_of.astimezone(study.site.zone).date() <= end:
        yield f"the end of the DLT window on {end}"


_WAITS: dict[str, Callable[[Study, TrialState, SubjectId, datetime], Iterator[str]]] = {
    "enrolled": _for_decision,
    "assigned": _for_dosing,
    "cleared for lymphodepletion": _for_dosing,
    "infused": _for_window,
}


def _notes(study: Study, state: TrialState, subject: SubjectId) -> Iterator[str]:
    for step in steps(state, subject):
        if step.skipped:
            yield f"event {step.seq}: {step.skipped}, a step that the table does not know"
    for signature in state.entries(EligibilitySignature, subject):
        status = eligibility_status(study, state, signature)
        if not status.is_standing:
            yield f"signature of event {signature.seq} ({signature.body.stage}) has fallen: {status.reason}"
    assessment = state.latest(DltAssessment, subject)
    if assessment is not None and not is_signed(state, assessment):
        yield f"the DLT assessment (event {assessment.seq}) is not signed, or its signature has fallen"
