"""Counts per level and the field notation."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Cohort, Counts, add_level, count_cohorts, parse_outcomes


def test_outcomes_are_read_cohort_by_cohort() -> None:
    """Level, then one letter for each participant."""
    assert parse_outcomes("2NNT 1NN") == (Cohort(level=2, outcomes="NNT"), Cohort(level=1, outcomes="NN"))
    assert [(cohort.n, cohort.dlts) for cohort in parse_outcomes("2NNT 12TT 3")] == [(3, 1), (2, 2), (0, 0)]
    assert parse_outcomes(" \n") == ()


def test_every_unreadable_cohort_is_found() -> None:
    """All problems at once, each with its place."""
    with pytest.raises(UsageError) as caught:
        parse_outcomes("NNT 1NN 2NXT 0N")
    assert [(each.where, each.found) for each in caught.value.findings] == [
        ("cohort 1", "'NNT'"),
        ("cohort 3", "'2NXT'"),
        ("cohort 4", "'0N'"),
    ]


def test_cohorts_add_up() -> None:
    """The current level is the last cohort's."""
    counts = count_cohorts(parse_outcomes("1NNN 2NNT 1NT"), levels=3)
    assert counts == Counts(n=(5, 3, 0), dlt=(1, 1, 0), current=1, last=(1, 2))
    assert counts.at(2) == (1, 3)
    assert (counts.total, counts.levels) == (8, 3)


def test_without_cohorts_the_trial_is_at_its_start() -> None:
    """Nothing treated yet, starting at level 2."""
    assert count_cohorts((), levels=3, start=2) == Counts(n=(0, 0, 0), dlt=(0, 0, 0), current=2)


def test_a_cohort_at_no_level_is_refused() -> None:
    """Level 4 of 3."""
    with pytest.raises(UsageError, match="4NN"):
        count_cohorts(parse_outcomes("4NN"), levels=3)


def test_impossible_counts_name_the_level() -> None:
    """Every problem of the counts at once."""
    with pytest.raises(UsageError) as caught:
        Counts(n=(3, 2), dlt=(4, -1), current=3)
    assert [(each.where, each.message) for each in caught.value.findings] == [
        ("level 1", "impossible counts of DLTs"),
        ("level 2", "impossible counts of DLTs"),
        ("", "the current level does not exist"),
    ]


@pytest.mark.parametrize(("n", "dlt"), [((), ()), ((3,), (0, 0))])
def test_counts_belong_to_levels(n: tuple[int, ...], dlt: tuple[int, ...]) -> None:
    """One number of each per level."""
    with pytest.raises(UsageError, match="not given for the same levels"):
        Counts(n=n, dlt=dlt)


def test_an_intermediate_level_moves_the_numbers_above_it() -> None:
    """A level put in below the current one: the trial stays at the same dose, which now has a higher number."""
    counts = Counts(n=(3, 3), dlt=(0, 2), current=2)
    assert add_level(counts, above=1) == Counts(n=(3, 0, 3), dlt=(0, 0, 2), current=3)
    assert add_level(counts, above=2) == Counts(n=(3, 3, 0), dlt=(0, 2, 0), current=2)
    assert add_level(counts, above=0) == Counts(n=(0, 3, 3), dlt=(0, 0, 2), current=3)


def test_no_level_above_a_level_that_does_not_exist() -> None:
    """Between 0 and the number of levels."""
    with pytest.raises(UsageError, match="no such level"):
        add_level(Counts(n=(3,), dlt=(0,)), above=2)


def test_the_next_open_level() -> None:
    """Closed levels are passed by; ends are told apart."""
    counts = Counts(n=(3, 0, 0, 0), dlt=(0, 0, 0, 0), current=1, closed=(2, 4))
    assert [counts.next_above(level) for level in (0, 1, 2, 3, 4)] == [1, 3, 3, None, None]
    assert [counts.next_below(level) for level in (1, 2, 3, 4)] == [0, 1, 1, 3]
