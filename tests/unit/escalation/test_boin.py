"""BOIN at one level: boundaries and reasons."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Boin, Counts, Design


@pytest.mark.parametrize(
    ("dlts", "n", "letter", "reason"),
    [
        (1, 6, "E", "1/6: 0.167 < lambda_e 0.236"),
        (2, 6, "S", "2/6: 0.333 > lambda_e 0.236 and < lambda_d 0.359"),
        (3, 6, "D", "3/6: 0.500 > lambda_d 0.359"),
    ],
)
def test_a_cell_says_why(dlts: int, n: int, letter: str, reason: str) -> None:
    """The rate beside the boundary that decides."""
    cell = Boin(target=0.30).cell(dlts, n)
    assert (cell.letter, cell.reason) == (letter, reason)


def test_rates_default_to_the_published_multiples() -> None:
    """0.6 and 1.4 times the target, without binary noise."""
    assert Boin(target=0.30).parameters == (("p_saf", 0.18), ("p_tox", 0.42))
    assert Boin(target=0.25, p_tox=0.4).parameters == (("p_saf", 0.15), ("p_tox", 0.4))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target": 1.0}, "the target DLT rate is not a rate"),
        ({"target": 0.3, "p_saf": 0.3}, "the rates of BOIN are not in order"),
        ({"target": 0.8}, "the rates of BOIN are not in order"),
    ],
)
def test_rates_out_of_order_are_refused(settings: dict[str, float], message: str) -> None:
    """p_saf < target < p_tox < 1; at a target of 0.8 the default p_tox is over 1."""
    with pytest.raises(UsageError, match=message):
        Boin(**settings)


def test_the_ends_of_the_list() -> None:
    """No level above the highest; below the lowest BOIN stays."""
    design = Design(base=Boin(target=0.30))
    top = design.decide(Counts(n=(3, 3), dlt=(0, 0), current=2))
    assert (top.level, top.reasons[-1]) == (2, "level 2 is the highest: stay")
    bottom = design.decide(Counts(n=(3, 0), dlt=(2, 0), current=1))
    assert (bottom.level, bottom.reasons[-1]) == (1, "level 1 is the lowest: stay")
