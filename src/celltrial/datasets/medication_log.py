"""The medication log and the medical history of one participant, in time, as a reader wants them.

Each line of the log has its prednisone equivalent; the days of the log have the total, as bounds: partial dates, doses
as needed and doses that are not known leave it open, and say why. The same courses and the same table feed remission,
low disease activity and the responder indices (`adam/treatment.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from celltrial.answers import YesNoUnknown
from celltrial.codes import SubjectId
from celltrial.datasets.adam.treatment import GLUCOCORTICOID, Course, MedicationLog, glucocorticoid_on, read_log
from celltrial.datasets.context import Case, Casebook, open_casebook
from celltrial.errors import Finding, UsageError
from celltrial.instruments import DoseBounds, compute_prednisone_equivalent
from celltrial.instruments.glucocorticoids import PrednisoneDose
from celltrial.missing import NotEvaluable
from celltrial.record import Entry, FormEntry, TrialState
from celltrial.record.medication_rows import describe_frequency
from celltrial.study import Study
from celltrial.studyday import study_day

__all__ = ["DoseStretch", "HistoryLine", "LogLine", "LogOfMedications", "medical_history", "medication_log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One dose of one row. Texts as typed; `prednisone_mg_per_day` None where the drug is no glucocorticoid."""

    event: int
    drug: str
    drug_class: str
    dose: str
    frequency: str
    route: str
    start: str
    ended: str
    indication: str
    standard_dose: YesNoUnknown
    prednisone_mg_per_day: Fraction | NotEvaluable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseStretch:
    """Days in a row with one total of systemic glucocorticoid, mg of prednisone a day; study days from the infusion.

    within_doris, within_lldas: whether the total is within the study's limit of remission, of low disease activity.
    """

    first: date
    last: date
    first_study_day: int | None
    last_study_day: int | None
    mg_per_day: DoseBounds
    within_doris: YesNoUnknown
    within_lldas: YesNoUnknown
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOfMedications:
    """The log of one participant up to `until`; `read_until`: the last visit done that asks for it."""

    subject: SubjectId
    infused: date | None
    until: date
    read_until: date | None
    lines: tuple[LogLine, ...]
    stretches: tuple[DoseStretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One condition of the medical history, texts as typed; `onset_study_day` where the day is known."""

    event: int
    condition: str
    onset: str
    onset_study_day: int | None
    ended: str
    status: str
    comment: str


def medication_log(study: Study, state: TrialState, subject: SubjectId, as_of: datetime) -> LogOfMedications:
    """The log of one participant, from the first dose of a glucocorticoid to the day of `as_of` at the site.

    Totals count every systemic glucocorticoid, whatever it was given for. Raises UsageError for a subject without
    consent: the log is a participant's.
    """
    book, case = _open(study, state, subject)
    log = read_log(book, case)
    until = as_of.astimezone(study.site.zone).date()
    return LogOfMedications(
        subject=subject,
        infused=case.infused.day,
        until=until,
        read_until=log.read_until,
        lines=tuple(_line(each) for each in sorted(log.courses, key=_by_start)),
        stretches=tuple(_stretches(study, log, until, case.infused.day)),
    )


def medical_history(study: Study, state: TrialState, subject: SubjectId) -> tuple[HistoryLine, ...]:
    """The conditions of one participant by onset, those without one last. Raises UsageError without consent."""
    book, case = _open(study, state, subject)
    lines = [_condition(book, case, entry) for entry in state.forms("medical_history", subject)]
    return tuple(sorted(lines, key=lambda each: (not each.onset, each.onset, each.event)))


def _open(study: Study, state: TrialState, subject: SubjectId) -> tuple[Casebook, Case]:
    book = open_casebook(study, state)
    case = next((each for each in book.cases if each.subject == subject), None)
    if case is None:
        known = ", ".join(str(each.subject) for each in book.cases) or "none"
        raise UsageError(Finding(message="no such participant with a consent", found=str(subject), expected=known))
    return book, case


def _line(course: Course) -> LogLine:
    items = course.entry.body.items
    # before `stable_since` the row's dose was not the dose: the course has none
    is_told = course.mg is not None or not items.get("dose", "").strip()
    dose = f"{items.get('dose', '')} {items.get('unit', '')}".strip() if is_told else ""
    return LogLine(
        event=course.entry.seq,
        drug=items.get("drug", ""),
        drug_class=course.drug_class,
        dose=dose,
        frequency=describe_frequency(items) if is_told else "",
        route=course.route,
        start=str(course.start or "") or items.get("start", ""),
        ended="ongoing" if course.is_ongoing else str(course.ended or "") or items.get("ended", ""),
        indication=items.get("indication", ""),
        standard_dose=course.is_standard,
        prednisone_mg_per_day=_equivalent(course) if course.drug_class == GLUCOCORTICOID else None,
    )


def _equivalent(course: Course) -> Fraction | NotEvaluable:
    given = compute_prednisone_equivalent(
        drug=course.drug or None,
        mg=course.mg,
        per_day=course.per_day,
        route=course.route or None,
        interval_days=course.interval_days,
    )
    return given.mg_per_day if isinstance(given, PrednisoneDose) else given


def _stretches(study: Study, log: MedicationLog, until: date, infused: date | None) -> Iterator[DoseStretch]:
    """The days from the first possible one, joined where total and reasons stay the same."""
    starts = [each.start.earliest.date() for each in log.courses if each.drug_class == GLUCOCORTICOID and each.start]
    if not starts:
        return
    doris, lldas = Fraction(study.response.doris.gc_max_mg), Fraction(study.response.lldas.gc_max_mg)
    last: DoseStretch | None = None
    for day in _days(log, min(starts), until):
        dose = glucocorticoid_on(log, day, kind=None)
        if last is not None and (dose.bounds, _unknown(dose.reasons, dose.bounds)) == (last.mg_per_day, last.reasons):
            last = replace(last, last=day, last_study_day=_study_day(day, infused))
            continue
        if last is not None:
            yield replace(
                last, last=day - timedelta(days=1), last_study_day=_study_day(day - timedelta(days=1), infused)
            )
        last = DoseStretch(
            first=day,
            last=day,
            first_study_day=_study_day(day, infused),
            last_study_day=_study_day(day, infused),
            mg_per_day=dose.bounds,
            within_doris=_within(dose.bounds, doris, is_inclusive=study.response.doris.gc_inclusive),
            within_lldas=_within(dose.bounds, lldas, is_inclusive=True),
            reasons=_unknown(dose.reasons, dose.bounds),
        )
    if last is not None:
        yield replace(last, last=until, last_study_day=_study_day(until, infused))


def _days(log: MedicationLog, first: date, until: date) -> list[date]:
    """The days on which the total may change: where a course begins or has ended, by any reading of its dates."""
    own = [each for each in log.courses if each.drug_class == GLUCOCORTICOID]
    days = {first}
    for each in own:
        for moment in (each.start, each.ended):
            if moment is not None:
                days |= {moment.earliest.date(), moment.latest.date()}
                days |= {moment.earliest.date() + timedelta(days=1), moment.latest.date() + timedelta(days=1)}
    if log.read_until is not None:
        days.add(log.read_until + timedelta(days=1))
    return sorted(day for day in days if first <= day <= until)


def _unknown(reasons: tuple[str, ...], bounds: DoseBounds) -> tuple[str, ...]:
    """Why the total is not known; nothing where it is."""
    return reasons if isinstance(bounds.value, NotEvaluable) else ()


def _within(bounds: DoseBounds, limit: Fraction, *, is_inclusive: bool) -> YesNoUnknown:
    if bounds.lower > limit or (bounds.lower == limit and not is_inclusive):
        return "no"
    if bounds.upper is None or bounds.upper > limit or (bounds.upper == limit and not is_inclusive):
        return "unknown"
    return "yes"


def _condition(book: Casebook, case: Case, entry: Entry[FormEntry]) -> HistoryLine:
    items: Mapping[str, str] = entry.body.items
    onset = book.moment(items.get("onset", ""), "", [])
    return HistoryLine(
        event=entry.seq,
        condition=items.get("condition", ""),
        onset=items.get("onset", ""),
        onset_study_day=_study_day(onset.day, case.infused.day),
        ended=items.get("ended", ""),
        status=items.get("status", ""),
        comment=items.get("comment", ""),
    )


def _by_start(course: Course) -> tuple[bool, str, int]:
    return course.start is None, str(course.start or ""), course.entry.seq


def _study_day(day: date | None, infused: date | None) -> int | None:
    return None if day is None or infused is None else study_day(day, infused)
