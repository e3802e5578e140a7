"""What `celltrial dose compare` is asked: candidates, trial and scenarios, from a study or from the options."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from celltrial.cli.dosing.options import design_called, parse_numbers, parse_rules, split_named
from celltrial.errors import Finding, UsageError

if TYPE_CHECKING:
    from celltrial.escalation import Design
    from celltrial.escalation.protocol_grid import GridScenario
    from celltrial.reports.design_section import Durations, Occasion
    from celltrial.study import Assumption, Study

__all__ = ["Question", "ask_study", "ask_without_study", "simulate_durations"]

Rules: TypeAlias = Sequence[tuple[str, Mapping[str, float | str]]]

# the designs that a first-in-human team would put beside each other, and that complete outcomes decide
_USUAL = ("boin", "i3+3", "3+3", "keyboard", "mtpi-2", "crm", "blrm")
# the rest of a study's window and pause, where there is no study: CT1192's
_WINDOW_DAYS = 28.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The trial to compare designs for; `occasion` names it for the section."""

    designs: "Mapping[str, Design]"
    target: float
    levels: int
    cohort_size: int
    max_n: int
    start: int
    occasion: "Occasion"
    is_study: bool
    window_days: float
    sentinel_days: float
    rules: "Rules" = ()
    notes: tuple[str, ...] = ()

    def grid(self, scenarios: Sequence[str]) -> "tuple[GridScenario, ...]":
        """The grid, and the scenarios that were asked for beside it."""
        from celltrial.escalation.protocol_grid import GridScenario, find_right_levels, make_grid

        own = []
        for text in scenarios:
            name, _, rates = text.rpartition(":")
            truth = parse_numbers(rates)
            if not name or len(truth) != self.levels or not all(0 <= rate <= 1 for rate in truth):
                expected = f"NAME: and {self.levels} rates from 0 to 1, e.g. steep:0.05,0.30,0.60"
                raise UsageError(Finding(message="a scenario cannot be read", found=repr(text), expected=expected))
            right = find_right_levels(truth, self.target)
            own.append(GridScenario(name=name, truth=truth, right=right, reason="asked for"))
        found = (*make_grid(self.target, self.levels), *own)
        names = [each.name for each in found]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise UsageError(Finding(message="a scenario has a name that is taken", found=", ".join(twice)))
        return found

    def to_json(self) -> dict[str, object]:
        """What was asked."""
        return {
            "title": self.occasion.title,
            "chosen": self.occasion.chosen,
            "levels": list(self.occasion.levels),
            "assumptions": [each.id for each in self.occasion.assumptions],
            "notes": list(self.notes),
        }


def ask_study(folder: Path, given: Mapping[str, float | None], names: Sequence[str], rules: Sequence[str]) -> Question:
    """The question of a study: its levels, target, cohorts, rules and design, unless the options say otherwise."""
    from celltrial.reports.design_section import Occasion
    from celltrial.study import load_study, require_folder

    study = load_study(require_folder(folder))
    own = study.escalation
    if given["doses"] not in (None, len(study.levels)):
        found = f"--doses {given['doses']}, {len(study.levels)} levels in the study"
        raise UsageError(Finding(message="the study has its own levels", found=found, next_step="leave --doses out"))
    doses = " ".join(f"{float(level.cells) / 1e8:g}" for level in study.levels)
    target = own.target if given["target"] is None else float(given["target"])
    around = parse_rules(rules) if rules else [(name, dict(numbers)) for name, numbers in own.rules]
    known = {own.design: dict(own.parameters)}
    designs = _build_all(_with_own(names or _USUAL, own.design), target, around, doses, known)
    levels = tuple(str(level.id) for level in study.levels)
    asked = [name for name in ("target", "cohort_size", "max_n") if given[name] is not None]
    notes: tuple[str, ...] = () if rules else ("The rules of the study stand around every candidate.",)
    notes += (f"Not the study's own: {', '.join(asked)}.",) if asked else ()
    return Question(
        designs=designs,
        target=target,
        levels=len(levels),
        cohort_size=int(given["cohort_size"] or own.cohort_size),
        max_n=int(given["max_n"] or own.max_participants),
        start=levels.index(str(own.start_level)) + 1,
        occasion=Occasion(
            title=study.id, chosen=_key_of(own.design, designs), levels=levels, assumptions=_design_assumptions(study)
        ),
        is_study=True,
        window_days=float(study.dlt.window_days),
        sentinel_days=float(own.sentinel_days),
        rules=around,
        notes=(*notes, *_say_left_out(designs)),
    )


def ask_without_study(given: Mapping[str, float | None], names: Sequence[str], rules: Sequence[str]) -> Question:
    """The question of the options alone; raises UsageError unless all four numbers are given."""
    from celltrial.reports.design_section import Occasion

    lacking = [name.replace("_", "-") for name, value in given.items() if value is None]
    if lacking:
        told = ", ".join(f"--{name}" for name in lacking)
        raise UsageError(Finding(message="neither a study nor a whole trial is given", expected=f"STUDY, or {told}"))
    numbers = {name: value for name, value in given.items() if value is not None}
    target, levels = numbers["target"], int(numbers["doses"])
    usual = [name for name in _USUAL if name != "blrm"]
    designs = _build_all(names or usual, target, parse_rules(rules), "", {})
    left_out = () if names else ("blrm needs the doses: --design 'blrm:doses=3 4.5 6'.",)
    return Question(
        designs=designs,
        target=target,
        levels=levels,
        cohort_size=int(numbers["cohort_size"]),
        max_n=int(numbers["max_n"]),
        start=1,
        occasion=Occasion(
            title=f"target {target:g}, {levels} levels",
            chosen=next(iter(designs)),
            levels=tuple(f"DL{level}" for level in range(1, levels + 1)),
        ),
        is_study=False,
        window_days=_WINDOW_DAYS,
        sentinel_days=0.0,
        rules=parse_rules(rules),
        notes=(*left_out, *_say_left_out(designs)),
    )


def _with_own(names: Sequence[str], own: str) -> list[str]:
    """The candidates with the study's own design first."""
    others = [name for name in names if name != own]
    is_there = any(split_named(name)[0] == own for name in others)
    return others if is_there else [own, *others]


def _build_all(
    names: Sequence[str],
    target: float,
    rules: Rules,
    doses: str,
    known: Mapping[str, Mapping[str, float | str]],
) -> "dict[str, Design]":
    """Each candidate by the text it was asked for with, so that two settings of one design can stand side by side."""
    from celltrial.escalation import design_named

    designs = {}
    for text in names:
        word, settings = split_named(text)
        name = design_called(word)
        parameters = {**known.get(name, {}), **settings}
        if name == "blrm" and doses:
            parameters.setdefault("doses", doses)
        key = name if not settings else f"{name} ({', '.join(f'{k}={v}' for k, v in settings.items())})"
        designs[key] = design_named(name, target=target, parameters=parameters, rules=rules)
    return designs


def _key_of(name: str, designs: Mapping[str, object]) -> str:
    return next(key for key in designs if key == name or key.startswith(f"{name} ("))


def _design_assumptions(study: "Study") -> "tuple[Assumption, ...]":
    """The assumptions that study.yaml names beside its dose levels and its design, in their order."""
    from celltrial.study.nodes import find, named
    from celltrial.study.read import read_file, read_study_texts

    node = read_file("study.yaml", read_study_texts(study.folder)["study.yaml"]).node
    parts = [find(node, part) for part in ("dose_levels", "design")]
    ids = {each.text for part in parts if part is not None for each in named(part, "assumption")}
    return tuple(each for each in study.assumptions if each.id in ids)


def _say_left_out(designs: Mapping[str, object]) -> tuple[str, ...]:
    same = [name for name in ("tite-boin", "bf-boin") if name not in designs]
    if not same:
        return ()
    return (
        "TITE-BOIN and BF-BOIN decide as BOIN on complete outcomes without backfilling: their difference is time "
        "(--accrual).",
    )


def simulate_durations(
    question: Question,
    grid: "Sequence[GridScenario]",
    accrual: float,
    trials: int,
    seed: int,
    *,
    progress: Callable[[float, str], None],
) -> "Durations":
    """Durations in calendar time of the candidates and of TITE-BOIN, in the scenarios with a moderate slope."""
    from celltrial.escalation import design_named
    from celltrial.escalation.calendar import Scenario, plan_conduct, simulate_calendar
    from celltrial.reports.design_section import Durations

    if not accrual > 0:
        raise UsageError(Finding(message="no patients come", found=f"--accrual {accrual}", expected="above 0"))
    designs = dict(question.designs)
    designs.setdefault("tite-boin", design_named("tite-boin", target=question.target, rules=question.rules))
    plan = plan_conduct(
        cohort_size=question.cohort_size,
        max_n=question.max_n,
        patients_per_month=accrual,
        window_days=question.window_days,
        sentinel_days=question.sentinel_days,
        start=question.start,
    )
    chosen = [each for each in grid if "moderate" in each.name]
    results = []
    for place, (name, design) in enumerate(designs.items()):
        for each in chosen:
            progress(place / len(designs), f"{name} in time: {each.name}")
            scenario = Scenario(name=each.name, truth=each.truth)
            results.append(simulate_calendar(design, scenario, plan, trials=trials, seed=seed))
    return Durations(
        plan=(
            f"Durations are simulated for {accrual:g} patients a month (Poisson arrivals), a DLT window of "
            f"{question.window_days:g} days, {question.sentinel_days:g} days after the first participant of a level, "
            "half of the DLTs in the second half of the window, nobody drops out. The accrual is an assumption."
        ),
        seed=seed,
        trials=trials,
        results=tuple(results),
    )
