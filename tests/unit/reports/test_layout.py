"""The layout stands before the data: every level has its column, every shell a filler and one number."""

from celltrial.reports.layout import TableShell, criteria_of, number_shells
from celltrial.reports.sections import FILLERS
from celltrial.reports.shells import lay_out
from small_trial import ct1192


def test_every_section_has_a_filler():
    """No section without content, no content without a section."""
    assert {section.id for section in lay_out(ct1192())} == set(FILLERS)


def test_shells_are_numbered_in_order_and_once():
    """Tables and figures count on their own."""
    sections = lay_out(ct1192())
    numbers = number_shells(sections)
    assert len(numbers) == sum(len(section.items) for section in sections)
    assert len(set(numbers.values())) == len(numbers)
    assert numbers["dose-status"] == "Table 1"
    assert numbers["flow"] == "Figure 1"


def test_dose_tables_have_a_column_for_each_level_of_the_protocol():
    """Whether or not anyone has been treated there."""
    shells = {item.id: item for section in lay_out(ct1192()) for item in section.items}
    shell = shells["ae-summary"]
    assert isinstance(shell, TableShell)
    assert [column.label for column in shell.columns] == ["", "DL1", "DL2", "DL3", "Total"]


def test_matrix_has_a_column_for_each_criterion_of_the_record():
    """I01 to I10, in the words of the record."""
    assert list(criteria_of(ct1192())) == [f"I{number:02d}" for number in range(1, 11)]
