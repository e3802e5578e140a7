"""What cannot be, or hardly: each rule finds its case, and an ordinary course finds nothing."""

from decimal import Decimal
from typing import Any

import pytest

from celltrial.kinetics import PlausibilityLimits, Profile, Sample, check_profile
from celltrial.missing import Blq

BLQ = Blq(Decimal(50))


def found(*points: tuple[float, Any], limits: PlausibilityLimits | None = None, **more: Any) -> list[tuple[str, str]]:
    """(message, where) of the findings of a profile in copies/ug."""
    samples = tuple(Sample(day=day, value=value, lloq=50.0, **more) for day, value in points)
    findings = check_profile(Profile(samples=samples, unit="copies/ug"), limits, where="01-001")
    return [(finding.message, finding.where) for finding in findings]


def test_an_ordinary_course_is_not_doubted() -> None:
    """Growth by 2^9 in 7 days, a decline, BLQ before and after; a sparse lone peak is a peak."""
    assert found((-0.1, BLQ), (3, 60.0), (10, 30_000.0), (14, 9_000.0), (28, 400.0), (60, BLQ), (90, BLQ)) == []
    assert found((0, BLQ), (7, 60.0), (14, 45_000.0), (28, 300.0)) == []


def test_more_copies_than_the_dna_holds() -> None:
    """151,500 genomes with five copies each are 757,500; the study may set its own ceiling."""
    message = "more transgene than the DNA can plausibly hold"
    assert found((7, 5e5), (10, 7.6e5)) == [(message, "01-001, day 10")]
    assert found((7, 5e5), (10, 6e5), limits=PlausibilityLimits(ceiling=5.5e5)) == [(message, "01-001, day 10")]


def test_the_ceiling_is_for_copies_per_microgram() -> None:
    """Cells per microlitre have none."""
    samples = (Sample(day=7, value=5e6), Sample(day=14, value=1e6))
    assert check_profile(Profile(samples=samples, unit="cells/uL")) == ()


def test_a_rise_faster_than_cells_divide() -> None:
    """100 to 6,400 in a day are 6 doublings; in two days 3 a day."""
    assert found((5, 100.0), (6, 6400.0), (9, 6000.0)) == [("a rise faster than cells divide", "01-001, day 6")]
    assert found((5, 100.0), (7, 6400.0), (9, 6000.0)) == []


def test_blq_between_quantifiable_samples() -> None:
    """Only between: before the first and after the last it is the course."""
    doubt = ("below the limit between two quantifiable samples", "01-001, day 14")
    assert found((3, BLQ), (7, 900.0), (14, BLQ), (21, 300.0), (28, BLQ)) == [doubt]


def test_the_product_before_it_was_given() -> None:
    """A quantifiable sample of day -1."""
    assert found((-1, 70.0), (7, 900.0)) == [("quantifiable before the infusion", "01-001, day -1")]


@pytest.mark.parametrize("value", [9.0e6 / 1000, 9.0e6])
def test_a_slip_of_the_unit(value: float) -> None:
    """On the way down, 9,000,000 among thousands is a slip of 1000; 9,000 is not."""
    doubts = found((7, 20_000.0), (10, 12_000.0), (14, value), (21, 6_000.0), limits=PlausibilityLimits(ceiling=1e9))
    expected = [("about a thousand times off its neighbours", "01-001, day 14")]
    assert doubts == (expected if value > 1e6 else [])


def test_a_dip_by_a_thousand() -> None:
    """12 among thousands (a limit of 1 here)."""
    samples = tuple(Sample(day=day, value=value, lloq=1.0) for day, value in ((7, 2e4), (14, 12.0), (21, 9e3)))
    findings = check_profile(Profile(samples=samples, unit="copies/ug"))
    assert [finding.message for finding in findings] == ["about a thousand times off its neighbours"]


def test_one_value_again_and_again() -> None:
    """Three times 62; twice is chance."""
    doubts = found((7, 900.0), (28, 62.0), (60, 62.0), (90, 62.0))
    assert doubts == [("exactly one value again and again", "01-001, day 28")]
    assert found((7, 900.0), (28, 62.0), (60, 62.0)) == []


def test_a_number_below_its_own_limit() -> None:
    """30 where the limit is 50."""
    message = "a number below its own limit of quantification; it counts as BLQ"
    assert found((7, 900.0), (28, 30.0)) == [(message, "01-001, day 28")]


@pytest.mark.parametrize(("day", "nominal", "is_far"), [(5.9, 7.0, True), (6.1, 7.0, False), (100.0, 90.0, False)])
def test_far_from_the_planned_day(day: float, nominal: float, is_far: bool) -> None:
    """More than a day, and more than 15 % of the plan: 10 days late after 90 are neither."""
    assert bool(found((day, 100.0), nominal_day=nominal)) is is_far


def test_an_excluded_sample_is_passed_over() -> None:
    """Somebody has judged it, with a reason."""
    assert found((10, 9e6), excluded="contaminated") == []


def test_two_samples_at_one_time_are_named() -> None:
    """The profile cannot be put in order: that is the finding, without a day of its own."""
    assert found((7, 100.0), (7, 200.0)) == [("more than one sample on day 7: which one counts must be said", "01-001")]
