"""From the term of an adverse event to the kind of toxicity that the DLT rule speaks of."""

from functools import cache
from typing import cast

from celltrial.safety.dlt_rule import ToxicityKind
from celltrial.tables import read_package_table

__all__ = ["is_cytopenia", "toxicity_kind"]


def toxicity_kind(term: str) -> ToxicityKind:
    """The kind of a term; `organ` where the table has none.

    >>> toxicity_kind("Graft versus host disease"), toxicity_kind("Rash maculo-papular"), toxicity_kind("CRS")
    ('gvhd', 'organ', 'crs')
    """
    return cast("ToxicityKind", _terms().get(_fold(term), ("organ", "no"))[0])


def is_cytopenia(term: str) -> bool:
    """Whether lymphodepletion is expected to cause it.

    >>> is_cytopenia("Neutrophil count decreased")
    True
    """
    return _terms().get(_fold(term), ("", "no"))[1] == "yes"


@cache
def _terms() -> dict[str, tuple[str, str]]:
    rows = read_package_table("celltrial.safety", "toxicity_terms.csv")
    return {_fold(row["term"]): (row["kind"], row["cytopenia"]) for row in rows}


def _fold(term: str) -> str:
    return " ".join(term.casefold().split())
