"""The study definition: a folder of files, loaded into frozen values, checked whole, traced to the registry record."""

from celltrial.study.create import discard_study, new_study, shipped_study
from celltrial.study.files import STUDY_FILES
from celltrial.study.load import check_study, check_texts, load_study, seal_study, trace_study
from celltrial.study.model import (
    Assumption,
    DltRule,
    DoseLevel,
    Endpoint,
    EscalationSettings,
    Form,
    Item,
    Measure,
    PlannedAgent,
    Product,
    Question,
    Role,
    ScheduledVisit,
    Sentence,
    Site,
    StoppingRule,
    Study,
)
from celltrial.study.place import read_database
from celltrial.study.read import read_study_texts, require_folder
from celltrial.study.sentences import cut_sentences

__all__ = [
    "STUDY_FILES",
    "Assumption",
    "DltRule",
    "DoseLevel",
    "Endpoint",
    "EscalationSettings",
    "Form",
    "Item",
    "Measure",
    "PlannedAgent",
    "Product",
    "Question",
    "Role",
    "ScheduledVisit",
    "Sentence",
    "Site",
    "StoppingRule",
    "Study",
    "check_study",
    "check_texts",
    "cut_sentences",
    "discard_study",
    "load_study",
    "new_study",
    "read_database",
    "read_study_texts",
    "require_folder",
    "seal_study",
    "shipped_study",
    "trace_study",
]
