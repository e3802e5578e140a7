"""i3+3: the interval, its end points, and the second look."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import I3Plus3


@pytest.mark.parametrize(
    ("dlts", "n", "letter", "reason"),
    [
        (0, 3, "E", "0/3: 0.000 lies below the interval [0.25, 0.35]"),
        (1, 3, "S", "1/3: 0.333 lies inside the interval [0.25, 0.35]"),
        (2, 5, "S", "2/5: 0.400 lies above the interval [0.25, 0.35], but 1/5: 0.200 lies below it"),
        (3, 6, "D", "3/6: 0.500 lies above the interval [0.25, 0.35], and 2/6: 0.333 does not lie below it"),
    ],
)
def test_a_cell_says_why(dlts: int, n: int, letter: str, reason: str) -> None:
    """Below, inside, above with one DLT less below, above."""
    cell = I3Plus3(target=0.30).cell(dlts, n)
    assert (cell.letter, cell.reason) == (letter, reason)


@pytest.mark.parametrize(("target", "dlts", "n"), [(0.30, 2, 8), (0.30, 7, 20)])
def test_the_end_points_are_inside(target: float, dlts: int, n: int) -> None:
    """2/8 is 0.30 - 0.05 and 7/20 is 0.30 + 0.05, as decimals."""
    assert I3Plus3(target=target).cell(dlts, n).letter == "S"


def test_end_points_are_not_compared_as_binary_floats() -> None:
    """0.40 - 0.05 comes out above 0.35 in binary floats: comparing those would escalate at 7/20."""
    assert 0.40 - 0.05 > 7 / 20
    assert I3Plus3(target=0.40).cell(7, 20).letter == "S"
    assert I3Plus3(target=0.40).cell(6, 20).letter == "E"


def test_one_dlt_less_on_the_end_point_goes_down() -> None:
    """3/8 is above, and 2/8 on the end point does not lie below: de-escalate."""
    assert I3Plus3(target=0.30).cell(3, 8).letter == "D"


def test_the_interval_may_be_asymmetric() -> None:
    """eps1 below, eps2 above."""
    rule = I3Plus3(target=0.30, eps1=0.1, eps2=0.025)
    assert rule.figures == (("ei_low", 0.2), ("ei_high", 0.325))
    assert rule.cell(1, 3).reason.endswith("above the interval [0.20, 0.325], but 0/3: 0.000 lies below it")


@pytest.mark.parametrize(
    "settings", [{"eps1": -0.01}, {"eps2": -0.01}, {"eps1": 0.3}, {"eps2": 0.7}], ids=lambda each: str(each)
)
def test_an_interval_outside_the_rates_is_refused(settings: dict[str, float]) -> None:
    """Within 0 and 1, and not turned around."""
    with pytest.raises(UsageError, match=r"the equivalence interval of i3\+3"):
        I3Plus3(target=0.30, **settings)


def test_the_target_is_a_rate() -> None:
    """30 is not 30 %."""
    with pytest.raises(UsageError, match="the target DLT rate is not a rate"):
        I3Plus3(target=30)
