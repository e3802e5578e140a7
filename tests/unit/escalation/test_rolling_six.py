"""Rolling six beyond its table: what the levels around the current one allow."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Counts, PartialCounts, PartialDecision, RollingSix, decide_partial, design_named
from celltrial.escalation.exact import select_level

DESIGN = design_named("rolling-6", target=0.30)


def decide(n: tuple[int, ...], dlt: tuple[int, ...], pending: tuple[int, ...], current: int) -> PartialDecision:
    """The decision; follow-up does not matter to the rule."""
    state = PartialCounts(n=n, dlt=dlt, pending=pending, follow_up=(0.0,) * len(n), current=current)
    return decide_partial(DESIGN, state)


def test_the_first_participants_go_to_the_starting_level() -> None:
    """Nobody yet."""
    assert decide((0, 0), (0, 0), (0, 0), 1).level == 1


def test_after_a_de_escalation_the_level_below_is_completed() -> None:
    """Two DLTs at level 2, three at level 1: go on at level 1 until six, then it is the MTD."""
    assert decide((3, 2), (0, 2), (0, 0), 2).level == 1
    assert decide((5, 2), (0, 2), (2, 0), 1).level == 1
    assert decide((6, 2), (1, 2), (1, 0), 1).hold
    ended = decide((6, 2), (1, 2), (0, 0), 1)
    assert ended.stop
    assert ended.reasons[-1] == "level 2 had 2 DLTs: level 1 is the MTD, stop"
    assert select_level(DESIGN, Counts(n=(6, 2), dlt=(1, 2), current=1)) == 1


def test_a_completed_level_below_is_the_mtd_at_once() -> None:
    """Six at level 1 already."""
    ended = decide((6, 3), (1, 2), (0, 1), 2)
    assert (ended.stop, ended.reasons[-1]) == (True, "level 1 below is the MTD, stop")


def test_at_the_lowest_level_two_dlts_stop_the_trial_without_a_dose() -> None:
    """No level below."""
    assert decide((2, 0), (2, 0), (0, 0), 1).stop
    assert select_level(DESIGN, Counts(n=(2, 0), dlt=(2, 0), current=1)) is None


def test_the_highest_level_is_the_mtd_when_it_passes() -> None:
    """No level above."""
    assert decide((3, 3), (0, 0), (0, 0), 2).stop
    assert select_level(DESIGN, Counts(n=(3, 3), dlt=(0, 0), current=2)) == 2


def test_a_late_second_dlt_below_the_current_level_goes_below_it() -> None:
    """Level 1 has its second DLT while level 2 enrols: no level below 1."""
    late = decide((3, 2, 0), (2, 0, 0), (0, 2, 0), 2)
    assert late.stop
    assert late.reasons[0] == "level 1, below the current one, has 2 DLTs"
    assert decide((3, 3, 1), (0, 2, 0), (0, 0, 1), 3).level == 1


def test_wrappers_stand_around_it() -> None:
    """A maximum sample size stops it."""
    design = design_named("rolling-6", target=0.30, rules=[("max_n", {"n": 4})])
    state = PartialCounts(n=(4, 0), dlt=(0, 0), pending=(2, 0), follow_up=(1.0, 0.0))
    assert decide_partial(design, state).stop


def test_the_target_is_a_rate() -> None:
    """As everywhere."""
    with pytest.raises(UsageError, match="the target DLT rate is not a rate"):
        RollingSix(target=1.5)
