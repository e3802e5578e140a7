"""`celltrial dose compare`: candidate designs side by side over a grid of scenarios, and a section for the protocol."""

import json as json_text
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.console import Progress
from celltrial.cli.dosing.options import Json, Rules

if TYPE_CHECKING:
    from celltrial.cli.dosing.candidates import Question
    from celltrial.escalation.protocol_grid import GridScenario
    from celltrial.escalation.side_by_side import Outcome, SideBySide
    from celltrial.reports.design_section import Durations

__all__ = ["register"]


def register(dose: typer.Typer) -> None:
    """Add `compare`."""
    dose.command("compare")(_compare)


def _compare(
    study: Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="a study folder")] = None,
    design: Annotated[
        list[str],
        typer.Option(
            "--design", metavar="NAME[:NAME=VALUE,..]", help="a candidate; repeatable; default: the usual ones"
        ),
    ] = [],  # noqa: B006 - typer reads the default and does not change it
    target: Annotated[float | None, typer.Option("--target", metavar="P", help="default: the study's")] = None,
    doses: Annotated[int | None, typer.Option("--doses", metavar="D", help="levels; default: the study's")] = None,
    cohort_size: Annotated[int | None, typer.Option("--cohort-size", metavar="K", help="default: the study's")] = None,
    max_n: Annotated[int | None, typer.Option("--max-n", help="participants; default: the study's")] = None,
    rule: Rules = [],  # noqa: B006 - as above
    scenario: Annotated[
        list[str], typer.Option("--scenario", metavar="NAME:P,P,..", help="true rates beside the grid; repeatable")
    ] = [],  # noqa: B006 - as above
    accrual: Annotated[
        float | None, typer.Option("--accrual", help="patients a month: simulates durations as well")
    ] = None,
    trials: Annotated[int, typer.Option("--trials", help="how many to simulate for durations")] = 2_000,
    seed: Annotated[int, typer.Option("--seed", help="of that simulation")] = 1,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="write design-section.md, .html, comparison.json and figures there"),
    ] = None,
    json: Json = False,
) -> None:
    """Candidate designs side by side over a grid of scenarios, exact, and a section for the protocol."""
    from celltrial.cli.console import print_json, progress_bar
    from celltrial.cli.dosing.candidates import ask_study, ask_without_study

    given = {"target": target, "doses": doses, "cohort_size": cohort_size, "max_n": max_n}
    question = ask_without_study(given, design, rule) if study is None else ask_study(study, given, design, rule)
    with progress_bar() as progress:
        found, durations = _compute(question, scenario, accrual, (trials, seed), progress)
        if out is not None:
            progress(0.8, "section and figures")
            _write(found, question, durations, out)
        progress(1.0, "done")
    if json:
        more = {} if durations is None else {"durations": [each.to_json() for each in durations.results]}
        print_json(question.to_json() | found.to_json() | more)
        return
    _print(found, question, durations)
    if out is not None:
        typer.echo(f"{out / 'design-section.md'}   and .html (print it for a PDF), comparison.json, figures")


def _compute(
    question: "Question", scenarios: list[str], accrual: float | None, sample: tuple[int, int], progress: Progress
) -> "tuple[SideBySide, Durations | None]":
    """The exact comparison, and the durations where an accrual was given."""
    from celltrial.cli.dosing.candidates import simulate_durations
    from celltrial.escalation.side_by_side import set_side_by_side

    grid = question.grid(scenarios)
    found = set_side_by_side(
        question.designs,
        grid,
        cohort_size=question.cohort_size,
        max_n=question.max_n,
        start=question.start,
        progress=lambda share, text: progress(0.6 * share, text),
    )
    if accrual is None:
        return found, None
    return found, simulate_durations(
        question, grid, accrual, *sample, progress=lambda share, text: progress(0.6 + 0.2 * share, text)
    )


def _write(found: "SideBySide", question: "Question", durations: "Durations | None", out: Path) -> None:
    from celltrial.reports.design_section import draw_comparison, write_section
    from celltrial.reports.dose_document import to_html, to_markdown
    from celltrial.reports.dose_tables import write_files
    from celltrial.reports.figures import render_png

    images = draw_comparison(found)
    blocks = write_section(found, question.occasion, images, durations)
    document = json_text.dumps(question.to_json() | found.to_json(), ensure_ascii=False, indent=1)
    contents: dict[str, str | bytes] = {
        "design-section.md": to_markdown(blocks),
        "design-section.html": to_html(f"Dose-finding design: {question.occasion.title}", blocks),
        "comparison.json": document + "\n",
    }
    for name, image in images.items():
        contents |= {f"{name}.svg": image.svg, f"{name}.png": render_png(image)}
    write_files(out, contents)


def _print(found: "SideBySide", question: "Question", durations: "Durations | None") -> None:
    from celltrial.cli.console import print_table, stdout_console
    from celltrial.reports.design_section import describe_likeness

    console, grid = stdout_console(), found.grid
    console.print(
        f"{question.occasion.title}: {len(found.designs)} designs, {len(grid)} scenarios, target {found.target:.2f}, "
        f"cohorts of {found.cohort_size}, at most {found.max_n}; exact",
        style="bold",
    )
    names = question.occasion.levels
    print_table(
        "Scenarios: true DLT rates",
        ["", "scenario", *names, "right"],
        [
            (f"S{place}", each.name, *(f"{rate:.2f}" for rate in each.truth), _right(each, names))
            for place, each in enumerate(grid, start=1)
        ],
    )
    for title, number in (
        ("Right selection, % of trials", lambda each: f"{100 * each.right:.0f}"),
        ("Participants treated above the target, expected %", lambda each: f"{100 * each.overdosed:.0f}"),
        ("Expected participants", lambda each: f"{each.oc.expected_n:.1f}"),
    ):
        print_table(title, ["", *found.designs], _lines(found, number))
    print_table(
        "Averages over these scenarios, every one alike",
        ["design", "right %", "too high %", "above %", "DLTs", "n", "stopped early %"],
        [_average(name, found.means(name)) for name in found.designs],
    )
    told = "Chosen in the study: " if question.is_study else "The section is written for: "
    console.print(
        f"{told}{question.occasion.chosen}. All numbers are exact: no Monte Carlo error, no seed.", style="dim"
    )
    for note in (*describe_likeness(found), *question.notes):
        console.print(note, style="dim", markup=False)
    if durations is not None:
        print_table(
            f"Duration in days ({durations.trials} simulated trials, seed {durations.seed})",
            ["design", "scenario", "mean +- standard error"],
            [(each.design, each.scenario, str(each.duration_days)) for each in durations.results],
        )
        console.print(durations.plan, style="dim")


def _lines(found: "SideBySide", number: "Callable[[Outcome], str]") -> "list[tuple[str, ...]]":
    columns = [found.of(name) for name in found.designs]
    return [
        (f"S{place}", *(number(outcomes[place - 1]) for outcomes in columns)) for place in range(1, len(found.grid) + 1)
    ]


def _right(scenario: "GridScenario", names: tuple[str, ...]) -> str:
    if len(scenario.right) == len(names) > 1:
        return "any"
    return ", ".join(names[level - 1] for level in scenario.right) or "none"


def _average(name: str, means: dict[str, float]) -> tuple[str, ...]:
    return (
        name,
        *(f"{100 * means[key]:.1f}" for key in ("correct", "too_high", "overdosed")),
        f"{means['expected_dlts']:.2f}",
        f"{means['expected_n']:.1f}",
        f"{100 * means['stopped_early']:.1f}",
    )
