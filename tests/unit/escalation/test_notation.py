"""The notation of the field, written and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celltrial.errors import UsageError
from celltrial.escalation import parse_outcomes
from celltrial.escalation.notation import describe_counts, read_history, write_cohort, write_outcomes


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 6), st.integers(0, 6))))
def test_what_is_written_is_read_back(cohorts: list[tuple[int, int, int]]) -> None:
    text = " ".join(write_cohort(level, n + dlts, dlts) for level, n, dlts in cohorts)
    assert [(each.level, each.n, each.dlts) for each in parse_outcomes(text)] == [
        (level, n + dlts, dlts) for level, n, dlts in cohorts
    ]
    assert write_outcomes(parse_outcomes(text)) == text


def test_the_last_cohort_is_remembered() -> None:
    assert read_history("1NNN 2NTT", levels=2).last == (2, 3)


def test_nothing_seen_stands_at_the_start() -> None:
    counts = read_history("", levels=3, start=2)
    assert (counts.total, counts.current, counts.last) == (0, 2, None)


@pytest.mark.parametrize(("text", "levels", "start"), [("3NN", 2, 1), ("1NX", 2, 1), ("", 2, 3), ("", 0, 1)])
def test_what_cannot_be_is_refused(text: str, levels: int, start: int) -> None:
    with pytest.raises(UsageError):
        read_history(text, levels=levels, start=start)


def test_counts_in_words() -> None:
    assert describe_counts((3, 0), (1, 0), ("DL1", "DL2")) == "DL1 1/3"
    assert describe_counts((0,), (0,)) == "nobody evaluable"
