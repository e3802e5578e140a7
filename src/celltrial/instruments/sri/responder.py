"""What SRI and BICLA share: a visit beside its baseline, the BILAG and PGA conditions, an answer with a denominator.

Somebody who could not respond belongs in no denominator by accident: whether the baseline allows the question at all is
a condition of its own, and without it there is neither a yes nor a no.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from celltrial.answers import Conclusion, Condition, YesNoUnknown, any_of, hold_against, negate
from celltrial.errors import Finding
from celltrial.instruments.bilag_2004 import bilag_change, bilag_systems, check_bilag_course, read_bilag_grades
from celltrial.instruments.visit_values import ActivityTotal, find_bad_values, find_bad_words, require_none

__all__ = [
    "ResponderConclusion",
    "ResponderVisit",
    "SledaiIndex",
    "hold_adherence",
    "hold_few_new_b",
    "hold_no_new_a",
    "hold_pga_increase",
    "name_peculiarities",
    "require_comparable",
]

SledaiIndex = Literal["SLEDAI-2K", "SELENA-SLEDAI", "SELENA-SLEDAI, proteinuria by the rule of the 2K"]

_WINDOWS = (10, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderVisit:
    """One assessment: a SLEDAI total, the BILAG-2004 grades and the PGA; None and blank are things not known.

    sledai: the total, or NotEvaluable with what is certain of it. index, window_days: which form it is and the days it
        covers (10 or 30; None where it is not told); both as `SledaiScore` carries them (`instrument`, `window_days`).
    bilag: system id -> A to E; a system that is missing or blank is not known. pga: 0 to 3.
    """

    sledai: ActivityTotal
    bilag: Mapping[str, str]
    pga: Decimal | None
    index: SledaiIndex = "SLEDAI-2K"
    window_days: int | None = None

    def __post_init__(self) -> None:
        where = "responder index"
        findings = find_bad_values(where, totals={self.index: self.sledai}, pga=self.pga)
        findings += find_bad_words(where, {"index": self.index}, get_args(SledaiIndex))
        if self.window_days is not None and self.window_days not in _WINDOWS:
            findings.append(
                Finding(
                    message="no such window of SLEDAI",
                    where=where,
                    found=f"{self.window_days} days",
                    expected="10 or 30 days, or none where it is not told",
                    next_step="correct the window",
                )
            )
        require_none(findings)
        read_bilag_grades(self.bilag)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderConclusion:
    """Whether a participant responded, and whether the baseline allows the question.

    evaluable: whether the baseline has enough activity. conclusion: the conditions of the definition at the visit.
    """

    evaluable: Condition
    conclusion: Conclusion

    @property
    def answer(self) -> YesNoUnknown:
        """Met or not where the baseline is evaluable; unknown where it is not, or may not be."""
        return self.conclusion.answer if self.evaluable.answer == "yes" else "unknown"

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know beside the answer; a baseline that is not evaluable comes first."""
        if self.evaluable.answer != "no":
            return self.conclusion.flags
        return (f"not evaluable: {self.evaluable.reason}", *self.conclusion.flags)

    @property
    def reason(self) -> str:
        """What decides; where the baseline is not (or may not be) evaluable, that."""
        match self.evaluable.answer:
            case "yes":
                return self.conclusion.reason
            case "no":
                return f"not evaluable: {self.evaluable.reason}"
            case _:
                return f"not known whether evaluable: {self.evaluable.reason}"


def require_comparable(baseline: ResponderVisit, visit: ResponderVisit) -> None:
    """Raise UsageError where the two SLEDAI totals are of another form or window: their difference means nothing."""
    pairs: list[tuple[str, str, str]] = [("form of SLEDAI", baseline.index, visit.index)]
    if baseline.window_days is not None and visit.window_days is not None:
        pairs.append(("window of SLEDAI", f"{baseline.window_days} days", f"{visit.window_days} days"))
    require_none(
        [
            Finding(
                message=f"baseline and visit differ in the {what}",
                where="responder index",
                found=f"{before} and {after}",
                expected="the same at both",
                next_step="score both assessments alike",
            )
            for what, before, after in pairs
            if before != after
        ]
    )


def hold_no_new_a(baseline: ResponderVisit, visit: ResponderVisit) -> Condition:
    """No system of grade A that was not A at baseline."""
    change = bilag_change(baseline.bilag, visit.bilag)
    return _at_most("no new BILAG A", change.new_a, 0, _ungraded(baseline, visit))


def hold_few_new_b(baseline: ResponderVisit, visit: ResponderVisit, most: int) -> Condition:
    """At most so many systems of grade B that were C, D or E at baseline."""
    change = bilag_change(baseline.bilag, visit.bilag)
    return _at_most(f"at most {most} new BILAG B", change.new_b, most, _ungraded(baseline, visit))


def hold_pga_increase(
    baseline: ResponderVisit, visit: ResponderVisit, sign: Literal["<", "<="], limit: Decimal
) -> Condition:
    """PGA of the visit minus PGA at baseline against the limit, unrounded."""
    increase = None if visit.pga is None or baseline.pga is None else visit.pga - baseline.pga
    held = hold_against("PGA increase", increase, sign, limit)
    if increase is None:
        return held
    return Condition(name=held.name, answer=held.answer, reason=f"{baseline.pga} to {visit.pga}: {held.reason}")


def hold_adherence(broke_medication_rules: YesNoUnknown, discontinued_early: YesNoUnknown) -> Condition:
    """The trial's rule: no prohibited or rescue medication, and still in the trial."""
    words = {"broke_medication_rules": broke_medication_rules, "discontinued_early": discontinued_early}
    require_none(find_bad_words("responder index", words))
    told = f"medication rules broken: {broke_medication_rules}, discontinued early: {discontinued_early}"
    answer = negate(any_of((broke_medication_rules, discontinued_early)))
    return Condition(name="medication rules kept", answer=answer, reason=told)


def name_peculiarities(baseline: ResponderVisit, visit: ResponderVisit) -> Iterator[str]:
    """Flags for the reader: a window that is not told, and grades E where a system was affected before."""
    if baseline.window_days is None or visit.window_days is None:
        yield f"window of {visit.index} not told for both assessments; 10 and 30 days are not comparable"
    for finding in check_bilag_course(baseline.bilag, visit.bilag):
        yield f"BILAG {finding.where}: {finding.found}; E is never affected, read here as not active"


def _at_most(name: str, changes: Mapping[str, YesNoUnknown], most: int, ungraded: list[str]) -> Condition:
    certain = [system for system, answer in changes.items() if answer == "yes"]
    told = f"{len(certain)} certain" + (f" ({', '.join(certain)})" if certain else "")
    if len(certain) > most:
        return Condition(name=name, answer="no", reason=told)
    if ungraded:
        return Condition(name=name, answer="unknown", reason=f"{told}; not graded: {', '.join(ungraded)}")
    return Condition(name=name, answer="yes", reason=told.replace(" certain", ""))


def _ungraded(baseline: ResponderVisit, visit: ResponderVisit) -> list[str]:
    """Systems without a grade at either assessment: with one of them nothing is met, even where it could not matter."""
    was, now = read_bilag_grades(baseline.bilag), read_bilag_grades(visit.bilag)
    return [system for system in bilag_systems() if not (was[system] and now[system])]
