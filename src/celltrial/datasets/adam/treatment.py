"""What the medication log says of a day: glucocorticoid dose, drug classes taken, whether doses were stable.

The log is a list of courses, each with its dates as typed. It was read up to the last visit done that asks for it; what
is not on it by then was not taken. After that day, and where nothing at all was entered, nothing is known. Partial
dates are bounds: a course covers a day for certain, perhaps, or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from celltrial.answers import YesNoUnknown, all_of, any_of
from celltrial.datasets.context import Case, Casebook
from celltrial.datasets.dataset import read_table
from celltrial.errors import CelltrialError
from celltrial.instruments import (
    DoseBounds,
    GlucocorticoidCourse,
    Medication,
    compute_glucocorticoid_exposure,
    judge_standard_doses,
)
from celltrial.record import Entry, FormEntry, Visit
from celltrial.record.medication_rows import dose_stages, read_interval
from celltrial.studyday import PartialDate, parse_partial_date
from celltrial.units import Quantity, convert, parse_number

__all__ = [
    "GLUCOCORTICOID",
    "Course",
    "DayDose",
    "MedicationLog",
    "glucocorticoid_on",
    "is_stable",
    "read_log",
    "standard_doses_on",
    "taken_on",
]

GLUCOCORTICOID = "glucocorticoid"
BESIDE = ("antimalarial", "immunosuppressant", "biologic_sle")
Indication = Literal["sle", "toxicity", "other", "unknown"]
_STANDARD: Mapping[str, YesNoUnknown] = {"yes": "yes", "no": "no"}
_WEEKLY = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One row of the log, or one of its doses: mg is one dose in milligrams, None where it is not known or not a mass.

    per_day: doses on a day of treatment, None also where taken as needed. interval_days: 7 = weekly. dose_since: from
    when on the dose of this row is told (None: from its start).
    """

    drug: str
    drug_class: str
    mg: Decimal | None
    per_day: Decimal | None
    route: str
    indication: Indication
    start: PartialDate | None
    ended: PartialDate | None
    is_ongoing: bool
    entry: Entry[FormEntry]
    interval_days: Decimal = Decimal(1)
    is_standard: YesNoUnknown = "unknown"
    dose_since: PartialDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationLog:
    """The courses of one participant; `read_until` None: no visit was done that asks for the log."""

    courses: tuple[Course, ...]
    read_until: date | None

    def is_known_on(self, day: date) -> bool:
        """Whether what is not on the log was not taken on that day."""
        return bool(self.courses) and self.read_until is not None and day <= self.read_until

    @property
    def gap(self) -> str:
        """Why the log does not tell."""
        if not self.courses:
            return "nothing is on the medication log"
        if self.read_until is None:
            return "no visit was done that asks for the medication log"
        return f"the medication log was last read on {self.read_until}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDose:
    """A day's glucocorticoid in mg of prednisone, as bounds, with the courses it comes from."""

    bounds: DoseBounds
    reasons: tuple[str, ...]


def read_log(book: Casebook, case: Case) -> MedicationLog:
    """The medication log of one participant, and the day up to which it was read."""
    entries = book.state.forms("medications", case.subject)
    asks = {str(visit.id) for visit in book.study.visits if "medications" in {str(form) for form in visit.forms}}
    done = [
        book.moment(entry.body.on, "", []).day
        for entry in book.state.entries(Visit, case.subject)
        if entry.body.status == "done" and entry.body.visit in asks
    ]
    return MedicationLog(
        courses=tuple(course for entry in entries for course in _courses(book, entry)),
        read_until=max((day for day in done if day is not None), default=None),
    )


def glucocorticoid_on(log: MedicationLog, day: date, *, kind: Literal["maintenance"] | None = "maintenance") -> DayDose:
    """The systemic glucocorticoid of one day; kind None: whatever it was given for."""
    own = [_glucocorticoid(each) for each in log.courses if each.drug_class == GLUCOCORTICOID]
    read_until = log.read_until or date.min
    exposure = compute_glucocorticoid_exposure(own, first=day, last=day, kind=kind, until=read_until)
    bounds = exposure.daily_mg[0]
    if log.is_known_on(day):
        return DayDose(bounds=bounds, reasons=_on_day(log, day, exposure.reasons))
    return DayDose(
        bounds=DoseBounds(lower=bounds.lower, upper=None), reasons=(log.gap, *_on_day(log, day, exposure.reasons))
    )


def taken_on(log: MedicationLog, classes: Sequence[str], day: date) -> YesNoUnknown:
    """Whether a drug of the classes was taken on the day, whatever it was given for."""
    taken = any_of(covers(each, day, log.read_until) for each in log.courses if each.drug_class in classes)
    return taken if taken == "yes" or log.is_known_on(day) else "unknown"


def is_stable(log: MedicationLog, day: date, *, days: int) -> YesNoUnknown:
    """Whether each antimalarial, immunosuppressant and biologic of the day had its dose on each of the days before.

    A drug that was stopped before is no matter: only what is taken on the day is asked.
    """
    groups: dict[tuple[str, Decimal | None, Decimal | None, Decimal, str], list[Course]] = {}
    for each in log.courses:
        if each.drug_class in BESIDE:
            key = (each.drug, each.mg, each.per_day, each.interval_days, each.route)
            groups.setdefault(key, []).append(each)
    answers: list[YesNoUnknown] = []
    for (_, mg, per_day, _, _), courses in groups.items():
        now = any_of(covers(each, day, log.read_until) for each in courses)
        if now == "no":
            continue
        if any(_has_other_dose(each, day - timedelta(days=days)) for each in courses):
            answers.append("unknown")
            continue
        window = [day - timedelta(days=back) for back in range(days + 1)]
        kept = all_of(any_of(covers(each, on, log.read_until) for each in courses) for on in window)
        has_one_dose = len(courses) == 1 or (mg is not None and per_day is not None)
        answers.append(kept if now == "yes" and (has_one_dose or kept == "no") else "unknown")
    stable = all_of(answers)
    return stable if stable == "no" or log.is_known_on(day) else "unknown"


def standard_doses_on(log: MedicationLog, day: date) -> tuple[YesNoUnknown, str]:
    """Whether the day's antimalarials, immunosuppressants and biologics are at standard doses, and why."""
    if not log.is_known_on(day):
        return "unknown", log.gap
    given: list[Medication] = []
    for each in log.courses:
        if each.drug_class not in BESIDE or (held := covers(each, day, log.read_until)) == "no":
            continue
        given.append(_medication(each, held, day))
    judged = judge_standard_doses(given)
    return judged.answer, judged.reason


def covers(course: Course, day: date, read_until: date | None) -> YesNoUnknown:
    """Whether the course covers the day, by every reading of its dates (yes), by some (unknown), by none (no)."""
    starts, ends = course.start, course.ended
    can_start = starts is None or starts.earliest.date() <= day
    can_last = course.is_ongoing or ends is None or ends.latest.date() >= day
    if not (can_start and can_last):
        return "no"
    has_started = starts is not None and starts.latest.date() <= day
    lasts = (
        read_until is not None and day <= read_until
        if course.is_ongoing
        else ends is not None and ends.earliest.date() >= day
    )
    return "yes" if has_started and lasts else "unknown"


def _medication(course: Course, held: YesNoUnknown, day: date) -> Medication:
    """The drug as its standard dose is judged: per day where it is daily, else per week, so that 30 mg stay 30."""
    drug = course.drug.strip().lower().replace(" ", "_")
    is_known = held == "yes" and not _has_other_dose(course, day)
    if not is_known or course.mg is None or course.per_day is None:
        return Medication(drug=drug, is_standard=course.is_standard if is_known else "unknown")
    dose = course.mg * course.per_day
    if course.interval_days == 1:
        return Medication(drug=drug, dose_mg=dose, is_standard=course.is_standard)
    weekly = (dose * 7 / course.interval_days).quantize(_WEEKLY)
    return Medication(drug=drug, dose_mg=weekly, per="week", is_standard=course.is_standard)


def _has_other_dose(course: Course, day: date) -> bool:
    """Whether the course may have had another dose on the day than the one its row tells."""
    return course.dose_since is not None and day < course.dose_since.latest.date()


def _on_day(log: MedicationLog, day: date, reasons: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons of the courses that touch the day."""
    own = [each for each in log.courses if each.drug_class == GLUCOCORTICOID]
    touching = {f"{each.drug} from {each.start or '?'}" for each in own if covers(each, day, log.read_until) != "no"}
    return tuple(reason for reason in reasons if reason.partition(" to ")[0] in touching)


def _courses(book: Casebook, entry: Entry[FormEntry]) -> tuple[Course, ...]:
    """The courses of a row: a glucocorticoid that once had another dose is two, so that its exposure is bounded.

    Another drug stays one course, which is not begun anew by a change of dose; `dose_since` tells of it.
    """
    items, zone = entry.body.items, book.study.site.zone
    stages = dose_stages(items, zone)
    if items.get("drug_class", "") == GLUCOCORTICOID or len(stages) == 1:
        return tuple(_course(book, entry, each) for each in stages)
    whole = _course(book, entry, items)
    return (replace(whole, dose_since=_date(book, items.get("stable_since", ""))),)


def _course(book: Casebook, entry: Entry[FormEntry], items: Mapping[str, str]) -> Course:
    start, ended = _date(book, items.get("start", "")), _date(book, items.get("ended", ""))
    if start and ended and ended.latest < start.earliest:
        # the two dates contradict each other: neither is believed
        start = ended = None
    interval = read_interval(items)
    is_counted = interval is not None and items.get("as_needed", "").strip() != "yes"
    return Course(
        drug=items.get("drug", "").strip().lower(),
        drug_class=items.get("drug_class", ""),
        mg=_milligrams(items.get("dose", ""), items.get("unit", "")),
        per_day=_number(items.get("per_day", "")) if is_counted else None,
        route=items.get("route", "").strip().lower(),
        indication=_indications().get(items.get("indication", "").strip().lower(), "unknown"),
        start=start,
        ended=ended,
        is_ongoing=items.get("ongoing", "").lower() == "yes" and not items.get("ended", "").strip(),
        entry=entry,
        interval_days=interval or Decimal(1),
        is_standard=_STANDARD.get(items.get("standard_dose", "").strip(), "unknown"),
    )


def _glucocorticoid(course: Course) -> GlucocorticoidCourse:
    return GlucocorticoidCourse(
        drug=course.drug or None,
        mg=course.mg,
        per_day=course.per_day,
        route=course.route or None,
        indication=course.indication,
        start=course.start,
        ended=course.ended,
        is_ongoing=course.is_ongoing,
        interval_days=course.interval_days,
    )


def _indications() -> Mapping[str, Indication]:
    words: Mapping[str, Indication] = {"sle": "sle", "toxicity": "toxicity", "other": "other"}
    return {row["text"]: words[row["meaning"]] for row in read_table("indications")}


def _date(book: Casebook, text: str) -> PartialDate | None:
    if not text.strip():
        return None
    try:
        return parse_partial_date(text, book.study.site.zone)
    except CelltrialError:
        return None


def _milligrams(dose: str, unit: str) -> Decimal | None:
    number = _number(dose)
    if number is None:
        return None
    try:
        return convert(Quantity(number, unit), "mg").value
    except CelltrialError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        number = parse_number(text)
    except CelltrialError:
        return None
    return number if number >= 0 else None
