"""Reference ranges by laboratory, analyte, sex, age and day: which one holds, where two overlap, where none is.

A range holds from `valid_from` to `valid_to`, both days included (blank: until it is told otherwise), for ages from
`age_from` to `age_to` in completed years, both included. Nothing is guessed: where two hold, or a fact that decides is
not known, there is no range and the reason is given.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, groupby, pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from celltrial.answers import YesNoUnknown, all_of
from celltrial.codes import SubjectId
from celltrial.errors import CelltrialError, Finding
from celltrial.missing import NotEstimable
from celltrial.record.bodies import FormEntry, ReferenceRange
from celltrial.record.events import Entry
from celltrial.record.state import TrialState
from celltrial.study.model import Study
from celltrial.studyday import PartialDate, completed_years, parse_partial_date
from celltrial.units import parse_number

__all__ = ["Born", "NamedRange", "check_gaps", "check_overlaps", "find_born", "range_for"]

Sex = Literal["female", "male", ""]
# what a finding calls it (`event 12`, `line 3`), and the range
NamedRange = tuple[str, ReferenceRange]
_SEXES: dict[str, Sex] = {"F": "female", "M": "male", "female": "female", "male": "male"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Born:
    """What decides which range is a person's: sex (blank: not known) and date of birth."""

    sex: Sex = ""
    birth: PartialDate | None = None


def find_born(study: Study, state: TrialState, subject: SubjectId) -> Born:
    """Sex and date of birth from the last entry of a form about the person."""
    forms = {str(form.id) for form in study.forms if form.yields == "person" or form.item("birth_date")}
    found = [entry for entry in state.entries(FormEntry, subject) if entry.body.form in forms]
    if not found:
        return Born()
    items = found[-1].body.items
    return Born(
        sex=_SEXES.get(items.get("sex", "").strip(), ""), birth=_read(items.get("birth_date", ""), study.site.zone)
    )


def range_for(
    ranges: Iterable[Entry[ReferenceRange]], *, laboratory: str, analyte: str, born: Born, on: PartialDate
) -> Entry[ReferenceRange] | NotEstimable:
    """The range that holds for a person on a day (or whatever `on` may stand for).

    ranges: `state.entries(ReferenceRange)`. NotEstimable names what is lacking: no range, two that hold, or a fact
    (sex, birth, day) without which one cannot be told from another.
    """
    zone = on.earliest.tzinfo
    own = [each for each in ranges if each.body.laboratory == laboratory and each.body.analyte == analyte]
    if not own or not isinstance(zone, ZoneInfo):
        return NotEstimable(f"no range of {analyte} by {laboratory!r} is in the record")
    judged = [(_holds(each.body, born, on, zone), each) for each in own]
    sure = [each for (answer, _), each in judged if answer == "yes"]
    doubtful = [(why, each) for (answer, why), each in judged if answer == "unknown"]
    if doubtful:
        told = "; ".join(f"event {each.seq}: {why}" for why, each in doubtful)
        return NotEstimable(f"not known whether a range of {analyte} holds: {told}")
    match sure:
        case []:
            return NotEstimable(f"no range of {analyte} by {laboratory!r} holds on {on}")
        case [one]:
            return one
        case _:
            return NotEstimable(f"two ranges hold on {on}: events {', '.join(str(each.seq) for each in sure)}")


def check_overlaps(ranges: Sequence[NamedRange], zone: ZoneInfo) -> Iterator[Finding]:
    """Where two ranges hold for the same person on the same day."""
    for (name, one), (other_name, other) in combinations(ranges, 2):
        if (one.laboratory, one.analyte) != (other.laboratory, other.analyte) or not _share_people(one, other):
            continue
        (_, end), (next_start, _) = sorted((_days(one, zone), _days(other, zone)))
        if next_start <= end:
            yield Finding(
                message="two reference ranges hold on the same day",
                where=f"{one.laboratory}/{one.analyte}",
                found=f"{name} ({_show(one)}) and {other_name} ({_show(other)}), both on {next_start}",
                expected="one range for each laboratory, analyte, sex and age on a day",
                rule="docs/imports.md, Reference ranges",
                next_step="end the earlier one: its `valid_to` is the day before the later one begins",
            )


def check_gaps(ranges: Sequence[NamedRange], zone: ZoneInfo) -> Iterator[Finding]:
    """Days between two ranges for the same people on which none holds."""
    for key, several in groupby(sorted(ranges, key=_people), key=_people):
        in_time = sorted(several, key=lambda each: _days(each[1], zone))
        for (name, before), (next_name, after) in pairwise(in_time):
            ended, begins = _days(before, zone)[1], _days(after, zone)[0]
            if ended < begins and ended + timedelta(days=1) < begins:
                yield Finding(
                    message="days on which no reference range holds",
                    where="/".join(part for part in key if part),
                    found=f"{name} ends on {ended}, {next_name} begins on {begins}",
                    expected="a range that begins on the day after",
                    rule="docs/imports.md, Reference ranges",
                    next_step="ask the laboratory which range held in between",
                )


def _holds(body: ReferenceRange, born: Born, on: PartialDate, zone: ZoneInfo) -> tuple[YesNoUnknown, str]:
    """Whether the range is for this person on that day; why that is not known."""
    sex: YesNoUnknown = "yes" if body.sex == "any" else "unknown" if not born.sex else _answer(born.sex == body.sex)
    day = _holds_on(body, on, zone)
    age = _holds_at_age(body, born, on)
    reasons = {"sex is not known": sex, f"the day is not known ({on})": day, "age is not known": age}
    answer = all_of(reasons.values())
    return answer, ", ".join(why for why, each in reasons.items() if each == "unknown")


def _holds_on(body: ReferenceRange, on: PartialDate, zone: ZoneInfo) -> YesNoUnknown:
    first, last = on.earliest.date(), on.latest.date()
    start, end = _days(body, zone)
    if last < start or first > end:
        return "no"
    return "yes" if start <= first and last <= end else "unknown"


def _holds_at_age(body: ReferenceRange, born: Born, on: PartialDate) -> YesNoUnknown:
    if not body.age_from.strip() and not body.age_to.strip():
        return "yes"
    if born.birth is None:
        return "unknown"
    youngest = completed_years(born.birth.latest.date(), on.earliest.date())
    oldest = completed_years(born.birth.earliest.date(), on.latest.date())
    low, high = _ages(body)
    if oldest < low or youngest > high:
        return "no"
    return "yes" if low <= youngest and oldest <= high else "unknown"


def _share_people(one: ReferenceRange, other: ReferenceRange) -> bool:
    if "any" not in (one.sex, other.sex) and one.sex != other.sex:
        return False
    (low, high), (next_low, next_high) = _ages(one), _ages(other)
    return low <= next_high and next_low <= high


def _ages(body: ReferenceRange) -> tuple[Decimal, Decimal]:
    low, high = body.age_from.strip(), body.age_to.strip()
    return parse_number(low) if low else Decimal(0), parse_number(high) if high else Decimal(999)


def _days(body: ReferenceRange, zone: ZoneInfo) -> tuple[date, date]:
    """First and last day; a partial date is taken as widely as it may stand for."""
    start, end = _read(body.valid_from, zone), _read(body.valid_to, zone)
    return (start.earliest.date() if start else date.min, end.latest.date() if end else date.max)


def _read(text: str, zone: ZoneInfo) -> PartialDate | None:
    if not text.strip():
        return None
    try:
        return parse_partial_date(text, zone)
    except CelltrialError:
        return None


def _answer(holds: bool) -> YesNoUnknown:
    return "yes" if holds else "no"


def _people(named: NamedRange) -> tuple[str, ...]:
    body = named[1]
    return body.laboratory, body.analyte, body.sex, body.age_from, body.age_to


def _show(body: ReferenceRange) -> str:
    return f"{body.low or '..'} to {body.high or '..'} {body.unit}"
