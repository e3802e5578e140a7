"""Series of laboratory results of one participant in one unit: counts by day, B cells, IgG, bilirubin.

A result below the limit of quantification stays one (`Blq`); a result that is no number, is negative, or whose
unit cannot be converted is not known. Of several results of a day the lowest counts: the cautious reading of counts, B
cells and IgG.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from celltrial.codes import SubjectId
from celltrial.errors import DateError, Finding, UnitError
from celltrial.missing import Blq
from celltrial.record.bodies import FormEntry
from celltrial.record.events import Entry
from celltrial.record.state import TrialState
from celltrial.safety.b_cell_aplasia import BCellSample
from celltrial.safety.hypogammaglobulinaemia import IggSample
from celltrial.study import Study
from celltrial.studyday import parse_partial_date
from celltrial.units import Quantity, convert, parse_number

__all__ = [
    "LabValue",
    "b_cell_samples",
    "find_bilirubin",
    "igg_samples",
    "immunoglobulin_days",
    "lowest_of_each_day",
    "medication_days",
    "platelet_transfusion_days",
    "read_lab_values",
]

# a bilirubin without the visit of the assessment belongs to it up to so many days away (ours)
_BILIRUBIN_DAYS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LabValue:
    """A result in the unit that was asked for; `on` the day at the site, `text` as printed."""

    on: date
    value: Decimal | Blq | None
    text: str
    entry: Entry[FormEntry]

    @property
    def at_most(self) -> Decimal | None:
        """The highest number that the result may be; None where it is not known."""
        return self.value.lloq if isinstance(self.value, Blq) else self.value


def read_lab_values(
    study: Study, state: TrialState, subject: SubjectId, analyte: str, unit: str, findings: list[Finding]
) -> tuple[LabValue, ...]:
    """The results of an analyte in time, in `unit`; one whose day is not known is left out with a finding."""
    values = []
    forms = [str(form.id) for form in study.forms if form.yields == "measurement"]
    for entry in (entry for form in forms for entry in state.forms(form, subject)):
        items = entry.body.items
        if items.get("analyte") != analyte:
            continue
        on = _day(study, items.get("collected", ""))
        if on is None:
            findings.append(_without_day(subject, analyte, entry))
            continue
        value = _value(items.get("value", ""), items.get("unit", ""), analyte, unit)
        values.append(LabValue(on=on, value=value, text=items.get("value", ""), entry=entry))
    return tuple(sorted(values, key=lambda each: (each.on, each.entry.seq)))


def lowest_of_each_day(values: Iterable[LabValue]) -> tuple[LabValue, ...]:
    """One value a day: the lowest that is known, and only where none is, one that is not."""
    by_day: dict[date, LabValue] = {}
    for each in values:
        held = by_day.get(each.on)
        if held is None or _order(each) < _order(held):
            by_day[each.on] = each
    return tuple(by_day[on] for on in sorted(by_day))


def b_cell_samples(values: Iterable[LabValue]) -> tuple[BCellSample, ...]:
    """CD19+ B cells per microlitre as the method takes them, one a day."""
    return tuple(BCellSample(on=each.on, cells_per_ul=each.value) for each in lowest_of_each_day(values))


def igg_samples(values: Iterable[LabValue]) -> tuple[IggSample, ...]:
    """IgG in g/L as the method takes it, one a day."""
    return tuple(IggSample(on=each.on, igg_g_l=each.value) for each in lowest_of_each_day(values))


def find_bilirubin(values: Sequence[LabValue], *, visit: str, on: date) -> LabValue | None:
    """The bilirubin that belongs to an assessment: of its visit, else of its day or one day away.

    Of several the highest counts. None where there is none with a number.
    """
    known = [each for each in values if each.at_most is not None]
    of_visit = [each for each in known if visit and each.entry.body.visit == visit]
    near = [each for each in known if abs((each.on - on).days) <= _BILIRUBIN_DAYS]
    return max(of_visit or near, key=lambda each: (each.at_most or Decimal(0), -each.entry.seq), default=None)


def immunoglobulin_days(study: Study, state: TrialState, subject: SubjectId) -> tuple[date, ...]:
    """The days on which immunoglobulin was given, whatever for."""
    return tuple(
        sorted(
            {
                day
                for entry in state.forms("medications", subject)
                if "immunoglobulin" in (drug := entry.body.items.get("drug", "").casefold()) or drug == "ivig"
                if (day := _day(study, entry.body.items.get("start", ""))) is not None
            }
        )
    )


def medication_days(
    study: Study, state: TrialState, subject: SubjectId, drug_class: str, *, until: date
) -> tuple[date, ...]:
    """The days on which a drug of a class was given, `until` the day up to which one that goes on is known."""
    days: set[date] = set()
    for entry in state.forms("medications", subject):
        items = entry.body.items
        start, end = _day(study, items.get("start", "")), _day(study, items.get("ended", ""))
        if items.get("drug_class") != drug_class or start is None:
            continue
        last = end or (until if items.get("ongoing") == "yes" else start)
        days |= {start + timedelta(days=n) for n in range((last - start).days + 1)}
    return tuple(sorted(days))


def platelet_transfusion_days(study: Study, state: TrialState, subject: SubjectId) -> tuple[date, ...]:
    """The days of procedures that are a transfusion of platelets by their name."""
    found = set()
    for entry in state.forms("procedures", subject):
        name = entry.body.items.get("procedure", "").casefold()
        day = _day(study, entry.body.items.get("start", ""))
        if "platelet" in name and "transfusion" in name and day is not None:
            found.add(day)
    return tuple(sorted(found))


def _value(text: str, unit: str, analyte: str, target: str) -> Decimal | Blq | None:
    shown = text.strip()
    is_below = shown.startswith("<")
    try:
        number = parse_number(shown.lstrip("<=").strip() if is_below else shown)
        value = convert(Quantity(number, unit or "1"), target, analyte=analyte).value
    except UnitError:
        return None
    if value < 0:
        return None
    return Blq(value) if is_below else value


def _order(each: LabValue) -> tuple[int, Decimal]:
    """Below a limit is lower than any number; not known comes last."""
    match each.value:
        case None:
            return (2, Decimal(0))
        case Blq(lloq):
            return (0, lloq)
        case number:
            return (1, number)


def _day(study: Study, text: str) -> date | None:
    try:
        found = parse_partial_date(text, study.site.zone)
    except DateError:
        return None
    return found.day if found.is_exact_day else None


def _without_day(subject: SubjectId, analyte: str, entry: Entry[FormEntry]) -> Finding:
    return Finding(
        message="a result whose day is not known is left out of the series",
        where=f"subject {subject}, {analyte}, event {entry.seq}",
        found=repr(entry.body.items.get("collected", "")),
        expected="a date to the day",
        next_step="complete the date",
    )
