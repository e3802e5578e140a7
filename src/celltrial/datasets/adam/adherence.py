"""Treatment of lupus after the infusion: which starts are a restart, and whether the rule on medication was kept.

The study file has no rule on forbidden or rescue medication. Ours, an assumption: a restart breaks it. A restart is an
immunosuppressant or biologic begun for lupus after the infusion, or a glucocorticoid for lupus whose dose rises. A step
down is no start; antimalarials are allowed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from celltrial.answers import Condition, YesNoUnknown, all_of, any_of, negate
from celltrial.datasets.adam.treatment import (
    GLUCOCORTICOID,
    Course,
    MedicationLog,
    glucocorticoid_on,
    taken_on,
)
from celltrial.instruments import DoseBounds, TherapyStart

__all__ = ["Restarts", "find_restarts", "judge_rescue"]

_SYSTEMIC_CLASSES = ("immunosuppressant", "biologic_sle")
_COUNTED = (*_SYSTEMIC_CLASSES, GLUCOCORTICOID)
_FOR_LUPUS: Mapping[str, YesNoUnknown] = {"sle": "yes", "toxicity": "no", "other": "no", "unknown": "unknown"}
_LOCAL_ROUTES = frozenset({"topical", "inhaled", "nasal", "ophthalmic", "intra-articular", "intraarticular", "local"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarts:
    """The starts of medicine since the infusion, up to which day they are known, and whether treatment had stopped."""

    starts: tuple[TherapyStart, ...]
    followed_until: int | None
    is_off_treatment: YesNoUnknown


def judge_rescue(log: MedicationLog, *, infused: date, until: date) -> Condition:
    """Whether treatment of lupus was restarted between the infusion and a visit."""
    name = "medication rule broken"
    parts = list(_restarted(log, infused, until))
    answer = any_of(part.answer for part in parts)
    if answer == "no" and not log.is_known_on(until):
        return Condition(name=name, answer="unknown", reason=log.gap)
    told = "; ".join(part.reason for part in parts if part.answer == answer)
    return Condition(name=name, answer=answer, reason=told or "no restart")


def find_restarts(log: MedicationLog, *, infused: date) -> Restarts:
    """Every start since the infusion as treatment-free survival reads it."""
    starts = [found for each in log.courses if (found := _start(log, each, infused)) is not None]
    ends = [start.day for start in starts]
    known = (log.read_until - infused).days if log.read_until else None
    return Restarts(
        starts=tuple(starts),
        followed_until=None if known is None or known < 0 or not log.courses else max([known, *ends]),
        is_off_treatment=_is_off(log, infused),
    )


def _is_off(log: MedicationLog, infused: date) -> YesNoUnknown:
    """Whether no immunosuppressant and no biologic was taken on the day of the infusion."""
    return negate(taken_on(log, _SYSTEMIC_CLASSES, infused))


def _start(log: MedicationLog, course: Course, infused: date) -> TherapyStart | None:
    """The course as a start; None where it began before the infusion, or is no treatment that counts."""
    earliest, latest = _starts(course)
    if course.drug_class not in _COUNTED or latest <= infused:
        return None
    purpose = _purpose(log, course)
    if purpose == "yes" and (earliest != latest or earliest <= infused):
        # the day is not known, or it may lie before the infusion
        purpose = "unknown"
    return TherapyStart(
        day=max((earliest - infused).days, 0),
        drug=course.drug or "?",
        is_for_lupus=purpose,
        is_systemic=_is_systemic(course),
    )


def _restarted(log: MedicationLog, infused: date, until: date) -> Iterator[Condition]:
    """The courses that are, or may be, a restart in the stretch of days."""
    for course in log.courses:
        earliest, latest = _starts(course)
        if course.drug_class not in _COUNTED or latest <= infused or earliest > until:
            continue
        falls_within: YesNoUnknown = "yes" if earliest > infused and latest <= until else "unknown"
        answer = all_of((falls_within, _purpose(log, course), _is_systemic(course)))
        if answer != "no":
            when = course.start or "a day not known"
            yield Condition(name=course.drug, answer=answer, reason=f"{course.drug or '?'} begun on {when}")


def _starts(course: Course) -> tuple[date, date]:
    """The first and the last day the course may have begun."""
    if course.start is None:
        return date.min, date.max
    return course.start.earliest.date(), course.start.latest.date()


def _purpose(log: MedicationLog, course: Course) -> YesNoUnknown:
    """Whether the course is treatment of lupus that is new; of a glucocorticoid, whether the dose rises with it."""
    for_lupus = _FOR_LUPUS[course.indication]
    if course.drug_class == GLUCOCORTICOID and for_lupus != "no":
        return _is_escalation(log, course, for_lupus)
    return for_lupus


def _is_systemic(course: Course) -> YesNoUnknown:
    return "unknown" if not course.route else "no" if course.route in _LOCAL_ROUTES else "yes"


def _is_escalation(log: MedicationLog, course: Course, for_lupus: YesNoUnknown) -> YesNoUnknown:
    """Whether the dose rises with the course; a step down, or the same dose again, is no restart."""
    if course.start is None or not course.start.is_exact_day:
        return "unknown"
    day = course.start.day
    now, before = (glucocorticoid_on(log, on, kind=None).bounds for on in (day, day - timedelta(days=1)))
    rises = _is_above(now, before)
    return "no" if rises == "no" else for_lupus if rises == "yes" else "unknown"


def _is_above(now: DoseBounds, before: DoseBounds) -> YesNoUnknown:
    if before.upper is not None and now.lower > before.upper:
        return "yes"
    if now.upper is not None and now.upper <= before.lower:
        return "no"
    return "unknown"
