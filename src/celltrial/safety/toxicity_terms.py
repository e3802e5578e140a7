"""From the term of an adverse event to the kind of toxicity that the DLT rule speaks of."""

import csv
from functools import cache
from importlib import resources
from typing import cast

from celltrial.safety.dlt_rule import ToxicityKind

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
    text = resources.files("celltrial.safety").joinpath("toxicity_terms.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {_fold(row["term"]): (row["kind"], row["cytopenia"]) for row in rows}


def _fold(term: str) -> str:
    return " ".join(term.casefold().split())
