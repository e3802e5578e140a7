"""`celltrial dose table`: what a design does after every number of DLTs, and `dose designs`: which there are."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.dosing.options import DesignName, Json, Outcomes, Parameters, Rules, Start, Target

if TYPE_CHECKING:
    from celltrial.escalation import DecisionTable, Design
    from celltrial.escalation.conditional_table import ConditionalTable

__all__ = ["register"]

_LEGEND = (
    "n: evaluable participants at the level. Escalate, de-escalate, eliminate: when the DLTs among them are at most "
    "(<=) or at least (>=) the number; in between: stay. Eliminate: this level and all above are out. "
    "-: no number of DLTs leads there."
)
_CONDITIONAL = (
    "The design looks at all levels, so this table holds for one level while the others stand as given; the complete "
    "design is in it, with its rules and the ends of the list of levels. Stop: from so many DLTs on the trial stops."
)
_LETTERS = "E escalate, S stay, D de-escalate, DU de-escalate and eliminate"


def register(dose: typer.Typer) -> None:
    """Add `table` and `designs`."""
    dose.command("table")(_table)
    dose.command("designs")(_designs)


def _table(
    design: DesignName,
    target: Target,
    max_n: Annotated[int, typer.Option("--max-n", help="evaluable participants at a level, up to")],
    parameter: Parameters = [],  # noqa: B006 - typer reads the default and does not change it
    rule: Rules = [],  # noqa: B006 - as above
    doses: Annotated[
        int | None, typer.Option("--doses", metavar="D", help="levels: a table given the others, of any design")
    ] = None,
    level: Annotated[int | None, typer.Option("--level", help="with --doses: the level of the table")] = None,
    outcomes: Outcomes = "",
    start: Start = 1,
    cells: Annotated[bool, typer.Option("--cells", help="every cell with its reason")] = False,
    json: Json = False,
) -> None:
    """What a design does after every number of DLTs; a model-based design needs --doses and what has been seen."""
    from celltrial.cli.console import print_json
    from celltrial.cli.dosing.options import build_design, read_outcomes
    from celltrial.escalation import decision_table
    from celltrial.escalation.conditional_table import conditional_table

    built = build_design(design, target, parameter, rule)
    if doses is None and not outcomes and level is None:
        _refuse_model(built)
        table = decision_table(built, max_n)
        if json:
            print_json(table.to_json() | ({"cells": [asdict(each) for each in table.cells]} if cells else {}))
        else:
            _print_table(table, with_cells=cells)
        return
    given = read_outcomes(outcomes, doses=doses, start=start if level is None else level)
    conditional = conditional_table(built, given, max_n=max_n, level=level)
    if json:
        more = {"cells": [asdict(each) for each in conditional.cells]} if cells else {}
        print_json(conditional.to_json() | more)
    else:
        _print_conditional(conditional, with_cells=cells)


def _refuse_model(design: "Design") -> None:
    """A model-based design has no table for one level alone."""
    from celltrial.errors import Finding, UsageError
    from celltrial.escalation.conditional_table import is_model_based

    if not is_model_based(design):
        return
    raise UsageError(
        Finding(
            message=f"{design.name} decides on all levels together: it has no table for one level alone",
            expected='--doses D, and --outcomes "1NNN" for what has been seen at the other levels',
            next_step="or print every course of the trial: celltrial dose paths",
        )
    )


def _print_table(table: "DecisionTable", *, with_cells: bool) -> None:
    from celltrial.cli.console import print_table, stdout_console

    figures = "".join(f", {name} {value:.7f}" for name, value in table.figures)
    stdout_console().print(f"{table.design}, target DLT rate {table.target:.2f}{figures}", style="bold")
    rows = [(row.n, row.escalate_le, row.deescalate_ge, row.eliminate_ge, row.stop_lowest_ge) for row in table.rows]
    columns = ["n", "escalate <=", "de-escalate >=", "eliminate >="]
    if any(row.stop_lowest_ge is not None for row in table.rows):
        columns.append("stop at lowest >=")
    shown = [["-" if number is None else number for number in row[: len(columns)]] for row in rows]
    print_table("", columns, shown)
    if with_cells:
        cells = [(f"{cell.dlts}/{cell.n}", cell.letter, cell.reason) for cell in table.cells]
        print_table(_LETTERS, ["cell", "", "why"], cells)
    stdout_console().print(_LEGEND, style="dim")


def _print_conditional(table: "ConditionalTable", *, with_cells: bool) -> None:
    from celltrial.cli.console import print_table, stdout_console

    console = stdout_console()
    console.print(f"{table.design}, target DLT rate {table.target:.2f}, {table.condition}", style="bold")
    rows = [(row.n, row.escalate_le, row.deescalate_ge, row.eliminate_ge, row.stop_ge) for row in table.rows]
    shown = [["-" if number is None else number for number in row] for row in rows]
    print_table("", ["n", "escalate <=", "de-escalate >=", "eliminate >=", "stop >="], shown)
    if with_cells:
        cells = [
            (f"{cell.dlts}/{cell.n}", cell.letter, "stop" if cell.next_level is None else cell.next_level, cell.reason)
            for cell in table.cells
        ]
        print_table(f"{_LETTERS}, X stop", ["cell", "", "next", "why"], cells)
    console.print(f"{_LEGEND} {_CONDITIONAL}", style="dim")


def _designs(json: Json = False) -> None:
    """The designs and the rules there are, with their parameters."""
    from celltrial.cli.console import print_json, print_table, stdout_console
    from celltrial.escalation.catalogue import list_designs, list_rules

    designs, rules = list_designs(), list_rules()
    if json:
        print_json({"designs": [asdict(each) for each in designs], "rules": [asdict(each) for each in rules]})
        return
    print_table(
        "Designs",
        ["name", "decides on", "parameters", "source"],
        [(each.name, each.decides_on, ", ".join(each.parameters) or "-", each.source) for each in designs],
    )
    print_table(
        "Rules around them",
        ["name", "numbers", "what it does"],
        [
            (each.name, ", ".join((*each.required, *(f"[{o}]" for o in each.optional))) or "-", each.does)
            for each in rules
        ],
    )
    told = "--parameter NAME=VALUE gives a design its parameters, --rule NAME:NAME=VALUE,.. a rule; [ ]: optional."
    stdout_console().print(told, markup=False, style="dim")
