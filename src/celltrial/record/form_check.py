"""Checks of one form entry against the study's forms: every problem at once, each named by form and item."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from celltrial.errors import CelltrialError, Finding
from celltrial.record.bodies import FormEntry
from celltrial.study.model import Form, Item, Study
from celltrial.studyday import parse_partial_date
from celltrial.units import Analyte, analytes, is_unit, is_unit_of, parse_number

__all__ = ["check_form_entry", "is_result"]

# as laboratories print results: a number, below or above a limit, a titre, a count of plus signs, words
_NUMBER = r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?"
_RESULT = re.compile(rf"(<=|>=|<|>|≤|≥)?\s*{_NUMBER}|[<>]?\s*1:\d+|\d?\+{{1,4}}|[^\W\d_][^\d,;]*")


def check_form_entry(study: Study, entry: FormEntry, *, where: str = "") -> tuple[Finding, ...]:
    """What is wrong with a form entry, item by item; nothing is changed.

    `where` names the subject; each finding stands at `where/form/row/item`.
    """
    place = "/".join(part for part in (where, entry.form, entry.visit, f"row {entry.row}") if part)
    form = study.form(entry.form)
    if form is None:
        return (
            Finding(
                message="the study has no such form",
                where=place,
                found=repr(entry.form),
                expected=f"one of {', '.join(each.id for each in study.forms)}",
                rule="forms.yaml",
                next_step="correct the form's name, or add the form to forms.yaml",
            ),
        )
    return (
        *_check_place(study, form, entry, place),
        *_check_unknown_items(form, entry, place),
        *(finding for item in form.items for finding in _check_item(study, form, item, entry, place)),
        *_check_unit_of_analyte(entry, place),
    )


def is_result(text: str) -> bool:
    """Whether a laboratory could have printed `text` as a result.

    >>> [is_result(text) for text in ("9.6", "<5", "positive", "1:320", "2+", "9,6", "9.6 g/dL")]
    [True, True, True, True, True, False, False]
    """
    return _RESULT.fullmatch(text.strip()) is not None


def _check_place(study: Study, form: Form, entry: FormEntry, place: str) -> Iterator[Finding]:
    scheduled = [str(visit.id) for visit in study.visits]
    if entry.visit and scheduled and entry.visit not in scheduled and not entry.visit.startswith("UNS"):
        yield Finding(
            message="the study has no such visit",
            where=place,
            found=repr(entry.visit),
            expected=f"one of {', '.join(scheduled)}, or UNS... for an unscheduled one",
            rule="study.yaml, visits",
            next_step="correct the visit",
        )
    if not entry.row.isdecimal() or entry.row != str(int(entry.row)) or entry.row == "0":
        yield Finding(message="not a row number", where=place, found=repr(entry.row), expected="1, 2, 3, ...")
    elif not form.repeating and entry.row != "1":
        yield Finding(
            message="a second row of a form that has one",
            where=place,
            found=f"row {entry.row}",
            expected="row 1 only: the form does not repeat",
            rule=f"forms.yaml, {form.id}",
            next_step="correct the entry that is there, or name the visit that this one belongs to",
        )


def _check_unknown_items(form: Form, entry: FormEntry, place: str) -> Iterator[Finding]:
    for name in entry.items:
        if form.item(name) is None:
            yield Finding(
                message="the form has no such item",
                where=f"{place}/{name}",
                found=repr(name),
                expected=f"one of {', '.join(each.id for each in form.items)}",
                rule=f"forms.yaml, {form.id}",
                next_step="correct the item's name",
            )


def _check_item(study: Study, form: Form, item: Item, entry: FormEntry, place: str) -> Iterator[Finding]:
    text = entry.items.get(item.id, "").strip()
    if not text and item.required:
        yield Finding(
            message="a required item is missing",
            where=f"{place}/{item.id}",
            found="nothing",
            expected=item.label or item.id,
            rule=f"forms.yaml, {form.id}",
            next_step="enter the item as the source document gives it",
        )
    elif text and (expected := _expected(study, item, text)):
        yield Finding(
            message=f"not a valid {item.kind}",
            where=f"{place}/{item.id}",
            found=repr(text),
            expected=expected,
            rule=f"forms.yaml, {form.id}",
            next_step="enter the item as the source document gives it",
        )


def _check_unit_of_analyte(entry: FormEntry, place: str) -> Iterator[Finding]:
    """A measured number in a unit that the analyte is never reported in is a slip of the row above or below."""
    analyte = _analytes_by_text().get(entry.items.get("analyte", "").strip())
    unit, value = entry.items.get("unit", "").strip(), entry.items.get("value", "").strip()
    if analyte is None or not unit or not any(sign.isdigit() for sign in value):
        return
    if (unit in _listed_units() or is_unit(unit)) and not is_unit_of(unit, analyte):
        yield Finding(
            message=f"a unit that cannot be converted for {analyte.code}",
            where=f"{place}/unit",
            found=f"{value} {unit}",
            expected=f"{analyte.unit}, or a unit that converts to it",
            rule="units convert by dimension, and from mass to amount of substance by the factor in analytes.csv",
            next_step="enter the unit that the laboratory printed, or ask which unit the result is in",
        )


def _expected(study: Study, item: Item, text: str) -> str:
    """What should have been typed; blank where `text` is right."""
    match item.kind:
        case "choice":
            return "" if text in item.choices else f"one of {', '.join(item.choices)}"
        case "number" if not _reads(lambda: parse_number(text)):
            return "digits with a decimal point, e.g. 0.85"
        case "number":
            return "" if _is_within(item, text) else _limits(item)
        case "result":
            return "" if is_result(text) else "a number with a decimal point, `<5`, `1:320`, `2+`, or a word"
        case "date":
            is_date = _reads(lambda: parse_partial_date(text, study.site.zone))
            return "" if is_date else "ISO 8601: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm"
        case "unit":
            is_known = text in _listed_units() or is_unit(text)
            return "" if is_known else "a unit such as g/L, g/dL, 10*9/L, umol/L, U/L, %"
        case "analyte":
            return "" if text in analytes() else "a code of analytes.csv, e.g. hemoglobin"
        case "text":
            return ""


def _is_within(item: Item, text: str) -> bool:
    number = parse_number(text)
    is_low = item.at_least is not None and number < item.at_least
    is_high = item.at_most is not None and number > item.at_most
    return not is_low and not is_high


def _limits(item: Item) -> str:
    low = "" if item.at_least is None else f"at least {item.at_least}"
    high = "" if item.at_most is None else f"at most {item.at_most}"
    return ", ".join(part for part in (low, high) if part)


def _reads(read: Callable[[], object]) -> bool:
    try:
        read()
    except CelltrialError:
        return False
    return True


@cache
def _analytes_by_text() -> dict[str, Analyte]:
    return {str(code): analyte for code, analyte in analytes().items()}


# the units of the table are known to be readable: most entries need not load the unit library
@cache
def _listed_units() -> frozenset[str]:
    each = analytes().values()
    return frozenset(unit for analyte in each for unit in (analyte.unit, analyte.mass_unit, analyte.molar_unit) if unit)
