"""The criteria of CTCAE as data: one file of rules a version, and one of the circumstances that raise a grade.

Read once; looked up by term, direction and unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal, cast, get_args

from celltrial.errors import Finding, UsageError
from celltrial.safety.ctcae.conditions import Condition, Operand, Operator, read_condition
from celltrial.tables import read_package_table

__all__ = [
    "CIRCUMSTANCES",
    "CTCAE_VERSIONS",
    "Circumstance",
    "Direction",
    "LabTerm",
    "Raise",
    "Rule",
    "Version",
    "has_term",
    "lab_terms",
    "raises_for",
    "require_version",
    "rules_for",
    "term_names",
    "units_of",
]

Version = Literal["4.03", "5.0", "6.0"]
Direction = Literal["L", "H"]
Circumstance = Literal[
    "symptomatic",
    "physiologic_consequences",
    "on_anticoagulation",
    "over_24_hours",
    "over_1_hour",
    "at_rest",
    "on_two_ecgs",
    "pulmonary_symptoms",
    "strain_or_biomarker_change",
    "life_threatening",
    "hospitalisation_indicated",
    "intervention_indicated",
    "transfusion_indicated",
    "dialysis_indicated",
    "bleeding",
    "seizures",
    "serious_arrhythmia",
    "leucostasis",
    "steroids_initiated",
    "nutritional_support_indicated",
    "tube_feeding_indicated",
    "intermittent_oxygen",
    "continuous_oxygen",
]

CIRCUMSTANCES: tuple[Circumstance, ...] = get_args(Circumstance)
CTCAE_VERSIONS: tuple[Version, ...] = get_args(Version)
_FILES: Mapping[Version, str] = {"4.03": "v4.csv", "5.0": "v5.csv", "6.0": "v6.csv"}
_CHANGES = {"percent_change": "percent change", "change": "change"}
_LIMITS = {"lln": "LLN", "uln": "ULN", "mi_limit": "MI limit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a version's file: `value <operator> factor x <of> + plus`, under the conditions `given`.

    grade: None means not gradable where the rule holds. assumes: what the worst case takes as true; `otherwise` is the
    grade where it is known not to be so (None: the rule does not hold then). is_verified: whether the criterion was
    held against a copy of the printed text.
    """

    grade: int | None
    given: tuple[Condition, ...]
    operator: Operator
    factor: Decimal
    of: Operand
    plus: Decimal
    assumes: str
    otherwise: int | None
    is_verified: bool = True

    def __str__(self) -> str:
        if self.operator == "missing":
            return f"{'MI limit' if self.of == 'mi_limit' else self.of} missing"
        if self.of == "absolute" or self.of in _CHANGES:
            return f"{_CHANGES.get(self.of, 'value')} {self.operator} {self.factor}"
        times = "" if self.factor == 1 else f"{self.factor} x "
        plus = f" {'-' if self.plus < 0 else '+'} {abs(self.plus)}" if self.plus else ""
        return f"value {self.operator} {times}{_LIMITS.get(self.of, self.of)}{plus}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """A circumstance that by itself makes a finding at least `grade`; only where it was told, never assumed.

    guard: the rule that must hold for it; None: the finding must be of grade 1 or more by its number.
    is_any: it counts whatever the number.
    """

    needs: str
    grade: int
    guard: Rule | None
    is_any: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LabTerm:
    """A term that grades an analyte, in one direction."""

    term: str
    direction: Direction


def require_version(version: str) -> Version:
    """The version, or UsageError where there is no table of it."""
    for known in CTCAE_VERSIONS:
        if version == known:
            return known
    raise UsageError(
        Finding(message="no such version of CTCAE", found=repr(version), expected=", ".join(CTCAE_VERSIONS))
    )


def rules_for(version: Version, term: str, direction: str, unit: str) -> tuple[Rule, ...]:
    """The rules in order for a term, direction and reported unit; empty where the table has none.

    Terms and units are compared without case; a term graded as a ratio needs no unit and takes any.
    """
    systems = _table(version).get((_fold(term), direction), {})
    return systems.get("", ()) or systems.get(_canonical(unit), ())


def raises_for(version: Version, term: str, direction: str) -> tuple[Raise, ...]:
    """The circumstances that raise a grade of the term, highest grade first; none for most terms."""
    return _raises(version).get((_fold(term), direction), ())


def has_term(version: Version, term: str, direction: str) -> bool:
    """Whether the version has numeric rules for the term in that direction."""
    return (_fold(term), direction) in _table(version)


def term_names(version: Version) -> tuple[LabTerm, ...]:
    """Every term with numeric rules in a version, in the order of its file.

    >>> len({each.term for each in term_names("5.0")}) > 60
    True
    """
    seen = {(row["term"], row["direction"]): None for row in _rows(_FILES[version])}
    return tuple(LabTerm(term=term, direction=cast("Direction", direction)) for term, direction in seen)


def units_of(version: Version, term: str, direction: str) -> tuple[str, ...]:
    """The units the thresholds are printed for; empty for a term graded as a ratio, and for one that is not there."""
    written = _written_units(version).get((_fold(term), direction), ())
    return tuple(unit for unit in written if unit)


def lab_terms(analyte: str, version: Version = "5.0") -> tuple[LabTerm, ...]:
    """The terms that grade an analyte in a version of CTCAE, by `analyte_terms.csv`; none for most analytes.

    >>> [each.term for each in lab_terms("platelets", "6.0")]
    ['Thrombocytopenia']
    """
    return tuple(
        LabTerm(term=row["term"], direction="L" if row["direction"] == "L" else "H")
        for row in _rows("analyte_terms.csv")
        if row["analyte"] == analyte and version in row["versions"].split(";")
    )


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


def _canonical(unit: str) -> str:
    """One spelling of a unit; blank where there is none."""
    plain = "".join(unit.casefold().split())
    plain = plain.replace("**", "^").replace("*", "^").replace("µ", "u").replace("μ", "u").replace("×", "x")
    plain = plain.replace("⁹", "^9").replace("³", "^3").replace("⁶", "^6").replace("²", "^2").replace("°", "deg")
    # a unit that is left out is not the unit of a ratio
    return _spellings().get(plain, plain) or "(none)"


@cache
def _spellings() -> Mapping[str, str]:
    return {row["spelling"].casefold(): row["unit"].casefold() for row in _rows("units.csv")}


@cache
def _table(version: Version) -> Mapping[tuple[str, str], Mapping[str, tuple[Rule, ...]]]:
    table: dict[tuple[str, str], dict[str, tuple[Rule, ...]]] = {}
    for row in _rows(_FILES[version]):
        systems = table.setdefault((_fold(row["term"]), row["direction"]), {})
        rule = _rule(row)
        for unit in row["units"].split(";"):
            key = _canonical(unit) if unit else ""
            systems[key] = (*systems.get(key, ()), rule)
    return table


@cache
def _raises(version: Version) -> Mapping[tuple[str, str], tuple[Raise, ...]]:
    table: dict[tuple[str, str], list[Raise]] = {}
    for row in _rows("raises.csv"):
        if version in row["versions"].split(";"):
            guard = _rule(row) if row["operator"] else None
            raised = Raise(needs=row["needs"], grade=int(row["grade"]), guard=guard, is_any=row["of"] == "any")
            table.setdefault((_fold(row["term"]), row["direction"]), []).append(raised)
    return {key: tuple(sorted(found, key=lambda each: -each.grade)) for key, found in table.items()}


@cache
def _written_units(version: Version) -> Mapping[tuple[str, str], tuple[str, ...]]:
    units: dict[tuple[str, str], dict[str, None]] = {}
    for row in _rows(_FILES[version]):
        units.setdefault((_fold(row["term"]), row["direction"]), {}).update(dict.fromkeys(row["units"].split(";")))
    return {key: tuple(found) for key, found in units.items()}


def _rule(row: Mapping[str, str]) -> Rule:
    otherwise = row.get("otherwise", "")
    return Rule(
        grade=None if row["grade"] == "-" else int(row["grade"]),
        given=tuple(read_condition(text) for text in row.get("given", "").split(" and ") if text),
        operator=cast("Operator", row["operator"]),
        factor=Decimal(row["factor"] or 0),
        of=cast("Operand", row["of"]),
        plus=Decimal(row.get("plus", "") or 0),
        assumes=row.get("assumes", ""),
        otherwise=int(otherwise) if otherwise else None,
        is_verified=not row["status"],
    )


@cache
def _rows(name: str) -> tuple[Mapping[str, str], ...]:
    return read_package_table("celltrial.safety.ctcae", name)
