"""Infections by severity: how they were treated and what became of them, to a grade from 1 to 5.

CTCAE has some sixty terms of infection that share one scale: local treatment, oral drug, intravenous drug or procedure
or admission, life-threatening, death. This module grades by that scale, whatever the site. Its generalisation to every
site is ours, and so is intensive care as grade 4 (see `grade_infection`). A term of CTCAE may begin at a higher grade;
`ctcae_term_of_site` tells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any, Literal

from celltrial.answers import Condition, YesNoUnknown, any_of
from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable, NotGradable
from celltrial.safety.grades import Grade, agree_on_grade, require_words
from celltrial.tables import read_package_table

__all__ = [
    "InfectionObservation",
    "InfectionSite",
    "InfectionWindow",
    "ctcae_term_of_site",
    "grade_infection",
    "infection_sites",
    "infection_window",
    "judge_severe_infection",
]

Treatment = Literal["none", "local", "oral", "intravenous", "unknown"]

_TREATMENT: dict[str, int] = {"none": 1, "local": 1, "oral": 2, "intravenous": 3}
_ORGANISMS = ("bacterial", "viral", "fungal", "parasitic", "not identified", "unknown")
_FLAGS = (
    "invasive_intervention",
    "hospitalised",
    "intensive_care",
    "life_threatening",
    "death_due_to_infection",
)
# days since infusion (infusion = day 0), first and last of each window; the last one has no end
_WINDOWS: tuple[tuple[int, int | None], ...] = ((0, 28), (29, 90), (91, None))


@dataclass(frozen=True, slots=True, kw_only=True)
class InfectionObservation:
    """An infection, at its worst; the words of the record. `unknown` is something not known.

    treatment: the strongest route of an antimicrobial drug for it. invasive_intervention: drainage, aspiration under
    guidance, operation. hospitalised: admitted, or kept longer, because of it. intensive_care: treated there because of
    it. life_threatening: consequences that needed urgent treatment (shock, ventilation). organism: its kind;
    site: one of `infection_sites()`; neither changes the grade.
    """

    treatment: Treatment
    invasive_intervention: YesNoUnknown
    hospitalised: YesNoUnknown
    intensive_care: YesNoUnknown
    life_threatening: YesNoUnknown
    death_due_to_infection: YesNoUnknown
    organism: Literal["bacterial", "viral", "fungal", "parasitic", "not identified", "unknown"] = "unknown"
    site: str = "unknown"

    def __post_init__(self) -> None:
        given: list[tuple[str, str, Sequence[str]]] = [
            ("treatment", self.treatment, (*_TREATMENT, "unknown")),
            ("organism", self.organism, _ORGANISMS),
            ("site", self.site, (*(each.site for each in infection_sites()), "unknown")),
        ]
        require_words("infection", given + [(name, getattr(self, name), ("yes", "no", "unknown")) for name in _FLAGS])


@dataclass(frozen=True, slots=True, kw_only=True)
class InfectionSite:
    """A site, the term of CTCAE 5.0 it is reported under, and the first grade that this term has."""

    site: str
    term: str
    first_grade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InfectionWindow:
    """Days since infusion, first and last; `last_day` None: without end. The infusion is day 0."""

    first_day: int
    last_day: int | None

    def __str__(self) -> str:
        return f">{self.first_day - 1}" if self.last_day is None else f"{self.first_day}-{self.last_day}"


def grade_infection(
    observation: InfectionObservation, *, intensive_care_grade: Literal[3, 4] = 4
) -> Grade | NotGradable:
    """The grade of an infection, 1 to 5, or NotGradable naming what is not known and would change it.

    1: no or local treatment. 2: oral drug. 3: intravenous drug, procedure or admission. 4: life-threatening, or
    intensive care (`intensive_care_grade` 3 makes it count as an admission only; CTCAE does not name intensive care).
    5: death due to it. Whatever is not known is tried each way.

    Source: NCI CTCAE v5.0 (2017), terms of infection; their common scale, our reading.

    >>> flags = dict.fromkeys(("invasive_intervention", "hospitalised", "intensive_care", "life_threatening"), "no")
    >>> grade_infection(InfectionObservation(treatment="oral", death_due_to_infection="no", **flags)).value
    2
    """
    grades = [_grade_complete(each, intensive_care_grade) for each in _completions(observation)]
    return agree_on_grade(grades, _unknown_fields(observation))


def judge_severe_infection(observation: InfectionObservation, *, intensive_care_grade: Literal[3, 4] = 4) -> Condition:
    """Whether the infection is severe: grade 3 or more; unknown only where what is not known decides it.

    Source: grade 3 or more of CTCAE; the same as intravenous antimicrobials or admission in Logue JM et al.,
    Haematologica 2021;106:978-86.
    """
    grades = [_grade_complete(each, intensive_care_grade) for each in _completions(observation)]
    answers = {grade.value >= 3 for grade in grades}
    lowest, highest = min(grade.value for grade in grades), max(grade.value for grade in grades)
    span = f"grade {lowest}" if lowest == highest else f"grade {lowest} to {highest}"
    if len(answers) == 2:
        unknown = ", ".join(_unknown_fields(observation))
        return Condition(name="severe infection", answer="unknown", reason=f"{span}; not known: {unknown}")
    answer: YesNoUnknown = "yes" if True in answers else "no"
    return Condition(name="severe infection", answer=answer, reason=f"{span}, needs >= 3")


def infection_window(
    days_since_infusion: int | None, windows: Sequence[tuple[int, int | None]] = _WINDOWS
) -> InfectionWindow | NotEvaluable:
    """The window an infection began in: days 0 to 28, 29 to 90, or later; NotEvaluable before infusion or unknown.

    days_since_infusion: whole days, the day of infusion is 0 (not the study day).
    windows: (first day, last day or None for no end), in order.

    Source: windows 0 to 28 and 29 to 90: Hill JA et al., Blood 2018;131:121-30; later ones: ours.

    >>> str(infection_window(28)), str(infection_window(29)), str(infection_window(91))
    ('0-28', '29-90', '>90')
    """
    if days_since_infusion is None:
        return NotEvaluable("the days since infusion are not known")
    for first, last in windows:
        if first <= days_since_infusion and (last is None or days_since_infusion <= last):
            return InfectionWindow(first_day=first, last_day=last)
    return NotEvaluable(f"day {days_since_infusion} is in no window after infusion")


def ctcae_term_of_site(site: str) -> InfectionSite:
    """The term of CTCAE 5.0 for a site; raises UsageError for a site that the table does not have.

    >>> ctcae_term_of_site("lung").term, ctcae_term_of_site("meninges").first_grade
    ('Lung infection', 3)
    """
    for each in infection_sites():
        if each.site == site:
            return each
    sites = ", ".join(each.site for each in infection_sites())
    raise UsageError(Finding(message="no such site of infection", found=repr(site), expected=sites))


@cache
def infection_sites() -> tuple[InfectionSite, ...]:
    """The sites of infection, from `infections.csv`."""
    return tuple(
        InfectionSite(site=row["site"], term=row["term"], first_grade=int(row["first_grade"]))
        for row in read_package_table("celltrial.safety", "infections.csv")
    )


def _grade_complete(seen: InfectionObservation, intensive_care_grade: int) -> Grade:
    """The grade where everything is known."""
    admitted = any_of((seen.invasive_intervention, seen.hospitalised)) == "yes"
    steps = [
        (5, "death due to the infection", seen.death_due_to_infection == "yes"),
        (4, "life-threatening", seen.life_threatening == "yes"),
        (intensive_care_grade, "intensive care", seen.intensive_care == "yes"),
        (3, "procedure or admission", admitted),
        (_TREATMENT[seen.treatment], f"treatment: {seen.treatment}", True),
    ]
    worst = max(grade for grade, _, holds in steps if holds)
    return Grade(worst, tuple(reason for grade, reason, holds in steps if holds and grade == worst))


def _unknown_fields(seen: InfectionObservation) -> list[str]:
    return [name for name in ("treatment", *_FLAGS) if getattr(seen, name) == "unknown"]


def _completions(seen: InfectionObservation) -> Iterator[InfectionObservation]:
    """The observation with everything that is not known tried each way."""
    options: dict[str, tuple[Any, ...]] = {"treatment": tuple(_TREATMENT)} | dict.fromkeys(_FLAGS, ("no", "yes"))
    unknown = _unknown_fields(seen)
    for values in product(*(options[name] for name in unknown)):
        yield replace(seen, **dict(zip(unknown, values, strict=True)))
