"""BICLA: every A and B of the baseline improved, no new ones, SLEDAI and PGA not worse, no treatment failure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from celltrial.answers import Condition, YesNoUnknown, all_of, conclude
from celltrial.instruments.bilag_2004 import bilag_change, read_bilag_grades
from celltrial.instruments.sri.responder import (
    ResponderConclusion,
    ResponderVisit,
    hold_adherence,
    hold_few_new_b,
    hold_no_new_a,
    hold_pga_increase,
    name_peculiarities,
    require_comparable,
)
from celltrial.instruments.visit_values import total_text
from celltrial.missing import NotEvaluable

__all__ = ["BICLA_EMBLEM", "BICLA_TULIP", "BiclaRules", "assess_bicla"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BiclaRules:
    """One wording of BICLA; they differ where the PGA has risen by exactly a tenth of its scale (0.3 of 0 to 3).

    pga_increase_limit, is_pga_limit_allowed: how far the PGA may rise. most_new_b: new grades B that are borne.
    fewest_b_at_baseline: grades B that, without an A, make a baseline evaluable: 2 as the trials asked at entry, or 1.
    """

    name: str
    pga_increase_limit: Decimal = Decimal("0.3")
    is_pga_limit_allowed: bool
    most_new_b: int = 1
    fewest_b_at_baseline: int = 2


# below 0.3 on 0 to 3 (the wording of the TULIP trials, which could not be verified in print)
BICLA_TULIP = BiclaRules(name="BICLA (TULIP)", is_pga_limit_allowed=False)
# a deterioration of at most 10 % of the scale (Wallace DJ et al. 2011, EMBLEM)
BICLA_EMBLEM = BiclaRules(name="BICLA (EMBLEM)", is_pga_limit_allowed=True)


def assess_bicla(
    baseline: ResponderVisit,
    visit: ResponderVisit,
    *,
    broke_medication_rules: YesNoUnknown,
    discontinued_early: YesNoUnknown,
    rules: BiclaRules = BICLA_TULIP,
) -> ResponderConclusion:
    """Whether the visit is a BICLA response against baseline.

    Without an A or enough grades B at baseline there is nothing to improve: not evaluable, neither yes nor no.
    Response needs every value known; one failed condition decides no response.

    Args:
        baseline, visit: the two assessments; same form and window of SLEDAI.
        broke_medication_rules, discontinued_early: treatment failure (therapy outside the protocol); left the trial.
        rules: one of the wordings.
    Raises:
        UsageError: the two SLEDAI are not of one form and window; a word no rule knows.
    Source: Wallace DJ et al., Arthritis Rheum 2011;63:S894 (five parts, as the instrument's registry entry gives them);
        entry of at least 1 A or 2 B: Wallace DJ et al. (EMBLEM), Ann Rheum Dis 2014;73:183-90.
    """
    require_comparable(baseline, visit)
    sign: Literal["<", "<="] = "<=" if rules.is_pga_limit_allowed else "<"
    conditions = [
        _improved(baseline, visit),
        hold_no_new_a(baseline, visit),
        hold_few_new_b(baseline, visit, rules.most_new_b),
        _no_rise(baseline, visit),
        hold_pga_increase(baseline, visit, sign, rules.pga_increase_limit),
        hold_adherence(broke_medication_rules, discontinued_early),
    ]
    return ResponderConclusion(
        evaluable=_evaluable(baseline, rules),
        conclusion=conclude(conditions, _flags(baseline, visit, rules)),
    )


def _evaluable(baseline: ResponderVisit, rules: BiclaRules) -> Condition:
    """Enough activity at baseline; systems without a grade might bring it there."""
    grades = list(read_bilag_grades(baseline.bilag).values())
    a, b, ungraded = grades.count("A"), grades.count("B"), grades.count("")
    told = f"baseline BILAG {a} A, {b} B, {ungraded} not graded; needs 1 A or {rules.fewest_b_at_baseline} B"
    answer: YesNoUnknown = "unknown" if ungraded else "no"
    if a or b >= rules.fewest_b_at_baseline:
        answer = "yes"
    return Condition(name="evaluable", answer=answer, reason=told)


def _improved(baseline: ResponderVisit, visit: ResponderVisit) -> Condition:
    """From A to B or lower, from B to C or lower, in every system.

    A system without a baseline grade leaves it open, unless it is at A now: then it is not improved, or a new A.
    """
    systems = bilag_change(baseline.bilag, visit.bilag).improved
    answer = all_of(systems.values())
    words = {"yes": "improved", "no": "not improved", "unknown": "not known"}
    told = [system for system, each in systems.items() if each == answer]
    return Condition(
        name="every BILAG A and B improved",
        answer=answer,
        reason=f"{words[answer]}: {', '.join(told) or 'none was A or B'}",
    )


def _no_rise(baseline: ResponderVisit, visit: ResponderVisit) -> Condition:
    name = f"{visit.index} not higher"
    told = f"{total_text(baseline.sledai)} to {total_text(visit.sledai)}"
    if not isinstance(baseline.sledai, int):
        return Condition(name=name, answer="unknown", reason=told)
    match visit.sledai:
        case NotEvaluable(lower_bound=bound) if bound is not None and bound > baseline.sledai:
            return Condition(name=name, answer="no", reason=told)
        case None | NotEvaluable():
            return Condition(name=name, answer="unknown", reason=told)
        case total:
            return Condition(name=name, answer="yes" if total <= baseline.sledai else "no", reason=told)


def _flags(baseline: ResponderVisit, visit: ResponderVisit, rules: BiclaRules) -> Iterator[str]:
    yield from name_peculiarities(baseline, visit)
    if baseline.pga is not None and visit.pga is not None and visit.pga - baseline.pga == rules.pga_increase_limit:
        reading = "allowed" if rules.is_pga_limit_allowed else "not allowed"
        yield f"PGA rose by exactly {rules.pga_increase_limit}: wordings differ; read here as {reading} ({rules.name})"
