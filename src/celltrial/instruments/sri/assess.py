"""SRI-4 to SRI-8: enough of a fall in SLEDAI, no new organ involvement by BILAG, no worsening by PGA, rules kept."""

from dataclasses import dataclass
from decimal import Decimal

from celltrial.answers import Condition, YesNoUnknown, conclude, hold_against
from celltrial.errors import Finding, UsageError
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

__all__ = ["SriRules", "assess_sri"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SriRules:
    """One form of the index.

    points: the fall of SLEDAI that is asked for; 4 for SRI-4. most_new_b: new grades B that are borne.
    pga_increase_below: on the 0 to 3 scale; an increase of exactly this much fails.
    needs_adherence: whether the trial's rule on medication and discontinuation is a condition (it is in most trials;
        the first paper leaves it to the trial).
    """

    points: int = 4
    most_new_b: int = 1
    pga_increase_below: Decimal = Decimal("0.3")
    needs_adherence: bool = True

    def __post_init__(self) -> None:
        if self.points < 1:
            raise UsageError(
                Finding(
                    message="SRI needs a fall of at least 1 point",
                    found=str(self.points),
                    expected="4 for SRI-4, up to 8 for SRI-8",
                    next_step="correct the number of points",
                )
            )


def assess_sri(
    baseline: ResponderVisit,
    visit: ResponderVisit,
    *,
    broke_medication_rules: YesNoUnknown,
    discontinued_early: YesNoUnknown,
    rules: SriRules | None = None,
) -> ResponderConclusion:
    """Whether the visit is an SRI response against baseline.

    A baseline SLEDAI below the points asked for cannot fall by them (a participant who entered for one severe organ):
    not evaluable, neither yes nor no. Response needs every value known; one failed condition decides no response.
    Some registry texts join the two BILAG parts with "or"; both are needed.

    Args:
        baseline, visit: the two assessments; same form and window of SLEDAI.
        broke_medication_rules, discontinued_early: the trial's rule (prohibited or rescue medication; left the trial).
        rules: SRI-4 where not given.
    Raises:
        UsageError: the two SLEDAI are not of one form and window; a word no rule knows.
    Source: Furie RA et al., Arthritis Rheum 2009;61:1143-51; SLEDAI-2K in place of SELENA-SLEDAI as in NCT04895241.
        New A: A now and not before; new B: B now and C, D or E before (this part could not be verified in print).

    >>> quiet = dict.fromkeys(["constitutional", "mucocutaneous", "neuropsychiatric", "musculoskeletal",
    ...     "cardiorespiratory", "gastrointestinal", "ophthalmic", "renal", "haematological"], "D")
    >>> before = ResponderVisit(sledai=10, bilag=quiet | {"renal": "A"}, pga=Decimal("2.0"), window_days=30)
    >>> after = ResponderVisit(sledai=6, bilag=quiet | {"renal": "B"}, pga=Decimal("2.3"), window_days=30)
    >>> result = assess_sri(before, after, broke_medication_rules="no", discontinued_early="no")
    >>> result.answer, result.reason
    ('no', 'PGA increase: 2.0 to 2.3: 0.3, needs < 0.3')
    """
    rules = rules or SriRules()
    require_comparable(baseline, visit)
    conditions = [
        _fall(baseline, visit, rules.points),
        hold_no_new_a(baseline, visit),
        hold_few_new_b(baseline, visit, rules.most_new_b),
        hold_pga_increase(baseline, visit, "<", rules.pga_increase_below),
    ]
    if rules.needs_adherence:
        conditions.append(hold_adherence(broke_medication_rules, discontinued_early))
    return ResponderConclusion(
        evaluable=_evaluable(baseline, rules.points),
        conclusion=conclude(conditions, name_peculiarities(baseline, visit)),
    )


def _evaluable(baseline: ResponderVisit, points: int) -> Condition:
    name = "evaluable"
    match baseline.sledai:
        case NotEvaluable(lower_bound=bound) if bound is not None and bound >= points:
            return Condition(name=name, answer="yes", reason=f"baseline {baseline.index} at least {bound:g}")
        case None | NotEvaluable():
            told = total_text(baseline.sledai)
            return Condition(name=name, answer="unknown", reason=f"baseline {baseline.index} {told}, needs >= {points}")
        case total:
            held = hold_against(name, total, ">=", points)
            return Condition(name=name, answer=held.answer, reason=f"baseline {baseline.index} {held.reason}")


def _fall(baseline: ResponderVisit, visit: ResponderVisit, points: int) -> Condition:
    """The fall; an incomplete score at the visit may already be too high, an incomplete baseline shows nothing."""
    name = f"{visit.index} fall"
    told = f"{total_text(baseline.sledai)} to {total_text(visit.sledai)}, needs a fall of >= {points}"
    if not isinstance(baseline.sledai, int):
        return Condition(name=name, answer="unknown", reason=told)
    match visit.sledai:
        case NotEvaluable(lower_bound=bound) if bound is not None and baseline.sledai - bound < points:
            return Condition(name=name, answer="no", reason=told)
        case None | NotEvaluable():
            return Condition(name=name, answer="unknown", reason=told)
        case total:
            return Condition(name=name, answer="yes" if baseline.sledai - total >= points else "no", reason=told)
