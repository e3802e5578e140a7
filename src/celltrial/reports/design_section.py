"""The design section of a protocol: the design with its table and operating characteristics, the candidates beside it.

Numbers are ready to paste, each with what it is; what rests on an assumption of the study says so and who confirms it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celltrial import __version__
from celltrial.escalation import Design, decision_table
from celltrial.escalation.catalogue import find_design
from celltrial.escalation.conditional_table import conditional_table
from celltrial.escalation.notation import read_history
from celltrial.escalation.side_by_side import Outcome, SideBySide
from celltrial.reports.dose_document import Block, Bullets, Figure, Heading, Paragraph, Table
from celltrial.reports.figures.design_comparison import DesignBar, draw_selection, draw_sizes
from celltrial.reports.figures.images import Image, render_image
from celltrial.reports.figures.theme import Caption
from celltrial.study import Assumption

if TYPE_CHECKING:
    from celltrial.escalation.calendar import CalendarOC

__all__ = ["Durations", "Occasion", "describe_likeness", "draw_comparison", "write_section"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """For whom the section is written.

    title: of the study, or of the question. chosen: the design of the protocol, one of the candidates.
    levels: names of the dose levels, lowest first. assumptions: those of the study that the design rests on.
    """

    title: str
    chosen: str
    levels: tuple[str, ...]
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """Durations simulated in calendar time, by candidate and scenario; `plan` says what was assumed."""

    plan: str
    seed: int
    trials: int
    results: tuple["CalendarOC", ...]


def draw_comparison(found: SideBySide) -> dict[str, Image]:
    """The two pictures: what is selected, and how many participants it takes."""
    said = (
        f"every possible trial (exact); target {found.target:.2f}, cohorts of {found.cohort_size}, at most "
        f"{found.max_n}; celltrial {__version__}"
    )
    names = ("right", "too low", "none", "too high")
    selected = [
        DesignBar(scenario=each.scenario.name, design=each.design, what=what, share=share)
        for each in found.outcomes
        for what, share in zip(names, (each.right, each.too_low, each.none, each.too_high), strict=True)
    ]
    sizes = [
        DesignBar(scenario=each.scenario.name, design=each.design, what=str(size), share=share)
        for each in found.outcomes
        for size, share in each.sizes().items()
    ]
    title = "What each design selects (number: % right)"
    picture = draw_selection(selected, caption=Caption(title=title, provenance=said))
    size_title = f"How many participants each design takes (number: % of trials with {found.max_n})"
    return {
        "selection": render_image("selection", picture),
        "sizes": render_image("sizes", draw_sizes(sizes, caption=Caption(title=size_title, provenance=said))),
    }


def write_section(
    found: SideBySide, occasion: Occasion, images: dict[str, Image], durations: Durations | None = None
) -> tuple[Block, ...]:
    """The section as blocks, for Markdown and for a page."""
    design = found.designs[occasion.chosen]
    return (
        Heading(1, f"Dose-finding design: {occasion.title}"),
        *_describe_design(found, occasion, design),
        *_tables(found, occasion, design),
        *_characteristics(found, occasion),
        *_compare(found, occasion, images),
        *_durations(durations),
        *_methods(found),
    )


def _describe_design(found: SideBySide, occasion: Occasion, design: Design) -> Iterable[Block]:
    entry = find_design(design.name)
    parameters = ", ".join(f"{name} = {_number(value)}" for name, value in design.base.parameters) or "none"
    figures = "".join(f", {name} = {value:.3f}" for name, value in design.base.figures)
    yield Heading(2, "Design")
    yield Paragraph(
        f"Dose escalation follows the {entry.title} design ({entry.source}). It decides on {entry.decides_on}. The "
        f"target DLT rate is {_percent(found.target)}. Participants are treated in cohorts of {found.cohort_size}, "
        f"from level {occasion.levels[found.start - 1]} on, up to {found.max_n} participants over "
        f"{len(occasion.levels)} dose levels ({', '.join(occasion.levels)}). Parameters: {parameters}{figures}."
    )
    if design.rules:
        yield Paragraph("Rules around the design, in this order:")
        yield Bullets(tuple(rule.describe() for rule in design.rules))
    yield Paragraph(
        "The design proposes; the safety review committee decides, and records a departure with its reason."
    )
    for each in occasion.assumptions:
        told = f"{each.id}, {each.about}: {each.value}. {_sentence(each.why)} To be confirmed by: {each.confirm}."
        yield Paragraph(told, assumed=True)


def _tables(found: SideBySide, occasion: Occasion, design: Design) -> Iterable[Block]:
    yield Heading(2, "Decision table")
    if not hasattr(design.base, "fit"):
        table = decision_table(design, found.max_n)
        yield Table(
            caption=f"Decisions of {design.name} by evaluable participants at the current level",
            columns=("Evaluable", "Escalate if DLTs at most", "De-escalate if at least", "Eliminate if at least"),
            rows=tuple(
                (str(row.n), *map(_never, (row.escalate_le, row.deescalate_ge, row.eliminate_ge))) for row in table.rows
            ),
            notes=("Otherwise stay. –: no number of DLTs leads there. Eliminate: this level and all above are out.",),
        )
        return
    yield Paragraph(
        "The design decides on all levels together, so a table holds for one level while the others stand as given. "
        "Below, every lower level is taken to have had one cohort without a DLT."
    )
    for level in range(1, len(occasion.levels) + 1):
        history = " ".join(f"{each}{'N' * found.cohort_size}" for each in range(1, level))
        given = read_history(history, levels=len(occasion.levels), start=level)
        table_of_level = conditional_table(design, given, max_n=2 * found.cohort_size, level=level)
        yield Table(
            caption=f"Decisions of {design.name} {table_of_level.condition}",
            columns=("Evaluable", "Escalate if DLTs at most", "De-escalate if at least", "Stop the trial if at least"),
            rows=tuple(
                (str(row.n), *map(_never, (row.escalate_le, row.deescalate_ge, row.stop_ge)))
                for row in table_of_level.rows
            ),
            notes=("Otherwise stay. –: no number of DLTs leads there.",),
        )


def _characteristics(found: SideBySide, occasion: Occasion) -> Iterable[Block]:
    yield Heading(2, "Operating characteristics")
    yield Table(
        caption="Scenarios: true DLT rates by level",
        columns=("Scenario", *occasion.levels, "Right", "Why it is here"),
        rows=tuple(
            (
                each.name,
                *(f"{rate:.2f}" for rate in each.truth),
                ", ".join(occasion.levels[level - 1] for level in each.right) or "no level",
                each.reason,
            )
            for each in found.grid
        ),
        numbers=False,
    )
    yield Table(
        caption=f"Operating characteristics of {occasion.chosen}: % of trials selecting each level",
        columns=(
            "Scenario",
            *(f"{name} %" for name in occasion.levels),
            "None %",
            "Right %",
            "Above target %",
            "DLTs",
            "Participants",
            "Sizes (% of trials)",
            "Stopped early %",
        ),
        rows=tuple(_row(each) for each in found.of(occasion.chosen)),
        notes=(
            "Right: selection of a right level of the scenario (of no level, where none is right). Above target: "
            "expected share of participants treated at levels whose true rate is above the target. All exact.",
        ),
    )


def _row(each: Outcome) -> tuple[str, ...]:
    return (
        each.scenario.name,
        *(_share(share) for share in each.oc.selection),
        _share(each.oc.none),
        _share(each.right),
        _share(each.overdosed),
        f"{each.dlts:.2f}",
        f"{each.oc.expected_n:.1f}",
        ", ".join(f"{size}: {100 * share:.0f}" for size, share in each.sizes().items() if share >= 0.005),
        _share(each.oc.stopped_early),
    )


def _compare(found: SideBySide, occasion: Occasion, images: dict[str, Image]) -> Iterable[Block]:
    if len(found.designs) < 2:
        return
    yield Heading(2, "Candidate designs side by side")
    means = {name: found.means(name) for name in found.designs}
    yield Table(
        caption=f"Averages over the {len(found.grid)} scenarios, every scenario alike",
        columns=("Design", "Right %", "Too high %", "Above target %", "DLTs", "Participants", "Stopped early %"),
        rows=tuple(
            (
                name + (" (chosen)" if name == occasion.chosen else ""),
                *(_share(each[key]) for key in ("correct", "too_high", "overdosed")),
                *(f"{each['expected_dlts']:.2f}", f"{each['expected_n']:.1f}"),
                _share(each["stopped_early"]),
            )
            for name, each in means.items()
        ),
        notes=("An average over this grid holds for this grid; the scenarios one by one are what to discuss.",),
    )
    if likeness := describe_likeness(found):
        yield Bullets(likeness)
    for caption, number in _GRIDS:
        yield Table(
            caption=caption,
            columns=("Scenario", *found.designs),
            rows=tuple(
                (
                    scenario.name,
                    *(number(_find(found.of(name), scenario.name)) for name in found.designs),
                )
                for scenario in found.grid
            ),
        )
    yield Figure(image=images["selection"], caption="A bar a design, a panel a scenario. Grey number: % right.")
    yield Figure(
        image=images["sizes"],
        caption=f"How the number of participants is distributed. Grey number: % of trials with {found.max_n}.",
    )


def describe_likeness(found: SideBySide) -> tuple[str, ...]:
    """What to know before reading the numbers: candidates that are one design in this trial, and full 3+3 trials."""
    groups: dict[tuple[float, ...], list[str]] = {}
    for name in found.designs:
        numbers = [(*each.oc.selection, *each.oc.patients, each.oc.stopped_early) for each in found.of(name)]
        groups.setdefault(tuple(round(value, 10) for row in numbers for value in row), []).append(name)
    same = [names for names in groups.values() if len(names) > 1]
    told = [
        f"{', '.join(names)}: equal results in every scenario; at these sizes they differ in nothing." for names in same
    ]
    declaring = [name for name, design in found.designs.items() if getattr(design.base, "declares_mtd", False)]
    if declaring:
        full = (
            f"a trial that reaches {found.max_n} participants, or is stopped by a rule, before it has done so has none"
        )
        told.append(f"{', '.join(declaring)}: declares its MTD itself; {full}.")
    return tuple(told)


_GRIDS: tuple[tuple[str, Callable[[Outcome], str]], ...] = (
    ("Right selection, % of trials", lambda each: _share(each.right)),
    ("Selection of a level that is too high, % of trials", lambda each: _share(each.too_high)),
    ("Participants treated above the target, expected %", lambda each: _share(each.overdosed)),
    ("Expected participants", lambda each: f"{each.oc.expected_n:.1f}"),
)


def _find(outcomes: Sequence[Outcome], scenario: str) -> Outcome:
    return next(each for each in outcomes if each.scenario.name == scenario)


def _durations(durations: Durations | None) -> Iterable[Block]:
    if durations is None:
        return
    yield Heading(2, "Duration")
    yield Paragraph(durations.plan, assumed=True)
    yield Table(
        caption=f"Simulated duration: {durations.trials} trials, seed {durations.seed}; +- Monte Carlo standard error",
        columns=("Design, scenario", "Days", "10, 50, 90 % of trials within", "Enrolled held up", "Right %"),
        rows=tuple(
            (
                f"{each.design}, {each.scenario}",
                f"{each.duration_days.value:.0f} +- {each.duration_days.standard_error:.1f}",
                ", ".join(f"{days:.0f}" for days in each.duration_quantiles),
                f"{each.held.value:.1f} +- {each.held.standard_error:.2f}",
                f"{100 * each.correct.value:.1f} +- {100 * each.correct.standard_error:.1f}",
            )
            for each in durations.results
        ),
        notes=("Right here: a level whose true rate is nearest the target (selection as simulated).",),
    )


def _methods(found: SideBySide) -> Iterable[Block]:
    yield Heading(2, "How the numbers were made")
    yield Paragraph(
        f"Operating characteristics were computed by celltrial {__version__} from every trial that each design can "
        "lead to; courses that come to equal counts are merged. They carry no Monte Carlo error, and no seed. After "
        "the last cohort nothing is decided any more: the MTD is selected from what has been seen. Designs that "
        "declare their own MTD (3+3, A+B) or select it by their model (CRM, BLRM) do so here; all others by isotonic "
        "regression "
        "(Yan et al., 2020, J Stat Softw 94(13))."
    )
    yield Paragraph("The candidates, with their parameters and rules:")
    yield Bullets(tuple(_cite(name, design) for name, design in found.designs.items()))


def _cite(name: str, design: Design) -> str:
    entry = find_design(design.name)
    parameters = ", ".join(f"{key} = {_number(value)}" for key, value in design.base.parameters) or "no parameters"
    rules = ", ".join(rule.describe() for rule in design.rules) or "no rules"
    return f"{name}: {entry.title}, {entry.source}. {_sentence(parameters)} Rules: {_sentence(rules)}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _share(share: float) -> str:
    return f"{100 * share:.1f}"


def _never(number: int | None) -> str:
    return "–" if number is None else str(number)
