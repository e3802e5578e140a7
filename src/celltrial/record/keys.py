"""What makes two entries "the same thing": the key by which a record is kept once, followed up, or found stale.

The key of a body is the fields, beside subject and type, that tell it from others of its type. `UNIQUE` types hold one
standing entry per key (a second is a duplicate); in the others a later entry with the same key is a follow-up.
"""

from collections.abc import Mapping

from celltrial.record.bodies import Body

__all__ = ["BLANK_KEYS", "KEY_FIELDS", "SUBJECT_RULE", "UNIQUE", "key_of"]

KEY_FIELDS: Mapping[str, tuple[str, ...]] = {
    "adverse_event": ("number",),
    "assumption_confirmation": ("assumption",),
    "crs_assessment": ("at",),
    "data_cut": ("cut",),
    "eligibility_signature": ("stage",),
    "form": ("form", "visit", "row"),
    "icans_assessment": ("at",),
    "infusion": ("number",),
    "kinetics_sample": ("analyte", "specimen", "collected_at"),
    "checkpoint_key": ("key",),
    "data_lock": ("visit", "form"),
    "person": ("person",),
    "product_release": ("number",),
    "query": ("number",),
    "query_answer": ("number",),
    "query_closing": ("number",),
    "question_answer": ("question",),
    "reference_range": ("laboratory", "analyte", "sex", "age_from", "age_to", "valid_from"),
    "role_end": ("person", "role", "site"),
    "role_grant": ("person", "role", "site"),
    "screening": ("attempt",),
    "site_activation": ("site",),
    "src_decision": ("number",),
    "training": ("person", "topic"),
    "visit": ("visit", "on"),
}

UNIQUE = frozenset(
    (
        "data_cut",
        "form",
        "infusion",
        "kinetics_sample",
        "person",
        "query",
        "query_closing",
        "reference_range",
        "screening",
        "visit",
    )
)

# key fields that may be blank: a form outside any visit, a lock of every visit, a range for every age
BLANK_KEYS = frozenset(
    (
        ("form", "visit"),
        ("data_lock", "visit"),
        ("data_lock", "form"),
        ("reference_range", "age_from"),
        ("reference_range", "age_to"),
    )
)

# whether an event of the type names a subject; a type not listed here always does
SUBJECT_RULE: Mapping[str, str] = {
    "assumption_confirmation": "never",
    "audit_review": "never",
    "backup_drill": "never",
    "checkpoint_key": "never",
    "correction": "as its target",
    "data_cut": "never",
    "person": "never",
    "query": "as its target",
    "query_answer": "may",
    "query_closing": "may",
    "question_answer": "never",
    "redaction": "as its target",
    "redaction_approval": "may",
    "reference_range": "never",
    "role_end": "never",
    "role_grant": "never",
    "signature": "may",
    "site_activation": "never",
    "source_verification": "as its target",
    "src_decision": "never",
    "study_opened": "never",
    "study_status": "never",
    "training": "never",
    "transfer": "never",
}


def key_of(body: Body) -> tuple[str, ...]:
    """The key of a body within its subject and type; empty where the type has none.

    >>> from celltrial.record.bodies import FormEntry
    >>> key_of(FormEntry(form="labs", items={}, visit="SCR", row="3"))
    ('labs', 'SCR', '3')
    """
    return tuple(getattr(body, name) for name in KEY_FIELDS.get(body.TYPE, ()))
