"""What the SLEDAI family shares: descriptors present or absent, due to lupus or not, and what an unknown one does.

SLEDAI-2K and SELENA-SLEDAI have the same 24 descriptors and weights; their definitions differ (each has its table).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = [
    "SledaiItem",
    "SledaiScore",
    "Standing",
    "find_standings",
    "name_uncertain",
    "read_descriptors",
    "require_window",
    "sum_descriptors",
    "total_without",
]

_ANSWERS = ("yes", "no", "unknown", "")
_ATTRIBUTIONS = ("sle", "other", "unknown", "")
_WINDOWS = (10, 30)

Standing = Literal["absent", "scores", "excluded", "uncertain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SledaiItem:
    """One of the 24 descriptors: its weight and organ system.

    Serology is left out of the clinical score, all laboratory items out of the non-laboratory one.
    """

    number: int
    item: str
    weight: int
    system: str
    is_serology: bool
    is_laboratory: bool
    definition: str
    exclusions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SledaiScore:
    """A definite score: 0 to 105; systems that score nothing are there with 0.

    clinical: without items 20 and 21 (complement, anti-dsDNA), as DORIS 2021 and most authors mean it.
    nonlaboratory: without every laboratory item (urine, blood counts, serology), which the anifrolumab trials call
        clinical too; 0 to 83.
    `contributing` are the items that score, `excluded` those present for another cause than lupus, in published order.
    window_days: the days before the visit that the items cover; None where that is not told.
    instrument: which definitions the items were read by; scores of two instruments are not compared.
    """

    total: int
    clinical: int
    nonlaboratory: int
    by_system: Mapping[str, int]
    contributing: tuple[str, ...]
    excluded: tuple[str, ...]
    window_days: int | None = None
    instrument: str = "SLEDAI-2K"


def read_descriptors(package: str) -> tuple[SledaiItem, ...]:
    """The 24 items of the `items.csv` of an instrument, in their published order."""
    return tuple(
        SledaiItem(
            number=int(row["number"]),
            item=row["item"],
            weight=int(row["weight"]),
            system=row["system"],
            is_serology=row["serology"] == "yes",
            is_laboratory=row["laboratory"] == "yes",
            definition=row["definition"],
            exclusions=row["exclusions"],
        )
        for row in read_package_table(package, "items.csv")
    )


def sum_descriptors(
    instrument: str, descriptors: Sequence[SledaiItem], standings: Mapping[str, Standing], window_days: int | None
) -> SledaiScore:
    """The sums of the descriptors that score; meant for standings without an uncertain one."""
    scoring = [item for item in descriptors if standings[item.item] == "scores"]
    systems = dict.fromkeys((item.system for item in descriptors), 0)
    for item in scoring:
        systems[item.system] += item.weight
    return SledaiScore(
        total=sum(item.weight for item in scoring),
        clinical=sum(item.weight for item in scoring if not item.is_serology),
        nonlaboratory=sum(item.weight for item in scoring if not item.is_laboratory),
        by_system=systems,
        contributing=tuple(item.item for item in scoring),
        excluded=tuple(name for name, standing in standings.items() if standing == "excluded"),
        window_days=window_days,
        instrument=instrument,
    )


def find_standings(
    instrument: str, scored: Iterable[SledaiItem], items: Mapping[str, str], attributions: Mapping[str, str]
) -> dict[str, Standing]:
    """Where each descriptor stands: absent, scoring, present for another cause, or uncertain.

    Raises UsageError with every answer and attribution that is none of the words, all at once.
    """
    scored = tuple(scored)
    _require_words(instrument, scored, items, attributions)
    return {item.item: _standing(items.get(item.item, ""), attributions.get(item.item, "")) for item in scored}


def name_uncertain(standings: Mapping[str, Standing], items: Mapping[str, str]) -> str:
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


def total_without(
    instrument: str, scored: Sequence[SledaiItem], items: Mapping[str, str], attributions: Mapping[str, str]
) -> int | NotEvaluable:
    """The sum over some of the descriptors only, which may be known where the total is not."""
    standings = find_standings(instrument, scored, items, attributions)
    total = sum(item.weight for item in scored if standings[item.item] == "scores")
    uncertain = name_uncertain(standings, items)
    return NotEvaluable(uncertain, lower_bound=total) if uncertain else total


def require_window(instrument: str, window_days: int | None) -> None:
    """Raise UsageError for a window that nobody has validated."""
    if window_days is not None and window_days not in _WINDOWS:
        raise UsageError(
            Finding(
                message=f"{instrument}: no such window",
                where="window_days",
                found=str(window_days),
                expected="10 or 30 days, or nothing where it is not known",
                rule="10 days: Gladman 2002; 30 days: Touma 2010",
                next_step="correct the window",
            )
        )


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


def _require_words(
    instrument: str, scored: Sequence[SledaiItem], items: Mapping[str, str], attributions: Mapping[str, str]
) -> None:
    checks = ((items, _ANSWERS, "the item"), (attributions, _ATTRIBUTIONS, "the attribution of"))
    findings = [
        Finding(
            message=f"{instrument}: {what} {item.item} has a value that cannot be read",
            where=item.item,
            found=repr(given[item.item]),
            expected=", ".join(word for word in allowed if word) + " or blank",
            next_step="correct the entry",
        )
        for given, allowed, what in checks
        for item in scored
        if item.item in given and given[item.item] not in allowed
    ]
    if findings:
        raise UsageError(findings)
