"""The designs and the rules there are, for people: their names, parameters and where they are published."""

from dataclasses import dataclass, fields

from celltrial.escalation import named
from celltrial.escalation.boin12 import Boin12, Utilities
from celltrial.tables import read_package_table

__all__ = ["DesignEntry", "RuleEntry", "find_design", "list_designs", "list_rules"]

# `max_dlt` is the target
_BOIN12 = tuple(
    each.name for part in (Boin12, Utilities) for each in fields(part) if each.name not in ("max_dlt", "utilities")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignEntry:
    """A design: the name it is asked for by, the name people know, what it decides on, parameters, publications."""

    name: str
    title: str
    decides_on: str
    parameters: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """A rule around a design: its name, the numbers it needs and those it may have, and what it does."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    does: str


def list_designs() -> tuple[DesignEntry, ...]:
    """Every design that `design_named` builds, and BOIN12, which decides on responses too; in order of their names."""
    return tuple(find_design(name) for name in sorted({*named.design_names(), "boin12"}))


def find_design(name: str) -> DesignEntry:
    """The entry of a design; one that the table does not know yet stands with its name alone.

    >>> find_design("boin").source
    'Liu & Yuan (2015), J R Stat Soc C 64:507-523'
    """
    rows = {row["name"]: row for row in read_package_table("celltrial.escalation", "designs.csv")}
    row = rows.get(name, {})
    return DesignEntry(
        name=name,
        title=row.get("title", name),
        decides_on=row.get("decides_on", ""),
        parameters=_BOIN12 if name == "boin12" else named.design_parameters(name),
        source=row.get("source", ""),
    )


def list_rules() -> tuple[RuleEntry, ...]:
    """Every rule that can stand around a design."""
    return tuple(_describe(name) for name in sorted(named.rule_names()))


def _describe(name: str) -> RuleEntry:
    required, optional, does = named.describe_rule(name)
    return RuleEntry(name=name, required=required, optional=optional, does=does)
