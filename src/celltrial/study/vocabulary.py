"""The closed lists that study files choose from, each with the room that means it.

`study` stands below `record`, `datasets` and `analyses` and cannot import them; tests/contracts hold these lists equal
to theirs.
"""

__all__ = [
    "ANALYSES",
    "ANCHORS",
    "ASSESSMENT_FORMS",
    "BOUND_KINDS",
    "DOMAINS",
    "EVENT_TYPES",
    "EXCLUSION_KINDS",
    "ITEMS_OF_FORM",
    "ITEMS_OF_YIELD",
    "ITEM_KINDS",
    "LYMPHODEPLETING_DRUGS",
    "PRODUCT_KINDS",
    "ROLES",
    "STAGES",
    "STOPPING_KINDS",
    "TOXICITY_KINDS",
    "YIELDS",
]

EVENT_TYPES = (
    "study_opened",
    "site_activation",
    "person",
    "role_grant",
    "role_end",
    "training",
    "study_status",
    "question_answer",
    "assumption_confirmation",
    "consent",
    "screening",
    "eligibility_signature",
    "enrolment",
    "dose_assignment",
    "lymphodepletion",
    "product_release",
    "infusion",
    "visit",
    "form",
    "adverse_event",
    "crs_assessment",
    "icans_assessment",
    "dlt_assessment",
    "kinetics_sample",
    "withdrawal",
    "completion",
    "reference_range",
    "data_cut",
    "src_decision",
    "signature",
    "correction",
    "query",
    "query_answer",
    "query_closing",
    "source_verification",
    "data_lock",
    "redaction",
    "redaction_approval",
    "audit_review",
    "transfer",
    "checkpoint_key",
    "backup_drill",
)

# kinds of facts that forms yield to the criteria; an assessment yields none, it is graded or scored by its form's name
YIELDS = (
    "person",
    "condition",
    "measurement",
    "medication",
    "procedure",
    "finding",
    "score",
    "attestation",
    "judgement",
    "coverage",
    "assessment",
)

# the forms of assessments, each read by its name
ASSESSMENT_FORMS = (
    "pga",
    "bilag_2004",
    "lupus_extra",
    "flare_index",
    "slicc_damage",
    "organ_involvement",
    "gvhd_assessment",
    "iec_hs_assessment",
    "infection",
)

ITEM_KINDS = ("text", "number", "result", "date", "choice", "unit", "analyte")

# SDTMIG 3.4 domains in use; XR is the study's own, for the period that a chart review covers
DOMAINS = ("DM", "MH", "LB", "VS", "CV", "CM", "PR", "MI", "RS", "QS", "FA", "XR")

ANCHORS = ("screening", "lymphodepletion", "infusion")

# what `safety.dlt` can look for in a clause, and leave out by an exclusion
TOXICITY_KINDS = ("crs", "icans", "iec_hs", "gvhd", "organ", "icaht", "death")
EXCLUSION_KINDS = (
    "licats",
    "lymphodepletion_cytopenia",
    "alopecia",
    "isolated_lab",
    "b_cell_aplasia",
    "hypogammaglobulinaemia",
    "disease",
)

# before which step eligibility is screened and signed
STAGES = ("screening", "lymphodepletion", "infusion")

PRODUCT_KINDS = ("allogeneic CAR-T", "autologous CAR-T", "in vivo CAR-T", "CAR-NK", "other cells")

LYMPHODEPLETING_DRUGS = ("fludarabine", "cyclophosphamide", "bendamustine", "pentostatin", "alemtuzumab")

STOPPING_KINDS = ("bayesian_dlt_rate", "related_death", "crs_or_icans", "gvhd")

ANALYSES = (
    "dlt",
    "adverse_events",
    "cellular_kinetics",
    "disease_activity",
    "dose_decisions",
    "b_cells",
    "immunoglobulins",
)

# what a sentence of the record may be bound to: `kind:name`
BOUND_KINDS = (
    "study",
    "design",
    "dose",
    "dlt",
    "visit",
    "measure",
    "form",
    "criterion",
    "endpoint",
    "stopping",
    "question",
    "assumption",
)

# roles that decisions rest on by name
ROLES = (
    "investigator",
    "coordinator",
    "data_manager",
    "pharmacist",
    "src_member",
    "statistician",
    "pharmacologist",
    "monitor",
    "sponsor",
)

# the items that the readers of a kind of fact need, whatever the form is called
ITEMS_OF_YIELD = {
    "person": ("birth_date", "sex", "country"),
    "condition": ("condition", "onset", "ended", "status", "comment"),
    "measurement": ("analyte", "value", "unit", "collected", "comment"),
    "medication": (
        "drug",
        "drug_class",
        "dose",
        "unit",
        "per_day",
        "route",
        "start",
        "ended",
        "ongoing",
        "indication",
    ),
    "procedure": ("procedure", "start", "ended", "comment"),
    "finding": ("performed",),
    "score": ("assessed",),
    "attestation": ("statement", "answer", "given_by", "given_on", "covers_from", "covers_to"),
    "judgement": ("question", "answer", "given_by", "given_on", "comment"),
    "coverage": ("covers_from", "covers_to", "source"),
    "assessment": ("assessed",),
}

# the items of forms that one reader knows by name: scores, laboratory ranges, how a measurement was made; those of an
# instrument are the instrument's own
ITEMS_OF_FORM = {
    "labs": ("lln", "uln", "laboratory"),
    "medications": ("every_days", "as_needed", "stable_since", "standard_dose", "comment"),
    "vitals": ("method", "condition"),
    "cardiac": ("method",),
    "kidney_biopsy": ("lupus_nephritis_class", "activity"),
    "eular_acr_2019": ("total", "entry_ana", "clinical_domain"),
    "sledai_2k": ("window_days",),
    "pga": ("value",),
    "lupus_extra": ("haemolytic_anaemia", "gastrointestinal_activity"),
    "organ_involvement": ("organ", "ever_involved", "active_at_baseline"),
    "gvhd_assessment": (
        "rash_bsa_percent",
        "bullae",
        "desquamation_bsa_percent",
        "upper_gi",
        "stool_ml_per_day",
        "stool_episodes_per_day",
        "mixed_with_urine",
        "severe_abdominal_pain",
        "ileus",
        "grossly_bloody_stool",
        "biopsy",
        "other_cause",
    ),
    "iec_hs_assessment": ("diagnosed", "other_cause", "hepatomegaly"),
    "infection": (
        "adverse_event",
        "site",
        "organism",
        "pathogen",
        "treatment",
        "invasive_intervention",
        "hospitalised",
        "intensive_care",
        "life_threatening",
        "death_due_to_infection",
    ),
}
