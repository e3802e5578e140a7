"""Results as typed, read: numbers in the study's units, comparators, words; what cannot be read becomes a finding."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from celltrial.datasets.terms import cdisc_unit
from celltrial.errors import CelltrialError, Finding
from celltrial.record import KineticsSample
from celltrial.units import Analyte, Quantity, analytes, convert, parse_number

__all__ = ["Result", "format_value", "read_amount", "read_cells", "read_result", "round_off"]

_COMPARED = re.compile(r"(?P<sign>[<>]=?|≤|≥)\s*(?P<number>\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A result in the study's unit: `text` as SDTM's character result, `number` None where it is not a plain number."""

    text: str | None
    number: float | None
    unit: str | None
    low: float | None = None
    high: float | None = None

    @property
    def indicator(self) -> str | None:
        """LOW, NORMAL or HIGH; None where the result is no plain number or the laboratory gave no limit."""
        if self.number is None or (self.low is None and self.high is None):
            return None
        if self.low is not None and self.number < self.low:
            return "LOW"
        return "HIGH" if self.high is not None and self.number > self.high else "NORMAL"


def read_result(items: Mapping[str, str], where: str, findings: list[Finding]) -> Result:
    """The result and its reference limits in the study's unit of the analyte."""
    value, unit = items.get("value", "").strip(), items.get("unit", "").strip()
    analyte = items.get("analyte", "")
    compared = _COMPARED.fullmatch(value)
    number = _converted(compared["number"] if compared else value, unit, analyte)
    if number is None:
        return _unconverted(items, where, findings)
    limits = [_converted(items.get(limit, ""), unit, analyte) for limit in ("lln", "uln")]
    low, high = (None if limit is None else round_off(float(limit.value)) for limit in limits)
    text = format_value(float(number.value))
    if compared:
        return Result(text=compared["sign"] + text, number=None, unit=cdisc_unit(number.unit), low=low, high=high)
    return Result(text=text, number=round_off(float(number.value)), unit=cdisc_unit(number.unit), low=low, high=high)


def _unconverted(items: Mapping[str, str], where: str, findings: list[Finding]) -> Result:
    """A word, or a number whose unit cannot be converted: as typed, without a number in the study's unit."""
    value, unit = items.get("value", "").strip(), items.get("unit", "").strip()
    if value[:1].isdigit() or value[:1] in "<>≤≥-+.":
        findings.append(
            Finding(
                message="a result without a number in the study's unit",
                where=where,
                found=f"{value} {unit}".strip(),
                expected="a number, and a unit that can be converted to the analyte's",
                next_step="correct the value or its unit; until then the result is kept as typed",
            )
        )
        return Result(text=value or None, number=None, unit=unit or None)
    return Result(text=value.upper() or None, number=None, unit=None)


def _converted(text: str, unit: str, analyte: str) -> Quantity | None:
    known = _analyte(analyte)
    try:
        given = Quantity(parse_number(text), unit or "1")
        return convert(given, known.unit, analyte=known.code) if known else given
    except CelltrialError:
        return None


def round_off(number: float) -> float:
    """The number at 12 significant digits: more than any assay has, and the same for every reader of the file.

    >>> round_off(0.1 + 0.2)
    0.3
    """
    return float(f"{number:.12g}")


def format_value(number: float) -> str:
    """The text of a number: no decimal places that are not needed, no exponent up to 12 digits.

    >>> format_value(96.0), format_value(0.1), format_value(3.0e8)
    ('96', '0.1', '300000000')
    """
    return f"{number:.12g}"


def read_amount(text: str, body: KineticsSample, where: str, findings: list[Finding]) -> Quantity | None:
    """A number of a sample in the study's unit of its analyte; None with a finding where it cannot be had."""
    if not text.strip():
        return None
    known = _analyte(body.analyte)
    try:
        given = Quantity(parse_number(text), body.unit)
        return convert(given, known.unit, analyte=known.code) if known else given
    except CelltrialError as error:
        findings.append(
            Finding(
                message="a kinetics result that cannot be used",
                where=where,
                found=f"{text} {body.unit}".strip(),
                expected=error.findings[0].expected,
                next_step="correct the value or its unit",
            )
        )
        return None


def read_cells(text: str, where: str, findings: list[Finding]) -> float | None:
    """A number of cells as typed; one that cannot be read is missing, with a finding."""
    if not text.strip():
        return None
    try:
        return float(parse_number(text))
    except CelltrialError as error:
        findings.append(
            Finding(
                message="a number of cells that cannot be read is left out",
                where=where,
                found=error.findings[0].found,
                expected="a number such as 3.0e8",
                next_step="correct the entry",
            )
        )
        return None


def _analyte(code: str) -> Analyte | None:
    known: Mapping[str, Analyte] = {str(each): analyte for each, analyte in analytes().items()}
    return known.get(code)
