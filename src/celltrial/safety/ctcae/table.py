"""The laboratory rules of CTCAE as data: one file a version, read once, looked up by term, direction and unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal, cast, get_args

from celltrial.errors import Finding, UsageError
from celltrial.tables import read_package_table

__all__ = [
    "CTCAE_VERSIONS",
    "Circumstance",
    "Direction",
    "LabTerm",
    "Rule",
    "Version",
    "has_term",
    "lab_terms",
    "require_version",
    "rules_for",
    "units_of",
]

Version = Literal["4.03", "5.0", "6.0"]
Direction = Literal["L", "H"]
Circumstance = Literal["symptomatic", "physiologic_consequences", "on_anticoagulation"]

Operator = Literal["<", "<=", ">", ">=", "missing"]
Operand = Literal["absolute", "lln", "uln", "baseline", "percent_change"]

CTCAE_VERSIONS: tuple[Version, ...] = get_args(Version)
_FILES: Mapping[Version, str] = {"4.03": "v4.csv", "5.0": "v5.csv", "6.0": "v6.csv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a version's file: `value <operator> factor x <of> + plus`, under the condition `given`.

    grade: None means not gradable where the rule holds. assumes: what the worst case takes as true; `otherwise` is the
    grade where it is known not to be so (None: the rule does not hold then).
    """

    grade: int | None
    given: str
    operator: Operator
    factor: Decimal
    of: Operand
    plus: Decimal
    assumes: str
    otherwise: int | None

    def __str__(self) -> str:
        if self.operator == "missing":
            return f"{self.of} missing"
        if self.of in ("absolute", "percent_change"):
            limit, name = f"{self.factor}", "percent change" if self.of == "percent_change" else "value"
            return f"{name} {self.operator} {limit}"
        times = "" if self.factor == 1 else f"{self.factor} x "
        plus = f" + {self.plus}" if self.plus else ""
        return f"value {self.operator} {times}{self.of.upper() if self.of != 'baseline' else self.of}{plus}"


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


def has_term(version: Version, term: str, direction: str) -> bool:
    """Whether the version has laboratory rules for the term in that direction."""
    return (_fold(term), direction) in _table(version)


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
    plain = plain.replace("⁹", "^9").replace("³", "^3").replace("⁶", "^6")
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
def _written_units(version: Version) -> Mapping[tuple[str, str], tuple[str, ...]]:
    units: dict[tuple[str, str], dict[str, None]] = {}
    for row in _rows(_FILES[version]):
        units.setdefault((_fold(row["term"]), row["direction"]), {}).update(dict.fromkeys(row["units"].split(";")))
    return {key: tuple(found) for key, found in units.items()}


def _rule(row: Mapping[str, str]) -> Rule:
    return Rule(
        grade=None if row["grade"] == "-" else int(row["grade"]),
        given=row["given"],
        operator=cast("Operator", row["operator"]),
        factor=Decimal(row["factor"] or 0),
        of=cast("Operand", row["of"]),
        plus=Decimal(row["plus"] or 0),
        assumes=row["assumes"],
        otherwise=int(row["otherwise"]) if row["otherwise"] else None,
    )


@cache
def _rows(name: str) -> tuple[Mapping[str, str], ...]:
    return read_package_table("celltrial.safety.ctcae", name)
