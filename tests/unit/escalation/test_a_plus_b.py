"""A+B designs and titration: what they do at each step, in words."""

import pytest

from celltrial.escalation import (
    APlusB,
    Boin,
    Counts,
    Decision,
    Design,
    ThreePlusThree,
    Titration,
    count_cohorts,
    design_named,
    enumerate_trials,
    exact_oc,
    parse_outcomes,
)


def decide(outcomes: str, *, levels: int = 3, **settings: float | str) -> Decision:
    """The A+B design with these settings after these cohorts."""
    design = design_named("a+b", target=0.30, parameters=settings)
    return design.decide(count_cohorts(parse_outcomes(outcomes), levels=levels))


def test_cohorts_have_the_sizes_of_the_design() -> None:
    """Two first, four more after one DLT, two at the next level."""
    settings = {"a": 2, "b": 4, "e": 2}
    assert (decide("", **settings).level, decide("", **settings).size) == (1, 2)
    assert (decide("1NT", **settings).level, decide("1NT", **settings).size) == (1, 4)
    assert (decide("1NT 1NNNT", **settings).level, decide("1NT 1NNNT", **settings).size) == (2, 2)
    assert decide("1TT", **settings).reasons[-1] == "no level below: no dose is declared tolerable, stop"


@pytest.mark.parametrize(("variant", "level", "mtd"), [("stop", None, 1), ("de-escalate", 1, None), ("six", 1, None)])
def test_variants_part_after_too_many_dlts(variant: str, level: int | None, mtd: int | None) -> None:
    """2/3 at level 2 with 0/3 below."""
    decision = decide("1NNN 2NTT", variant=variant)
    assert (decision.level, decision.mtd) == (level, mtd)
    assert decision.size == (None if level is None else 3)


def test_a_level_that_turns_out_too_toxic_late_turns_the_trial() -> None:
    """A second DLT adjudicated at level 1 while level 2 is open: nothing is left below."""
    design = Design(base=APlusB(target=0.30))
    decision = design.decide(Counts(n=(3, 3, 0), dlt=(2, 0, 0), current=2))
    assert decision.level is None
    assert decision.reasons[0] == "level 1, below the current one, has 2 DLTs in 3"


@pytest.mark.parametrize("variant", ["stop", "de-escalate", "six"])
def test_three_plus_three_is_the_a_plus_b_with_its_numbers(variant: str) -> None:
    """The two rules were written apart and end the same trials."""
    endings = []
    for base in (APlusB(target=0.3, variant=variant), ThreePlusThree(target=0.3, variant=variant)):
        trials = enumerate_trials(Design(base=base), levels=4, cohort_size=3, max_n=24)
        endings.append({(each.n, each.dlt, each.selected, each.ways, each.paths) for each in trials.endings})
    assert endings[0] == endings[1]


def test_titration_goes_up_by_ones_and_fills_up_after_the_first_dlt() -> None:
    """As the option of the R package BOIN."""
    design = Design(base=Titration(base=Boin(target=0.30), cohort_size=3))

    def step(outcomes: str) -> tuple[int | None, int | None]:
        decision = design.decide(count_cohorts(parse_outcomes(outcomes), levels=3))
        return decision.level, decision.size

    assert [step(each) for each in ("", "1N", "1N 2N")] == [(1, 1), (2, 1), (3, 1)]
    assert step("1N 2T") == (2, 2)
    assert step("1N 2N 3N") == (3, 2)
    assert step("1N 2T 2NN") == (2, None)
    assert step("1N 2T 2NT") == (1, None)


def test_titration_by_hand() -> None:
    """Two levels, DLTs certain at the second only: one at level 1, three at level 2, back for the rest."""
    oc = exact_oc(design_named("boin", target=0.30, parameters={"titration": 3}), (0.0, 1.0), cohort_size=3, max_n=7)
    assert (oc.patients, oc.dlts, oc.selection) == ((4.0, 3.0), (0.0, 3.0), (1.0, 0.0))


def test_one_third_can_stay() -> None:
    """At a target of 0.25, 1/3 = 0.333 lies over lambda_d 0.298; at 0.30 it stays anyway."""
    plain, mimic = Boin(target=0.25), Boin(target=0.25, stay_at_one_third="yes")
    assert (plain.cell(1, 3).letter, mimic.cell(1, 3).letter) == ("D", "S")
    assert mimic.cell(1, 3).reason == "1/3: 0.333 > lambda_d 0.298, but 1/3 stays, as in 3+3"
    assert all(plain.cell(y, n) == mimic.cell(y, n) for n in range(1, 13) for y in range(n + 1) if (y, n) != (1, 3))
