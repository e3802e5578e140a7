"""The DLT rule as data: clauses and exclusions of `study.yaml`, read and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from celltrial.errors import DateError, Finding, UsageError
from celltrial.safety.terms import names_of_kind
from celltrial.studyday import parse_span

__all__ = [
    "Clause",
    "Exclusion",
    "ExclusionKind",
    "ToxicityKind",
    "excluded_terms",
    "parse_clauses",
    "parse_exclusions",
]

ToxicityKind = Literal["crs", "icans", "iec_hs", "gvhd", "organ", "icaht", "death"]
ExclusionKind = Literal[
    "licats",
    "lymphodepletion_cytopenia",
    "alopecia",
    "isolated_lab",
    "b_cell_aplasia",
    "hypogammaglobulinaemia",
    "disease",
]

# keys for the reader, which say nothing to the predicate
_NOTES = frozenset({"id", "kind", "text", "label", "note", "assumption", "source", "why"})
_HOURS = {"hour": 1, "day": 24, "week": 168}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A toxicity of this kind, at least this grade, lasting over so many hours (None: any), related where asked."""

    id: str
    kind: ToxicityKind
    grade_at_least: int
    lasting_over_hours: float | None
    needs_related: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A toxicity of this kind does not count of itself: it is listed for adjudication."""

    id: str
    kind: ExclusionKind


@cache
def excluded_terms(kind: str) -> frozenset[str]:
    """The terms (case folded) that an exclusion names, with their synonyms, by the dictionary of terms."""
    match kind:
        case "alopecia" | "b_cell_aplasia" | "hypogammaglobulinaemia":
            return names_of_kind(kind)
        case _:
            return frozenset()


def parse_clauses(raw: Sequence[Mapping[str, object]]) -> tuple[Clause, ...]:
    """Read the clauses. Raises UsageError with a finding for everything that cannot be read."""
    findings = [finding for each in raw for finding in _check_clause(each)]
    if findings:
        raise UsageError(findings)
    return tuple(
        Clause(
            id=str(each["id"]),
            kind=cast("ToxicityKind", each["kind"]),
            grade_at_least=_grade(each) or 5,
            lasting_over_hours=_hours(str(each["lasting_over"])) if "lasting_over" in each else None,
            needs_related=each.get("related", False) is True,
        )
        for each in raw
    )


def parse_exclusions(raw: Sequence[Mapping[str, object]]) -> tuple[Exclusion, ...]:
    """Read the exclusions. Raises UsageError with a finding for everything that cannot be read."""
    findings = [finding for each in raw for finding in _check_common(each, get_args(ExclusionKind), frozenset())]
    if findings:
        raise UsageError(findings)
    return tuple(Exclusion(id=str(each["id"]), kind=cast("ExclusionKind", each["kind"])) for each in raw)


def _grade(each: Mapping[str, object]) -> int | None:
    """The grade asked for; a clause of kind `death` may leave it out, and None is not readable."""
    given = each.get("grade_at_least", 5 if each.get("kind") == "death" else None)
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= 5:
        return given
    return int(given) if isinstance(given, str) and given in {"1", "2", "3", "4", "5"} else None


def _hours(text: str) -> float | None:
    try:
        span = parse_span(text)
    except DateError:
        return None
    # months and years are no number of hours
    return float(span.n * _HOURS[span.unit]) if span.unit in _HOURS else None


def _check_clause(each: Mapping[str, object]) -> list[Finding]:
    known = frozenset({"grade_at_least", "lasting_over", "related"})
    findings = _check_common(each, get_args(ToxicityKind), known)
    if _grade(each) is None:
        findings.append(_finding(each, "grade_at_least", "a whole number from 1 to 5"))
    if "lasting_over" in each and _hours(str(each["lasting_over"])) is None:
        findings.append(_finding(each, "lasting_over", "hours, days or weeks, e.g. '72 hours'"))
    if not isinstance(each.get("related", False), bool):
        findings.append(_finding(each, "related", "true or false"))
    return findings


def _check_common(each: Mapping[str, object], kinds: tuple[str, ...], known: frozenset[str]) -> list[Finding]:
    findings = []
    if not isinstance(each.get("id"), str) or not each.get("id"):
        findings.append(_finding(each, "id", "a name of its own"))
    if each.get("kind") not in kinds:
        findings.append(_finding(each, "kind", ", ".join(kinds)))
    # a misspelt key would quietly change the rule
    findings += [
        _finding(each, key, f"one of {', '.join(sorted(known | _NOTES))}") for key in sorted(set(each) - known - _NOTES)
    ]
    return findings


def _finding(each: Mapping[str, object], key: str, expected: str) -> Finding:
    return Finding(
        message=f"DLT rule: `{key}` cannot be read" if key in each else f"DLT rule: `{key}` is missing",
        where=str(each.get("id", "a clause without id")),
        found=repr(each.get(key, "")) if key in each else "nothing",
        expected=expected,
        next_step="correct the DLT rule in study.yaml",
    )
