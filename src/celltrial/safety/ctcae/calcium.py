"""Calcium corrected for albumin, which is what CTCAE grades."""

from decimal import Decimal
from typing import Literal

__all__ = ["compute_corrected_calcium"]


def compute_corrected_calcium(calcium: Decimal, albumin: Decimal, *, unit: Literal["mg/dL", "mmol/L"]) -> Decimal:
    """Total calcium corrected to an albumin of 40 g/L.

    Args:
        calcium: in `unit`. albumin: in g/dL with mg/dL, in g/L with mmol/L.
    Source: Payne RB et al., BMJ 1973;4:643; 0.8 mg/dL for each g/dL (0.02 mmol/L for each g/L) of albumin below 4.0.

    >>> compute_corrected_calcium(Decimal("2.00"), Decimal(25), unit="mmol/L")
    Decimal('2.30')
    """
    if unit == "mg/dL":
        return calcium + Decimal("0.8") * (Decimal("4.0") - albumin)
    return calcium + Decimal("0.02") * (Decimal(40) - albumin)
