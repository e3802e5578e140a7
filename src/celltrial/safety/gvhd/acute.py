"""Acute graft-versus-host disease by the MAGIC criteria: organ stages, then a grade that is a pattern of them.

The grade is not the highest stage: skin stage 3 alone is grade II, lower gastrointestinal stage 2 alone is grade III.
It grades what has been judged to be acute GvHD; it does not diagnose it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from celltrial.missing import NotGradable
from celltrial.safety.episodes import Episode, find_episodes
from celltrial.safety.grades import Grade, agree_on_grade
from celltrial.safety.gvhd.staging import ORGANS, AcuteGvhdObservation, OrganStage, stage_acute_gvhd
from celltrial.tables import read_package_table

__all__ = ["AcuteGvhd", "acute_gvhd_episodes", "grade_acute_gvhd", "grade_organ_stages"]

_NAMES = {"skin": "skin", "liver": "liver", "upper_gi": "upper GI", "lower_gi": "lower GI"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AcuteGvhd:
    """The grade, 0 to 4 (IV), with the organ stages that made it, in the order of the published table."""

    grade: Grade | NotGradable
    organs: tuple[OrganStage, ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know beside the stages."""
        return tuple(flag for organ in self.organs for flag in organ.flags)


def grade_acute_gvhd(observation: AcuteGvhdObservation) -> AcuteGvhd:
    """Organ stages and overall grade of one assessment; NotGradable names what is not known and would change it.

    Stages that are not known are tried each way. Raises UsageError (on building the observation) for numbers and words
    that make no sense.

    Source: Harris AC et al., Biol Blood Marrow Transplant 2016;22:4-10, organ stages and overall grade.

    >>> from decimal import Decimal
    >>> seen = AcuteGvhdObservation(
    ...     rash_bsa_percent=Decimal(60), bullae="no", bilirubin_mg_dl=Decimal(1), upper_gi="none",
    ...     stool_ml_per_day=Decimal(200), severe_abdominal_pain="no", grossly_bloody_stool="no")
    >>> grade_acute_gvhd(seen).grade
    Grade(value=2, reasons=('skin stage 3: rash of 60 % of body surface, no bullae with desquamation over 5 %',))
    """
    organs = stage_acute_gvhd(observation)
    without = Grade(0, ("the signs have another cause",))
    if observation.other_cause == "yes":
        return AcuteGvhd(grade=without, organs=organs)
    unknown = [name for organ in organs for name in organ.unknown]
    if observation.other_cause == "no":
        return AcuteGvhd(grade=agree_on_grade(_possible_grades(organs), unknown), organs=organs)
    grades = [*_possible_grades(organs), without]
    return AcuteGvhd(grade=agree_on_grade(grades, [*unknown, "other_cause"]), organs=organs)


def grade_organ_stages(
    *, skin: int | None, liver: int | None, upper_gi: int | None, lower_gi: int | None
) -> Grade | NotGradable:
    """The overall grade from stages that were entered as such; None is tried each way.

    >>> grade_organ_stages(skin=0, liver=0, upper_gi=0, lower_gi=2).value
    3
    """
    given = {"skin": skin, "liver": liver, "upper_gi": upper_gi, "lower_gi": lower_gi}
    allowed = {organ: (0, 1) if organ == "upper_gi" else (0, 1, 2, 3, 4) for organ in ORGANS}
    wrong = [f"{_NAMES[organ]} stage {stage}" for organ, stage in given.items() if stage not in (None, *allowed[organ])]
    if wrong:
        return NotGradable(f"not a stage of MAGIC: {', '.join(wrong)}")
    organs = tuple(
        OrganStage(organ=organ, possible=allowed[organ] if stage is None else (stage,), reason="as entered")
        for organ, stage in given.items()
    )
    return agree_on_grade(_possible_grades(organs), [_NAMES[organ] for organ, stage in given.items() if stage is None])


def acute_gvhd_episodes(observations: Sequence[AcuteGvhdObservation]) -> tuple[Episode, ...]:
    """The episodes of acute GvHD in a participant's assessments, in time; each has onset, maximum and resolution.

    Raises UsageError where an assessment has no time.
    """
    return find_episodes([(each.at, grade_acute_gvhd(each).grade) for each in observations])


def _possible_grades(organs: Sequence[OrganStage]) -> list[Grade]:
    """The grade of every combination of the stages that are possible."""
    combined = product(*(organ.possible for organ in organs))
    return [_grade_of(dict(zip(ORGANS, stages, strict=True)), organs) for stages in combined]


def _grade_of(stages: Mapping[str, int], organs: Sequence[OrganStage]) -> Grade:
    """The first grade of the table with a row that holds, and the organs that its rows ask for."""
    reasons = {organ.organ: f": {organ.reason}" if organ.stage is not None else "" for organ in organs}
    holding = [(grade, pattern) for grade, pattern in _patterns() if _holds(pattern, stages)]
    value = holding[0][0]
    if value == 0:
        return Grade(0, ("no organ at stage 1 or more",))
    asked = {organ for grade, pattern in holding if grade == value for organ in pattern}
    return Grade(
        value, tuple(f"{_NAMES[each]} stage {stages[each]}{reasons[each]}" for each in ORGANS if each in asked)
    )


def _holds(pattern: Mapping[str, range], stages: Mapping[str, int]) -> bool:
    return all(stages[organ] in allowed for organ, allowed in pattern.items())


@cache
def _patterns() -> tuple[tuple[int, Mapping[str, range]], ...]:
    rows = read_package_table("celltrial.safety.gvhd", "acute_grades.csv")
    return tuple((int(row["grade"]), {organ: _span(row[organ]) for organ in ORGANS if row[organ]}) for row in rows)


def _span(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)
