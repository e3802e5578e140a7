"""The ICE score of an adult from its ten items, for grading neurotoxicity (ICANS)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from celltrial.answers import YesNoUnknown
from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = ["IceScore", "ice_items", "score_ice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IceScore:
    """total: 0 to 10, or why it is not known, with its lower bound. range: the least and the most it can be.

    lost: the items that were failed; not_known: those without an answer.
    """

    total: int | NotEvaluable
    range: tuple[int, int]
    lost: tuple[str, ...]
    not_known: tuple[str, ...]


@cache
def ice_items() -> tuple[str, ...]:
    """The ten items of `ice_items.csv`, in their published order."""
    return tuple(row["item"] for row in read_package_table("celltrial.safety", "ice_items.csv"))


def score_ice(answers: Mapping[str, YesNoUnknown | str]) -> IceScore:
    """One point for each item that was done correctly.

    An item that was tried and could not be done is `no`; one that was not tried is `unknown`. Whether a participant who
    cannot be tested at all is unarousable is for `consciousness` in `IcansObservation` to say.

    Args:
        answers: item of `ice_items()` -> `yes`, `no` or `unknown`; missing or blank is unknown. Other keys: not read.
    Raises:
        UsageError: an answer that is none of these, all of them at once.
    Source: Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-38, table 4.

    >>> score_ice({item: "yes" for item in ice_items()} | {"writing": "no"}).total
    9
    """
    given = {item: answers.get(item) or "unknown" for item in ice_items()}
    findings = [
        Finding(
            message="ICE: an item has a value that cannot be read",
            where=item,
            found=repr(answer),
            expected="yes, no, unknown or blank",
            next_step="correct the entry",
        )
        for item, answer in given.items()
        if answer not in ("yes", "no", "unknown")
    ]
    if findings:
        raise UsageError(findings)
    least = sum(answer == "yes" for answer in given.values())
    not_known = tuple(item for item, answer in given.items() if answer == "unknown")
    most = least + len(not_known)
    reason = f"not known: {', '.join(not_known)}; {least} to {most} points"
    return IceScore(
        total=NotEvaluable(reason, lower_bound=least) if not_known else least,
        range=(least, most),
        lost=tuple(item for item, answer in given.items() if answer == "no"),
        not_known=not_known,
    )
