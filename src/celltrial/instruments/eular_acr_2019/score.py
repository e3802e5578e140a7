"""The 2019 EULAR/ACR classification: entry by ANA, the highest weight of each domain, 10 points and a clinical item.

An unknown item matters only where it could change the answer: it leaves the total open when it could raise its domain,
and the verdict open only when that could carry it over the line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = ["EularAcrItem", "EularAcrScore", "eular_acr_2019_items", "score_eular_acr_2019"]

Answer = Literal["yes", "no", "unknown"]
_THRESHOLD = 10
_ANSWERS = ("yes", "no", "unknown", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class EularAcrItem:
    """One additive criterion, in its domain."""

    domain: str
    is_clinical: bool
    item: str
    weight: int
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EularAcrScore:
    """classified: whether the criteria are met. total: 0 to 51, or why it is not known (with its lower bound).

    has_clinical_item: yes, no or unknown. by_domain: what is certain. counted: the item that gave a domain its points.
    """

    classified: Answer
    total: int | NotEvaluable
    has_clinical_item: Answer
    by_domain: Mapping[str, int]
    counted: tuple[str, ...]
    reason: str


@cache
def eular_acr_2019_items() -> tuple[EularAcrItem, ...]:
    """The 21 items of `items.csv`, in their published order."""
    return tuple(
        EularAcrItem(
            domain=row["domain"],
            is_clinical=row["kind"] == "clinical",
            item=row["item"],
            weight=int(row["weight"]),
            definition=row["definition"],
        )
        for row in read_package_table("celltrial.instruments.eular_acr_2019", "items.csv")
    )


def score_eular_acr_2019(entry_ana: str, items: Mapping[str, str]) -> EularAcrScore:
    """Classify one candidate.

    Args:
        entry_ana: `yes`, `no` or `unknown` (blank too): ANA of 1:80 or more, ever.
        items: item id -> `yes`, `no` or `unknown`; missing or blank is unknown. An item with a likelier other cause is
            entered as `no`. Other keys are not read.
    Raises:
        UsageError: a value that is none of these, all of them at once.
    Source: Aringer M et al., Ann Rheum Dis 2019;78:1151-9.

    >>> absent = {each.item: "no" for each in eular_acr_2019_items()}
    >>> score_eular_acr_2019("yes", absent | {"lupus_nephritis_class_3_or_4": "yes"}).classified
    'yes'
    """
    _require_answers({"entry_ana": entry_ana} | {i.item: items.get(i.item, "") for i in eular_acr_2019_items()})
    certain = [item for item in eular_acr_2019_items() if items.get(item.item) == "yes"]
    possible = [item for item in eular_acr_2019_items() if items.get(item.item, "") not in ("yes", "no")]
    best = _best(certain)
    lower = sum(item.weight for item in best.values())
    upper = sum(item.weight for item in _best([*certain, *possible]).values())
    raising = [item for item in possible if item.weight > (best[item.domain].weight if item.domain in best else 0)]
    clinical = _any_clinical(certain, possible)
    classified, reason = _classify(entry_ana, lower, upper, clinical)
    total = _total(entry_ana, lower, raising)
    if isinstance(total, NotEvaluable) and classified == "unknown":
        reason = f"{reason}; {total.reason}"
    return EularAcrScore(
        classified=classified,
        total=total,
        has_clinical_item=clinical,
        by_domain={domain: item.weight for domain, item in best.items()},
        counted=tuple(item.item for item in best.values()),
        reason=reason,
    )


def _best(items: Sequence[EularAcrItem]) -> dict[str, EularAcrItem]:
    """The item of the highest weight in each domain."""
    best: dict[str, EularAcrItem] = {}
    for item in items:
        if item.domain not in best or item.weight > best[item.domain].weight:
            best[item.domain] = item
    return best


def _any_clinical(certain: Sequence[EularAcrItem], possible: Sequence[EularAcrItem]) -> Answer:
    if any(item.is_clinical for item in certain):
        return "yes"
    return "unknown" if any(item.is_clinical for item in possible) else "no"


def _classify(entry_ana: str, lower: int, upper: int, clinical: Answer) -> tuple[Answer, str]:
    if entry_ana == "no":
        return "no", "entry criterion absent: no antinuclear antibodies, not scored"
    if upper < _THRESHOLD:
        return "no", f"at most {upper} of {_THRESHOLD} points"
    if clinical == "no":
        return "no", "no clinical item"
    if lower < _THRESHOLD:
        return "unknown", f"{lower} to {upper} points"
    if clinical == "unknown":
        return "unknown", f"{lower} points, not known whether a clinical item is among them"
    if entry_ana != "yes":
        return "unknown", "entry criterion (antinuclear antibodies) not known"
    return "yes", f"{lower} points or more with a clinical item"


def _total(entry_ana: str, lower: int, raising: Sequence[EularAcrItem]) -> int | NotEvaluable:
    if entry_ana == "no":
        return NotEvaluable("entry criterion absent: not scored")
    if raising:
        return NotEvaluable(f"not known: {', '.join(item.item for item in raising)}", lower_bound=lower)
    return lower


def _require_answers(answers: Mapping[str, str]) -> None:
    findings = [
        Finding(
            message="EULAR/ACR 2019: an item has a value that cannot be read",
            where=name,
            found=repr(answer),
            expected="yes, no, unknown or blank",
            next_step="correct the entry",
        )
        for name, answer in answers.items()
        if answer not in _ANSWERS
    ]
    if findings:
        raise UsageError(findings)
