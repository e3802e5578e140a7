"""`celltrial dose`: decision tables, operating characteristics, and the next dose of a study's record."""

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from celltrial.decisions.next_dose import DoseProposal
    from celltrial.errors import Finding
    from celltrial.escalation import DecisionTable, Design, OperatingCharacteristics

__all__ = ["register"]

_LEGEND = (
    "n: evaluable participants at the level. Escalate, de-escalate, eliminate: when the DLTs among them are at most "
    "(<=) or at least (>=) the number; in between: stay. Eliminate: this level and all above are out. "
    "-: no number of DLTs leads there."
)


class Method(StrEnum):
    """How operating characteristics are had."""

    exact = "exact"
    simulate = "simulate"


DesignName = Annotated[str, typer.Option("--design", help="3+3, boin or i3+3")]
Target = Annotated[float, typer.Option("--target", help="target DLT rate, e.g. 0.30")]
Parameters = Annotated[
    list[str], typer.Option("--parameter", metavar="NAME=VALUE", help="a parameter of the design; repeatable")
]
Rules = Annotated[
    list[str], typer.Option("--rule", metavar="NAME[:NAME=VALUE,..]", help="a rule around the design; repeatable")
]
Json = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]


def register(app: typer.Typer) -> None:
    """Add `celltrial dose`."""
    dose = typer.Typer(help="Dose-finding designs and the next dose.", no_args_is_help=True)
    dose.command("table")(_table)
    dose.command("oc")(_oc)
    dose.command("next")(_next)
    app.add_typer(dose, name="dose")


def _table(
    design: DesignName,
    target: Target,
    max_n: Annotated[int, typer.Option("--max-n", help="evaluable participants at a level, up to")],
    parameter: Parameters = [],  # noqa: B006 - typer reads the default and does not change it
    rule: Rules = [],  # noqa: B006 - as above
    cells: Annotated[bool, typer.Option("--cells", help="every cell with its reason")] = False,
    json: Json = False,
) -> None:
    """What a design does after every number of DLTs."""
    from celltrial.cli.console import print_json
    from celltrial.escalation import decision_table

    table = decision_table(_build_design(design, target, parameter, rule), max_n)
    if json:
        print_json(table.to_json() | ({"cells": [asdict(each) for each in table.cells]} if cells else {}))
    else:
        _print_table(table, with_cells=cells)


def _oc(
    design: DesignName,
    target: Target,
    truth: Annotated[str, typer.Option("--truth", metavar="P,P,..", help="true DLT rate per level, lowest first")],
    cohort_size: Annotated[int, typer.Option("--cohort-size", help="participants evaluated together")],
    max_n: Annotated[int, typer.Option("--max-n", help="maximum sample size")],
    method: Annotated[Method, typer.Option("--method", help="every possible trial, or a sample")] = Method.exact,
    trials: Annotated[int, typer.Option("--trials", help="how many to simulate")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", help="of the simulation")] = 1,
    start: Annotated[int, typer.Option("--start", help="the starting level, from 1")] = 1,
    parameter: Parameters = [],  # noqa: B006 - typer reads the default and does not change it
    rule: Rules = [],  # noqa: B006 - as above
    json: Json = False,
) -> None:
    """Operating characteristics: what a design does when the true DLT rates are known."""
    from celltrial.escalation import exact_oc, simulate_oc

    built, rates = _build_design(design, target, parameter, rule), _parse_rates(truth)
    if method is Method.exact:
        oc = exact_oc(built, rates, cohort_size=cohort_size, max_n=max_n, start=start)
    else:
        rng = _generator(seed)
        oc = simulate_oc(built, rates, cohort_size=cohort_size, max_n=max_n, start=start, trials=trials, rng=rng)
    _show_oc(built, method, oc, json=json)


def _next(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="a study folder")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="ISO 8601; default: the whole record")
    ] = None,
    json: Json = False,
) -> None:
    """What the study's design proposes next, from its record; a person decides."""
    from celltrial.cli.console import print_json
    from celltrial.decisions.next_dose import propose_next_dose
    from celltrial.decisions.stopping import check_pause
    from celltrial.decisions.trial import open_trial

    trial = open_trial(study)
    when = _parse_moment(as_of, trial.study.site.zone, trial.record.state().as_of)
    state = trial.record.state(when)
    proposal, pauses = propose_next_dose(trial.study, state, as_of=when), check_pause(trial.study, state)
    if json:
        print_json(proposal.to_json() | {"pauses": [finding.to_json() for finding in pauses]})
    else:
        _print_proposal(proposal, pauses)
    if proposal.blocked or pauses:
        raise typer.Exit(1)


def _generator(seed: int) -> "np.random.Generator":
    import numpy as np

    return np.random.default_rng(seed)


def _parse_rates(text: str) -> tuple[float, ...]:
    from celltrial.errors import Finding, UsageError

    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError:
        finding = Finding(message="not a list of rates", found=repr(text), expected="numbers with commas, 0.1,0.2,0.3")
        raise UsageError(finding) from None


def _show_oc(design: "Design", method: Method, oc: "OperatingCharacteristics", *, json: bool) -> None:
    from celltrial.cli.console import print_json, print_table, stdout_console

    if json:
        print_json({"design": design.name, "target": design.target, "method": method.value} | asdict(oc))
        return
    percent = [f"{100 * share:.2f}" for share in oc.selection]
    if oc.standard_error is not None:
        percent = [f"{text} +- {100 * error:.2f}" for text, error in zip(percent, oc.standard_error, strict=True)]
    columns = ["level", "true rate", "selected %", "participants", "DLTs"]
    rows = [
        (level, f"{rate:.2f}", share, f"{n:.2f}", f"{dlts:.2f}")
        for level, (rate, share, n, dlts) in enumerate(
            zip(oc.truth, percent, oc.patients, oc.dlts, strict=True), start=1
        )
    ]
    console = stdout_console()
    console.print(f"{design.name}, target DLT rate {design.target:.2f}, method {method.value}", style="bold")
    print_table("", columns, rows)
    console.print(
        f"No level selected {100 * oc.none:.2f} %, stopped early {100 * oc.stopped_early:.2f} %, "
        f"expected participants {oc.expected_n:.2f}."
    )


def _build_design(name: str, target: float, parameters: list[str], rules: list[str]) -> "Design":
    from celltrial.escalation import design_named

    return design_named(
        name,
        target=target,
        parameters=_parse_settings(parameters),
        rules=[(rule.partition(":")[0], _parse_settings(rule.partition(":")[2].split(","))) for rule in rules],
    )


def _parse_settings(words: list[str]) -> dict[str, float | str]:
    """`NAME=VALUE` pairs; a value that reads as a number is one."""
    from celltrial.errors import Finding, UsageError

    pairs = [word.partition("=") for word in words if word]
    problems = [
        Finding(message="not a setting", found=repr("".join(pair)), expected="NAME=VALUE, e.g. p_tox=0.42")
        for pair in pairs
        if not all(pair)
    ]
    if problems:
        raise UsageError(problems)
    return {name: _number_or_text(value) for name, _, value in pairs}


def _number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _parse_moment(text: str | None, zone: ZoneInfo, last_event: datetime | None) -> datetime:
    """The end of what was typed, at the site; now (or the last event, where that is later) when nothing was."""
    from celltrial.studyday import parse_partial_date

    if text is not None:
        return parse_partial_date(text, zone).latest.replace(microsecond=999_999)
    now = datetime.now(zone)
    return now if last_event is None else max(now, last_event)


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
        print_table("E escalate, S stay, D de-escalate, DU de-escalate and eliminate", ["cell", "", "why"], cells)
    stdout_console().print(_LEGEND, style="dim")


def _print_proposal(proposal: "DoseProposal", pauses: "Sequence[Finding]") -> None:
    from celltrial.cli.console import print_findings, print_table, stdout_console

    where = f" at {proposal.level}" if proposal.level else ""
    console = stdout_console()
    console.print(f"The design proposes: {proposal.action}{where}. A person decides.", style="bold")
    for reason in proposal.reasons:
        console.print(f"  - {reason}", markup=False)
    levels = [(level, proposal.dlts[level], n) for level, n in proposal.evaluable.items()]
    print_table("", ["level", "DLTs", "evaluable"], levels)
    if proposal.incomplete:
        console.print(f"DLT window or assessment open: {', '.join(proposal.incomplete)}", markup=False)
    if proposal.blocked:
        console.print("Not to be decided yet:", style="bold")
        print_findings(proposal.blocked, to_stderr=False)
    if pauses:
        console.print("Dosing is paused:", style="bold")
        print_findings(pauses, to_stderr=False)
