"""A dictionary of adverse-event terms: their names, where CTCAE files them, and what separates their grades."""

from celltrial.safety.terms.dictionary import AeKind, AeTerm, ae_kind, ae_term, ae_terms, names_of_kind
from celltrial.safety.terms.search import find_ae_terms, suggest_ae_terms

__all__ = [
    "AeKind",
    "AeTerm",
    "ae_kind",
    "ae_term",
    "ae_terms",
    "find_ae_terms",
    "names_of_kind",
    "suggest_ae_terms",
]
