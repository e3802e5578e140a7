"""`celltrial dose paths`: every course of a trial under a design, as a table, as data, as a page and as a picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.dosing.options import CohortSize, DesignName, Doses, Json, Outcomes, Parameters, Rules, Start, Target

if TYPE_CHECKING:
    from celltrial.escalation.pathways import Node, Pathways

__all__ = ["register"]

# more lines than these are for a file: the rest is counted
_LINES = 40


def register(dose: typer.Typer) -> None:
    """Add `paths`."""
    dose.command("paths")(_paths)


def _paths(
    design: DesignName,
    target: Target,
    doses: Doses,
    cohort_size: CohortSize,
    max_n: Annotated[int, typer.Option("--max-n", help="maximum sample size")],
    parameter: Parameters = [],  # noqa: B006 - typer reads the default and does not change it
    rule: Rules = [],  # noqa: B006 - as above
    start: Start = 1,
    outcomes: Outcomes = "",
    cohorts: Annotated[int | None, typer.Option("--cohorts", help="how many cohorts to look ahead")] = None,
    reasons: Annotated[bool, typer.Option("--reasons", help="each step with its reasons")] = False,
    every: Annotated[bool, typer.Option("--all", help=f"every line, not the first {_LINES}")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="write pathways.html, .csv, .json, .svg and .png there")
    ] = None,
    json: Json = False,
) -> None:
    """Dose-transition pathways: what follows each possible outcome, cohort by cohort."""
    from celltrial.cli.console import print_json
    from celltrial.cli.dosing.options import build_design
    from celltrial.escalation.notation import read_history
    from celltrial.escalation.pathways import find_pathways

    found = find_pathways(
        build_design(design, target, parameter, rule),
        levels=doses,
        cohort_size=cohort_size,
        max_n=max_n,
        start=start,
        begin=read_history(outcomes, levels=doses, start=start) if outcomes else None,
        cohorts=cohorts,
    )
    if out is not None:
        _write(found, out)
    if json:
        print_json(found.to_json())
    else:
        _print(found, with_reasons=reasons, most=None if every else _LINES)
        if out is not None:
            typer.echo(f"{out / 'pathways.html'}   and .csv, .json, .svg, .png beside it; print the page for a PDF")


def _write(found: "Pathways", out: Path) -> None:
    from celltrial.cli.console import progress_bar
    from celltrial.reports.dose_tables import write_pathways

    with progress_bar() as progress:
        write_pathways(found, out, progress=progress)


def _print(found: "Pathways", *, with_reasons: bool, most: int | None) -> None:
    from celltrial.cli.console import print_table, stdout_console

    design, console = found.design, stdout_console()
    begin = "" if found.begin.total == 0 else f", after {found.begin.total} participants"
    console.print(
        f"{design.name}, target DLT rate {design.target:.2f}: {found.count} pathways of up to {found.depth} cohorts"
        f"{begin}, {len(found.nodes)} steps",
        style="bold",
    )
    if with_reasons:
        rows = [_step(found, place, node) for place, node in enumerate(found.nodes[:most])]
        print_table("", ["after", "next", "why"], rows)
        left = len(found.nodes) - len(rows)
    else:
        paths = [path for path, _ in zip(found.paths(), range(most or found.count), strict=False)]
        print_table(
            "",
            [*(f"cohort {number}" for number in range(1, found.depth + 1)), "then"],
            [
                [*(node.cohort for node in path.nodes), *[""] * (found.depth - len(path.nodes)), path.last.describe()]
                for path in paths
            ],
        )
        left = found.count - len(paths)
    if left > 0:
        console.print(f"{left} more: --all prints them, -o DIR writes them, --json has them.", style="dim")
    told = "2NNT: three at level 2, one with a DLT (the order within a cohort does not matter)."
    console.print(f"{told} --reasons says why.", style="dim")


def _step(found: "Pathways", place: int, node: "Node") -> tuple[str, str, str]:
    course = " ".join(each.cohort for each in found.trace(place))
    return course, node.describe(), "; ".join(node.decision.reasons)
