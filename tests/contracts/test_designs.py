"""What every dose-finding design keeps, whichever its base rule: one suite over all of them."""

import json

import pytest

from celltrial.escalation import Action, Counts, Design, decision_table, design_named

DESIGNS = {
    "boin": design_named("boin", target=0.30),
    "boin with extra_safe": design_named("boin", target=0.30, rules=[("extra_safe", {})]),
    "boin, other rates": design_named("boin", target=0.25, parameters={"p_saf": 0.10, "p_tox": 0.35}),
    "i3+3": design_named("i3+3", target=0.30),
    "i3+3, wide": design_named("i3+3", target=0.20, parameters={"half_width": 0.10}),
    "3+3, stop": design_named("3+3", target=0.30, parameters={"variant": "stop"}),
    "3+3, de-escalate": design_named("3+3", target=0.30, parameters={"variant": "de-escalate"}),
    "3+3, six": design_named("3+3", target=0.30, parameters={"variant": "six"}),
    "3+3 with eliminate": design_named("3+3", target=0.30, rules=[("eliminate", {})]),
}
every_design = pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())
UP_TO = 12


def in_the_middle(dlts: int, n: int) -> Counts:
    """Three levels: 0/3 at the first, `dlts`/`n` at the second, the third untried."""
    return Counts(n=(3, n, 0), dlt=(0, dlts, 0), current=2)


@every_design
def test_nobody_treated_yet_means_treat_at_the_starting_level(design: Design) -> None:
    """Without data there is nothing to decide but to begin."""
    for start in (1, 2, 3):
        decision = design.decide(Counts(n=(0, 0, 0), dlt=(0, 0, 0), current=start))
        assert (decision.action, decision.level) == (Action.STAY, start)


@every_design
def test_the_table_says_what_decide_does(design: Design) -> None:
    """Every cell of the printed table against the decision at a middle level."""
    allowed = {
        "E": {Action.ESCALATE},
        "S": {Action.STAY},
        # the variant `stop` of 3+3 ends the trial where the others go down
        "D": {Action.DE_ESCALATE, Action.STOP},
        "DU": {Action.DE_ESCALATE, Action.STOP},
    }
    for cell in decision_table(design, UP_TO).cells:
        decision = design.decide(in_the_middle(cell.dlts, cell.n))
        assert decision.action in allowed[cell.letter], cell
        assert (2 in decision.eliminated) is (cell.letter == "DU"), cell
        assert decision.action is not Action.STOP or decision.mtd == 1, cell


@every_design
def test_rows_sum_up_their_cells(design: Design) -> None:
    """Per n: E up to a number, D from a number, DU from a number, and nothing out of order."""
    table = decision_table(design, UP_TO)
    for row in table.rows:
        letters = [table.cell(dlts, row.n).letter for dlts in range(row.n + 1)]
        assert letters == sorted(letters, key=["E", "S", "D", "DU"].index)
        assert row.escalate_le == max((y for y, letter in enumerate(letters) if letter == "E"), default=None)
        assert row.deescalate_ge == min((y for y, letter in enumerate(letters) if letter[0] == "D"), default=None)
        assert row.eliminate_ge == min((y for y, letter in enumerate(letters) if letter == "DU"), default=None)


@every_design
def test_the_table_reads_its_cells_back(design: Design) -> None:
    """`cell(dlts, n)` finds the cell for exactly these numbers, and refuses others."""
    table = decision_table(design, 5)
    assert [table.cell(cell.dlts, cell.n) for cell in table.cells] == list(table.cells)
    for dlts, n in ((0, 6), (0, 0), (3, 2), (-1, 2)):
        with pytest.raises(KeyError):
            table.cell(dlts, n)


@every_design
def test_a_decision_carries_its_reasons_and_inputs(design: Design) -> None:
    """Same counts, same decision; complete inputs; plain JSON."""
    counts = in_the_middle(2, 6)
    decision = design.decide(counts)
    assert decision == design.decide(counts)
    assert decision.reasons
    assert all(decision.reasons)
    document = json.loads(json.dumps(decision.to_json()))
    assert document["inputs"] == {
        "design": design.name,
        "target": design.target,
        "parameters": dict(design.base.parameters),
        "rules": [rule.describe() for rule in design.rules],
        "n": [3, 6, 0],
        "dlt": [0, 2, 0],
        "current": 2,
    }


@every_design
def test_all_dlts_at_the_lowest_level_never_go_up_and_none_never_go_down(design: Design) -> None:
    """The two ends of what can happen."""
    for n in range(1, UP_TO + 1):
        worst = design.decide(Counts(n=(n, 0), dlt=(n, 0), current=1))
        best = design.decide(Counts(n=(n, 0), dlt=(0, 0), current=1))
        assert worst.action in (Action.STAY, Action.STOP)
        assert best.action in (Action.STAY, Action.ESCALATE)
