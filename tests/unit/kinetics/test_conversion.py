"""Copies per microgram to copies and cells per microlitre: by hand, with what each sample lacks."""

from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.kinetics import (
    BloodConversion,
    Profile,
    Sample,
    compute_car_cells_per_ul,
    compute_nca,
    convert_profile,
)
from celltrial.missing import Blq

PROFILE = Profile(
    samples=(
        Sample(day=7, value=15_150.0, lloq=50.0),
        Sample(day=14, value=30_300.0, lloq=50.0),
        Sample(day=28, value=Blq(Decimal(50)), lloq=50.0),
    ),
    unit="copies/ug",
)


def test_the_white_cells_move_the_maximum() -> None:
    """15,150 copies/ug with 2,000 cells are 200 copies/uL; 30,300 with 500 are 100: Tmax moves to day 7."""
    blood = convert_profile(PROFILE, (2000.0, 500.0, 3030.0))
    assert (blood.unit, [sample.value for sample in blood.samples[:2]]) == ("copies/uL", [200.0, 100.0])
    assert compute_nca(blood)["tmax"].value == 7.0
    assert compute_nca(PROFILE)["tmax"].value == 14.0


def test_the_limit_is_converted_sample_by_sample() -> None:
    """50 copies/ug with 3,030 cells per microlitre are 1 copy per microlitre."""
    last = convert_profile(PROFILE, (2000.0, 500.0, 3030.0)).samples[2]
    assert isinstance(last.value, Blq)
    assert float(last.value.lloq) == pytest.approx(1.0)


def test_a_sample_without_a_count_is_left_out_with_the_reason() -> None:
    """It takes no part; the parameters say so."""
    result = compute_nca(convert_profile(PROFILE, (2000.0, None, 3030.0)))
    assert result["cmax"].value == 200.0
    assert "day 14 left out: no leukocyte count with the sample" in result.notes


def test_cells_need_the_vector_copy_number() -> None:
    """Two copies a cell halve the number; without the number there are no cells."""
    assert compute_car_cells_per_ul(15_150.0, 2000.0, BloodConversion(copies_per_car_cell=2.0)) == pytest.approx(100.0)
    with pytest.raises(UsageError, match="vector copy number"):
        convert_profile(PROFILE, (2000.0, 500.0, 3030.0), to="cells/uL")


def test_what_cannot_be_converted_is_refused() -> None:
    """Another unit; a count too few; no genomes."""
    with pytest.raises(UsageError, match="cannot be turned"):
        convert_profile(Profile(samples=PROFILE.samples, unit="cells/uL"), (1.0, 1.0, 1.0))
    with pytest.raises(UsageError, match="cannot be turned"):
        convert_profile(PROFILE, (2000.0,))
    with pytest.raises(UsageError, match="genomes_per_ug"):
        BloodConversion(genomes_per_ug=0)
