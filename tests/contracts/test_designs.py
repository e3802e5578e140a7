"""What every dose-finding design keeps, whichever its base rule: one suite over all of them."""

import json
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest

from celltrial.escalation import (
    Action,
    BaseRule,
    Cell,
    Counts,
    Design,
    Enumeration,
    OperatingCharacteristics,
    Proposal,
    compute_oc,
    decision_table,
    design_named,
    enumerate_trials,
    simulate_oc,
)

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
    "boin, 1/3 stays": design_named("boin", target=0.25, parameters={"stay_at_one_third": "yes"}),
    "boin with titration": design_named("boin", target=0.30, parameters={"titration": 3}),
    "keyboard": design_named("keyboard", target=0.30),
    "mtpi": design_named("mtpi", target=0.30),
    "mtpi-2": design_named("mtpi-2", target=0.30),
    "tpi": design_named("tpi", target=0.30),
    "a+b, stop": design_named("a+b", target=0.30, parameters={"a": 2, "b": 4, "e": 2, "variant": "stop"}),
    "a+b, de-escalate": design_named("a+b", target=0.30, parameters={"d": 2, "e": 2}),
}
EXPANDING = {
    "3+3 in expansion": design_named("3+3", target=0.30, rules=[("expansion", {"n": 9})]),
    "a+b in expansion": design_named("a+b", target=0.30, rules=[("expansion", {"n": 9}), ("eliminate", {})]),
}
RULES = {
    "none": [],
    "stop at n": [("stop_at_n", {"n": 6})],
    "stop at n, anyhow": [("stop_at_n", {"n": 6, "when": "any"})],
    "stop when full": [("stop_when_full", {"n": 6})],
    "full and enough": [("stop_at_n", {"n": 3}), ("min_at_dose", {"n": 6}), ("max_n", {"n": 12})],
    "precision": [("precision_stop", {"width": 0.5})],
    "target probability": [("target_prob_stop", {"low": 0.2, "high": 0.4, "probability": 0.4, "min_n": 3})],
    "too toxic": [("too_toxic", {"cutoff": 0.8, "level": "any"}), ("stop_below_lowest", {})],
    "no skip, extra safe": [("no_skip", {}), ("extra_safe", {})],
    "intermediate": [("intermediate", {"level": 2})],
    "retreat": [("deescalation_level", {"n": 6})],
    "sentinel": [("sentinel", {})],
    "enough to go up": [("min_to_escalate", {"n": 6})],
}
BASES = ("boin", "i3+3", "keyboard", "mtpi", "mtpi-2", "tpi", "3+3", "a+b")
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


TRUTH = (0.10, 0.25, 0.40, 0.55)
SIZE = {"cohort_size": 3, "max_n": 15}


def start_of(design: Design) -> int:
    """The lowest level, or above the level for retreat where there is one."""
    return 2 if any("deescalation" in rule.describe() for rule in design.rules) else 1


def check_agreement(design: Design) -> None:
    """Exact and simulated agree within Monte Carlo error: 4 standard errors, a chance of 1 in 16,000 each."""
    trials, start = 1500, start_of(design)
    exact = compute_oc(enumerate_trials(design, levels=len(TRUTH), start=start, **SIZE), TRUTH)
    rng = np.random.default_rng(20261122)
    found = simulate_oc(design, TRUTH, start=start, trials=trials, rng=rng, **SIZE)
    assert exact.none + sum(exact.selection) == pytest.approx(1, abs=1e-12)
    for mine, sure in zip(shares(found), shares(exact), strict=True):
        assert abs(mine - sure) <= 4 * (max(sure * (1 - sure), 0) / trials) ** 0.5 + 1e-9
    for mine, sure, most in zip(numbers(found), numbers(exact), deviations(exact), strict=True):
        assert abs(mine - sure) <= 4 * most / trials**0.5 + 1e-9


def shares(oc: OperatingCharacteristics) -> list[float]:
    """Every probability of the results."""
    assert oc.distributions is not None
    events = [*oc.selection, oc.none, oc.stopped_early, oc.overdose_60, oc.overdose_80, oc.overdose_60_treated]
    return [*events, *oc.distributions.size, *oc.distributions.dlts]


def numbers(oc: OperatingCharacteristics) -> list[float]:
    """Every mean of the results."""
    return [oc.expected_n, sum(oc.dlts), *oc.patients]


def deviations(oc: OperatingCharacteristics) -> list[float]:
    """The standard deviation of each over trials, from the exact distributions."""
    assert oc.distributions is not None
    spreads = [oc.distributions.size, oc.distributions.dlts, *oc.distributions.level_size]
    return [
        max(sum(share * (n - mean) ** 2 for n, share in enumerate(spread)), 0) ** 0.5
        for spread, mean in zip(spreads, numbers(oc), strict=True)
    ]


@pytest.mark.parametrize("design", (DESIGNS | EXPANDING).values(), ids=(DESIGNS | EXPANDING).keys())
def test_exact_and_simulated_agree(design: Design) -> None:
    """Selections, sizes, DLTs, overdosing and their distributions."""
    check_agreement(design)


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES.keys())
@pytest.mark.parametrize("name", ["boin", "tpi", "a+b"])
def test_exact_and_simulated_agree_with_every_rule(name: str, rules: list[tuple[str, dict[str, float]]]) -> None:
    """A table, floats and a rule that declares its MTD, inside each set of wrappers."""
    check_agreement(design_named(name, target=0.30, rules=rules))


@dataclass(frozen=True)
class Slow:
    """A base rule without its form for many states: the enumeration asks `Design.decide` state by state."""

    base: BaseRule

    def __getattr__(self, name: str) -> object:
        if name == "propose_many":
            raise AttributeError(name)
        return getattr(self.base, name)

    def cell(self, dlts: int, n: int) -> Cell:
        """The base rule's."""
        return self.base.cell(dlts, n)

    def propose(self, counts: Counts) -> Proposal:
        """The base rule's."""
        return self.base.propose(counts)


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES.keys())
@pytest.mark.parametrize("name", BASES[:6])
def test_the_enumeration_by_columns_is_the_one_state_by_state(
    name: str, rules: list[tuple[str, dict[str, float]]]
) -> None:
    """Every ending, with its selection and its numbers of ways and paths."""
    settings = {"titration": 3} if len(rules) == 1 else {}
    design = design_named(name, target=0.25, parameters=settings, rules=rules)
    sizes = {"levels": 4, "cohort_size": 3, "max_n": 13, "start": start_of(design)}
    fast = enumerate_trials(design, **sizes)
    slow = enumerate_trials(replace(design, base=Slow(design.base)), **sizes)
    assert endings_of(fast) == endings_of(slow)


def endings_of(trials: Enumeration) -> set[object]:
    """The endings without an order."""
    return {(each.n, each.dlt, each.selected, each.early, each.ways, each.paths) for each in trials.endings}


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("rules", RULES.values(), ids=RULES.keys())
def test_rules_only_lower_or_stop(name: str, rules: list[tuple[str, dict[str, float]]]) -> None:
    """Over all counts of up to two cohorts on three levels: never above the base rule, never on where that stops."""
    design = design_named(name, target=0.30, rules=rules)
    bare = replace(design, rules=())
    cells = [(n, dlt) for n in (0, 1, 3, 6) for dlt in range(min(n, 3) + 1)]
    for first, second, current in product(cells, cells, (1, 2)):
        n, dlt = (first[0], second[0], 0), (first[1], second[1], 0)
        counts = Counts(n=n, dlt=dlt, current=current)
        if any("intermediate" in rule.describe() for rule in design.rules):
            # an intermediate level is no level yet: compare with the base rule on the list without it
            counts = Counts(n=n, dlt=dlt, current=current, closed=design_closed(design, counts))
        before, after = bare.decide(counts), design.decide(counts)
        assert after.level is None or (before.level is not None and after.level <= before.level)


def design_closed(design: Design, counts: Counts) -> tuple[int, ...]:
    """The levels that the design's rules hold closed."""
    closed = {level for rule in design.rules if hasattr(rule, "closed") for level in rule.closed(counts)}
    return tuple(sorted(closed - {counts.current}))


@every_design
def test_one_more_dlt_at_the_level_never_goes_higher(design: Design) -> None:
    """Decisions are monotone in the DLTs of the current level."""
    for n in range(1, 10):
        levels = [design.decide(in_the_middle(dlts, n)) for dlts in range(n + 1)]
        reached = [2 if each.level is None and each.mtd == 2 else each.level or each.mtd or 0 for each in levels]
        assert reached == sorted(reached, reverse=True)


@every_design
def test_more_than_64_bits_of_ways_change_nothing(design: Design) -> None:
    """Numbers of ways as whole numbers of Python: one level and its neighbour, many single participants."""
    if design.name in ("3+3", "a+b"):
        return
    small = enumerate_trials(design, levels=2, cohort_size=4, max_n=60)
    large = enumerate_trials(design, levels=2, cohort_size=4, max_n=68)
    for trials in (small, large):
        oc = compute_oc(trials, (0.2, 0.35))
        assert oc.none + sum(oc.selection) == pytest.approx(1, abs=1e-11)
    assert sum(ending.ways for ending in small.endings if not ending.early) < 2**60
    assert all(isinstance(ending.ways, int) for ending in large.endings)
