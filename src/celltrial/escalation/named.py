"""Designs by name, as a study or a command asks for them; every name or number that does not fit is a finding."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.a_plus_b import APlusB
from celltrial.escalation.base import BaseRule
from celltrial.escalation.bf_boin import BfBoin
from celltrial.escalation.boin import Boin
from celltrial.escalation.design import Design
from celltrial.escalation.i3plus3 import I3Plus3
from celltrial.escalation.keyboard import Keyboard
from celltrial.escalation.model_settings import (
    BLRM_NUMBERS,
    BLRM_WORDS,
    CRM_NUMBERS,
    CRM_WORDS,
    build_blrm,
    build_crm,
)
from celltrial.escalation.mtpi import MTpi, MTpi2, Tpi
from celltrial.escalation.rolling_six import RollingSix
from celltrial.escalation.rules import Eliminate, ExtraSafe, NoSkip, Rule, StopBelowLowest, TooToxic
from celltrial.escalation.rules_levels import (
    Backfill,
    DeescalationLevel,
    Expansion,
    Intermediate,
    MinToEscalate,
    Sentinel,
)
from celltrial.escalation.rules_stops import MaxN, MinAtDose, PrecisionStop, StopAtN, StopWhenFull, TargetProbStop
from celltrial.escalation.three_plus_three import ThreePlusThree
from celltrial.escalation.titeboin import TiteBoin
from celltrial.escalation.titecrm_rule import build_tite_crm
from celltrial.escalation.titration import Titration

__all__ = ["check_design", "describe_rule", "design_named", "design_names", "design_parameters", "rule_names"]

Settings: TypeAlias = Mapping[str, float | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _DesignEntry:
    """How a base rule is made.

    numbers, whole, words: its parameters that are numbers, those of them that are whole, and its words.
    eliminates: the published design has the elimination rule in it, judged from `eliminate_from` participants on.
    titrates: single participants may come first (`titration`).
    """

    build: Callable[..., BaseRule]
    numbers: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    eliminate_from: int | None = None
    titrates: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        """Every parameter it takes."""
        return (*self.numbers, *self.words, *self.extra)

    @property
    def extra(self) -> tuple[str, ...]:
        """Parameters that are not the base rule's own: of the elimination and of the titration."""
        eliminates = ("cutoff_eli",) if self.eliminate_from else ()
        return (*eliminates, "titration") if self.titrates else eliminates


@dataclass(frozen=True, slots=True, kw_only=True)
class _RuleEntry:
    """How a wrapper is made, from the target and its numbers; `whole` are numbers of participants or levels.

    target_as: the name under which it takes the target, if it does; `required` numbers come without it.
    words: settings that are words, or may be.
    only_declared: it is for designs that declare their MTD.
    """

    build: Callable[..., Rule]
    target_as: str | None = None
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    whole: tuple[str, ...] = ("n", "min_n", "level", "levels", "cohort_size", "after")
    repeats: bool = False
    only_declared: bool = False


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


_INTERVAL = ("eps1", "eps2", "prior_a", "prior_b")

_DESIGNS = {
    "3+3": _DesignEntry(build=ThreePlusThree, words=("variant",)),
    "a+b": _DesignEntry(
        build=APlusB, numbers=("a", "b", "c", "d", "e"), whole=("a", "b", "c", "d", "e"), words=("variant",)
    ),
    "bf-boin": _DesignEntry(build=BfBoin, numbers=("p_saf", "p_tox"), eliminate_from=3),
    "blrm": _DesignEntry(build=build_blrm, numbers=BLRM_NUMBERS, words=BLRM_WORDS),
    "boin": _DesignEntry(
        build=Boin, numbers=("p_saf", "p_tox"), words=("stay_at_one_third",), eliminate_from=3, titrates=True
    ),
    "crm": _DesignEntry(build=build_crm, numbers=CRM_NUMBERS, whole=("nu",), words=CRM_WORDS),
    "i3+3": _DesignEntry(build=_build_i3plus3, numbers=("eps1", "eps2", "half_width"), eliminate_from=3, titrates=True),
    "keyboard": _DesignEntry(build=Keyboard, numbers=_INTERVAL, eliminate_from=1, titrates=True),
    "mtpi": _DesignEntry(build=MTpi, numbers=_INTERVAL, eliminate_from=2, titrates=True),
    "mtpi-2": _DesignEntry(build=MTpi2, numbers=_INTERVAL, eliminate_from=2, titrates=True),
    "rolling-6": _DesignEntry(build=RollingSix),
    "tite-boin": _DesignEntry(
        build=TiteBoin,
        numbers=("p_saf", "p_tox", "max_pending"),
        words=("variant", "certain"),
        eliminate_from=3,
    ),
    "tite-crm": _DesignEntry(build=build_tite_crm, numbers=CRM_NUMBERS, whole=("nu",), words=(*CRM_WORDS, "scheme")),
    "tpi": _DesignEntry(build=Tpi, numbers=("k1", "k2", "prior_a", "prior_b"), eliminate_from=2, titrates=True),
}

_RULES = {
    "backfill": _RuleEntry(build=Backfill, optional=("n",)),
    "deescalation_level": _RuleEntry(build=DeescalationLevel, optional=("levels", "n")),
    "eliminate": _RuleEntry(build=Eliminate, target_as="target", optional=("cutoff", "min_n", "prior_a", "prior_b")),
    "expansion": _RuleEntry(build=Expansion, required=("n",), optional=("after", "max_rate"), only_declared=True),
    "extra_safe": _RuleEntry(build=ExtraSafe, target_as="target", optional=("cutoff", "offset", "min_n")),
    "intermediate": _RuleEntry(build=Intermediate, required=("level",), repeats=True),
    "max_n": _RuleEntry(build=MaxN, required=("n",)),
    "min_at_dose": _RuleEntry(build=MinAtDose, required=("n",)),
    "min_to_escalate": _RuleEntry(build=MinToEscalate, required=("n",)),
    "no_skip": _RuleEntry(build=NoSkip),
    "precision_stop": _RuleEntry(build=PrecisionStop, required=("width",), optional=("probability", "min_n")),
    "sentinel": _RuleEntry(build=Sentinel, optional=("cohort_size",)),
    "stop_at_n": _RuleEntry(build=StopAtN, required=("n",), words=("when",)),
    "stop_below_lowest": _RuleEntry(build=StopBelowLowest),
    "stop_when_full": _RuleEntry(build=StopWhenFull, required=("n",)),
    "target_prob_stop": _RuleEntry(build=TargetProbStop, required=("low", "high", "probability"), optional=("min_n",)),
    "too_toxic": _RuleEntry(
        build=TooToxic,
        target_as="limit",
        required=("cutoff",),
        optional=("limit", "min_n", "level"),
        words=("level",),
        repeats=True,
    ),
}


def design_names() -> tuple[str, ...]:
    """The designs there are."""
    return tuple(_DESIGNS)


def rule_names() -> tuple[str, ...]:
    """The wrappers there are."""
    return tuple(_RULES)


def design_parameters(name: str) -> tuple[str, ...]:
    """The parameters that a design takes; none for a name that is not there."""
    return _DESIGNS[name].known if name in _DESIGNS else ()


def describe_rule(name: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """What a wrapper needs, what it may have, and what it does in words. Raises KeyError for a name not there."""
    entry = _RULES[name]
    words = tuple(each for each in entry.words if each not in entry.optional)
    first = (entry.build.__doc__ or "").strip().split("\n\n")[0]
    return entry.required, (*entry.optional, *words), " ".join(first.split())


def check_design(
    name: str, *, target: float, parameters: Settings | None = None, rules: Sequence[tuple[str, Settings]] = ()
) -> tuple[Finding, ...]:
    """Every problem in the settings of a design; none when `design_named` will build it."""
    entry = _DESIGNS.get(name)
    if entry is None:
        return (
            Finding(message="no such design", found=repr(name), expected=", ".join(_DESIGNS)),
            *_check_rules(name, rules),
        )
    findings = (*_check_parameters(name, entry, parameters or {}), *_check_rules(name, rules))
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
        name: one of `design_names()`.
        target: the target DLT rate.
        parameters: those of the base rule by their names (`p_saf` of BOIN, `variant` of 3+3, ...), and beside them
            `cutoff_eli` of the elimination that a published design has in it and `titration`, the cohort size after
            one. A name that the design does not take is a finding that lists those it takes.
        rules: wrappers in order, each a name of `rule_names()` and its numbers, e.g. `("stop_at_n", {"n": 9})`. Designs
            that eliminate too toxic levels as published get `eliminate` in front unless `rules` has it; nothing else is
            added.
    Raises:
        UsageError: with one finding for each unknown name, number that does not fit, or rule given twice.

    >>> [rule.describe() for rule in design_named("boin", target=0.30, rules=[("max_n", {"n": 12})]).rules]
    ['eliminate(cutoff=0.95, min_n=3)', 'max_n(n=12)']
    """
    if findings := check_design(name, target=target, parameters=parameters, rules=rules):
        raise UsageError(findings)
    return _build(_DESIGNS[name], target, parameters or {}, rules)


def _build(entry: _DesignEntry, target: float, parameters: Settings, rules: Sequence[tuple[str, Settings]]) -> Design:
    own = {key: value for key, value in parameters.items() if key not in entry.extra}
    base = entry.build(target=target, **_convert(own, entry.whole))
    if "titration" in parameters:
        base = Titration(base=base, **_convert({"cohort_size": parameters["titration"]}, ("cohort_size",)))
    built = tuple(_build_rule(name, target, settings) for name, settings in rules)
    if entry.eliminate_from and not any(isinstance(rule, Eliminate) for rule in built):
        built = (_published_elimination(entry, base, parameters), *built)
    return Design(base=base, rules=built)


def _published_elimination(entry: _DesignEntry, base: BaseRule, parameters: Settings) -> Eliminate:
    """The elimination that the published design has in it, under the prior of its base rule."""
    prior = {key: float(value) for key, value in base.parameters if key in ("prior_a", "prior_b")}
    cutoff = float(parameters.get("cutoff_eli", 0.95))
    return Eliminate(target=base.target, cutoff=cutoff, min_n=entry.eliminate_from or 1, **prior)


def _convert(settings: Settings, whole: tuple[str, ...]) -> dict[str, Any]:
    """Whole numbers as such; a fraction where a whole number belongs stays, for the rule itself to refuse."""
    return {
        key: int(value) if key in whole and not isinstance(value, str) and float(value).is_integer() else value
        for key, value in settings.items()
    }


def _build_rule(name: str, target: float, settings: Settings) -> Rule:
    entry = _RULES[name]
    numbers = {key: value if isinstance(value, str) else float(value) for key, value in settings.items()}
    converted = _convert(numbers, entry.whole)
    return entry.build(**({} if entry.target_as is None else {entry.target_as: target}) | converted)


def _check_parameters(name: str, entry: _DesignEntry, parameters: Settings) -> Iterable[Finding]:
    for key, value in parameters.items():
        if key not in entry.known:
            yield _unknown(f"no such parameter of {name}", key, entry.known)
        elif key not in entry.words and not _is_number(value):
            yield Finding(message=f"parameter {key} of {name} is not a number", found=repr(value), expected="a number")


def _check_rules(name: str, rules: Sequence[tuple[str, Settings]]) -> Iterable[Finding]:
    names = [rule for rule, _ in rules]
    for rule in sorted({rule for rule in names if names.count(rule) > 1 and not _repeats(rule)}):
        yield Finding(message=f"rule {rule} is given twice", next_step="keep one of them")
    for rule, settings in rules:
        entry = _RULES.get(rule)
        if entry is None:
            yield _unknown("no such rule", rule, tuple(_RULES))
        else:
            yield from _check_rule(rule, entry, settings)
            if entry.only_declared and name in _DESIGNS and not _declares(name):
                yield _not_declared(rule, name)


def _repeats(rule: str) -> bool:
    return rule in _RULES and _RULES[rule].repeats


def _declares(name: str) -> bool:
    return bool(getattr(_DESIGNS[name].build, "declares_mtd", False))


def _not_declared(rule: str, name: str) -> Finding:
    declaring = [each for each in _DESIGNS if _declares(each)]
    return Finding(
        message=f"rule {rule} follows a design that declares its MTD",
        found=name,
        expected=" or ".join(declaring),
        next_step="with other designs ask for more participants before a stop: min_at_dose",
    )


def _check_rule(name: str, entry: _RuleEntry, settings: Settings) -> Iterable[Finding]:
    known = (*entry.required, *entry.optional, *(word for word in entry.words if word not in entry.optional))
    for key, value in settings.items():
        if key not in known:
            yield _unknown(f"no such number of rule {name}", key, known)
        elif key not in entry.words and not _is_number(value):
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
