"""`celltrial dose next` and `dose replay`: the next dose of a study's record, or of outcomes; a history replayed."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from celltrial.cli.dosing.options import DesignName, Json, Outcomes, Parameters, Rules, Start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from celltrial.decisions.next_dose import DoseProposal
    from celltrial.decisions.replay import ReplayedDecision
    from celltrial.errors import Finding
    from celltrial.escalation import Decision
    from celltrial.study import Study

__all__ = ["register"]

_CAVEAT = (
    "Each row asks one thing: what would the other design have proposed on what had been seen by then? After the first "
    "difference the trial itself would have gone another way. Nothing is written to the record."
)

OwnDesign = Annotated[
    str, typer.Option("--design", metavar="NAME", help="another design than the study's; needed without a study")
]
OwnTarget = Annotated[float | None, typer.Option("--target", metavar="P", help="target DLT rate; default: the study's")]


def register(dose: typer.Typer) -> None:
    """Add `next` and `replay`."""
    dose.command("next")(_next)
    dose.command("replay")(_replay)


def _next(
    study: Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="a study folder")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="ISO 8601; default: the whole record")
    ] = None,
    design: OwnDesign = "",
    target: OwnTarget = None,
    doses: Annotated[int | None, typer.Option("--doses", metavar="D", help="levels, with --outcomes")] = None,
    outcomes: Outcomes = "",
    start: Start = 1,
    parameter: Parameters = [],  # noqa: B006 - typer reads the default and does not change it
    rule: Rules = [],  # noqa: B006 - as above
    json: Json = False,
) -> None:
    """What a design proposes next, from a study's record or from --outcomes; a person decides."""
    if study is None:
        _next_of_outcomes(design, target, doses, outcomes, start, parameter, rule, json=json)
        return
    _require_no_outcomes(outcomes)
    from celltrial.cli.console import print_json
    from celltrial.cli.trials import open_trial
    from celltrial.decisions.next_dose import propose_next_dose
    from celltrial.decisions.stopping import check_pause

    trial = open_trial(study)
    when = _parse_moment(as_of, trial.study.site.zone, trial.record.state().as_of)
    state = trial.record.state(when)
    asked = _asked(trial.study, design, target, parameter, rule)
    proposal, pauses = propose_next_dose(asked, state, as_of=when), check_pause(trial.study, state)
    if json:
        print_json(proposal.to_json() | {"pauses": [finding.to_json() for finding in pauses]})
    else:
        _print_proposal(proposal, pauses, is_own=asked is trial.study)
    if proposal.blocked or pauses:
        raise typer.Exit(1)


def _replay(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="a study folder")],
    design: DesignName,
    target: OwnTarget = None,
    parameter: Parameters = [],  # noqa: B006 - typer reads the default and does not change it
    rule: Rules = [],  # noqa: B006 - as above
    json: Json = False,
) -> None:
    """What another design would have proposed at each signed decision of the study; nothing is recorded."""
    from celltrial.cli.console import print_json
    from celltrial.cli.trials import open_trial
    from celltrial.decisions.replay import replay_decisions

    trial = open_trial(study)
    rows = replay_decisions(trial.study, trial.record, _asked(trial.study, design, target, parameter, rule))
    if json:
        own = trial.study.escalation.design
        document = {"study": trial.study.id, "own": own, "other": _called(design), "note": _CAVEAT}
        print_json(document | {"decisions": [row.to_json() for row in rows]})
    else:
        _print_replay(trial.study, _called(design), rows)


def _called(design: str) -> str:
    from celltrial.cli.dosing.options import design_called

    return design_called(design)


def _asked(study: "Study", design: str, target: float | None, parameters: list[str], rules: list[str]) -> "Study":
    """The study with the design that the options name; the study itself where they name none."""
    from dataclasses import replace

    from celltrial.cli.dosing.options import parse_rules, parse_settings
    from celltrial.decisions.replay import with_design
    from celltrial.errors import Finding, UsageError

    if not design:
        if target is not None or parameters or rules:
            raise UsageError(
                Finding(
                    message="a target, parameters or rules are given without a design",
                    expected="--design NAME beside them",
                    next_step="leave them out to ask the study's own design",
                )
            )
        return study
    asked = with_design(
        study,
        _called(design),
        parameters=parse_settings(parameters),
        rules=parse_rules(rules) if rules else None,
    )
    return asked if target is None else replace(asked, escalation=replace(asked.escalation, target=target))


def _require_no_outcomes(outcomes: str) -> None:
    from celltrial.errors import Finding, UsageError

    if outcomes:
        raise UsageError(
            Finding(
                message="a study and outcomes are both given",
                expected="one of them: the outcomes of a study are in its record",
            )
        )


def _next_of_outcomes(
    design: str,
    target: float | None,
    doses: int | None,
    outcomes: str,
    start: int,
    parameters: list[str],
    rules: list[str],
    *,
    json: bool,
) -> None:
    from celltrial.cli.console import print_json
    from celltrial.cli.dosing.options import build_design, read_outcomes
    from celltrial.errors import Finding, UsageError

    if not design or target is None:
        raise UsageError(
            Finding(
                message="neither a study nor a design is given",
                expected='STUDY, or --design NAME --target P --doses D --outcomes "1NNN 2NNT"',
            )
        )
    if _called(design) == "boin12":
        _next_with_responses(target, doses, outcomes, start, parameters, json=json)
        return
    decision = build_design(design, target, parameters, rules).decide(read_outcomes(outcomes, doses=doses, start=start))
    if json:
        print_json(decision.to_json())
    else:
        _print_decision(decision)


def _next_with_responses(
    target: float, doses: int | None, outcomes: str, start: int, parameters: list[str], *, json: bool
) -> None:
    from celltrial.cli.console import print_json, stdout_console
    from celltrial.cli.dosing.efficacy import propose_with_responses
    from celltrial.cli.dosing.options import parse_settings, require_doses

    levels = require_doses(doses)
    document = propose_with_responses(target, parse_settings(parameters), outcomes, levels=levels, start=start)
    if json:
        print_json(document)
        return
    where = "" if document["level"] is None else f" at level {document['level']}"
    console = stdout_console()
    console.print(f"boin12 proposes: {document['action']}{where}. A person decides.", style="bold")
    reasons = document["reasons"]
    assert isinstance(reasons, list)
    for reason in reasons:
        console.print(f"  - {reason}", markup=False)
    chosen = document["optimum_dose"]
    console.print(f"If the trial ended here: optimum dose {'none' if chosen is None else f'level {chosen}'}.")


def _parse_moment(text: str | None, zone: ZoneInfo, last_event: datetime | None) -> datetime:
    """The end of what was typed, at the site; now (or the last event, where that is later) when nothing was."""
    from celltrial.studyday import parse_partial_date

    if text is not None:
        return parse_partial_date(text, zone).latest.replace(microsecond=999_999)
    now = datetime.now(zone)
    return now if last_event is None else max(now, last_event)


def _print_decision(decision: "Decision") -> None:
    from celltrial.cli.console import print_table, stdout_console

    where = "" if decision.level is None else f" at level {decision.level}"
    size = "" if decision.size is None else f", next cohort of {decision.size}"
    console = stdout_console()
    console.print(
        f"{decision.inputs.design} proposes: {decision.action.value}{where}{size}. A person decides.", style="bold"
    )
    for reason in decision.reasons:
        console.print(f"  - {reason}", markup=False)
    counts = decision.inputs.counts
    rows = [
        (level, counts.dlt[level - 1], counts.n[level - 1], "eliminated" if level in decision.eliminated else "")
        for level in range(1, counts.levels + 1)
    ]
    print_table("", ["level", "DLTs", "evaluable", ""], rows)


def _print_proposal(proposal: "DoseProposal", pauses: "Sequence[Finding]", *, is_own: bool) -> None:
    from celltrial.cli.console import print_findings, print_table, stdout_console

    where = f" at {proposal.level}" if proposal.level else ""
    who = "The design proposes" if is_own else f"{proposal.design}, which is not the study's design, would propose"
    console = stdout_console()
    console.print(f"{who}: {proposal.action}{where}. A person decides.", style="bold")
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


def _print_replay(study: "Study", other: str, rows: "Sequence[ReplayedDecision]") -> None:
    from celltrial.cli.console import print_table, stdout_console
    from celltrial.escalation.notation import describe_counts

    console, own = stdout_console(), study.escalation.design
    console.print(f"{study.id}: signed decisions, and what {other} would have proposed", style="bold")
    if not rows:
        console.print("No decision has been signed yet.")
        return
    names = [str(level.id) for level in study.levels]
    print_table(
        "",
        ["", "date", "seen", "decided", own, other],
        [
            (
                row.number,
                f"{row.decided_on:%Y-%m-%d}",
                describe_counts([row.evaluable[n] for n in names], [row.dlts[n] for n in names], names),
                f"{row.action} {row.level}".strip() + (" (override)" if row.is_override else ""),
                f"{row.own.action} {row.own.level}".strip(),
                f"{row.other.action} {row.other.level}".strip() + (" *" if row.differs else ""),
            )
            for row in rows
        ],
    )
    for row in rows:
        console.print(f"Decision {row.number}, {other}: {'; '.join(row.other.reasons)}", markup=False)
    different = sum(row.differs for row in rows)
    console.print(f"* differs from what was decided: {different} of {len(rows)}. {_CAVEAT}", style="dim")
