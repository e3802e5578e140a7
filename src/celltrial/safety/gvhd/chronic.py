"""Chronic graft-versus-host disease by the NIH 2014 consensus: eight organ scores, and the global severity they give.

The organ scores are entered as data: the form that the physician fills in. Skin and lungs can be derived, because their
score is the outcome of two scales. It rates what has been diagnosed as chronic GvHD; it does not diagnose it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Literal

from celltrial.answers import hold_against
from celltrial.errors import Finding, UsageError
from celltrial.missing import NotGradable
from celltrial.tables import read_package_table

__all__ = [
    "CHRONIC_ORGANS",
    "ChronicScore",
    "ChronicSeverity",
    "grade_chronic_gvhd",
    "score_chronic_lungs",
    "score_chronic_skin",
]

CHRONIC_ORGANS = ("skin", "mouth", "eyes", "gi", "liver", "lungs", "joints_fascia", "genital")

Severity = Literal["none", "mild", "moderate", "severe"]
SkinFeatures = Literal["none", "superficial sclerosis", "deep sclerosis", "unknown"]
LungSymptoms = Literal["none", "one flight of stairs", "flat ground", "rest or oxygen", "unknown"]

_ORDER: tuple[Severity, ...] = ("none", "mild", "moderate", "severe")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChronicSeverity:
    """The global severity and the organs that made it; `none`: no organ scores."""

    value: Severity
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChronicScore:
    """An organ's score, 0 to 3, and how it came about."""

    value: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    severity: Severity
    organs: str
    score: int
    at_least: int

    def organs_that_count(self, scores: Mapping[str, int]) -> list[str]:
        asked = [self.organs] if self.organs in scores else list(scores)
        return [organ for organ in asked if scores[organ] >= self.score]


def grade_chronic_gvhd(scores: Mapping[str, int | None]) -> ChronicSeverity | NotGradable:
    """The global severity from the scores of the eight organs; NotGradable names organs whose score could change it.

    Args:
        scores: organ of CHRONIC_ORGANS -> 0 to 3; None or absent is not known and tried each way. An abnormality that
            has wholly another, documented cause is scored 0 by the physician.
    Raises:
        UsageError: an organ that is none of the eight, a score that is not 0 to 3; all of them at once.
    Source: Jagasia MH et al., Biol Blood Marrow Transplant 2015;21:389-401, global severity.

    >>> none = dict.fromkeys(CHRONIC_ORGANS, 0)
    >>> grade_chronic_gvhd(none | {"lungs": 1}).value, grade_chronic_gvhd(none | {"mouth": 1, "eyes": 1}).value
    ('moderate', 'mild')
    """
    _require_scores(scores)
    options = {organ: _options(scores.get(organ)) for organ in CHRONIC_ORGANS}
    unknown = [organ for organ, each in options.items() if len(each) > 1]
    # every rule counts scores upwards, so the two ends of what is not known bound the severity
    lowest, highest = (_severity({organ: end(each) for organ, each in options.items()}) for end in (min, max))
    if lowest.value != highest.value:
        fields = ", ".join(unknown)
        return NotGradable(f"not known: {fields}; the severity may be {lowest.value} to {highest.value}")
    if not unknown:
        return lowest
    return ChronicSeverity(
        value=lowest.value, reasons=(*lowest.reasons, f"whatever the score of: {', '.join(unknown)}")
    )


def score_chronic_skin(bsa_percent: Decimal | None, features: SkinFeatures) -> ChronicScore | NotGradable:
    """The skin score: the higher of the extent and of the sclerotic features (`deep`: hidebound, immobile, ulcerated).

    Source: Jagasia 2015, figure 1. Raises UsageError for numbers and words that make no sense.

    >>> score_chronic_skin(Decimal(10), "superficial sclerosis").value
    2
    """
    _require_percent("skin_bsa_percent", bsa_percent, Decimal(100))
    by_extent = _scores_of_number("skin_bsa_percent", bsa_percent)
    by_features = _scores_of_word("skin_features", features)
    possible = sorted({max(pair) for pair in product(by_extent, by_features)})
    unknown = [
        name for name, each in (("skin_bsa_percent", by_extent), ("skin_features", by_features)) if len(each) > 1
    ]
    if len(possible) > 1:
        return NotGradable(f"not known: {', '.join(unknown)}; the score may be {possible[0]} to {possible[-1]}")
    told = [
        f"{bsa_percent} % of body surface" if bsa_percent is not None else "",
        features if features != "unknown" else "",
    ]
    return ChronicScore(value=possible[0], reason=", features: ".join(part for part in told if part))


def score_chronic_lungs(fev1_percent_predicted: Decimal | None, symptoms: LungSymptoms) -> ChronicScore | NotGradable:
    """The lung score: FEV1 decides where it was measured; else shortness of breath (`one flight of stairs`, ...).

    Source: Jagasia 2015, figure 1: where symptoms and FEV1 disagree, FEV1 gives the score. Raises UsageError for
    numbers and words that make no sense.

    >>> score_chronic_lungs(Decimal(70), "rest or oxygen").value
    1
    """
    _require_percent("fev1_percent_predicted", fev1_percent_predicted, Decimal(200))
    by_symptoms = _scores_of_word("lung_symptoms", symptoms)
    if fev1_percent_predicted is None:
        if symptoms == "unknown":
            return NotGradable("not known: fev1_percent_predicted, lung_symptoms; the score may be 0 to 3")
        return ChronicScore(value=by_symptoms[0], reason=f"FEV1 not known; shortness of breath: {symptoms}")
    value = _scores_of_number("fev1_percent_predicted", fev1_percent_predicted)[0]
    reason = f"FEV1 {fev1_percent_predicted} % of predicted"
    if symptoms != "unknown" and by_symptoms[0] != value:
        reason += f", which decides over shortness of breath ({symptoms}: {by_symptoms[0]})"
    return ChronicScore(value=value, reason=reason)


def _severity(scores: Mapping[str, int]) -> ChronicSeverity:
    for rule in _rules():
        counting = rule.organs_that_count(scores)
        if len(counting) >= rule.at_least:
            return ChronicSeverity(value=rule.severity, reasons=tuple(f"{each} {scores[each]}" for each in counting))
    return ChronicSeverity(value="none", reasons=("no organ scores",))


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            severity=_ORDER[_ORDER.index(row["severity"])],
            organs=row["organs"],
            score=int(row["score"]),
            at_least=int(row["at_least"]),
        )
        for row in read_package_table("celltrial.safety.gvhd", "chronic_severity.csv")
    )


def _options(score: int | None) -> tuple[int, ...]:
    return (0, 1, 2, 3) if score is None else (score,)


def _rows(measure: str) -> list[Mapping[str, str]]:
    table = read_package_table("celltrial.safety.gvhd", "chronic_scores.csv")
    return [row for row in table if row["measure"] == measure]


def _scores_of_number(measure: str, value: Decimal | None) -> tuple[int, ...]:
    """The score of a number; all of them where it is not known."""
    rows = _rows(measure)
    if value is None:
        return tuple(sorted(int(row["score"]) for row in rows))
    return next(
        (int(row["score"]),)
        for row in rows
        if hold_against("", value, row["operator"], Decimal(row["limit"])).answer == "yes"  # type: ignore[arg-type]  # the table's signs
    )


def _scores_of_word(measure: str, word: str) -> tuple[int, ...]:
    """The score of a word; all of them where it is `unknown`."""
    scores = {row["limit"]: int(row["score"]) for row in _rows(measure)}
    if word == "unknown":
        return tuple(sorted(scores.values()))
    if word not in scores:
        raise UsageError(
            Finding(
                message=f"chronic GvHD: {measure} has a value that cannot be read",
                where=measure,
                found=repr(word),
                expected=", ".join((*scores, "unknown")),
                next_step="correct the entry",
            )
        )
    return (scores[word],)


def _require_scores(scores: Mapping[str, int | None]) -> None:
    findings = [
        Finding(
            message="chronic GvHD: no such organ"
            if organ not in CHRONIC_ORGANS
            else "chronic GvHD: a score runs from 0 to 3",
            where=organ,
            found=str(score),
            expected=", ".join(CHRONIC_ORGANS)
            if organ not in CHRONIC_ORGANS
            else "0, 1, 2, 3, or none where not known",
            next_step="correct the entry",
        )
        for organ, score in scores.items()
        if organ not in CHRONIC_ORGANS or score not in (None, 0, 1, 2, 3)
    ]
    if findings:
        raise UsageError(findings)


def _require_percent(name: str, value: Decimal | None, highest: Decimal) -> None:
    if value is not None and not 0 <= value <= highest:
        raise UsageError(
            Finding(
                message=f"chronic GvHD: {name} is a number that makes no sense",
                where=name,
                found=str(value),
                expected=f"0 to {highest} %",
                next_step="correct the entry",
            )
        )
