"""DORIS remission: each edition as a value (`rules.py`), and how a visit is held against it (`assess.py`)."""

from celltrial.instruments.doris.assess import RemissionVisit, assess_doris
from celltrial.instruments.doris.rules import (
    DORIS_2017_CLINICAL,
    DORIS_2017_CLINICAL_OFF,
    DORIS_2017_COMPLETE,
    DORIS_2017_COMPLETE_OFF,
    DORIS_2021,
    DORIS_DRUG_FREE,
    DorisRules,
)

__all__ = [
    "DORIS_2017_CLINICAL",
    "DORIS_2017_CLINICAL_OFF",
    "DORIS_2017_COMPLETE",
    "DORIS_2017_COMPLETE_OFF",
    "DORIS_2021",
    "DORIS_DRUG_FREE",
    "DorisRules",
    "RemissionVisit",
    "assess_doris",
]
