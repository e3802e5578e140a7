"""`celltrial log medications|history`: what a participant takes and took, and what they had."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.console import print_json, print_table
from celltrial.cli.writing import AsJson, StudyFolder, moment, now

if TYPE_CHECKING:
    from celltrial.codes import SubjectId
    from celltrial.datasets.medication_log import LogLine, LogOfMedications
    from celltrial.decisions.trial import Trial
    from celltrial.instruments import DoseBounds
    from celltrial.missing import NotEvaluable
    from celltrial.record import TrialState

__all__ = ["register"]

_Subject = Annotated[str, typer.Argument(metavar="[SUBJECT]", help="One participant; all of them if not given")]
_AsOf = Annotated[str, typer.Option("--as-of", metavar="T", help="As recorded by then (ISO 8601); now if not given")]


def register(app: typer.Typer) -> None:
    """Add `celltrial log`."""
    log = typer.Typer(help="Medication log and medical history of the participants.", no_args_is_help=True)
    log.command("medications", help="Drugs in time, with the prednisone equivalent of each and of each day.")(_drugs)
    log.command("history", help="Conditions in time.")(_history)
    app.add_typer(log, name="log")


def _drugs(
    study: StudyFolder,
    subject: _Subject = "",
    as_of: _AsOf = "",
    figure: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw the daily prednisone equivalent since the infusion")
    ] = None,
    as_json: AsJson = False,
) -> None:
    from celltrial.datasets.medication_log import medication_log

    trial, state, until = _open(study, as_of)
    logs = [medication_log(trial.study, state, each, until) for each in _subjects(state, subject)]
    if figure is not None:
        from celltrial.reports.log_figure import draw_daily_prednisone

        figure.write_text(draw_daily_prednisone(trial.study, state, logs), encoding="utf-8")
    if as_json:
        print_json({"as_of": until.isoformat(), "participants": [_log_json(each) for each in logs]})
        return
    for each in logs:
        _print_log(each)


def _history(study: StudyFolder, subject: _Subject = "", as_of: _AsOf = "", as_json: AsJson = False) -> None:
    from dataclasses import asdict

    from celltrial.datasets.medication_log import medical_history

    trial, state, until = _open(study, as_of)
    found = {str(each): medical_history(trial.study, state, each) for each in _subjects(state, subject)}
    if as_json:
        people = [{"subject": who, "history": [asdict(each) for each in lines]} for who, lines in found.items()]
        print_json({"as_of": until.isoformat(), "participants": people})
        return
    columns = ("condition", "onset", "study day", "ended", "status", "comment", "event")
    for who, lines in found.items():
        rows = [
            (each.condition, each.onset, each.onset_study_day, each.ended, each.status, each.comment, each.event)
            for each in lines
        ]
        print_table(f"{who}: medical history, {len(rows)} lines", columns, rows)


def _open(study: Path, as_of: str) -> "tuple[Trial, TrialState, datetime]":
    from celltrial.cli.trials import open_trial

    trial = open_trial(study)
    at = moment(trial, as_of)
    return trial, trial.record.state(at), at or now(trial)


def _subjects(state: "TrialState", subject: str) -> "list[SubjectId]":
    """The subject asked for, or every one with a consent, in the order of consent."""
    from celltrial.codes import SubjectId
    from celltrial.record import Consent

    if subject:
        return [SubjectId(subject)]
    return list(dict.fromkeys(entry.subject for entry in state.entries(Consent) if entry.subject is not None))


def _print_log(log: "LogOfMedications") -> None:
    read = f"read until {log.read_until}" if log.read_until else "no visit was done that asks for it"
    infused = f"infused {log.infused}" if log.infused else "not infused"
    lines = [
        (
            each.drug,
            each.dose,
            each.frequency,
            each.route,
            each.start,
            each.ended,
            each.indication,
            _shown(each),
            each.event,
        )
        for each in log.lines
    ]
    columns = ("drug", "dose", "how often", "route", "started", "ended", "for", "prednisone mg/day", "event")
    print_table(f"{log.subject}: medication log, {len(lines)} lines; {infused}; {read}", columns, lines)
    days = [
        (
            each.first,
            each.last,
            _days(each.first_study_day, each.last_study_day),
            _bounds(each.mg_per_day),
            each.within_doris,
            each.within_lldas,
            "; ".join(each.reasons),
        )
        for each in log.stretches
    ]
    limits = ("from", "to", "study days", "prednisone mg/day", "DORIS limit", "LLDAS limit", "not known because")
    print_table("Systemic glucocorticoid a day", limits, days)


def _shown(line: "LogLine") -> str:
    return "" if line.prednisone_mg_per_day is None else _dose(line.prednisone_mg_per_day)


def _dose(dose: "Fraction | NotEvaluable") -> str:
    return _number(dose) if isinstance(dose, Fraction) else f"unknown: {dose.reason}"


def _number(number: Fraction) -> str:
    return f"{float(number):.4g}"


def _bounds(bounds: "DoseBounds") -> str:
    if bounds.upper is None:
        return f"{_number(bounds.lower)} or more"
    if bounds.upper == bounds.lower:
        return _number(bounds.lower)
    return f"{_number(bounds.lower)} to {_number(bounds.upper)}"


def _days(first: int | None, last: int | None) -> str:
    return "" if first is None else str(first) if first == last else f"{first} to {last}"


def _log_json(log: "LogOfMedications") -> dict[str, object]:
    return {
        "subject": str(log.subject),
        "infused": log.infused,
        "read_until": log.read_until,
        "lines": [
            {
                "event": each.event,
                "drug": each.drug,
                "class": each.drug_class,
                "dose": each.dose,
                "frequency": each.frequency,
                "route": each.route,
                "start": each.start,
                "ended": each.ended,
                "indication": each.indication,
                "standard_dose": each.standard_dose,
                **_equivalent(each.prednisone_mg_per_day),
            }
            for each in log.lines
        ],
        "daily_prednisone": [
            {
                "first": each.first,
                "last": each.last,
                "first_study_day": each.first_study_day,
                "last_study_day": each.last_study_day,
                "at_least": float(each.mg_per_day.lower),
                "at_most": None if each.mg_per_day.upper is None else float(each.mg_per_day.upper),
                "within_doris": each.within_doris,
                "within_lldas": each.within_lldas,
                "reasons": list(each.reasons),
            }
            for each in log.stretches
        ],
    }


def _equivalent(dose: "Fraction | NotEvaluable | None") -> dict[str, object]:
    if dose is None:
        return {"prednisone_mg_per_day": None, "reason": "no glucocorticoid"}
    if isinstance(dose, Fraction):
        return {"prednisone_mg_per_day": float(dose), "reason": ""}
    return {"prednisone_mg_per_day": None, "reason": dose.reason}
