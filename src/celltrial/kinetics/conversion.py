"""From copies per microgram of DNA to copies and cells per microlitre of blood, with the white cells of the sample.

Copies per microgram say how much of the DNA is the product's. After lymphodepletion there are few white cells, and the
same number of CAR-T cells makes more copies per microgram: what is in the blood needs the count.

copies per microlitre = copies per microgram / genomes per microgram x leukocytes per microlitre. This is arithmetic,
not an assay: it takes each nucleated cell for one diploid genome, and leukocytes for the nucleated cells of blood.
Genomes: 1 ug / 6.6 pg, the mass of a diploid human genome.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.kinetics.profile import Profile, Sample
from celltrial.missing import Blq

__all__ = [
    "GENOMES_PER_UG",
    "BloodConversion",
    "compute_car_cells_per_ul",
    "compute_copies_per_cell",
    "compute_copies_per_ul",
    "convert_profile",
]

GENOMES_PER_UG = 151_500.0
_PER_UG = "copies/ug"
_NO_COUNT = "no leukocyte count with the sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class BloodConversion:
    """What the arithmetic takes for granted.

    genomes_per_ug: diploid genomes in a microgram of genomic DNA. copies_per_car_cell: the product's vector copy number
    per CAR-positive cell, from its release test; it is needed for cells, not for copies.
    """

    genomes_per_ug: float = GENOMES_PER_UG
    copies_per_car_cell: float | None = None

    def __post_init__(self) -> None:
        for name in ("genomes_per_ug", "copies_per_car_cell"):
            number = getattr(self, name)
            if number is not None and not number > 0:
                raise UsageError(Finding(message=f"{name} must be above 0", found=str(number)))


def compute_copies_per_cell(copies_per_ug: float, *, genomes_per_ug: float = GENOMES_PER_UG) -> float:
    """Transgene copies per nucleated cell of the sample.

    >>> compute_copies_per_cell(151_500.0)
    1.0
    """
    return copies_per_ug / genomes_per_ug


def compute_copies_per_ul(
    copies_per_ug: float, leukocytes_per_ul: float, *, genomes_per_ug: float = GENOMES_PER_UG
) -> float:
    """Transgene copies per microlitre of blood.

    >>> compute_copies_per_ul(15_150.0, 2_000.0)
    200.0
    """
    return compute_copies_per_cell(copies_per_ug, genomes_per_ug=genomes_per_ug) * leukocytes_per_ul


def compute_car_cells_per_ul(copies_per_ug: float, leukocytes_per_ul: float, conversion: BloodConversion) -> float:
    """CAR-positive cells per microlitre of blood. Raises UsageError without the product's vector copy number.

    >>> compute_car_cells_per_ul(15_150.0, 2_000.0, BloodConversion(copies_per_car_cell=2.0))
    100.0
    """
    if conversion.copies_per_car_cell is None:
        raise UsageError(
            Finding(
                message="cells per microlitre need the vector copy number of the product",
                expected="copies per CAR-positive cell, from the release test",
                next_step="give copies_per_car_cell, or ask for copies per microlitre",
            )
        )
    copies = compute_copies_per_ul(copies_per_ug, leukocytes_per_ul, genomes_per_ug=conversion.genomes_per_ug)
    return copies / conversion.copies_per_car_cell


def convert_profile(
    profile: Profile,
    leukocytes_per_ul: Sequence[float | None],
    conversion: BloodConversion | None = None,
    *,
    to: Literal["copies/uL", "cells/uL"] = "copies/uL",
) -> Profile:
    """The profile per microlitre of blood, sample by sample; the limit of quantification is converted as the values.

    Each sample has its own limit then: it follows the white cells. A sample without a count is left out, with that
    reason.

    Args:
        profile: In copies/ug.
        leukocytes_per_ul: The count of each sample, in the profile's order; None where there is none.
    Raises:
        UsageError: another unit, or not one count a sample.
    """
    conversion = conversion or BloodConversion()
    if profile.unit != _PER_UG or len(leukocytes_per_ul) != len(profile.samples):
        raise UsageError(
            Finding(
                message="this profile cannot be turned into a concentration in blood",
                found=f"{profile.unit}, {len(profile.samples)} samples, {len(leukocytes_per_ul)} counts",
                expected=f"{_PER_UG}, and one count (or None) a sample",
            )
        )
    factors = [None if count is None else _factor(count, conversion, to) for count in leukocytes_per_ul]
    samples = tuple(_converted(sample, factor) for sample, factor in zip(profile.samples, factors, strict=True))
    return Profile(samples=samples, unit=to)


def _factor(leukocytes_per_ul: float, conversion: BloodConversion, to: str) -> float:
    if to == "cells/uL":
        return compute_car_cells_per_ul(1.0, leukocytes_per_ul, conversion)
    return compute_copies_per_ul(1.0, leukocytes_per_ul, genomes_per_ug=conversion.genomes_per_ug)


def _converted(sample: Sample, factor: float | None) -> Sample:
    if factor is None or factor <= 0:
        return replace(sample, value=None, lloq=None, excluded=sample.excluded or _NO_COUNT)
    limit = None if sample.lloq is None else sample.lloq * factor
    match sample.value:
        case Blq(lloq):
            return replace(sample, value=Blq(Decimal(repr(float(lloq) * factor))), lloq=limit)
        case None:
            return replace(sample, lloq=limit)
        case value:
            return replace(sample, value=value * factor, lloq=limit)
