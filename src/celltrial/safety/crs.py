"""Cytokine release syndrome by the ASTCT 2019 consensus: fever, with hypotension and hypoxia; the worse of the two.

Not the grading of Lee 2014 and not CTCAE's: organ toxicity does not change the grade, oxygen counts by device.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, Literal

from celltrial.missing import NotGradable
from celltrial.safety.episodes import Episode, find_episodes
from celltrial.safety.grades import Grade, YesNoUnknown, agree_on_grade, require_words

__all__ = ["CrsObservation", "crs_episodes", "grade_crs"]

Oxygen = Literal["none", "low-flow", "high-flow", "nasal cannula", "positive pressure", "unknown"]

FEVER_C = Decimal("38.0")
_PLAUSIBLE_C = (Decimal(30), Decimal(45))
_OXYGEN = ("none", "low-flow", "high-flow", "positive pressure")
_POSSIBLE_VASOPRESSORS = ((), ("one",), ("one", "another"))
_POSSIBLE_OXYGEN = {"unknown": _OXYGEN, "nasal cannula": ("low-flow", "high-flow")}
# "multiple vasopressors (excluding vasopressin)": these names are vasopressin itself
_VASOPRESSIN = frozenset({"vasopressin", "arginine vasopressin", "argipressin"})
_FLAGS = ("hypotension", "antipyretic_or_anticytokine", "other_cause", "death_due_to_crs")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsObservation:
    """What was seen at one time; the words of the record. None and `unknown` are things not known.

    temperature_c: degrees Celsius. vasopressors: their names, vasopressin too; None: not known.
    oxygen: `low-flow` nasal cannula up to 6 L/min or blow-by; `high-flow` nasal cannula over 6 L/min, facemask,
        non-rebreather or Venturi mask; `nasal cannula` one of unknown flow; `positive pressure` CPAP, BiPAP,
        ventilation (not a tube for the airway alone).
    antipyretic_or_anticytokine: given since the syndrome began, so that fever may be masked.
    other_cause: the signs are due to something else.
    notes: how a sign was read where the consensus leaves it open; each is repeated in the reasons of the grade.
    """

    temperature_c: Decimal | None
    hypotension: YesNoUnknown
    vasopressors: tuple[str, ...] | None = ()
    oxygen: Oxygen = "none"
    antipyretic_or_anticytokine: YesNoUnknown = "no"
    other_cause: YesNoUnknown = "no"
    death_due_to_crs: YesNoUnknown = "no"
    at: datetime | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        yes_no = ("yes", "no", "unknown")
        words = [(name, str(getattr(self, name)), yes_no) for name in _FLAGS]
        require_words("CRS", [*words, ("oxygen", self.oxygen, (*_OXYGEN, "nasal cannula", "unknown"))])


def grade_crs(observation: CrsObservation) -> Grade | NotGradable:
    """The ASTCT 2019 grade, 0 to 5, or NotGradable naming what is not known and would change it.

    Fever of 38.0 degC or more is required unless an antipyretic or anticytokine therapy may mask it. A single
    vasopressor, vasopressin too, is grade 3 (vasopressin alone: our reading, the table does not say). Whatever is not
    known is tried both ways: the grade stands where it comes out the same.

    Source: Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-38, table 2 and its notes.

    >>> grade_crs(CrsObservation(temperature_c=Decimal("39.1"), hypotension="yes")).value
    2
    """
    temperature = observation.temperature_c
    if temperature is not None and not _PLAUSIBLE_C[0] <= temperature <= _PLAUSIBLE_C[1]:
        return NotGradable(f"temperature {temperature} is not one in degrees Celsius (30 to 45)")
    if observation.death_due_to_crs == "yes" and observation.other_cause == "yes":
        return NotGradable("death due to CRS and another cause of the signs are both recorded")
    grades = [_grade_complete(each) for each in _completions(observation)]
    grade = agree_on_grade(grades, _unknown_fields(observation))
    return replace(grade, reasons=(*grade.reasons, *observation.notes)) if isinstance(grade, Grade) else grade


def crs_episodes(observations: Sequence[CrsObservation], *, quiet: timedelta = timedelta(0)) -> tuple[Episode, ...]:
    """The episodes of CRS in a participant's observations, in time; each has onset, maximum and resolution.

    quiet: how long grade 0 must have been seen to last for an episode to have ended; see `find_episodes`.
    Raises UsageError where an observation has no time.
    """
    return find_episodes([(each.at, grade_crs(each)) for each in observations], quiet=quiet)


def _grade_complete(seen: CrsObservation) -> Grade:
    """The grade where everything is known."""
    if seen.death_due_to_crs == "yes":
        return Grade(5, ("death due to CRS",))
    if seen.other_cause == "yes":
        return Grade(0, ("the signs are due to another cause",))
    has_fever = seen.temperature_c is not None and seen.temperature_c >= FEVER_C
    if not has_fever and seen.antipyretic_or_anticytokine == "no":
        return Grade(0, ("no fever of 38.0 degC or more, and no therapy that masks it",))
    signs = [_fever(has_fever), _circulation(seen), _breathing(seen)]
    worst = max(value for value, _ in signs)
    if worst == 0:
        return Grade(0, ("no fever, no hypotension, no hypoxia",))
    return Grade(worst, tuple(reason for value, reason in signs if value == worst))


def _fever(has_fever: bool) -> tuple[int, str]:
    return (1, "fever of 38.0 degC or more") if has_fever else (0, "fever may be masked")


def _circulation(seen: CrsObservation) -> tuple[int, str]:
    names = {" ".join(name.casefold().split()) for name in seen.vasopressors or ()} - {""}
    others = sorted(names - _VASOPRESSIN)
    if len(others) >= 2:
        return 4, f"several vasopressors besides vasopressin: {', '.join(others)}"
    if names:
        return 3, f"vasopressor: {', '.join(sorted(names))}"
    return (2, "hypotension without a vasopressor") if seen.hypotension == "yes" else (0, "no hypotension")


def _breathing(seen: CrsObservation) -> tuple[int, str]:
    match seen.oxygen:
        case "positive pressure":
            return 4, "positive-pressure ventilation"
        case "high-flow":
            return 3, "high-flow oxygen or mask"
        case "low-flow":
            return 2, "low-flow oxygen"
        case _:
            return 0, "no hypoxia"


def _unknown_fields(seen: CrsObservation) -> list[str]:
    fields = ["temperature_c"] if seen.temperature_c is None else []
    fields += ["vasopressors"] if seen.vasopressors is None else []
    fields += [name for name in (*_FLAGS, "oxygen") if getattr(seen, name) == "unknown"]
    return [*fields, "flow of oxygen"] if seen.oxygen == "nasal cannula" else fields


def _completions(seen: CrsObservation) -> Iterator[CrsObservation]:
    """The observation with everything that is not known tried each way."""
    options: dict[str, tuple[Any, ...]] = {
        "temperature_c": (Decimal("37.0"), FEVER_C) if seen.temperature_c is None else (seen.temperature_c,),
        "vasopressors": _POSSIBLE_VASOPRESSORS if seen.vasopressors is None else (seen.vasopressors,),
        "oxygen": _POSSIBLE_OXYGEN.get(seen.oxygen, (seen.oxygen,)),
    }
    for name in _FLAGS:
        value = getattr(seen, name)
        options[name] = ("no", "yes") if value == "unknown" else (value,)
    for values in product(*options.values()):
        each = replace(seen, **dict(zip(options, values, strict=True)))
        # a death due to CRS has no other cause: that pair is no completion
        if not (each.death_due_to_crs == "yes" and each.other_cause == "yes"):
            yield each
