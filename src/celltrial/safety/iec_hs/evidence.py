"""The evidence for IEC-HS from laboratory values and signs: each criterion yes, no or unknown, with value and limit.

It is a list for a physician, never a diagnosis: the consensus asks for the required criterion and asks no number of the
others, and the syndrome must not be explained by CRS, infection or the disease (lupus itself can look like it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from celltrial.answers import Condition, Operator, YesNoUnknown, all_of, any_of, hold_against
from celltrial.errors import Finding, UsageError
from celltrial.safety.grades import require_words
from celltrial.tables import read_package_table

__all__ = ["IecHsCriterion", "IecHsEvidence", "assess_iec_hs", "iec_hs_numbers", "iec_hs_signs"]

Category = Literal["required", "common", "other"]

_REFERENCES = {
    "uln": ("uln",),
    "lln": ("lln",),
    "baseline": ("baseline",),
    "uln_or_abnormal_baseline": ("uln", "baseline"),
}
# 265 mg/dL is 2.992 mmol/L: from there to 3.0 (printed with > and with >=) the prints disagree
_DISPUTED_TRIGLYCERIDES = (Decimal("2.99"), Decimal("3.0"))


@dataclass(frozen=True, slots=True, kw_only=True)
class IecHsCriterion:
    """A criterion of the consensus: its category, whether it is met, and the parts that say so."""

    criterion: str
    category: Category
    answer: YesNoUnknown
    parts: tuple[Condition, ...]

    @property
    def reason(self) -> str:
        """The parts that decide: those that hold, else those that are unknown, else all."""
        deciding = [part for part in self.parts if part.answer == self.answer]
        return "; ".join(f"{part.name} {part.reason}" for part in deciding)


@dataclass(frozen=True, slots=True, kw_only=True)
class IecHsEvidence:
    """Every criterion in the published order. flags: what a reader must know beside them."""

    criteria: tuple[IecHsCriterion, ...]
    flags: tuple[str, ...] = ()

    @property
    def required_met(self) -> YesNoUnknown:
        """Whether the required criterion (ferritin) is met."""
        return all_of(each.answer for each in self.criteria if each.category == "required")

    def named(self, answer: YesNoUnknown, category: Category | None = None) -> tuple[str, ...]:
        """The criteria with this answer, of one category or of all."""
        return tuple(
            each.criterion for each in self.criteria if each.answer == answer and category in (None, each.category)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    criterion: str
    category: Category
    input: str
    stem: str
    operator: Operator
    limit: Decimal
    reference: str
    unit: str


def assess_iec_hs(numbers: Mapping[str, Decimal | None], signs: Mapping[str, str]) -> IecHsEvidence:
    """Hold laboratory values and signs against the criteria.

    Args:
        numbers: name of `iec_hs_numbers` -> value, in the unit of the name; `_uln`, `_lln` and `_baseline` (before
            infusion) in the unit of their analyte. None or absent is not known; other keys are not read.
        signs: name of `iec_hs_signs` -> `yes`, `no` or `unknown`; absent or blank is unknown.
    Raises:
        UsageError: a negative number, a limit of 0, a word that is none of these; all of them at once.
    Source: Hines MR et al., Transplant Cell Ther 2023;29:438.e1-16.

    >>> found = assess_iec_hs({"ferritin_ug_l": Decimal(2000), "ferritin_uln": Decimal(300)}, {})
    >>> found.required_met, found.criteria[0].reason
    ('yes', 'ferritin_ug_l 2000 ug/L, needs > 600 ug/L (2 x uln)')
    """
    _require_sound(numbers, signs)
    held: dict[str, list[Condition]] = {}
    for part in _parts():
        held.setdefault(part.criterion, []).append(_hold(part, numbers, signs))
    categories = {part.criterion: part.category for part in _parts()}
    criteria = tuple(
        IecHsCriterion(
            criterion=name,
            category=categories[name],
            answer=any_of(each.answer for each in conditions),
            parts=tuple(conditions),
        )
        for name, conditions in held.items()
    )
    return IecHsEvidence(criteria=criteria, flags=_flags(numbers))


@cache
def iec_hs_numbers() -> tuple[str, ...]:
    """The numbers that the criteria read: values, then limits and baselines."""
    measured = [part for part in _parts() if part.reference != "sign"]
    references = [f"{part.stem}_{name}" for part in measured for name in _REFERENCES.get(part.reference, ())]
    return tuple(dict.fromkeys([*(part.input for part in measured), *references]))


@cache
def iec_hs_signs() -> tuple[str, ...]:
    """The signs that the criteria read."""
    return tuple(part.input for part in _parts() if part.reference == "sign")


@cache
def _parts() -> tuple[_Part, ...]:
    return tuple(
        _Part(
            criterion=row["criterion"],
            category=row["category"],  # type: ignore[arg-type]  # the table's own words, held by a test
            input=row["input"],
            stem=row["stem"],
            operator=row["operator"],  # type: ignore[arg-type]  # the table's own signs, held by a test
            limit=Decimal(row["limit"] or 0),
            reference=row["reference"],
            unit=row["unit"],
        )
        for row in read_package_table("celltrial.safety.iec_hs", "criteria.csv")
    )


def _hold(part: _Part, numbers: Mapping[str, Decimal | None], signs: Mapping[str, str]) -> Condition:
    if part.reference == "sign":
        answer: YesNoUnknown = signs.get(part.input) or "unknown"  # type: ignore[assignment]  # the words have been held
        return Condition(name=part.input, answer=answer, reason=answer)
    value = numbers.get(part.input)
    if not part.reference:
        return hold_against(part.input, value, part.operator, part.limit, part.unit)
    if part.reference == "uln_or_abnormal_baseline":
        return _hold_against_baseline(part, value, numbers)
    return _hold_multiple(part, value, numbers.get(f"{part.stem}_{part.reference}"), part.reference)


def _hold_multiple(part: _Part, value: Decimal | None, reference: Decimal | None, name: str) -> Condition:
    if reference is None:
        told = "not known" if value is None else f"{value} {part.unit}"
        return Condition(name=part.input, answer="unknown", reason=f"{told}; {part.stem}_{name} not known")
    held = hold_against(part.input, value, part.operator, part.limit * reference, part.unit)
    times = f"{part.limit} x {name}" if part.limit != 1 else name
    return Condition(name=held.name, answer=held.answer, reason=f"{held.reason} ({times})")


def _hold_against_baseline(part: _Part, value: Decimal | None, numbers: Mapping[str, Decimal | None]) -> Condition:
    """Against the upper limit; against the baseline where that is over the upper limit."""
    uln, baseline = numbers.get(f"{part.stem}_uln"), numbers.get(f"{part.stem}_baseline")
    by_uln = _hold_multiple(part, value, uln, "uln")
    if uln is not None and baseline is not None and baseline > uln:
        return _hold_multiple(part, value, baseline, "baseline")
    if by_uln.answer == "yes" and baseline is None:
        reason = f"{by_uln.reason}; {part.stem}_baseline not known, an abnormal one raises the limit"
        return Condition(name=part.input, answer="unknown", reason=reason)
    return by_uln


def _flags(numbers: Mapping[str, Decimal | None]) -> tuple[str, ...]:
    flags = []
    uln, baseline = numbers.get("ferritin_uln"), numbers.get("ferritin_baseline")
    if uln is not None and baseline is not None and baseline > 2 * uln:
        flags.append(
            f"ferritin was {baseline} ug/L before infusion, over 2 x uln already: read it against the baseline"
        )
    triglycerides = numbers.get("triglycerides_mmol_l")
    lowest, highest = _DISPUTED_TRIGLYCERIDES
    if triglycerides is not None and lowest < triglycerides <= highest:
        flags.append(
            f"triglycerides {triglycerides} mmol/L lie between two prints of the limit: counted as not over it"
        )
    return tuple(flags)


def _require_sound(numbers: Mapping[str, Decimal | None], signs: Mapping[str, str]) -> None:
    findings: list[Finding] = []
    for name in iec_hs_numbers():
        value, is_limit = numbers.get(name), name.endswith(("_uln", "_lln"))
        if value is not None and (value < 0 or (is_limit and value == 0)):
            findings.append(
                Finding(
                    message=f"IEC-HS: {name} is a number that makes no sense",
                    where=name,
                    found=str(value),
                    expected="more than 0" if is_limit else "0 or more",
                    next_step="correct the entry",
                )
            )
    words: Sequence[str] = ("yes", "no", "unknown", "")
    try:
        require_words("IEC-HS", [(name, signs.get(name, ""), words) for name in iec_hs_signs()])
    except UsageError as error:
        findings += error.findings
    if findings:
        raise UsageError(findings)
