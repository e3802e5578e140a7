"""What the record knows of a laboratory result: as it stands, as it stood before it was corrected, entered in error.

A file that was imported before must be found again even after its results were corrected or taken out since.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from celltrial.codes import AnalyteCode, SubjectId
from celltrial.errors import CelltrialError
from celltrial.record.bodies import FormEntry
from celltrial.record.events import Entry
from celltrial.record.state import TrialState
from celltrial.studyday import PartialDate, parse_partial_date
from celltrial.units import Quantity, analytes, convert, parse_number

__all__ = ["KnownResult", "canonical_value", "is_same_value", "known_results", "same_laboratory", "show_canonical"]

_SIGNS = ("<=", ">=", "<", ">", "≤", "≥")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownResult:
    """One version of one result; `seq` is the event that made the entry."""

    seq: int
    version: Literal["standing", "earlier", "entered in error"]
    analyte: str
    value: str
    unit: str
    collected: PartialDate
    laboratory: str
    lln: str = ""
    uln: str = ""


def known_results(
    state: TrialState, form: str, subject: SubjectId, zone: ZoneInfo
) -> Mapping[str, tuple[KnownResult, ...]]:
    """Every version of every result of a subject, by analyte."""
    found: dict[str, list[KnownResult]] = {}
    voided = [
        entry
        for entry in state.voided
        if entry.subject == subject and isinstance(entry.body, FormEntry) and entry.body.form == form
    ]
    for entry in state.forms(form, subject):
        for each in _versions(entry, zone, "standing"):
            found.setdefault(each.analyte, []).append(each)
    for entry in voided:
        for each in _versions(entry, zone, "entered in error"):
            found.setdefault(each.analyte, []).append(each)
    return {analyte: tuple(several) for analyte, several in found.items()}


def is_same_value(analyte: str, one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two results (value, unit) say the same, `0.9 mg/dL` and `79.56 umol/L` of creatinine among them."""
    (value, unit), (other_value, other_unit) = one, other
    sign, number = _split(value)
    other_sign, other_number = _split(other_value)
    if sign != other_sign:
        return False
    if number is None or other_number is None:
        return value.strip().casefold() == other_value.strip().casefold()
    if unit.strip() == other_unit.strip() or not unit.strip() or not other_unit.strip():
        return number == other_number
    try:
        return convert(Quantity(other_number, other_unit), unit, analyte=analyte).value == number
    except CelltrialError:
        return False


def canonical_value(analyte: str, value: str, unit: str) -> Decimal | None:
    """A measured number in the analyte's own unit; None for a word, a limit (`<5`), or a unit that does not convert."""
    sign, number = _split(value)
    known = analytes().get(AnalyteCode(analyte)) if analyte in analytes() else None
    if sign or number is None or known is None or not unit.strip():
        return None
    try:
        return convert(Quantity(number, unit), known.unit, analyte=analyte).value
    except CelltrialError:
        return None


def show_canonical(analyte: str, value: str, unit: str) -> str:
    """A number in the analyte's own unit, as text; blank where it is in it already, or is no such number.

    >>> show_canonical("creatinine", "0.9", "mg/dL"), show_canonical("creatinine", "79.56", "umol/L")
    ('79.56 umol/L', '')
    """
    number = canonical_value(analyte, value, unit)
    if number is None or unit == analytes()[AnalyteCode(analyte)].unit:
        return ""
    return f"{format(number.quantize(Decimal('0.0001')).normalize(), 'f')} {analytes()[AnalyteCode(analyte)].unit}"


def same_laboratory(one: str, other: str) -> bool:
    """Whether two results may be of one laboratory: it is the same, or one of them names none."""
    return not one.strip() or not other.strip() or one.strip() == other.strip()


def _versions(
    entry: Entry[FormEntry], zone: ZoneInfo, version: Literal["standing", "entered in error"]
) -> Iterator[KnownResult]:
    """The entry now, and each content it had before."""
    if standing := _known(entry.seq, version, entry.body.items, zone):
        yield standing
    items = dict(_items(entry.event.payload))
    for correction in entry.corrections:
        if items != dict(entry.body.items) and (earlier := _known(entry.seq, "earlier", items, zone)):
            # what was entered in error stays so, whatever it said before
            yield earlier if version == "standing" else _in_error(earlier)
        replaced = correction.payload.get("replace", {})
        if isinstance(replaced, Mapping):
            items |= {
                str(field).removeprefix("items."): str(text)
                for field, text in replaced.items()
                if str(field).startswith("items.")
            }


def _in_error(known: KnownResult) -> KnownResult:
    return KnownResult(
        seq=known.seq,
        version="entered in error",
        analyte=known.analyte,
        value=known.value,
        unit=known.unit,
        collected=known.collected,
        laboratory=known.laboratory,
    )


def _items(payload: Mapping[str, object]) -> Mapping[str, str]:
    items = payload.get("items", {})
    return {str(key): str(text) for key, text in items.items()} if isinstance(items, Mapping) else {}


def _known(
    seq: int, version: Literal["standing", "earlier", "entered in error"], items: Mapping[str, str], zone: ZoneInfo
) -> KnownResult | None:
    try:
        collected = parse_partial_date(items.get("collected", ""), zone)
    except CelltrialError:
        return None
    return KnownResult(
        seq=seq,
        version=version,
        analyte=items.get("analyte", "").strip(),
        value=items.get("value", "").strip(),
        unit=items.get("unit", "").strip(),
        collected=collected,
        laboratory=items.get("laboratory", "").strip(),
        lln=items.get("lln", "").strip(),
        uln=items.get("uln", "").strip(),
    )


def _split(value: str) -> tuple[str, Decimal | None]:
    text = value.strip()
    sign = next((each for each in _SIGNS if text.startswith(each)), "")
    try:
        return sign.replace("≤", "<=").replace("≥", ">="), parse_number(text[len(sign) :])
    except CelltrialError:
        return sign, None
