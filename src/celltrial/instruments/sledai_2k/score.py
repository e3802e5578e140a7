"""SLEDAI-2K: the sum of the weights of what is present and due to lupus; unknown items make it unknown, never lower.

No rule for imputing a missing item is published, so a missing item leaves a lower bound and no score. After
lymphodepletion or CAR-T a low count, a fever or a seizure may have another cause: each present item says which.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = [
    "SledaiItem",
    "SledaiScore",
    "score_clinical_sledai_2k",
    "score_sledai_2k",
    "sledai_2k_items",
]

_ANSWERS = ("yes", "no", "unknown", "")
_ATTRIBUTIONS = ("sle", "other", "unknown", "")

Standing = Literal["absent", "scores", "excluded", "uncertain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SledaiItem:
    """One of the 24 descriptors: its weight and organ system; serology is left out of the clinical score."""

    number: int
    item: str
    weight: int
    system: str
    is_serology: bool
    definition: str
    exclusions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SledaiScore:
    """A definite SLEDAI-2K: 0 to 105; `clinical` without items 20 and 21; systems that score nothing are there with 0.

    `contributing` are the items that score, `excluded` those present for another cause than lupus, in published order.
    """

    total: int
    clinical: int
    by_system: Mapping[str, int]
    contributing: tuple[str, ...]
    excluded: tuple[str, ...]


@cache
def sledai_2k_items() -> tuple[SledaiItem, ...]:
    """The 24 items of `items.csv`, in their published order."""
    return tuple(
        SledaiItem(
            number=int(row["number"]),
            item=row["item"],
            weight=int(row["weight"]),
            system=row["system"],
            is_serology=row["serology"] == "yes",
            definition=row["definition"],
            exclusions=row["exclusions"] or "",
        )
        for row in read_package_table("celltrial.instruments.sledai_2k", "items.csv")
    )


def score_sledai_2k(items: Mapping[str, str], attributions: Mapping[str, str]) -> SledaiScore | NotEvaluable:
    """The SLEDAI-2K of one assessment.

    Args:
        items: item id -> `yes`, `no` or `unknown`; a missing or blank item is unknown. Other keys are not read.
        attributions: item id -> `sle`, `other` or `unknown`, read for present items only; missing or blank is unknown.
    Returns:
        SledaiScore; or NotEvaluable naming every item that is unknown, with the sum of what is certain as lower bound.
    Raises:
        UsageError: a value that is none of these, all of them at once.
    Source: Gladman 2002 (items, weights); Touma 2010 (30-day window: kept by the caller with the score).

    >>> none = {item.item: "no" for item in sledai_2k_items()}
    >>> score_sledai_2k(none | {"arthritis": "yes"}, {"arthritis": "sle"}).total
    4
    >>> score_sledai_2k(none | {"fever": "unknown"}, {})
    NotEvaluable(reason='not known whether present: fever', lower_bound=0)
    """
    standings = _standings(sledai_2k_items(), items, attributions)
    uncertain = _uncertain(standings, items)
    scoring = [item for item in sledai_2k_items() if standings[item.item] == "scores"]
    total = sum(item.weight for item in scoring)
    if uncertain:
        return NotEvaluable(uncertain, lower_bound=total)
    systems = dict.fromkeys((item.system for item in sledai_2k_items()), 0)
    for item in scoring:
        systems[item.system] += item.weight
    return SledaiScore(
        total=total,
        clinical=sum(item.weight for item in scoring if not item.is_serology),
        by_system=systems,
        contributing=tuple(item.item for item in scoring),
        excluded=tuple(name for name, standing in standings.items() if standing == "excluded"),
    )


def score_clinical_sledai_2k(items: Mapping[str, str], attributions: Mapping[str, str]) -> int | NotEvaluable:
    """The clinical SLEDAI-2K (without complement and anti-dsDNA), which may be known where the total is not.

    Source: DORIS 2021 (van Vollenhoven, Lupus Sci Med 2021;8:e000538): serology is left out.
    """
    clinical = tuple(item for item in sledai_2k_items() if not item.is_serology)
    standings = _standings(clinical, items, attributions)
    total = sum(item.weight for item in clinical if standings[item.item] == "scores")
    uncertain = _uncertain(standings, items)
    return NotEvaluable(uncertain, lower_bound=total) if uncertain else total


def _standings(
    scored: Iterable[SledaiItem], items: Mapping[str, str], attributions: Mapping[str, str]
) -> dict[str, Standing]:
    scored = tuple(scored)
    _require_words(scored, items, _ANSWERS, "the item")
    _require_words(scored, attributions, _ATTRIBUTIONS, "the attribution of")
    return {item.item: _standing(items.get(item.item, ""), attributions.get(item.item, "")) for item in scored}


def _standing(answer: str, attribution: str) -> Standing:
    match (answer, attribution):
        case ("no", _):
            return "absent"
        case ("yes", "sle"):
            return "scores"
        case ("yes", "other"):
            return "excluded"
        case _:
            return "uncertain"


def _uncertain(standings: Mapping[str, Standing], items: Mapping[str, str]) -> str:
    """Why there is no definite score, or blank: which items are unknown, which present ones lack a cause."""
    unsure = [name for name, standing in standings.items() if standing == "uncertain"]
    absent = [name for name in unsure if items.get(name, "") != "yes"]
    unattributed = [name for name in unsure if items.get(name, "") == "yes"]
    parts = []
    if absent:
        parts.append(f"not known whether present: {', '.join(absent)}")
    if unattributed:
        parts.append(f"present, not known whether due to SLE: {', '.join(unattributed)}")
    return "; ".join(parts)


def _require_words(scored: Iterable[SledaiItem], given: Mapping[str, str], allowed: tuple[str, ...], what: str) -> None:
    findings = [
        Finding(
            message=f"SLEDAI-2K: {what} {item.item} has a value that cannot be read",
            where=item.item,
            found=repr(given[item.item]),
            expected=", ".join(word for word in allowed if word) + " or blank",
            next_step="correct the entry",
        )
        for item in scored
        if item.item in given and given[item.item] not in allowed
    ]
    if findings:
        raise UsageError(findings)
