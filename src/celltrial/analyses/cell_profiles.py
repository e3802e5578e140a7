"""Profiles of an analyte from ADPC or ADLB, as the methods of `kinetics` take them; infused participants only."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from celltrial.analyses.lab_samples import order_of_result, read_result
from celltrial.analyses.populations import event_seqs, short_ids
from celltrial.kinetics import Profile, Sample
from celltrial.missing import Blq

__all__ = ["SubjectProfile", "read_cell_profiles", "read_lab_profiles"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectProfile:
    """A participant's profile, in days since the first infusion; `source`: the events behind it."""

    usubjid: str
    level: str
    profile: Profile
    source: tuple[int, ...]

    @property
    def subject(self) -> str:
        return short_ids([self.usubjid])[0]


def read_cell_profiles(
    adsl: pl.DataFrame, adpc: pl.DataFrame, *, parameter: str = "CARTG"
) -> tuple[SubjectProfile, ...]:
    """By actual days, planned ones where the actual are not known; up to a second infusion, where there was one."""
    own = adpc.filter(pl.col("PARAMCD") == parameter)
    found = []
    for person in _infused(adsl):
        rows = own.filter(pl.col("USUBJID") == person["USUBJID"])
        last = _reinfused_on(person)
        samples = [
            sample
            for row in rows.iter_rows(named=True)
            if (sample := _cell_sample(row)) is not None and (last is None or sample.day < last)
        ]
        unit = next((str(row) for row in rows["AVALU"].to_list() if row), "copies/ug") if rows.height else ""
        found.append(_made(person, samples, unit, rows))
    return tuple(found)


def read_lab_profiles(adsl: pl.DataFrame, adlb: pl.DataFrame, *, parameter: str) -> tuple[SubjectProfile, ...]:
    """A laboratory analyte by study day, the highest result of a day; day 0 is the day of the infusion."""
    own = adlb.filter((pl.col("PARAMCD") == parameter) & pl.col("ADY").is_not_null()).sort("ADY")
    found = []
    for person in _infused(adsl):
        rows = own.filter(pl.col("USUBJID") == person["USUBJID"])
        highest: dict[int, Decimal | Blq] = {}
        for row in rows.iter_rows(named=True):
            value = read_result(row["AVAL"], row["AVALC"])
            if value is not None:
                # there is no study day 0: the day before the infusion is day -1
                day = int(row["ADY"]) - 1 if int(row["ADY"]) > 0 else int(row["ADY"])
                highest[day] = max(highest.get(day, value), value, key=order_of_result)
        samples = [
            Sample(day=float(day), value=value if isinstance(value, Blq) else float(value))
            for day, value in sorted(highest.items())
        ]
        unit = next((str(each) for each in rows["AVALU"].to_list() if each), "") if "AVALU" in rows.columns else ""
        found.append(_made(person, samples, unit, rows))
    return tuple(found)


def _infused(adsl: pl.DataFrame) -> list[dict[str, Any]]:
    return list(adsl.filter(pl.col("SAFFL") == "Y").iter_rows(named=True))


def _made(person: Mapping[str, Any], samples: list[Sample], unit: str, rows: pl.DataFrame) -> SubjectProfile:
    return SubjectProfile(
        usubjid=str(person["USUBJID"]),
        level=str(person["TRT01A"]),
        profile=Profile(samples=tuple(samples), unit=unit),
        source=event_seqs(rows),
    )


def _reinfused_on(person: Mapping[str, Any]) -> float | None:
    """Days from the first to the last infusion; None where there was one only."""
    start, last = person.get("TRTSDT"), person.get("TRTEDT")
    return float((last - start).days) if start and last and last > start else None


def _cell_sample(row: Mapping[str, Any]) -> Sample | None:
    day = row["ARRLT"] if row["ARRLT"] is not None else row["NRRLT"]
    limit = None if row["LLOQ"] is None else float(row["LLOQ"])
    if day is None or (row["AVAL"] is None and row["BLQFL"] != "Y"):
        return None
    value = Blq(Decimal(str(limit or 0))) if row["BLQFL"] == "Y" else float(row["AVAL"])
    nominal = None if row["NRRLT"] is None else float(row["NRRLT"])
    return Sample(day=float(day), value=value, nominal_day=nominal, lloq=limit)
