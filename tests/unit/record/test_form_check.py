"""What may be typed into a form."""

import pytest

from celltrial.record import FormEntry, check_form_entry
from celltrial.record.form_check import is_result
from unit.record.support import STUDY, lab


@pytest.mark.parametrize(
    "text",
    [
        *[
            "9.6",
            "0",
            "-2",
            "+3.1",
            "1e5",
            "3.0E8",
            "<5",
            "< 5.0",
            ">=100",
            "≤0.3",
            "1:320",
            "<1:80",
            "2+",
            "++",
            "+++",
        ],
        *["positive", "NEGATIVE", "not detected", "阴性", "trace (haemolysed)"],
    ],
)
def test_results_as_laboratories_print_them(text):
    """Numbers, limits, titres, plus signs and words are results."""
    assert is_result(text)


@pytest.mark.parametrize(
    "text", ["9,6", "9.6 g/L", "1.2.3", "--5", "<", ">", "5<", "1:320:2", "12-15", "*5", ".", "positive 5", "a;b", ""]
)
def test_what_is_no_result(text):
    """A comma, a unit in the value, a range, half a limit."""
    assert not is_result(text)


@pytest.mark.parametrize(
    ("item", "text", "message"),
    [
        ("dose", "12.5", None),
        ("dose", "0", None),
        ("dose", "100", None),
        ("dose", "100.01", "not a valid number"),
        ("dose", "-1", "not a valid number"),
        ("dose", "1,5", "not a valid number"),
        ("dose", "NaN", "not a valid number"),
        ("unit", "mg/day", None),
        ("unit", "10*9/L", None),
        ("unit", "K/uL", None),
        ("unit", "spoons", "not a valid unit"),
    ],
)
def test_numbers_and_units(item, text, message):
    """Numbers within the item's limits; units that can be read."""
    entry = FormEntry(form="medications", items={"drug": "prednisone", item: text})
    assert [finding.message for finding in check_form_entry(STUDY, entry)] == ([message] if message else [])


def test_choices_and_required_items():
    """A choice is taken from its list; blanks do not count as entered."""
    entry = FormEntry(form="demographics", items={"birth_date": "  ", "sex": "female"})
    found = [(finding.where, finding.found, finding.expected) for finding in check_form_entry(STUDY, entry)]
    assert found == [
        ("demographics/row 1/birth_date", "nothing", "birth_date"),
        ("demographics/row 1/sex", "'female'", "one of F, M"),
    ]


@pytest.mark.parametrize("text", ["2026", "2026-01", "2026-01-05", "2026-01-05T08:30", "2026-01-05T08:30:00+08:00"])
def test_partial_dates_are_dates(text):
    """As precise as it is known."""
    assert check_form_entry(STUDY, lab(collected=text)) == ()


@pytest.mark.parametrize("text", ["05.01.2026", "2026-02-30", "2026/01/05", "26-01-05", "unknown"])
def test_other_dates_are_not(text):
    """ISO 8601 only, and only days that there are."""
    assert [finding.message for finding in check_form_entry(STUDY, lab(collected=text))] == ["not a valid date"]
