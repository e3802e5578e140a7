"""SUPP--: what was recorded beside a row and has no variable in its domain.

A domain keeps such values in its rows under a name with a leading underscore; here they become rows of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from celltrial.datasets.dataset import Dataset, Row, build_dataset

__all__ = ["Qualifier", "derive_supp", "public_columns"]


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A supplemental qualifier: its name (up to 8 letters), label (up to 40), origin and who evaluated it."""

    name: str
    label: str
    origin: str
    evaluator: str | None = None


def derive_supp(domain: str, qualifiers: Sequence[Qualifier], rows: Sequence[Row]) -> Dataset:
    """One row for each qualifier that has a value, tied to its row by --SEQ."""
    sequence = f"{domain}SEQ"
    supplemental = [
        {
            "STUDYID": row["STUDYID"],
            "RDOMAIN": domain,
            "USUBJID": row["USUBJID"],
            "IDVAR": sequence,
            "IDVARVAL": str(row[sequence]),
            "QNAM": qualifier.name,
            "QLABEL": qualifier.label,
            "QVAL": str(value),
            "QORIG": qualifier.origin,
            "QEVAL": qualifier.evaluator,
            "EVENTSEQ": row["EVENTSEQ"],
            "EVENTSEQS": row["EVENTSEQS"],
        }
        for row in rows
        for qualifier in qualifiers
        if (value := row.get(f"_{qualifier.name}")) not in (None, "")
    ]
    return build_dataset(f"SUPP{domain}", supplemental)


def public_columns(rows: Sequence[Row]) -> list[Row]:
    """The rows without what belongs into SUPP--."""
    return [{name: value for name, value in row.items() if not name.startswith("_")} for row in rows]
