"""From the term of an adverse event to the kind of toxicity that the DLT rule speaks of, by the dictionary of terms."""

from celltrial.safety.dlt_rule import ToxicityKind
from celltrial.safety.terms import ae_kind

__all__ = ["is_cytopenia", "toxicity_kind"]


def toxicity_kind(term: str) -> ToxicityKind:
    """The kind of a term or synonym; `organ` for every term that has no clause of its own, or is not in the dictionary.

    >>> toxicity_kind("Graft versus host disease"), toxicity_kind("Rash maculo-papular"), toxicity_kind("CRS")
    ('gvhd', 'organ', 'crs')
    """
    match ae_kind(term):
        case ("crs" | "icans" | "iec_hs" | "gvhd" | "icaht") as kind:
            return kind
        case _:
            return "organ"


def is_cytopenia(term: str) -> bool:
    """Whether lymphodepletion is expected to cause it.

    >>> is_cytopenia("Neutrophil count decreased")
    True
    """
    return ae_kind(term) == "cytopenia"
