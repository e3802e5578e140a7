"""BOIN12: utilities, admissibility, the choice among neighbours, exploration, and the optimum dose."""

import pytest
from scipy.stats import beta

from celltrial.errors import UsageError
from celltrial.escalation.boin12 import Boin12, PairCounts, Utilities, count_pairs, desirability_table


def level(outcomes: str, **options: object) -> int:
    """The next level; 0 for a stop."""
    proposal = Boin12(**options).propose(count_pairs(outcomes, levels=5))  # type: ignore[arg-type]
    return 0 if proposal.stop else proposal.level


def test_counts_come_from_the_notation_of_the_field() -> None:
    """N neither, T DLT, E response, B both."""
    counts = count_pairs("1NTE 2BBN 2E", levels=3)
    assert (counts.n, counts.dlt, counts.response, counts.both) == ((3, 4, 0), (1, 2, 0), (1, 3, 0), (0, 2, 0))
    assert counts.current == 2
    with pytest.raises(UsageError) as caught:
        count_pairs("1NX 4N 1N", levels=3)
    assert [finding.where for finding in caught.value.findings] == ["cohort 1", "cohort 2"]


@pytest.mark.parametrize(
    "columns",
    [
        {"n": (3,), "dlt": (0,), "response": (4,)},
        {"n": (3,), "dlt": (2,), "response": (2,), "both": (0,)},
        {"n": (3,), "dlt": (1,), "response": (2,), "both": (2,)},
        {"n": (3,), "dlt": (1,), "response": (2, 0)},
        {"n": (3,), "dlt": (4,), "response": (0,)},
    ],
)
def test_impossible_counts_are_refused(columns: dict[str, tuple[int, ...]]) -> None:
    """Each with a finding."""
    with pytest.raises(UsageError):
        PairCounts(**columns)  # type: ignore[arg-type]


def test_the_benchmark_is_half_way_to_the_best() -> None:
    """By hand: 100 x .25 x .65 + 40 x .65 x .75 + 60 x .35 x .25 = 41; half-way to 100 is 70.5."""
    assert Boin12(max_dlt=0.35, min_response=0.25).benchmark() == 70.5


def test_desirability_is_a_tail_of_a_beta() -> None:
    """3 of 6 responses with 1 DLT: (3 x 60 + 6 x 40 - 40) / 100 = 3.8 events of 6."""
    assert Boin12().desirability(6, 1, 3) == pytest.approx(beta.sf(0.705, 1 + 3.8, 1 + 2.2), abs=1e-12)
    assert Boin12().desirability(0, 0, 0) == pytest.approx(0.295)


def test_with_additive_utilities_the_margins_suffice() -> None:
    """However many had both; with others that number is needed."""
    additive, other = Boin12(), Boin12(utilities=Utilities(neither=30.0, both=50.0))
    assert {additive.events(6, 2, 3, both) for both in (None, 0, 1, 2)} == {additive.events(6, 2, 3, None)}
    assert len({other.events(6, 2, 3, both) for both in (0, 1, 2)}) == 3
    with pytest.raises(UsageError, match="margins do not suffice"):
        other.events(6, 2, 3, None)
    counts = PairCounts(n=(6, 0), dlt=(2, 0), response=(3, 0))
    assert Boin12().propose(counts).level == 1
    with pytest.raises(UsageError):
        desirability_table(other, (0, 3))


def test_utilities_in_no_order_are_refused() -> None:
    """Nothing may beat a response without a DLT, nor be worse than a DLT without one."""
    for wrong in ({"both": 110.0}, {"neither": -1.0}, {"dlt_only": 50.0}, {"response_only": 101.0}):
        with pytest.raises(UsageError):
            Utilities(**wrong)


def test_a_toxic_level_and_all_above_it_are_out() -> None:
    """5 of 6 at level 2: never again, and so is level 3."""
    counts = count_pairs("1NNN 2TTTTTN", levels=3)
    proposal = Boin12().propose(counts)
    assert (proposal.level, proposal.eliminated_from) == (1, 2)
    assert [each.too_toxic for each in Boin12().summarise(counts)] == [False, True, True]


def test_a_toxic_lowest_level_stops() -> None:
    """Where the authors' application stays at level 1."""
    assert level("1TTTT") == 0
    assert level("2TTTT") == 1


def test_a_level_too_weak_is_left() -> None:
    """No response in 9: Pr(rate < 0.25) = 0.94; with none in 3 it can still be used."""
    assert level("2EEE 1NNN") == 2
    summary = Boin12().summarise(count_pairs("1NNNNNNNNN", levels=2))[0]
    assert summary.too_weak
    assert not summary.is_admissible
    assert summary.reason.endswith("too weak")
    assert level("1NNNNNNNNN") == 2


def test_enough_at_a_level_closes_the_way_up() -> None:
    """2 of 6, between the boundaries: stay or go down; 1 of 3 may still go up."""
    assert level("1EEE 2NNT") == 1
    assert level("1NNN 2NNNNTT 3EEE 2N") in (1, 2)
    assert level("1NNN 3EEE 2NNT") == 3
    assert level("1NNN 3EEE 2NNNNTT", enough=7) == 3
    assert level("1NNN 3EEE 2NNNNTT", enough=6) != 3


def test_an_untried_level_is_explored() -> None:
    """Nine at level 1, all responding, none with a DLT: level 2 is tried all the same; ten without exploration."""
    assert level("1EEEEEEEEE") == 2
    assert level("1EEEEEEEEE", explore_from=12) == 1


def test_going_down_passes_over_eliminated_levels() -> None:
    """Level 3 has too many DLTs now, level 2 had too many before."""
    assert level("2TTTT 3TTT") == 1


def test_nobody_at_the_current_level() -> None:
    """Treat there first."""
    assert level("") == 1


def test_no_admissible_neighbour_stops() -> None:
    """Two levels, both without a response in twelve."""
    proposal = Boin12().propose(count_pairs("1NNNNNNNNNNNN 2NNNNNNNNNNNN", levels=2))
    assert proposal.stop
    assert proposal.reasons[-1] == "none of level 1, 2 is admissible: stop"


def test_the_optimum_is_bounded_by_the_mtd() -> None:
    """Level 3 responds best, but 3 of 6 have a DLT: the MTD is level 2; of 1 and 2 the better one is the optimum."""
    counts = count_pairs("1NNNNNN 2EENNNT 3BBBEEE", levels=3)
    optimum = Boin12(max_dlt=0.30).select(counts)
    assert (optimum.mtd, optimum.level) == (2, 2)
    assert optimum.reasons[-1].startswith("level 2 has the highest utility up to the MTD")
    assert len(optimum.levels) == 3


def test_a_plateau_of_response_favours_the_lower_dose() -> None:
    """Equal responses, more DLTs above: the lower level has the higher utility, whichever way it is measured."""
    counts = count_pairs("1NNN 2EEENNN 3EEENNT", levels=3)
    for choice in ("utility", "desirability"):
        assert Boin12(optimum_by=choice).select(counts).level == 2  # type: ignore[arg-type]


def test_there_may_be_no_optimum() -> None:
    """Too toxic from the start, or nothing works up to the MTD."""
    assert Boin12().select(count_pairs("1TTTT", levels=2)).mtd is None
    weak = Boin12().select(count_pairs("1NNNNNNNNNNNN", levels=2))
    assert (weak.mtd, weak.level) == (1, None)
    assert weak.reasons[-1] == "no level up to the MTD 1 is admissible: no optimum dose"


def test_settings_that_cannot_be_are_refused() -> None:
    """Rates, boundaries, the choice of the optimum, and the sizes of a table."""
    for wrong in ({"max_dlt": 1.0}, {"p_saf": 0.5}, {"optimum_by": "rank"}):
        with pytest.raises(UsageError):
            Boin12(**wrong)  # type: ignore[arg-type]
    for sizes in ((), (3, 3), (-1, 3)):
        with pytest.raises(UsageError):
            desirability_table(Boin12(), sizes)
