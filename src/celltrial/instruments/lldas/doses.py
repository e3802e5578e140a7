"""Standard maintenance doses: a list of medicines held against the published maxima of `standard_doses.csv`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from celltrial.answers import Condition, YesNoUnknown, all_of
from celltrial.errors import Finding
from celltrial.instruments.visit_values import find_bad_words, require_none
from celltrial.tables import read_package_table

__all__ = ["Medication", "judge_standard_doses"]

# so that doses by day and by week compare exactly
_PER_WEEK = {"day": 7, "week": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Medication:
    """An immunosuppressive, antimalarial or approved biologic: its drug id, its dose in mg per day or per week.

    is_standard: what the investigator says; read where no maximum is published for the drug, or its dose is not known.
    """

    drug: str
    dose_mg: Decimal | None = None
    per: Literal["day", "week"] = "day"
    is_standard: YesNoUnknown = "unknown"

    def __post_init__(self) -> None:
        where = f"medication {self.drug}"
        findings = find_bad_words(where, {"is_standard": self.is_standard})
        findings += find_bad_words(where, {"per": self.per}, _PER_WEEK)
        if self.dose_mg is not None and not (self.dose_mg.is_finite() and self.dose_mg >= 0):
            findings.append(
                Finding(
                    message="a dose cannot be negative",
                    where=where,
                    found=str(self.dose_mg),
                    expected="0 or more",
                    next_step="correct the entry",
                )
            )
        require_none(findings)


def judge_standard_doses(medications: Iterable[Medication]) -> Condition:
    """Whether every medicine is at a standard maintenance dose; no medicine at all is.

    A drug without a published maximum (biologics, calcineurin inhibitors, cyclophosphamide) and a drug without its dose
    are as `is_standard` says, else unknown. Glucocorticoids have a limit of their own and do not belong in the list.

    Source: Golder V et al., Arthritis Res Ther 2016;18:260, table 3; `standard_doses.csv`.

    >>> judge_standard_doses([Medication(drug="azathioprine", dose_mg=Decimal(225))]).reason
    'azathioprine: 225 mg/day, at most 200 mg/day'
    """
    limits = {row["drug"]: row for row in read_package_table("celltrial.instruments.lldas", "standard_doses.csv")}
    judged = [_judge(each, limits.get(each.drug)) for each in medications]
    answer = all_of(each for each, _ in judged)
    reasons = [reason for each, reason in judged if each == answer]
    return Condition(name="standard doses", answer=answer, reason="; ".join(reasons) or "no medicine")


def _judge(given: Medication, limit: Mapping[str, str] | None) -> tuple[YesNoUnknown, str]:
    if limit is None or given.dose_mg is None:
        lacking = "no published maximum" if limit is None else "dose not known"
        return given.is_standard, f"{given.drug}: {lacking}; said to be standard: {given.is_standard}"
    maximum = Decimal(limit["max_mg"])
    is_within = given.dose_mg * _PER_WEEK[given.per] <= maximum * _PER_WEEK[limit["per"]]
    told = f"{given.drug}: {given.dose_mg} mg/{given.per}, at most {maximum} mg/{limit['per']}"
    return "yes" if is_within else "no", told
