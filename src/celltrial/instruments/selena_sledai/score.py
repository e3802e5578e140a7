"""SELENA-SLEDAI: the descriptors and weights of SLEDAI-2K under definitions of its own, proteinuria above all.

Proteinuria that is stable scores in SLEDAI-2K; here only what is new or has recently risen does. The BLISS trials used
SELENA-SLEDAI with the rule of the 2K. Which of the two holds is an option, since the prints do not agree.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Literal

from celltrial.answers import Condition, YesNoUnknown, all_of, any_of, hold_against
from celltrial.errors import Finding, UsageError
from celltrial.instruments.sledai_2k.descriptors import (
    SledaiItem,
    SledaiScore,
    find_standings,
    name_uncertain,
    read_descriptors,
    sum_descriptors,
    total_without,
)
from celltrial.missing import NotEvaluable

__all__ = [
    "NEW_PROTEINURIA",
    "ProteinuriaRule",
    "derive_new_proteinuria",
    "score_clinical_selena_sledai",
    "score_selena_sledai",
    "selena_sledai_items",
]

ProteinuriaRule = Literal["selena", "2k"]

NEW_PROTEINURIA = "proteinuria_new_or_increased"

_NAMES: dict[str, str] = {"selena": "SELENA-SLEDAI", "2k": "SELENA-SLEDAI, proteinuria by the rule of the 2K"}
_WINDOW_DAYS = 10
_LIMIT = Decimal("0.5")
_WORDS: dict[str, YesNoUnknown] = {"yes": "yes", "no": "no", "unknown": "unknown", "": "unknown"}


@cache
def selena_sledai_items() -> tuple[SledaiItem, ...]:
    """The 24 items of `items.csv`, in their published order."""
    return read_descriptors("celltrial.instruments.selena_sledai")


def score_selena_sledai(
    items: Mapping[str, str], attributions: Mapping[str, str], *, proteinuria_rule: ProteinuriaRule = "selena"
) -> SledaiScore | NotEvaluable:
    """The SELENA-SLEDAI of one assessment, over 10 days.

    Args:
        items: item id -> `yes`, `no` or `unknown`; a missing or blank item is unknown. `proteinuria` is more than
            0.5 g per 24 h, however long; `proteinuria_new_or_increased` whether it is new or has risen by more than
            0.5 g, read by the rule `selena` only. Other keys are not read.
        attributions: item id -> `sle`, `other` or `unknown`, read for present items only; missing or blank is unknown.
        proteinuria_rule: `selena` scores only new or risen proteinuria; `2k` any (BLISS trials).
    Returns:
        SledaiScore; or NotEvaluable naming what is unknown, with the sum of what is certain as lower bound.
    Raises:
        UsageError: a value that is none of these, all of them at once; proteinuria that is absent and risen.
    Source: Petri M et al., N Engl J Med 2005;353:2550-8; the rule of proteinuria is background, not verified.

    >>> none = {item.item: "no" for item in selena_sledai_items()}
    >>> stable = none | {"proteinuria": "yes", "proteinuria_new_or_increased": "no"}
    >>> score_selena_sledai(stable, {"proteinuria": "sle"}).total
    0
    >>> score_selena_sledai(stable, {"proteinuria": "sle"}, proteinuria_rule="2k").total
    4
    """
    name = _require_rule(proteinuria_rule)
    find_standings(name, selena_sledai_items(), items, attributions)
    read = _with_rule(items, proteinuria_rule)
    standings = find_standings(name, selena_sledai_items(), read, attributions)
    score = sum_descriptors(name, selena_sledai_items(), standings, _WINDOW_DAYS)
    uncertain = name_uncertain(standings, read)
    return NotEvaluable(uncertain, lower_bound=score.total) if uncertain else score


def score_clinical_selena_sledai(
    items: Mapping[str, str], attributions: Mapping[str, str], *, proteinuria_rule: ProteinuriaRule = "selena"
) -> int | NotEvaluable:
    """The SELENA-SLEDAI without complement and anti-dsDNA, which may be known where the total is not."""
    name = _require_rule(proteinuria_rule)
    clinical = tuple(item for item in selena_sledai_items() if not item.is_serology)
    find_standings(name, clinical, items, attributions)
    return total_without(name, clinical, _with_rule(items, proteinuria_rule), attributions)


def derive_new_proteinuria(now_g_24h: Decimal | None, before_g_24h: Decimal | None) -> Condition:
    """Whether proteinuria is new (over 0.5 g/24 h, and not before) or has risen by more than 0.5 g/24 h.

    Args:
        now_g_24h, before_g_24h: grams per 24 hours (or g/g, both alike), now and at the assessment before; None is not
            known. Without a value before, it is unknown where there is proteinuria now.
    Our reading: crossing 0.5 g/24 h is new onset, however small the step.

    >>> derive_new_proteinuria(Decimal("1.2"), Decimal("1.0")).answer
    'no'
    >>> derive_new_proteinuria(Decimal("0.6"), Decimal("0.4")).answer
    'yes'
    """
    findings = [
        _senseless(where, str(value), "0 or more g/24 h")
        for where, value in (("now_g_24h", now_g_24h), ("before_g_24h", before_g_24h))
        if value is not None and not (value.is_finite() and value >= 0)
    ]
    if findings:
        raise UsageError(findings)
    present = hold_against("now", now_g_24h, ">", _LIMIT, "g/24 h")
    absent_before = hold_against("before", before_g_24h, "<=", _LIMIT, "g/24 h")
    rise = None if now_g_24h is None or before_g_24h is None else now_g_24h - before_g_24h
    risen = hold_against("rise", rise, ">", _LIMIT, "g/24 h")
    parts = (present, absent_before, risen)
    return Condition(
        name=NEW_PROTEINURIA,
        answer=all_of([present.answer, any_of([absent_before.answer, risen.answer])]),
        reason="; ".join(f"{part.name}: {part.reason}" for part in parts),
    )


def _with_rule(items: Mapping[str, str], rule: ProteinuriaRule) -> Mapping[str, str]:
    """The items with proteinuria as the rule counts it. Raises UsageError where the two answers exclude each other."""
    if rule == "2k":
        return items
    present, new = items.get("proteinuria", ""), items.get(NEW_PROTEINURIA, "")
    if new not in _WORDS:
        raise UsageError(_senseless(NEW_PROTEINURIA, repr(new), "yes, no, unknown or blank"))
    if present == "no" and new == "yes":
        raise UsageError(_senseless(NEW_PROTEINURIA, "yes, without proteinuria", "no, or proteinuria yes"))
    return {**items, "proteinuria": all_of([_WORDS[present], _WORDS[new]])}


def _require_rule(rule: ProteinuriaRule) -> str:
    if rule not in _NAMES:
        raise UsageError(_senseless("proteinuria_rule", repr(rule), ", ".join(_NAMES)))
    return _NAMES[rule]


def _senseless(where: str, found: str, expected: str) -> Finding:
    return Finding(
        message=f"SELENA-SLEDAI: {where} has a value that makes no sense",
        where=where,
        found=found,
        expected=expected,
        next_step="correct the entry",
    )
