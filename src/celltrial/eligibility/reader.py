"""Reading a raw criteria file value by value: each with its place, and every problem collected.

A reader answers with a harmless value where it complains, so that reading goes on and all problems are found at once;
`parse_criteria` raises if there was any, so such a value is never used.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from celltrial.codes import AnalyteCode
from celltrial.eligibility.language import Limit, Op
from celltrial.eligibility.windows import Bound, Window, parse_window
from celltrial.errors import DateError, Finding, Source, UnitError
from celltrial.studyday import Span, parse_span
from celltrial.units import Quantity, analytes, convert, is_unit, parse_number

__all__ = ["Locate", "Place", "Setting", "read_analyte", "read_limit", "read_span", "read_window"]

Locate = Callable[[tuple[str | int, ...]], Source]

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_TIMES_ULN = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*[x×]\s*ULN")
_QUANTITY = re.compile(r"(?P<number>[-+]?\d+(?:\.\d+)?)(?:\s+(?P<unit>\S.*))?")
_OPS: tuple[Op, ...] = ("at_least", "at_most", "above", "below")


@dataclass(frozen=True, slots=True)
class Place:
    """A value of the raw file, the way to it, and the list that its problems go to."""

    value: object
    path: tuple[str | int, ...]
    locate: Locate
    findings: list[Finding]

    def at(self, key: str | int) -> "Place":
        """The value below a key or position; None where there is none."""
        value: object = None
        if isinstance(self.value, Mapping):
            value = self.value.get(key)
        elif isinstance(self.value, list | tuple) and isinstance(key, int):
            value = self.value[key]
        return Place(value, (*self.path, key), self.locate, self.findings)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, Mapping) and key in self.value

    @property
    def name(self) -> str:
        """The way to it in words: `inclusion[9].all[2].at_least`."""
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return steps.lstrip(".") or "the file"

    def complain(self, message: str, *, expected: str, next_step: str = "correct the line") -> None:
        """Note a problem of this value."""
        finding = Finding(
            message=message,
            source=self.locate(self.path),
            where=self.name,
            found=repr(self.value),
            expected=expected,
            next_step=next_step,
        )
        self.findings.append(finding)

    def keys(self, allowed: tuple[str, ...], required: tuple[str, ...] = ()) -> None:
        """Complain of what is no mapping, of keys that are not allowed, and of those that are missing."""
        if not isinstance(self.value, Mapping):
            self.complain("not a mapping", expected=f"keys {', '.join(allowed)}")
            return
        for key in self.value:
            if key not in allowed:
                self.at(key).complain(f"unknown key {key!r}", expected=f"one of: {', '.join(sorted(allowed))}")
        for key in required:
            if key not in self.value:
                self.complain(f"the key {key!r} is missing", expected=f"{key}: ...", next_step=f"add {key}")

    def items(self) -> Iterator["Place"]:
        """Each item of a list that must have some."""
        if not isinstance(self.value, list | tuple) or not self.value:
            self.complain("not a list with items", expected="at least one item")
            return
        yield from (self.at(n) for n in range(len(self.value)))

    def text(self, pattern: re.Pattern[str] | None = None, example: str = "a text") -> str:
        """A text; a number counts as its text, a YAML boolean or null does not."""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float | Decimal):
            self.complain("not a text", expected=f"{example} (quote what YAML would read as true, false or null)")
            return ""
        text = str(self.value)
        if not text.strip() or (pattern and not pattern.fullmatch(text)):
            self.complain("not what is expected here", expected=example)
        return text

    def code(self, known: tuple[str, ...] = ()) -> str:
        """A code in lower case, one of the known ones where these are given."""
        text = self.text(None if known else _CODE, "a code such as able_to_bear_children")
        if known and text not in known:
            self.complain("unknown word", expected=f"one of: {', '.join(known)}")
        return text

    def codes(self) -> tuple[str, ...]:
        """One code or a list of them."""
        if isinstance(self.value, list | tuple):
            return tuple(item.code() for item in self.items())
        return (self.code(),)

    def texts(self) -> tuple[str, ...]:
        """One text or a list of them."""
        if isinstance(self.value, list | tuple):
            return tuple(item.text() for item in self.items())
        return (self.text(),)

    def number(self) -> Decimal:
        """A number that is not negative."""
        try:
            number = parse_number(self.text(example="a number"))
        except UnitError:
            self.complain("not a number", expected="digits with a decimal point")
            return Decimal(0)
        if number < 0:
            self.complain("a negative number", expected="0 or more")
        return number

    def whole(self) -> int:
        """A whole number."""
        number = self.number()
        if number != number.to_integral_value():
            self.complain("not a whole number", expected="a whole number")
        return int(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the whole file fixes for its leaves: anchors, stages, named periods, defaults; and what is inherited."""

    anchors: tuple[str, ...]
    stages: tuple[str, ...]
    periods: Mapping[str, Window]
    lab_window: Window
    same_day: str


def read_window(place: Place, setting: Setting, *, sample: bool = False, mark: str = "") -> Window:
    """A window on the anchors of the file (and on `sample`, where a leaf has one)."""
    anchors = (*setting.anchors, "sample") if sample else setting.anchors
    text = place.text(example="28 days before screening")
    try:
        window = parse_window(text, anchors=anchors, periods=setting.periods)
    except DateError as error:
        for finding in error.findings:
            place.complain(finding.message, expected=finding.expected, next_step=finding.next_step or "correct it")
        return Window(text=text, start=None, end=Bound(setting.anchors[0] if setting.anchors else "screening"))
    return replace(window, mark=mark or window.mark)


def read_span(place: Place, *, prefix: str = "at least ") -> Span:
    """A length of time after its leading words: `at least 3 months`."""
    text = place.text(example=f"{prefix}3 months")
    try:
        if not text.startswith(prefix):
            raise DateError("no prefix")
        return parse_span(text.removeprefix(prefix))
    except DateError:
        place.complain("not a length of time", expected=f"'{prefix}' and a length: {prefix}3 months")
        return Span(0, "day")


def read_limit(place: Place, *, unit: str, analyte: str | None = None, uln: bool = False) -> Limit:
    """The one limit of a leaf: a number with a unit that converts to `unit`, or a multiple of the ULN."""
    given = [op for op in _OPS if op in place]
    if len(given) != 1:
        place.complain("not exactly one limit", expected=f"one of: {', '.join(_OPS)}")
        return Limit(op="at_least", number=Decimal(0), unit=unit)
    op = given[0]
    where = place.at(op)
    text = where.text(example=f"a number and a unit: 60 {unit}")
    ratio = _TIMES_ULN.fullmatch(text)
    if ratio and uln:
        return Limit(op=op, number=Decimal(ratio["number"]), unit="1", times_uln=True)
    match = _QUANTITY.fullmatch(text)
    if match is None:
        example = f"like 60 {unit}" + (" or 2 x ULN" if uln else "")
        where.complain("not a limit", expected=example)
        return Limit(op=op, number=Decimal(0), unit=unit)
    limit = Limit(op=op, number=Decimal(match["number"]), unit=match["unit"] or "1")
    _check_unit(where, limit, unit, analyte)
    return limit


def _check_unit(where: Place, limit: Limit, unit: str, analyte: str | None) -> None:
    if limit.unit == unit:
        return
    if not is_unit(limit.unit):
        where.complain("unknown unit", expected=f"a unit that converts to {unit}")
        return
    try:
        convert(Quantity(Decimal(1), limit.unit), unit, analyte=analyte)
    except UnitError:
        where.complain(
            f"the unit {limit.unit!r} does not convert to {unit}", expected=f"a unit that converts to {unit}"
        )


def read_analyte(place: Place) -> str:
    """An analyte of analytes.csv."""
    text = place.text(example="an analyte, e.g. hemoglobin")
    if text not in analytes():
        place.complain("unknown analyte", expected="an analyte of analytes.csv", next_step="correct it, or add the row")
        return next(iter(analytes()))
    return AnalyteCode(text)
