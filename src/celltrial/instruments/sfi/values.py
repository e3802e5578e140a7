"""What the flare index reads at two visits, and the two completions of it: flare least likely, flare most likely.

Every criterion goes one way in every value (a higher score now, a lower one before, a lower platelet count make a flare
likelier). So two completions of what is not known are enough to try them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = ["CompleteValues", "FlareValues", "SfiCriterion", "complete_values", "sfi_criteria"]

_WORDS = ("yes", "no", "unknown", "")
_HIGHEST_SLEDAI = 105
_WEIGHTS = ("1", "1000")
_RANGES = (
    ("sledai_before", "0", str(_HIGHEST_SLEDAI)),
    ("sledai_after", "0", str(_HIGHEST_SLEDAI)),
    ("pga_before", "0", "3"),
    ("pga_after", "0", "3"),
    ("prednisone_before_mg_day", "0", "Infinity"),
    ("prednisone_after_mg_day", "0", "Infinity"),
    ("weight_kg", *_WEIGHTS),
    ("platelets_10e9_l", "0", "Infinity"),
    ("hemoglobin_before_g_l", "0", "400"),
    ("hemoglobin_after_g_l", "0", "400"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SfiCriterion:
    """One criterion of `criteria.csv`. kind: score, manifestation, medication, hospitalisation or pga."""

    criterion: str
    severity: str
    kind: str
    is_asked: bool
    needs_treatment: bool
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlareValues:
    """The values of two visits; None is not known.

    sledai_before, sledai_after: SELENA-SLEDAI, or the NotEvaluable of an incomplete one (its lower bound is used).
    pga_before, pga_after: 0 to 3. prednisone: prednisone-equivalent mg per day. weight_kg: at the later visit.
    platelets_10e9_l: lowest at the later visit. haemoglobin: g/L (not g/dL).
    answers: criterion id -> yes, no or unknown for each criterion that is asked; missing or blank is unknown.
    """

    sledai_before: int | NotEvaluable | None = None
    sledai_after: int | NotEvaluable | None = None
    pga_before: Decimal | None = None
    pga_after: Decimal | None = None
    prednisone_before_mg_day: Decimal | None = None
    prednisone_after_mg_day: Decimal | None = None
    weight_kg: Decimal | None = None
    platelets_10e9_l: Decimal | None = None
    hemoglobin_before_g_l: Decimal | None = None
    hemoglobin_after_g_l: Decimal | None = None
    answers: Mapping[str, str]

    def __post_init__(self) -> None:
        findings = [*_check_numbers(self), *_check_answers(self.answers)]
        if findings:
            raise UsageError(findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteValues:
    """The same values with nothing unknown; numbers that stand for an unknown one may be infinite."""

    sledai_before: int
    sledai_after: int
    pga_before: Decimal
    pga_after: Decimal
    prednisone_before_mg_day: Decimal
    prednisone_after_mg_day: Decimal
    weight_kg: Decimal
    platelets_10e9_l: Decimal
    hemoglobin_before_g_l: Decimal
    hemoglobin_after_g_l: Decimal
    answers: Mapping[str, bool]


@cache
def sfi_criteria() -> tuple[SfiCriterion, ...]:
    """The criteria of `criteria.csv`, mild/moderate first."""
    return tuple(
        SfiCriterion(
            criterion=row["criterion"],
            severity=row["severity"],
            kind=row["kind"],
            is_asked=row["asked"] == "yes",
            needs_treatment=row["needs_treatment"] == "yes",
            definition=row["definition"],
        )
        for row in read_package_table("celltrial.instruments.sfi", "criteria.csv")
    )


def complete_values(values: FlareValues) -> tuple[CompleteValues, CompleteValues]:
    """The values with all that is not known set so that a flare is least likely, and so that it is most likely."""
    return _complete(values, flares=False), _complete(values, flares=True)


def _complete(values: FlareValues, *, flares: bool) -> CompleteValues:
    """What makes a flare likelier: much now, little before, a light person, few platelets, a deep fall."""
    now, before = ("high", "low") if flares else ("low", "high")
    return CompleteValues(
        sledai_before=_sledai(values.sledai_before, before),
        sledai_after=_sledai(values.sledai_after, now),
        pga_before=_number(values.pga_before, before, "0", "3"),
        pga_after=_number(values.pga_after, now, "0", "3"),
        prednisone_before_mg_day=_number(values.prednisone_before_mg_day, before, "0", "Infinity"),
        prednisone_after_mg_day=_number(values.prednisone_after_mg_day, now, "0", "Infinity"),
        weight_kg=_number(values.weight_kg, before, *_WEIGHTS),
        platelets_10e9_l=_number(values.platelets_10e9_l, before, "0", "Infinity"),
        hemoglobin_before_g_l=_number(values.hemoglobin_before_g_l, now, "0", "Infinity"),
        hemoglobin_after_g_l=_number(values.hemoglobin_after_g_l, before, "0", "Infinity"),
        answers={
            each.criterion: (flares if answer not in ("yes", "no") else answer == "yes")
            for each in sfi_criteria()
            if each.is_asked
            for answer in (values.answers.get(each.criterion, ""),)
        },
    )


def _sledai(score: int | NotEvaluable | None, end: str) -> int:
    match score:
        case int():
            return score
        case NotEvaluable(lower_bound=bound) if end == "low" and bound is not None:
            return int(bound)
        case _:
            return 0 if end == "low" else _HIGHEST_SLEDAI


def _number(value: Decimal | None, end: str, low: str, high: str) -> Decimal:
    return value if value is not None else Decimal(low if end == "low" else high)


def _check_numbers(values: FlareValues) -> list[Finding]:
    findings = []
    for name, least, most in _RANGES:
        given = getattr(values, name)
        number = given.lower_bound if isinstance(given, NotEvaluable) else given
        if number is None:
            continue
        number = Decimal(str(number))
        if not number.is_finite() or not Decimal(least) <= number <= Decimal(most):
            expected = f"{least} to {most}" if most != "Infinity" else f"{least} or more"
            findings.append(_senseless(name, str(number), expected))
    return findings


def _check_answers(answers: Mapping[str, str]) -> list[Finding]:
    asked = [each.criterion for each in sfi_criteria() if each.is_asked]
    unknown = [name for name in answers if name not in asked]
    return [
        *(_senseless(name, "not a criterion that is asked", ", ".join(asked)) for name in unknown),
        *(
            _senseless(name, repr(answers[name]), "yes, no, unknown or blank")
            for name in asked
            if answers.get(name, "") not in _WORDS
        ),
    ]


def _senseless(where: str, found: str, expected: str) -> Finding:
    return Finding(
        message=f"SELENA flare index: {where} has a value that makes no sense",
        where=where,
        found=found,
        expected=expected,
        next_step="correct the entry",
    )
