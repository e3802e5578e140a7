"""Selection of the MTD."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import select_mtd
from celltrial.missing import NotEstimable


def test_the_level_nearest_the_target_is_selected() -> None:
    """With the reason, and an estimate only where somebody is evaluable."""
    selection = select_mtd((3, 6, 6, 0), (0, 1, 4, 0), target=0.30)
    assert selection.level == 2
    assert selection.reasons == ("level 2: isotonic rate 0.172 is the nearest to the target 0.30",)
    assert selection.estimates[3] == NotEstimable("no evaluable participant")


def test_equal_rates_below_the_target_go_to_the_higher_level() -> None:
    """The published tie-break; above the target, to the lower."""
    assert select_mtd((6, 6), (1, 1), target=0.30).level == 2
    assert select_mtd((6, 6), (2, 2), target=0.20).level == 1


def test_a_toxic_lowest_level_leaves_no_dose() -> None:
    """Eliminated, all of them."""
    selection = select_mtd((3, 3), (3, 0), target=0.30)
    assert (selection.level, selection.eliminated) == (None, (1, 2))
    assert selection.reasons == ("level 1 is eliminated: no dose is acceptable",)


def test_without_anybody_below_an_eliminated_level_there_is_no_mtd() -> None:
    """The trial began at level 2 and found it too toxic; level 1 was never given."""
    selection = select_mtd((0, 3), (0, 3), target=0.30)
    assert (selection.level, selection.eliminated) == (None, (2,))
    assert selection.reasons == ("no level that is not eliminated has an evaluable participant",)


def test_the_extra_safe_offset_rules_out_the_lowest_level_earlier() -> None:
    """2/3 has Pr = 0.92: out at 0.90, in at 0.95."""
    assert select_mtd((3,), (2,), target=0.30).level == 1
    assert select_mtd((3,), (2,), target=0.30, extra_safe_offset=0.05).level is None


def test_a_bound_rules_out_rates_above_lambda_d() -> None:
    """2/3 is over lambda_d; a larger p_tox moves the bound."""
    bounded = select_mtd((3,), (2,), target=0.30, bound_mtd=True)
    assert (bounded.level, bounded.reasons) == (None, ("every isotonic rate lies above lambda_d 0.359",))
    assert select_mtd((3,), (2,), target=0.30, bound_mtd=True, p_tox=0.99).level == 1


def test_the_target_is_a_rate() -> None:
    """30 is not 30 %."""
    with pytest.raises(UsageError, match="the target DLT rate is not a rate"):
        select_mtd((3,), (0,), target=30)
