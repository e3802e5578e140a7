"""Low disease activity: LLDAS with its variants, and the smaller definitions MDA, Toronto LDA and HDAS.

SLEDAI-2KG (weighted by the glucocorticoid dose) is not here: two public descriptions of its weights disagree (a worked
example adds 3 points at 10 mg/day, an abstract prints a formula that adds 6.28), and the paper was not available.
"""

from celltrial.instruments.lldas.activity import find_major_organ_activity, find_new_sledai_activity
from celltrial.instruments.lldas.assess import LldasVisit, assess_lldas
from celltrial.instruments.lldas.doses import Medication, judge_standard_doses
from celltrial.instruments.lldas.other_states import assess_hdas, assess_mda, assess_toronto_lda
from celltrial.instruments.lldas.rules import LLDAS_5, LLDAS_2016, LLDAS_DRUG_FREE, LldasRules

__all__ = [
    "LLDAS_5",
    "LLDAS_2016",
    "LLDAS_DRUG_FREE",
    "LldasRules",
    "LldasVisit",
    "Medication",
    "assess_hdas",
    "assess_lldas",
    "assess_mda",
    "assess_toronto_lda",
    "find_major_organ_activity",
    "find_new_sledai_activity",
    "judge_standard_doses",
]
