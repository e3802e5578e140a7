"""To which visit a sample belongs, by its day and the windows of the schedule."""

from datetime import date, timedelta

from celltrial.codes import SubjectId
from celltrial.errors import CelltrialError
from celltrial.record.bodies import Infusion, Lymphodepletion, Screening, Visit
from celltrial.record.laboratory.cells import NotRead
from celltrial.record.laboratory.profile import Fallback
from celltrial.record.state import TrialState
from celltrial.study.model import ScheduledVisit, Study
from celltrial.studyday import PartialDate, parse_partial_date

__all__ = ["find_visit"]


def find_visit(
    study: Study, state: TrialState, subject: SubjectId, collected: PartialDate, *, otherwise: Fallback
) -> str | NotRead:
    """The visit whose window holds the day: one recorded on that very day, else the one planned nearest to it.

    A visit of the screening holds no day from the first of lymphodepletion or infusion on. Where no window holds the
    day, `otherwise` says what becomes of the sample: `UNS-` and the day, left out, or refused. Where two planned days
    are equally near, it is not read: a person says which.
    """
    if not collected.is_exact_day:
        return NotRead(reason=f"the day of collection is not known: {collected}")
    day = collected.day
    held = {str(entry.body.visit) for entry in state.entries(Visit, subject) if entry.body.on[:10] == day.isoformat()}
    planned = {
        str(visit.id): on
        for visit in study.visits
        if (on := _planned_on(study, state, subject, visit)) is not None
        and on - timedelta(days=visit.before) <= day <= on + timedelta(days=visit.after)
        and not (visit.anchor == "screening" and _is_treated(study, state, subject, day))
    }
    recorded = sorted(held & {str(visit.id) for visit in study.visits})
    if len(recorded) == 1:
        return recorded[0]
    if not planned:
        return _otherwise(otherwise, day)
    nearest = min(abs(on - day) for on in planned.values())
    found = [visit for visit, on in planned.items() if abs(on - day) == nearest]
    if len(found) > 1:
        return NotRead(reason=f"{day} is equally near to the visits {' and '.join(found)}")
    return found[0]


def _otherwise(otherwise: Fallback, day: date) -> str | NotRead:
    if otherwise == "unscheduled":
        return f"UNS-{day}"
    return NotRead(reason="collected in no visit's window", is_left_out=otherwise == "leave out")


def _is_treated(study: Study, state: TrialState, subject: SubjectId, day: date) -> bool:
    """Whether lymphodepletion or infusion had begun by that day."""
    begun = (_anchor(study, state, subject, name) for name in ("lymphodepletion", "infusion"))
    return any(each is not None and each <= day for each in begun)


def _planned_on(study: Study, state: TrialState, subject: SubjectId, visit: ScheduledVisit) -> date | None:
    anchor = _anchor(study, state, subject, visit.anchor)
    # study days have no day 0
    return None if anchor is None else anchor + timedelta(days=visit.day - 1 if visit.day > 0 else visit.day)


def _anchor(study: Study, state: TrialState, subject: SubjectId, name: str) -> date | None:
    match name:
        case "screening":
            texts = [entry.body.screened_on for entry in state.entries(Screening, subject)]
        case "lymphodepletion":
            texts = [entry.body.started_on for entry in state.entries(Lymphodepletion, subject)]
        case _:
            texts = [each.body.infused_at for each in state.entries(Infusion, subject) if each.body.number == "1"]
    try:
        return parse_partial_date(texts[-1], study.site.zone).day if texts else None
    except CelltrialError:
        return None
