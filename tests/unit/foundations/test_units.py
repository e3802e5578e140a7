"""Quantities: reading, converting, refusing."""

from decimal import Decimal
from fractions import Fraction

import pytest

from celltrial.errors import UnitError
from celltrial.units import (
    _COMMON,
    _UNLIKE,
    Quantity,
    _pint_unit,
    analytes,
    convert,
    is_unit,
    parse_number,
    parse_quantity,
)


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("9.6 g/dL", "g/L", "96"),
        ("1.0 10*9/L", "/uL", "1000"),
        ("1500 /mm3", "10^9/L", "1.5"),
        ("1.5 K/uL", "10*9/L", "1.5"),
        ("5 cells/uL", "10*9/L", "0.005"),
        ("150 mg/dL", "g/L", "1.5"),
        ("5 µg/L", "ng/mL", "5"),
        ("7.5 mg/day", "mg/24h", "7.5"),
        ("100 mm[Hg]", "mmHg", "100"),
        ("3.0e8 cells", "10*6 cells", "300"),
    ],
)
def test_like_units_convert_exactly(text: str, unit: str, expected: str) -> None:
    """Only the dimension decides; no rounding enters."""
    assert convert(parse_quantity(text), unit).value == Decimal(expected)


@pytest.mark.parametrize(
    ("analyte", "text", "unit", "expected"),
    [
        # factors as printed: JAMA SI conversion table; KDIGO 2024 for the protein/creatinine ratio
        ("creatinine", "1 mg/dL", "umol/L", "88.4"),
        ("creatinine", "88.4 umol/L", "mg/dL", "1"),
        ("bilirubin_total", "1 mg/dL", "umol/L", "17.104"),
        ("glucose", "100 mg/dL", "mmol/L", "5.551"),
        ("hemoglobin", "10 g/dL", "mmol/L", "6.206"),
        ("urate", "5 mg/dL", "umol/L", "297.4"),
    ],
)
def test_mass_and_moles_convert_by_the_analytes_own_factor(analyte: str, text: str, unit: str, expected: str) -> None:
    """1 mg/dL of creatinine is 88.4 umol/L; of bilirubin 17.1."""
    assert convert(parse_quantity(text), unit, analyte=analyte).value == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "unit", "analyte"),
    [
        ("12 g/dL", "mmol/L", None),
        ("12 g/dL", "mmol/L", "albumin"),
        ("12 U/L", "IU/L", None),
        ("30 IU/mL", "10*9/L", None),
        ("5 copies/ug", "cells/uL", "car_transgene"),
        ("5 /hpf", "/uL", None),
    ],
)
def test_unlike_units_raise(text: str, unit: str, analyte: str | None) -> None:
    """Without a factor for that analyte nothing is converted; the message shows value and target."""
    with pytest.raises(UnitError, match="cannot be converted") as caught:
        convert(parse_quantity(text), unit, analyte=analyte)
    assert text in str(caught.value)
    assert unit in str(caught.value)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1,5", "twelve", "", "< 5"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """A comma, a comparator or a word is never read as a number."""
    with pytest.raises(UnitError, match="not a number"):
        parse_number(text)


@pytest.mark.parametrize(
    "text", ["g/L", "10*9/L", "%", "mm[Hg]", "/hpf", "copies/ug", "IU/mL", "mg/day", "1", "×10^9/L"]
)
def test_units_that_laboratories_print_are_read(text: str) -> None:
    """UCUM-like and printed spellings."""
    assert is_unit(text)


@pytest.mark.parametrize("text", ["foo", "g/", "109/L", "mmol//L", "2 x ULN"])
def test_an_unknown_unit_is_refused(text: str) -> None:
    """Among them 10^9/L that has lost its superscript, as the registry record prints it."""
    assert not is_unit(text)


def test_every_analyte_has_a_readable_unit_and_every_factor_a_source() -> None:
    """The table of analytes is whole."""
    for analyte in analytes().values():
        assert is_unit(analyte.unit), analyte.code
        if analyte.factor is not None:
            assert analyte.factor_source, analyte.code
            assert is_unit(analyte.mass_unit or "?"), analyte.code
            assert is_unit(analyte.molar_unit or "?"), analyte.code


def test_a_quantity_prints_as_a_reader_expects() -> None:
    """No exponent, no padding."""
    assert [str(Quantity(Decimal(n), u)) for n, u in (("96", "g/L"), ("0.85", "mg/dL"), ("1.2", "1"))] == [
        "96 g/L",
        "0.85 mg/dL",
        "1.2",
    ]


@pytest.mark.parametrize(("source", "target"), sorted(_COMMON))
def test_common_factors_are_those_of_pint(source: str, target: str) -> None:
    """The short way and the way through pint give the same factor."""
    ratio = (_pint_unit(source) / _pint_unit(target)).to_base_units()
    assert ratio.dimensionless
    assert _COMMON[source, target] == Fraction(ratio.magnitude)


@pytest.mark.parametrize(("source", "target"), sorted(_UNLIKE))
def test_units_named_as_unlike_are_so_to_pint(source: str, target: str) -> None:
    """No conversion is refused in short that pint would make."""
    assert _pint_unit(source).dimensionality != _pint_unit(target).dimensionality
