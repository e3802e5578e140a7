"""The grade of IEC-HS, 0 to 5, from what was needed and what happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import product

from celltrial.missing import NotGradable
from celltrial.safety.episodes import Episode, find_episodes
from celltrial.safety.grades import Grade, YesNoUnknown, agree_on_grade, require_words
from celltrial.tables import read_package_table

__all__ = ["IecHsObservation", "grade_iec_hs", "iec_hs_episodes", "iec_hs_grading_signs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IecHsObservation:
    """What is so at one time; the words of `grades.csv`. Each sign is one that IEC-HS causes.

    diagnosed: a physician has diagnosed IEC-HS; the evidence (`assess_iec_hs`) never does. severe: in another way than
    the two signs of grade 3 that the consensus names.
    """

    diagnosed: YesNoUnknown
    intervention_indicated: YesNoUnknown = "unknown"
    bleeding_needing_transfusion: YesNoUnknown = "unknown"
    hospitalised_for_aki_hypotension_or_distress: YesNoUnknown = "unknown"
    severe: YesNoUnknown = "no"
    life_threatening: YesNoUnknown = "unknown"
    ventilation: YesNoUnknown = "unknown"
    dialysis: YesNoUnknown = "unknown"
    death_due_to_iec_hs: YesNoUnknown = "no"
    at: datetime | None = None

    def __post_init__(self) -> None:
        names = ("diagnosed", *iec_hs_grading_signs())
        require_words("IEC-HS", [(name, str(getattr(self, name)), ("yes", "no", "unknown")) for name in names])


def grade_iec_hs(observation: IecHsObservation) -> Grade | NotGradable:
    """The grade, or NotGradable naming what is not known and would change it. Without the diagnosis: grade 0.

    Whatever is not known is tried each way, as for ICANS.

    Source: Hines MR et al., Transplant Cell Ther 2023;29:438.e1-16 (grading).

    >>> grade_iec_hs(IecHsObservation(diagnosed="yes", dialysis="yes")).value
    4
    """
    if observation.death_due_to_iec_hs == "yes" and observation.diagnosed == "no":
        return NotGradable("death due to IEC-HS is recorded, and that IEC-HS is not diagnosed")
    grades = [_grade_complete(each) for each in _completions(observation)]
    names = ("diagnosed", *iec_hs_grading_signs())
    return agree_on_grade(grades, [name for name in names if getattr(observation, name) == "unknown"])


def iec_hs_episodes(observations: Sequence[IecHsObservation]) -> tuple[Episode, ...]:
    """The episodes of IEC-HS in a participant's observations, in time; each has onset, maximum and resolution.

    Raises UsageError where an observation has no time.
    """
    return find_episodes([(each.at, grade_iec_hs(each)) for each in observations])


@cache
def iec_hs_grading_signs() -> tuple[str, ...]:
    """The signs that make a grade, from the mildest to death."""
    return tuple(_grades())


@cache
def _grades() -> dict[str, int]:
    return {row["sign"]: int(row["grade"]) for row in read_package_table("celltrial.safety.iec_hs", "grades.csv")}


def _grade_complete(seen: IecHsObservation) -> Grade:
    if seen.diagnosed == "no":
        return Grade(0, ("IEC-HS is not diagnosed",))
    present = {name: grade for name, grade in _grades().items() if getattr(seen, name) == "yes"}
    if not present:
        return Grade(1, ("IEC-HS without need of treatment",))
    worst = max(present.values())
    return Grade(worst, tuple(name.replace("_", " ") for name, grade in present.items() if grade == worst))


def _completions(seen: IecHsObservation) -> Iterator[IecHsObservation]:
    """The observation with everything that is not known tried each way."""
    unknown = [name for name in ("diagnosed", *_grades()) if getattr(seen, name) == "unknown"]
    answers: tuple[YesNoUnknown, YesNoUnknown] = ("no", "yes")
    for chosen in product(answers, repeat=len(unknown)):
        each = replace(seen, **dict(zip(unknown, chosen, strict=True)))  # type: ignore[arg-type]  # fields by name
        # a death due to IEC-HS needs the diagnosis: that pair is no completion
        if not (each.death_due_to_iec_hs == "yes" and each.diagnosed == "no"):
            yield each
