"""The detail of an infection that was reported as an adverse event: where, what, how it was treated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from celltrial.simulate.medications import Therapy
from celltrial.tables import read_package_table

__all__ = ["INFECTIONS", "InfectionDetail", "infection_detail"]

INFECTIONS = "Infections and infestations"
_IN_HOSPITAL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class InfectionDetail:
    """The row of the `infection` form, and the drug that was given for it, if any."""

    items: Mapping[str, str]
    therapy: Therapy | None


def infection_detail(term: str, grade: int, *, number: str, onset: date, ended: date) -> InfectionDetail:
    """What is known of an infection: grade 1 is not treated, grade 2 by mouth, grade 3 in hospital by vein."""
    row = _table()[term]
    items = {
        "assessed": onset.isoformat(),
        "adverse_event": number,
        "site": row["site"],
        "organism": row["organism"],
        "pathogen": row["pathogen"],
        "treatment": {1: "none", 2: "oral"}.get(grade, "intravenous"),
        "invasive_intervention": "no",
        "hospitalised": "yes" if grade >= _IN_HOSPITAL else "no",
        "intensive_care": "no",
        "life_threatening": "no",
        "death_due_to_infection": "no",
    }
    therapy = _therapy(row, items["treatment"], onset, ended) if grade > 1 else None
    return InfectionDetail(items=items, therapy=therapy)


def _therapy(row: Mapping[str, str], route: str, onset: date, ended: date) -> Therapy:
    prefix = "oral" if route == "oral" else "iv"
    return Therapy(
        drug=row[f"{prefix}_drug"],
        drug_class="anti_infective_systemic",
        dose=row[f"{prefix}_dose"],
        unit="mg",
        per_day=row[f"{prefix}_per_day"],
        route=route,
        start=onset,
        ended=ended,
        indication=row["term"].lower(),
    )


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    return {row["term"]: row for row in read_package_table("celltrial.simulate", "infections.csv")}
