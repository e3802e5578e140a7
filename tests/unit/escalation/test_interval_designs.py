"""Keyboard, TPI, mTPI and mTPI-2: cells worked by hand, and what their intervals are."""

from fractions import Fraction

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Counts, Keyboard, MTpi, MTpi2, Tpi, decision_table, design_named
from celltrial.escalation.beta_intervals import interval_masses
from celltrial.escalation.keyboard import lay_keys


def test_keys_are_as_wide_as_the_target_key_and_what_is_left_is_none() -> None:
    """Target key 0.25 to 0.35: two keys below from 0.05, six above to 0.95."""
    edges, target = lay_keys(0.30, 0.05, 0.05)
    assert [float(edge) for edge in edges] == [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95]
    assert target == 2
    # a key that ends at 1 exactly is one
    edges, target = lay_keys(0.40, 0.10, 0.10)
    assert ([float(edge) for edge in edges], target) == ([0.1, 0.3, 0.5, 0.7, 0.9], 1)


def test_masses_of_the_uniform_prior_by_hand() -> None:
    """0/1: the density is 2 (1 - p), so below 1/4 lie 7/16, and up to 1/2 another 5/16."""
    edges = (Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(1))
    assert interval_masses(edges, 0, 1, 1, 1) == (Fraction(7, 16), Fraction(5, 16), Fraction(1, 4))
    assert interval_masses(edges, 0, 1, 1.0, 1.0 + 1e-12) == pytest.approx((7 / 16, 5 / 16, 1 / 4))


def test_mtpi_by_hand() -> None:
    """0/1 at a target of 1/4 with 1/8 on both sides: 2 - x is the mass over the length from 0 to x."""
    rule = MTpi(target=0.25, eps1=0.125, eps2=0.125)
    # [0, 1/8]: (1 - (7/8)^2) / (1/8) = 15/8; [1/8, 3/8]: ((7/8)^2 - (5/8)^2) / (1/4) = 3/2;
    # [3/8, 1]: (5/8)^2 / (5/8) = 5/8
    assert rule.cell(0, 1).letter == "E"
    assert rule.cell(0, 1).reason == "0/1: unit probability mass of underdosing 1.875, proper 1.500, over 0.625"
    # 1/1: the density 2 p turns it round: 1/8, 1/2, 11/8
    assert rule.cell(1, 1).reason == "1/1: unit probability mass of underdosing 0.125, proper 0.500, over 1.375"
    assert rule.cell(1, 1).letter == "D"


def test_mtpi_and_mtpi_2_part_where_the_wide_interval_dilutes() -> None:
    """3/6 at 0.30: mTPI stays, the case its successor was made for; mTPI-2 goes down."""
    assert MTpi(target=0.30).cell(3, 6).letter == "S"
    assert MTpi2(target=0.30).cell(3, 6).letter == "D"
    assert "0.45 to 0.55, above the equivalence interval" in MTpi2(target=0.30).cell(3, 6).reason


def test_mtpi_2_cuts_its_ends_off_at_0_and_1() -> None:
    """With 0.17 +- 0.05 an interval from 0 to 0.02 is left; it counts by its length."""
    rule = MTpi2(target=0.17, eps1=0.05, eps2=0.05)
    assert rule.cell(0, 60).letter == "E"
    assert "0 to 0.02" in rule.cell(0, 60).reason
    assert Keyboard(target=0.17).cell(0, 60).letter == "E"


def test_the_strongest_key_is_told() -> None:
    """With its probability, and that of the target key."""
    cell = Keyboard(target=0.30).cell(0, 3)
    assert (cell.letter, cell.reason[:34]) == ("E", "0/3: the strongest key is 0.05 to ")
    assert "below the target key 0.25 to 0.35" in cell.reason
    assert Keyboard(target=0.30).cell(2, 3).reason.startswith("2/3: the strongest key is 0.65 to 0.75")


def test_tpi_has_the_published_prior_and_wider_limits_with_fewer_participants() -> None:
    """0/3 goes up under Beta(0.005, 0.005); under a uniform prior the posterior is too wide to leave."""
    assert Tpi(target=0.30).cell(0, 3).letter == "E"
    assert Tpi(target=0.30, prior_a=1, prior_b=1).cell(0, 3).letter == "S"
    assert [Tpi(target=0.30).cell(y, 3).letter for y in range(4)] == ["E", "S", "D", "D"]


@pytest.mark.parametrize("name", ["keyboard", "mtpi", "mtpi-2", "tpi"])
def test_tables_by_posterior_are_in_order(name: str) -> None:
    """E, then S, then D, then DU as DLTs go up; the figures say where the interval lies."""
    table = decision_table(design_named(name, target=0.25), 18)
    for n in range(1, 19):
        letters = [table.cell(dlts, n).letter for dlts in range(n + 1)]
        assert letters == sorted(letters, key=["E", "S", "D", "DU"].index)
    assert table.figures in ((), (("key_low", 0.2), ("key_high", 0.3)), (("ei_low", 0.2), ("ei_high", 0.3)))


def test_elimination_begins_where_the_tools_begin() -> None:
    """1/1 at a target of 0.15: Pr = 0.98. The R package Keyboard eliminates, escalation's mTPI-2 waits for two."""
    counts = Counts(n=(1, 0), dlt=(1, 0))
    assert design_named("keyboard", target=0.15).decide(counts).eliminated == (1, 2)
    assert design_named("mtpi-2", target=0.15).decide(counts).eliminated == ()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Keyboard(target=0), "the target DLT rate is not a rate"),
        (lambda: Keyboard(target=0.3, eps1=0, eps2=0), "the equivalence interval of keyboard is not within"),
        (lambda: MTpi(target=0.3, prior_b=-1), "the beta prior is none"),
        (lambda: MTpi2(target=0.3, eps2=0.8), "the equivalence interval of mtpi-2 is not within"),
        (lambda: Tpi(target=0.3, k2=0), "the widths of TPI are none"),
    ],
)
def test_numbers_that_cannot_be_are_refused(make: object, message: str) -> None:
    """Targets, intervals, priors and widths."""
    with pytest.raises(UsageError, match=message):
        make()  # type: ignore[operator]  # a constructor with its arguments
