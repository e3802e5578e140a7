"""BF-BOIN: the conflict rule by hand, and which levels are open to backfilling."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import BfBoin, Counts, design_named, open_levels

RULE = BfBoin(target=0.30)  # lambda_e 0.236, lambda_d 0.359
DESIGN = design_named("bf-boin", target=0.30)


@pytest.mark.parametrize(
    ("n", "dlt", "current", "level"),
    [
        # no conflict: the current level's cell
        ((6, 3, 0), (0, 0, 0), 2, 3),
        ((6, 6, 0), (0, 2, 0), 2, 2),
        ((6, 6, 0), (2, 2, 0), 2, 2),
        ((6, 6, 0), (1, 3, 0), 2, 1),
        # 0/3 escalates, 2/6 below stays: 2/9 = 0.222 pooled, escalate
        ((6, 3, 0), (2, 0, 0), 2, 3),
        # 1/6 escalates, 2/6 below stays: 3/12 = 0.25 pooled, stay
        ((6, 6, 0), (2, 1, 0), 2, 2),
        # 2/6 stays, 4/10 below goes down: 6/16 = 0.375 pooled, 4/10 alone too high, no level below: stay at the lowest
        ((10, 6, 0), (4, 2, 0), 2, 1),
        # 2/6 stays, 5/12 below goes down: 7/18 = 0.389 pooled; the level below the conflicting one
        ((6, 12, 6), (0, 5, 2), 3, 1),
        # 4/6 goes down, 5/12 below as well: 9/18 = 0.5 pooled; not the level below but the one below the conflict
        ((6, 12, 6), (0, 5, 4), 3, 1),
        # 0/6 escalates, 5/12 below goes down: 5/18 = 0.278 pooled, stay
        ((6, 12, 6), (0, 5, 0), 3, 3),
    ],
)
def test_the_conflict_rule(n: tuple[int, ...], dlt: tuple[int, ...], current: int, level: int) -> None:
    """Worked by hand from the rule as described."""
    proposal = RULE.propose(Counts(n=n, dlt=dlt, current=current))
    assert max(proposal.level, 1) == level, proposal


def test_the_highest_conflicting_level_counts() -> None:
    """Levels 1 and 2 both conflict with 0/3 at level 3: pooling starts at 2, 2/9 = 0.222 escalates."""
    proposal = RULE.propose(Counts(n=(6, 6, 3, 0), dlt=(2, 2, 0, 0), current=3))
    assert proposal.level == 4
    assert proposal.reasons == (
        "0/3: 0.000 < lambda_e 0.236",
        "level 2 conflicts: 2/6: 0.333 > lambda_e 0.236 and < lambda_d 0.359",
        "levels 2 to 3 pooled: 2/9: 0.222 < lambda_e 0.236",
    )


def test_down_to_the_highest_level_that_is_safe_when_pooled() -> None:
    """5/12 at level 1 conflicts; 5/13 pooled with 0/1 is not safe, 5/15 with 0/2 more is, then 5/6 at level 4."""
    proposal = RULE.propose(Counts(n=(12, 1, 2, 6), dlt=(5, 0, 0, 5), current=4))
    assert proposal.level == 3
    assert proposal.reasons[-1] == "level 3 is the highest whose rate, pooled from level 1, is below lambda_d"


def test_nobody_evaluable_at_the_current_level() -> None:
    """Treat there first, whatever lower levels say."""
    assert RULE.propose(Counts(n=(6, 0), dlt=(2, 0), current=2)).level == 2


def test_escalation_out_of_the_list_stays() -> None:
    """A pooled rate that escalates at the highest level."""
    assert RULE.propose(Counts(n=(6, 3), dlt=(2, 0), current=2)).level == 2


def test_an_eliminated_lower_level_is_left() -> None:
    """4/6 at level 1: no dose is acceptable."""
    assert DESIGN.decide(Counts(n=(6, 3), dlt=(5, 0), current=2)).level is None


def test_rates_out_of_order_are_refused() -> None:
    """As for BOIN."""
    with pytest.raises(UsageError, match="the rates of BOIN are not in order"):
        BfBoin(target=0.30, p_tox=0.2)


def open_now(
    n: tuple[int, ...], dlt: tuple[int, ...], current: int, *, assigned: tuple[int, ...] = (), active: str = "yyy"
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Open levels of three, at most 12 at each."""
    return open_levels(
        Counts(n=n, dlt=dlt, current=current),
        assigned=assigned or n,
        active=[each == "y" for each in active],
        cap=12,
        lambda_d=0.359,
    )


def test_levels_below_the_current_one_with_activity_are_open() -> None:
    """Not the current one, not one without activity."""
    assert open_now((3, 3, 3), (0, 0, 0), 3)[0] == (1, 2)
    found, reasons = open_now((3, 3, 3), (0, 0, 0), 3, active="nyy")
    assert found == (2,)
    assert reasons == ("level 1 is closed: no activity seen yet", "level 2 is open: 3 of 12 assigned")
    assert open_now((3, 0, 0), (0, 0, 0), 1) == ((), ())


def test_a_full_level_is_closed_also_with_outcomes_open() -> None:
    """Twelve assigned, nine known."""
    found, reasons = open_now((9, 3, 3), (0, 0, 0), 3, assigned=(12, 3, 3))
    assert (found, reasons[0]) == ((2,), "level 1 is closed: 12 of 12 assigned")


def test_a_level_too_toxic_alone_and_with_the_next_is_closed_with_all_above() -> None:
    """3/6 and 5/9 pooled at level 1."""
    found, reasons = open_now((6, 3, 3), (3, 2, 0), 3)
    assert found == ()
    assert reasons[0].startswith("level 1 is closed: DLT rate 0.500, with the next level 0.556")
    assert reasons[1] == "level 2 is closed: level 1 is too toxic"


def test_a_level_too_toxic_alone_but_not_with_the_next_is_open() -> None:
    """3/6, but 3/9 pooled with 0/3 above."""
    assert open_now((6, 3, 3), (3, 0, 0), 3)[0] == (1, 2)
