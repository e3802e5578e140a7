"""Access: who may do what when, the delegation log, signatures and whether they stand.

permissions.py holds the table of role x action x state of the study; people.py folds the delegation log and
delegation.py enforces it; signing.py signs and signatures.py says whether a signature still stands.
"""

from celltrial.decisions.access.listing import (
    SignatureLine,
    list_signatures,
)
from celltrial.decisions.access.people import (
    Delegation,
    TopicState,
    delegations,
    has_delegation_log,
    review_access,
)
from celltrial.decisions.access.permissions import (
    ACTIONS,
    Permission,
    may_sign,
    permission,
    permissions,
)
from celltrial.decisions.access.signatures import (
    SignatureStatus,
    is_signed,
    signature_status,
    standing_signatures,
)
from celltrial.decisions.access.signing import (
    Reauthenticate,
    SigningRequest,
    eligibility_status,
    request_signature,
    sign,
    signable_hash,
)
from celltrial.decisions.access.study_state import (
    STUDY_STATES,
    next_states,
    study_state,
)

__all__ = [
    "ACTIONS",
    "STUDY_STATES",
    "Delegation",
    "Permission",
    "Reauthenticate",
    "SignatureLine",
    "SignatureStatus",
    "SigningRequest",
    "TopicState",
    "delegations",
    "eligibility_status",
    "has_delegation_log",
    "is_signed",
    "list_signatures",
    "may_sign",
    "next_states",
    "permission",
    "permissions",
    "request_signature",
    "review_access",
    "sign",
    "signable_hash",
    "signature_status",
    "standing_signatures",
    "study_state",
]
