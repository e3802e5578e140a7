"""PGA: its scale, its bands on both sides of every limit, and what is refused."""

from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import PgaScore, score_pga
from celltrial.missing import NotEvaluable


@pytest.mark.parametrize(
    ("value", "band"),
    [
        ("0", "none"),
        ("0.01", "below mild"),
        ("0.49", "below mild"),
        ("0.5", "mild"),
        ("1", "mild"),
        ("1.01", "moderate"),
        ("2", "moderate"),
        ("2.01", "severe"),
        ("3", "severe"),
    ],
)
def test_bands(value: str, band: str) -> None:
    """PISCOS 2022; between 0 and 0.5 it names none."""
    result = score_pga(Decimal(value))
    assert isinstance(result, PgaScore)
    assert (result.value, result.band) == (Decimal(value), band)


@pytest.mark.parametrize(
    ("millimetres", "points"), [("0", "0"), ("100", "3"), ("50", "1.5"), ("33", "0.99"), ("17", "0.51")]
)
def test_a_line_of_100_mm_is_three_hundredths_a_millimetre(millimetres: str, points: str) -> None:
    """Unrounded, and the scale is kept."""
    result = score_pga(Decimal(millimetres), scale="0-100 mm")
    assert isinstance(result, PgaScore)
    assert (result.value, result.scale) == (Decimal(points), "0-100 mm")


@pytest.mark.parametrize(
    ("value", "scale"), [("3.01", "0-3"), ("-0.1", "0-3"), ("35", "0-3"), ("100.1", "0-100 mm"), ("NaN", "0-3")]
)
def test_outside_its_scale(value: str, scale: str) -> None:
    """A value in millimetres is not taken for one of 0 to 3."""
    with pytest.raises(UsageError, match="not on its scale"):
        score_pga(Decimal(value), scale=scale)  # type: ignore[arg-type]  # the words of the parameters


def test_no_such_scale() -> None:
    """0 to 10 is not converted."""
    with pytest.raises(UsageError, match="scale"):
        score_pga(Decimal(1), scale="0-10")  # type: ignore[arg-type]  # a wrong word on purpose


def test_a_missing_pga_is_not_0() -> None:
    """It is not evaluable, without a lower bound."""
    assert score_pga(None) == NotEvaluable("no PGA")
