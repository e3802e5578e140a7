"""Limits of normal of an imported result: those printed with it, else those of the record's reference ranges."""

from dataclasses import dataclass
from decimal import Decimal

from celltrial.codes import SubjectId
from celltrial.errors import CelltrialError, Finding
from celltrial.missing import NotEstimable
from celltrial.record.bodies import ReferenceRange
from celltrial.record.events import Entry
from celltrial.record.laboratory.rows import Sample
from celltrial.record.ranges import Born, find_born, range_for
from celltrial.record.state import TrialState
from celltrial.study.model import Study
from celltrial.units import Quantity, convert, parse_number

__all__ = ["Limits", "Told", "find_limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Where the limits come from (blank: the file), why there are none, and what a person should look at."""

    source: str = ""
    lacking: str = ""
    warnings: tuple[Finding, ...] = ()


class Limits:
    """The record's ranges, and sex and birth of the persons asked for so far."""

    def __init__(self, study: Study, state: TrialState) -> None:
        self._study = study
        self._state = state
        self._born: dict[SubjectId, Born] = {}
        self._ranges: dict[tuple[str, str], list[Entry[ReferenceRange]]] = {}
        for each in state.entries(ReferenceRange):
            self._ranges.setdefault((each.body.laboratory, each.body.analyte), []).append(each)

    def of(self, sample: Sample) -> Entry[ReferenceRange] | NotEstimable:
        """The range of a result."""
        if sample.subject not in self._born:
            self._born[sample.subject] = find_born(self._study, self._state, sample.subject)
        own = self._ranges.get((sample.laboratory, sample.analyte), [])
        return range_for(
            own,
            laboratory=sample.laboratory,
            analyte=sample.analyte,
            born=self._born[sample.subject],
            on=sample.moment,
        )


def find_limits(sample: Sample, limits: Limits) -> tuple[tuple[str, str], Told]:
    """Lower and upper limit in the result's unit. What the file prints is never replaced, only compared."""
    printed = (sample.lln, sample.uln)
    if not any(sign.isdigit() for sign in sample.value) or ":" in sample.value:
        return printed, Told()
    found = limits.of(sample)
    table = found if isinstance(found, NotEstimable) else _in_unit(found, sample)
    if any(printed):
        return printed, Told() if isinstance(table, NotEstimable) else _compared(printed, table, sample, found)
    if isinstance(table, NotEstimable):
        return printed, Told(lacking=table.reason)
    assert not isinstance(found, NotEstimable)
    return table, Told(source=f"limits of reference range, event {found.seq}")


def _in_unit(found: Entry[ReferenceRange], sample: Sample) -> tuple[str, str] | NotEstimable:
    body = found.body
    if body.unit == sample.unit:
        return body.low, body.high
    try:
        return _convert(body.low, sample, body.unit), _convert(body.high, sample, body.unit)
    except CelltrialError:
        return NotEstimable(f"the range of event {found.seq} is in {body.unit}, the result in {sample.unit or '?'}")


def _convert(limit: str, sample: Sample, unit: str) -> str:
    if not limit.strip():
        return ""
    value = convert(Quantity(parse_number(limit), unit), sample.unit, analyte=sample.analyte).value
    return format(value.quantize(Decimal("0.0001")).normalize(), "f")


def _compared(
    printed: tuple[str, str], table: tuple[str, str], sample: Sample, found: Entry[ReferenceRange] | NotEstimable
) -> Told:
    seq = found.seq if isinstance(found, Entry) else 0
    if all(_number(one) == _number(other) for one, other in zip(printed, table, strict=True)):
        return Told()
    return Told(
        warnings=(
            Finding(
                message="the file's limits of normal are not those of the record's reference range",
                found=f"{printed[0] or '..'} to {printed[1] or '..'} {sample.unit}, event {seq}: "
                f"{table[0] or '..'} to {table[1] or '..'} {sample.unit}",
            ),
        )
    )


def _number(limit: str) -> Decimal | None:
    return parse_number(limit) if limit.strip() else None
