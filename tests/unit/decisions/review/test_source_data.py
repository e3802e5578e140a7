"""Source-data verification: it holds for the text that was compared; a change breaks it, visibly, for ever."""

import pytest

from celltrial.decisions.review import coverage, verifications, verified_fields
from celltrial.record import Correction
from unit.decisions.review.ward import CHEN, WU, Ward, refusal


@pytest.fixture
def ward():
    return Ward()


def of_labs(ward):
    return next(each for each in coverage(ward.study, ward.state) if each.form == "labs")


def test_all_filled_fields_or_the_named_ones(ward):
    """The counts of the form: entries, required items, all filled items."""
    first, second = ward.lab(laboratory="Wuhan"), ward.lab("97", row="2")
    ward.compare(first)
    ward.compare(second, "items.value", "items.unit")
    labs = of_labs(ward)
    assert (labs.entries, labs.entries_verified) == (2, 1)
    assert (labs.items, labs.items_verified) == (9, 7)
    # analyte, value and collected are required of a row of labs (forms.yaml); of the second only its value is verified
    required = {item.id for item in ward.study.form("labs").items if item.required}
    assert required == {"analyte", "value", "collected"}
    assert (labs.required, labs.required_verified) == (6, 4)


def test_a_change_breaks_it_and_a_new_one_stands_beside(ward):
    """Only for the field that changed; the broken one is told for ever."""
    result = ward.lab()
    ward.compare(result)
    changed = ward.fix(result, value="69")
    broken = verified_fields(ward.state, result)["items.value"]
    assert (broken.status, broken.broken_by, broken.value, broken.by) == ("broken", changed, "96", "monitor.lin")
    assert verified_fields(ward.state, result)["items.unit"].status == "stands"
    assert (of_labs(ward).entries_verified, of_labs(ward).broken) == (0, 1)
    ward.compare(result, "items.value")
    assert verified_fields(ward.state, result)["items.value"].value == "69"
    assert (of_labs(ward).entries_verified, of_labs(ward).broken) == (1, 0)
    assert [each.status for each in verifications(ward.state) if each.field == "items.value"] == ["broken", "stands"]


def test_a_source_that_differs_is_no_verification(ward):
    result = ward.lab()
    ward.compare(result, "items.value", result="differs")
    assert (of_labs(ward).items_verified, of_labs(ward).differing) == (0, 1)
    ward.fix(result, value="69")
    assert verified_fields(ward.state, result)["items.value"].status == "broken"


def test_an_entry_in_error_leaves_the_counts_but_not_the_list(ward):
    result = ward.lab()
    ward.compare(result, "items.value")
    ward.void(result)
    assert [each.status for each in verifications(ward.state)] == ["broken"]
    assert all(each.form != "labs" for each in coverage(ward.study, ward.state))


def test_what_cannot_be_compared(ward):
    """A blank field, one's own entry, what has no source; and a comparison is not corrected away."""
    result = ward.lab()
    assert "no such filled field" in refusal(ward.compare, result, "items.comment")
    assert "by the one who made it" in refusal(ward.compare, result, author=CHEN)
    compared = ward.compare(result)
    assert "is not corrected" in refusal(
        ward.write, Correction(target=compared, entered_in_error="yes"), author=WU, why="a slip of the mouse"
    )
    assert "no entry to ask about" in refusal(ward.compare, compared)
