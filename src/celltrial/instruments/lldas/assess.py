"""Whether a visit is in the lupus low disease activity state: five conditions, each with its reason."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from celltrial.answers import Conclusion, Condition, YesNoUnknown, all_of, any_of, conclude, hold_against, negate
from celltrial.instruments.lldas.rules import LLDAS_2016, LldasRules
from celltrial.instruments.visit_values import (
    ActivityTotal,
    find_bad_values,
    find_bad_words,
    hold_total_at_most,
    require_none,
)

__all__ = ["NEW_ACTIVITY_WORDS", "LldasVisit", "NewActivity", "assess_lldas"]

NewActivity = Literal["yes", "no", "unknown", "no comparator"]
NEW_ACTIVITY_WORDS = ("yes", "no", "unknown", "no comparator")

_OTHER_THAN_CELLS = "investigational drug other than the infused cells"

_FLAGS = (
    "major_organ_activity",
    "haemolytic_anaemia",
    "gastrointestinal_activity",
    "standard_doses",
    "on_investigational_drug",
    "had_cell_product",
    "on_antimalarial",
    "on_immunosuppressive",
    "on_biologic",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LldasVisit:
    """What LLDAS reads at one visit; None and `unknown` are things not known.

    sledai_2k: the whole score; serology counts. pga: 0 to 3. prednisone_mg_per_day: systemic daily equivalent.
    major_organ_activity: activity in the SLEDAI-2K items of renal, CNS, cardiopulmonary disease, vasculitis or fever
        (`find_major_organ_activity`); haemolytic anaemia and gastrointestinal activity are not items of SLEDAI-2K.
    new_activity: new features against the previous assessment (`find_new_sledai_activity` is one published reading; a
        new flare is another); `no comparator` where this is the first assessment ever.
    standard_doses: immunosuppressives and approved biologics at well tolerated standard doses (`judge_standard_doses`).
    on_investigational_drug: any but the infused cells. had_cell_product: read only where the rules count them.
    on_antimalarial, on_immunosuppressive, on_biologic: read by the drug-free form only.
    """

    sledai_2k: ActivityTotal
    pga: Decimal | None
    prednisone_mg_per_day: Decimal | None
    major_organ_activity: YesNoUnknown = "unknown"
    haemolytic_anaemia: YesNoUnknown = "unknown"
    gastrointestinal_activity: YesNoUnknown = "unknown"
    new_activity: NewActivity = "unknown"
    standard_doses: YesNoUnknown = "unknown"
    on_investigational_drug: YesNoUnknown = "unknown"
    had_cell_product: YesNoUnknown = "unknown"
    on_antimalarial: YesNoUnknown = "unknown"
    on_immunosuppressive: YesNoUnknown = "unknown"
    on_biologic: YesNoUnknown = "unknown"

    def __post_init__(self) -> None:
        where = "LLDAS"
        require_none(
            find_bad_words(where, {name: getattr(self, name) for name in _FLAGS})
            + find_bad_words(where, {"new_activity": self.new_activity}, NEW_ACTIVITY_WORDS)
            + find_bad_values(
                where,
                totals={"SLEDAI-2K": self.sledai_2k},
                pga=self.pga,
                prednisone_mg_per_day=self.prednisone_mg_per_day,
            )
        )


def assess_lldas(visit: LldasVisit, rules: LldasRules = LLDAS_2016) -> Conclusion:
    """Whether the visit is in LLDAS. Limits are inclusive: SLEDAI-2K 4, PGA 1 and 7.5 mg/day are low activity.

    Met only where every value the rules read is known; not met as soon as one condition fails, also where a SLEDAI-2K
    is incomplete but already above 4. How well doses are tolerated is left to who enters `standard_doses`.

    Raises UsageError (by LldasVisit): a value outside its range or a word no rule knows, all at once.
    Source: Franklyn K et al., Ann Rheum Dis 2016;75:1615-21, table 1.

    >>> visit = LldasVisit(sledai_2k=4, pga=Decimal("1.0"), prednisone_mg_per_day=Decimal("7.5"),
    ...     major_organ_activity="no", haemolytic_anaemia="no", gastrointestinal_activity="no", new_activity="no",
    ...     standard_doses="yes", on_investigational_drug="no")
    >>> assess_lldas(visit).answer
    'yes'
    """
    conditions = [
        _low_activity(visit, rules),
        _no_new_activity(visit, rules),
        hold_against("PGA", visit.pga, "<=", rules.pga_max),
    ]
    conditions += _on_treatment(visit, rules) if rules.treatment == "on" else _off_treatment(visit, rules)
    first = visit.new_activity == "no comparator"
    flags = [f"no earlier assessment: no new activity read here as {rules.first_visit}"] if first else []
    return conclude(conditions, flags)


def _low_activity(visit: LldasVisit, rules: LldasRules) -> Condition:
    total = hold_total_at_most("SLEDAI-2K", visit.sledai_2k, rules.sledai_max)
    organs = {
        "major organ activity": visit.major_organ_activity,
        "haemolytic anaemia": visit.haemolytic_anaemia,
        "gastrointestinal activity": visit.gastrointestinal_activity,
    }
    told = ", ".join(f"{name}: {answer}" for name, answer in organs.items())
    return Condition(
        name="low activity without major organs",
        answer=all_of((total.answer, negate(any_of(organs.values())))),
        reason=f"SLEDAI-2K {total.reason}; {told}",
    )


def _no_new_activity(visit: LldasVisit, rules: LldasRules) -> Condition:
    name = "no new activity"
    if visit.new_activity == "no comparator":
        answer: YesNoUnknown = "yes" if rules.first_visit == "met" else "unknown"
        return Condition(name=name, answer=answer, reason="first assessment, nothing to compare with")
    words = {"yes": "new activity", "no": "none", "unknown": "not known against the previous assessment"}
    return Condition(name=name, answer=negate(visit.new_activity), reason=words[visit.new_activity])


def _on_treatment(visit: LldasVisit, rules: LldasRules) -> list[Condition]:
    limit = rules.prednisone_max_mg_per_day
    investigational = [visit.on_investigational_drug]
    told = [f"standard doses: {visit.standard_doses}", f"{_OTHER_THAN_CELLS}: {visit.on_investigational_drug}"]
    if rules.is_cell_product_counted:
        investigational.append(visit.had_cell_product)
        told.append(f"cell product: {visit.had_cell_product}")
    maintenance = Condition(
        name="standard treatment",
        answer=all_of((visit.standard_doses, negate(any_of(investigational)))),
        reason=", ".join(told),
    )
    return [hold_against("glucocorticoid", visit.prednisone_mg_per_day, "<=", limit, "mg/day"), maintenance]


def _off_treatment(visit: LldasVisit, rules: LldasRules) -> list[Condition]:
    drugs = {
        "immunosuppressive": visit.on_immunosuppressive,
        "biologic": visit.on_biologic,
        _OTHER_THAN_CELLS: visit.on_investigational_drug,
    }
    if not rules.is_antimalarial_allowed:
        drugs["antimalarial"] = visit.on_antimalarial
    if rules.is_cell_product_counted:
        drugs["cell product"] = visit.had_cell_product
    free = Condition(
        name="no treatment of lupus",
        answer=negate(any_of(drugs.values())),
        reason=", ".join(f"{name}: {answer}" for name, answer in drugs.items()),
    )
    return [hold_against("no glucocorticoid", visit.prednisone_mg_per_day, "=", 0, "mg/day"), free]
