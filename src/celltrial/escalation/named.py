"""Designs by name, as a study or a command asks for them; every name or number that does not fit is a finding."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.base import BaseRule
from celltrial.escalation.boin import Boin
from celltrial.escalation.design import Design
from celltrial.escalation.i3plus3 import I3Plus3
from celltrial.escalation.rules import Eliminate, ExtraSafe, MaxN, NoSkip, Rule, StopAtN, StopBelowLowest, StopWhenFull
from celltrial.escalation.three_plus_three import ThreePlusThree

__all__ = ["check_design", "design_named", "design_names", "rule_names"]

Settings: TypeAlias = Mapping[str, float | str]
_Numbers: TypeAlias = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _DesignEntry:
    """How a base rule is made. `eliminates`: the published design has the elimination rule in it."""

    build: Callable[..., BaseRule]
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    eliminates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _RuleEntry:
    """How a wrapper is made, from the target and its numbers; `whole` are numbers of participants."""

    build: Callable[..., Rule]
    takes_target: bool = False
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    whole: tuple[str, ...] = ("n", "min_n")


def _build_i3plus3(
    target: float, eps1: float | None = None, eps2: float | None = None, half_width: float | None = None
) -> I3Plus3:
    """`half_width` stands for both sides of the equivalence interval; 0.05 where nothing is said."""
    if half_width is not None and (eps1, eps2) != (None, None):
        raise UsageError(
            Finding(
                message="the equivalence interval of i3+3 is given twice",
                found=f"half_width {half_width}, eps1 {eps1}, eps2 {eps2}",
                expected="half_width alone, or eps1 and eps2",
            )
        )
    both = 0.05 if half_width is None else half_width
    return I3Plus3(target=target, eps1=both if eps1 is None else eps1, eps2=both if eps2 is None else eps2)


_DESIGNS = {
    "3+3": _DesignEntry(build=ThreePlusThree, numbers=(), words=("variant",), eliminates=False),
    "boin": _DesignEntry(build=Boin, numbers=("p_saf", "p_tox", "cutoff_eli"), words=(), eliminates=True),
    "i3+3": _DesignEntry(
        build=_build_i3plus3, numbers=("eps1", "eps2", "half_width", "cutoff_eli"), words=(), eliminates=True
    ),
}

_RULES = {
    "eliminate": _RuleEntry(build=Eliminate, takes_target=True, optional=("cutoff", "min_n")),
    "extra_safe": _RuleEntry(build=ExtraSafe, takes_target=True, optional=("cutoff", "offset", "min_n")),
    "max_n": _RuleEntry(build=MaxN, required=("n",)),
    "no_skip": _RuleEntry(build=NoSkip),
    "stop_at_n": _RuleEntry(build=StopAtN, required=("n",)),
    "stop_below_lowest": _RuleEntry(build=StopBelowLowest),
    "stop_when_full": _RuleEntry(build=StopWhenFull, required=("n",)),
}


def design_names() -> tuple[str, ...]:
    """The designs there are."""
    return tuple(_DESIGNS)


def rule_names() -> tuple[str, ...]:
    """The wrappers there are."""
    return tuple(_RULES)


def check_design(
    name: str, *, target: float, parameters: Settings | None = None, rules: Sequence[tuple[str, Settings]] = ()
) -> tuple[Finding, ...]:
    """Every problem in the settings of a design; none when `design_named` will build it."""
    entry = _DESIGNS.get(name)
    if entry is None:
        return (Finding(message="no such design", found=repr(name), expected=", ".join(_DESIGNS)), *_check_rules(rules))
    findings = (*_check_parameters(name, entry, parameters or {}), *_check_rules(rules))
    findings += tuple(_check_one_cutoff(name, parameters or {}, rules))
    if findings:
        return findings
    try:
        _build(entry, target, parameters or {}, rules)
    except UsageError as error:
        return tuple(error.findings)
    return ()


def design_named(
    name: str, *, target: float, parameters: Settings | None = None, rules: Sequence[tuple[str, Settings]] = ()
) -> Design:
    """Build a design from its name and settings.

    Args:
        name: `3+3`, `boin` or `i3+3`.
        target: the target DLT rate.
        parameters: `variant` for 3+3; `p_saf`, `p_tox`, `cutoff_eli` for BOIN; `eps1` and `eps2` or `half_width` for
            both, and `cutoff_eli` for i3+3.
        rules: wrappers in order, each a name and its numbers, e.g. `("stop_at_n", {"n": 9})`. BOIN and i3+3 as
            published eliminate too toxic levels, so they get `eliminate` in front unless `rules` has it; nothing else
            is added.
    Raises:
        UsageError: with one finding for each unknown name, number that does not fit, or rule given twice.

    >>> [rule.describe() for rule in design_named("boin", target=0.30, rules=[("max_n", {"n": 12})]).rules]
    ['eliminate(cutoff=0.95, min_n=3)', 'max_n(n=12)']
    """
    if findings := check_design(name, target=target, parameters=parameters, rules=rules):
        raise UsageError(findings)
    return _build(_DESIGNS[name], target, parameters or {}, rules)


def _build(entry: _DesignEntry, target: float, parameters: Settings, rules: Sequence[tuple[str, Settings]]) -> Design:
    base_parameters = {key: value for key, value in parameters.items() if key != "cutoff_eli"}
    base = entry.build(target=target, **base_parameters)
    built = tuple(_build_rule(name, target, settings) for name, settings in rules)
    if entry.eliminates and not any(isinstance(rule, Eliminate) for rule in built):
        built = (Eliminate(target=target, cutoff=float(parameters.get("cutoff_eli", 0.95))), *built)
    return Design(base=base, rules=built)


def _build_rule(name: str, target: float, settings: Settings) -> Rule:
    entry = _RULES[name]
    numbers: _Numbers = {
        key: int(value) if key in entry.whole and float(value).is_integer() else float(value)
        for key, value in settings.items()
    }
    return entry.build(target=target, **numbers) if entry.takes_target else entry.build(**numbers)


def _check_parameters(name: str, entry: _DesignEntry, parameters: Settings) -> Iterable[Finding]:
    known = (*entry.numbers, *entry.words)
    for key, value in parameters.items():
        if key not in known:
            yield _unknown(f"no such parameter of {name}", key, known)
        elif key in entry.numbers and not _is_number(value):
            yield Finding(message=f"parameter {key} of {name} is not a number", found=repr(value), expected="a number")


def _check_rules(rules: Sequence[tuple[str, Settings]]) -> Iterable[Finding]:
    names = [name for name, _ in rules]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Finding(message=f"rule {name} is given twice", next_step="keep one of them")
    for name, settings in rules:
        entry = _RULES.get(name)
        if entry is None:
            yield _unknown("no such rule", name, tuple(_RULES))
        else:
            yield from _check_rule(name, entry, settings)


def _check_rule(name: str, entry: _RuleEntry, settings: Settings) -> Iterable[Finding]:
    known = (*entry.required, *entry.optional)
    for key, value in settings.items():
        if key not in known:
            yield _unknown(f"no such number of rule {name}", key, known)
        elif not _is_number(value):
            yield Finding(message=f"{key} of rule {name} is not a number", found=repr(value), expected="a number")
    for key in entry.required:
        if key not in settings:
            yield Finding(message=f"rule {name} needs {key}", expected=f"{name} with {key}, a number")


def _check_one_cutoff(name: str, parameters: Settings, rules: Sequence[tuple[str, Settings]]) -> Iterable[Finding]:
    given = [settings.get("cutoff", 0.95) for rule, settings in rules if rule == "eliminate"]
    if "cutoff_eli" in parameters and given and given[0] != parameters["cutoff_eli"]:
        yield Finding(
            message=f"{name} has two cutoffs for elimination",
            found=f"cutoff_eli {parameters['cutoff_eli']}, rule eliminate {given[0]}",
            expected="one of them, or the same number",
        )


def _unknown(message: str, found: str, known: tuple[str, ...]) -> Finding:
    return Finding(message=message, found=repr(found), expected=", ".join(known) or "none: it takes no numbers")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
