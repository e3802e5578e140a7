"""What makes two entries "the same thing": the key by which a record is kept once, followed up, or found stale.

The key of a body is the fields, beside subject and type, that tell it from others of its type. `UNIQUE` types hold one
standing entry per key (a second is a duplicate); in the others a later entry with the same key is a follow-up.
"""

from collections.abc import Mapping

from celltrial.record.bodies import Body

__all__ = ["KEY_FIELDS", "SUBJECT_RULE", "UNIQUE", "key_of"]

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
    "question_answer": ("question",),
    "screening": ("attempt",),
    "src_decision": ("number",),
    "visit": ("visit", "on"),
}

UNIQUE = frozenset(("data_cut", "form", "infusion", "kinetics_sample", "screening", "visit"))

# whether an event of the type names a subject; a type not listed here always does
SUBJECT_RULE: Mapping[str, str] = {
    "assumption_confirmation": "never",
    "correction": "as its target",
    "data_cut": "never",
    "question_answer": "never",
    "signature": "may",
    "src_decision": "never",
    "study_opened": "never",
}


def key_of(body: Body) -> tuple[str, ...]:
    """The key of a body within its subject and type; empty where the type has none.

    >>> from celltrial.record.bodies import FormEntry
    >>> key_of(FormEntry(form="labs", items={}, visit="SCR", row="3"))
    ('labs', 'SCR', '3')
    """
    return tuple(getattr(body, name) for name in KEY_FIELDS.get(body.TYPE, ()))
