"""Work on data: queries, source-data verification, freeze and lock, late entries, audit-trail review, staleness.

Pure functions of the study and of a state of the record; the gates of these events stand in `decisions.gates_work`.
"""

from celltrial.decisions.review.audit import AuditRow, audit_counts, audit_rows, last_reviewed
from celltrial.decisions.review.dependents import Dependent, dependents
from celltrial.decisions.review.lateness import Lateness, lateness
from celltrial.decisions.review.locks import LockState, lock_state, lock_states
from celltrial.decisions.review.places import Place, place_of
from celltrial.decisions.review.queries import QueryThread, next_query_number, queries, query_named
from celltrial.decisions.review.source_data import (
    Coverage,
    FieldVerification,
    coverage,
    verifications,
    verified_fields,
)
from celltrial.decisions.review.staleness import Stale, stale

__all__ = [
    "AuditRow",
    "Coverage",
    "Dependent",
    "FieldVerification",
    "Lateness",
    "LockState",
    "Place",
    "QueryThread",
    "Stale",
    "audit_counts",
    "audit_rows",
    "coverage",
    "dependents",
    "last_reviewed",
    "lateness",
    "lock_state",
    "lock_states",
    "next_query_number",
    "place_of",
    "queries",
    "query_named",
    "stale",
    "verifications",
    "verified_fields",
]
