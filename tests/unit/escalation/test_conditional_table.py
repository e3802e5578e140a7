"""Tables of any design for one level, the others as seen."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Counts, decision_table, design_named
from celltrial.escalation.conditional_table import conditional_table
from celltrial.escalation.notation import read_history


def test_a_rule_by_counts_has_its_own_table_in_the_middle_of_the_levels() -> None:
    """BOIN looks at one level: given harmless neighbours, the conditional table is the published one."""
    design = design_named("boin", target=0.30)
    table = conditional_table(design, Counts(n=(3, 0, 0), dlt=(0, 0, 0)), max_n=12, level=2)
    plain = decision_table(design, 12)
    for row, known in zip(table.rows, plain.rows, strict=True):
        expected = (known.escalate_le, known.deescalate_ge, known.eliminate_ge)
        assert (row.escalate_le, row.deescalate_ge, row.eliminate_ge) == expected
    assert [cell.letter for cell in table.cells] == [cell.letter for cell in plain.cells]


def test_every_cell_is_the_decision_of_the_complete_design() -> None:
    design = design_named("blrm", target=0.30, parameters={"doses": "3 4.5 6"}, rules=[("max_n", {"n": 6})])
    table = conditional_table(design, read_history("1NNN", levels=3), max_n=4, level=2)
    for cell in table.cells:
        decision = design.decide(Counts(n=(3, cell.n, 0), dlt=(0, cell.dlts, 0), current=2))
        assert (cell.next_level, cell.reasons) == (decision.level, decision.reasons)
    assert {cell.letter for cell in table.cells if cell.n >= 3} == {"X"}
    assert [row.stop_ge for row in table.rows][2:] == [0, 0]


def test_what_was_seen_elsewhere_changes_the_table_of_a_model() -> None:
    design = design_named("crm", target=0.30)
    harmless = conditional_table(design, read_history("1NNNNNN", levels=3), max_n=3, level=2)
    harmful = conditional_table(design, read_history("1NNNNTT", levels=3), max_n=3, level=2)
    assert harmless.cell(0, 3).letter == "E"
    assert [cell.letter for cell in harmless.cells] != [cell.letter for cell in harmful.cells]
    assert harmful.condition == "for level 2 of 3; seen at the others: level 1 2/6"


def test_more_dlts_never_lead_higher() -> None:
    table = conditional_table(design_named("crm", target=0.25), read_history("1NNN", levels=4), max_n=6, level=2)
    for n in range(1, 7):
        levels = [table.cell(dlts, n).next_level or 0 for dlts in range(n + 1)]
        assert levels == sorted(levels, reverse=True)


def test_the_reasons_stand_in_the_cell() -> None:
    cell = conditional_table(design_named("boin", target=0.30), read_history("1NNN", levels=3), max_n=6, level=2).cell(
        3, 6
    )
    assert cell.reason == "3/6: 0.500 > lambda_d 0.359; Pr(p > 0.30) = 0.87 < 0.95, so not eliminated"


def test_outside_of_the_table_there_is_nothing() -> None:
    table = conditional_table(design_named("boin", target=0.30), read_history("", levels=2), max_n=2)
    with pytest.raises(KeyError):
        table.cell(0, 3)
    with pytest.raises(UsageError, match="no such level"):
        conditional_table(design_named("boin", target=0.30), read_history("", levels=2), max_n=2, level=3)
    with pytest.raises(UsageError, match="needs a size"):
        conditional_table(design_named("boin", target=0.30), read_history("", levels=2), max_n=0)
