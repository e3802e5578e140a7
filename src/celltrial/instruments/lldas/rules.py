"""LLDAS and its variants as values.

Sources: Franklyn K et al., Ann Rheum Dis 2016;75:1615-21, table 1 (LLDAS); Lupus Sci Med 2025;12(2) (LLDAS-5: the same
with at most 5 mg/day). The drug-free form is no published edition: a protocol must say what it allows.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

__all__ = ["LLDAS_5", "LLDAS_2016", "LLDAS_DRUG_FREE", "LldasRules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LldasRules:
    """One definition of low disease activity.

    first_visit: what "no new activity" is where there is no earlier assessment: `met`, as public implementations have
        it, or `unknown`; the paper does not say.
    is_cell_product_counted: whether the infused CAR-T cells are an ongoing investigational drug, which condition 5
        excludes. Usually they are not counted; a protocol must rule.
    treatment: `off` replaces the limits on drugs by none: no glucocorticoid, immunosuppressive or biologic.
    is_antimalarial_allowed: read where treatment is `off`.
    """

    name: str
    sledai_max: int = 4
    pga_max: Decimal = Decimal(1)
    prednisone_max_mg_per_day: Decimal = Decimal("7.5")
    first_visit: Literal["met", "unknown"] = "met"
    is_cell_product_counted: bool = False
    treatment: Literal["on", "off"] = "on"
    is_antimalarial_allowed: bool = False


LLDAS_2016 = LldasRules(name="LLDAS")
LLDAS_5 = LldasRules(name="LLDAS-5", prednisone_max_mg_per_day=Decimal(5))
LLDAS_DRUG_FREE = LldasRules(name="drug-free LLDAS, no antimalarial", treatment="off")
