"""Decisions: screening, gates, DLT review, next dose. Each fetches from the record, calls a method, wraps with reasons.

A person decides; these propose, refuse and explain. May import datasets and everything below; never reports or shells.
"""

from celltrial.decisions.dlt_review import DltReview, review_dlt
from celltrial.decisions.gates import gates
from celltrial.decisions.gates_review import signable_hash
from celltrial.decisions.next_dose import DoseProposal, propose_next_dose, signed_decisions
from celltrial.decisions.screening import derive_facts, screen_subject
from celltrial.decisions.stopping import check_pause, find_met_rules
from celltrial.decisions.trial import RECORD_FILE, Trial, create_trial, discard_empty_record, open_trial, record_place

__all__ = [
    "RECORD_FILE",
    "DltReview",
    "DoseProposal",
    "Trial",
    "check_pause",
    "create_trial",
    "derive_facts",
    "discard_empty_record",
    "find_met_rules",
    "gates",
    "open_trial",
    "propose_next_dose",
    "record_place",
    "review_dlt",
    "screen_subject",
    "signable_hash",
    "signed_decisions",
]
