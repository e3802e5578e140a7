"""The editions and variants of DORIS remission, each as one value; the limits that prints disagree on can be changed.

The prints disagree. Abstract of 2021: prednisolone 5 mg/day "or less"; its final statement (table 2): below 5 mg/day.
PGA: below 0.5 in the statement, at most 0.5 in later papers that restate DORIS (2017 variants among them). A value
exactly on such a limit is flagged by the assessment, whichever reading is set.

Sources: van Vollenhoven RF et al., Lupus Sci Med 2021;8:e000538 (2021); van Vollenhoven R et al., Ann Rheum Dis
2017;76:554-61 (framework of 2017: on and off treatment, with and without serology).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

__all__ = [
    "DORIS_2017_CLINICAL",
    "DORIS_2017_CLINICAL_OFF",
    "DORIS_2017_COMPLETE",
    "DORIS_2017_COMPLETE_OFF",
    "DORIS_2021",
    "DORIS_DRUG_FREE",
    "DorisRules",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DorisRules:
    """One definition of remission.

    pga_max, is_pga_max_allowed: the limit on the 0 to 3 scale, and whether a value exactly on it is remission.
    prednisone_max_mg_per_day, is_prednisone_max_allowed: the same for the daily prednisone equivalent, on treatment.
    treatment: `on` allows stable antimalarials, immunosuppressives and biologics; `off` allows no glucocorticoid,
        immunosuppressive or biologic.
    is_antimalarial_allowed: off treatment, whether maintenance antimalarials are (2017: they are).
    needs_quiet_serology: the "complete" forms of 2017: anti-dsDNA not raised, complement not low.
    """

    name: str
    treatment: Literal["on", "off"] = "on"
    pga_max: Decimal = Decimal("0.5")
    is_pga_max_allowed: bool = False
    prednisone_max_mg_per_day: Decimal = Decimal(5)
    is_prednisone_max_allowed: bool = True
    is_antimalarial_allowed: bool = True
    needs_quiet_serology: bool = False


DORIS_2021 = DorisRules(name="DORIS 2021")
DORIS_2017_CLINICAL = DorisRules(name="DORIS 2017 clinical remission on treatment")
DORIS_2017_COMPLETE = DorisRules(name="DORIS 2017 complete remission on treatment", needs_quiet_serology=True)
DORIS_2017_CLINICAL_OFF = DorisRules(name="DORIS 2017 clinical remission off treatment", treatment="off")
DORIS_2017_COMPLETE_OFF = DorisRules(
    name="DORIS 2017 complete remission off treatment", treatment="off", needs_quiet_serology=True
)
# not a published edition: cell-therapy reports use the word with and without hydroxychloroquine; a protocol must say
DORIS_DRUG_FREE = DorisRules(
    name="drug-free DORIS remission, no antimalarial", treatment="off", is_antimalarial_allowed=False
)
