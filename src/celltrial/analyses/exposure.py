"""Exposure: what was planned and what was infused, participant by participant. A dose is never taken from the plan."""

from dataclasses import dataclass

import polars as pl

from celltrial.analyses.populations import event_seqs, short_ids

__all__ = ["Exposure", "derive_exposure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One infused participant: level, planned and actual cells, their ratio in percent, lot and donor."""

    subject: str
    level: str
    infused_on: str
    planned_cells: float | None
    actual_cells: float | None
    percent_of_plan: float | None
    lot: str
    donor: str
    source: tuple[int, ...]


def derive_exposure(adsl: pl.DataFrame) -> tuple[Exposure, ...]:
    """The infused participants in the order of their infusion."""
    infused = adsl.filter(pl.col("SAFFL") == "Y").sort("TRTSDT", "USUBJID")
    return tuple(_exposure(infused[index]) for index in range(infused.height))


def _exposure(row: pl.DataFrame) -> Exposure:
    cell = row.row(0, named=True)
    planned, actual = cell["DOSE01P"], cell["DOSE01A"]
    return Exposure(
        subject=short_ids([cell["USUBJID"]])[0],
        level=str(cell["TRT01A"]),
        infused_on=str(cell["TRTSDT"]),
        planned_cells=None if planned is None else float(planned),
        actual_cells=None if actual is None else float(actual),
        percent_of_plan=100 * float(actual) / float(planned) if planned and actual is not None else None,
        lot=str(cell["LOT"] or ""),
        donor=str(cell["DONOR"] or ""),
        source=event_seqs(row),
    )
