"""`celltrial audit`, `celltrial stale` and `celltrial correct`: the trail looked through, what has fallen behind, a
correction with what rests on it.
"""

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.console import print_json, print_table
from celltrial.cli.review import EventNumber, write_one
from celltrial.cli.tabular import write_rows
from celltrial.cli.trials import open_trial
from celltrial.cli.writing import AsJson, Person, Role, StudyFolder, moment
from celltrial.errors import Finding, RefusedError, UsageError

if TYPE_CHECKING:
    from celltrial.decisions import Trial
    from celltrial.decisions.review import AuditRow, Dependent
    from celltrial.record import Body, Entry
    from celltrial.record.versions import Difference

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the topic and the two commands."""
    audit = typer.Typer(help="The planned review of the audit trail (ICH E6(R3) 4.2.3).", no_args_is_help=True)
    audit.command("review", help="What deserves a second look: late, after signature, out of hours, ...")(_review)
    audit.command("sign", help="Record a review with its counts and its conclusion.")(_sign)
    app.add_typer(audit, name="audit")
    app.command("stale", help="What was signed, decided or sent on data that have changed since.")(_stale)
    app.command("correct", help="Correct an entry, or mark it as entered in error; shows what rests on it.")(_correct)


def _review(
    study: StudyFolder,
    since: Annotated[
        str, typer.Option(metavar="T|last", help="From a time on, or 'last': since the last review; all if not given")
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE.csv", help="Write the rows as CSV")] = None,
    as_json: AsJson = False,
) -> None:
    from celltrial.decisions.review import audit_rows

    trial = open_trial(study)
    state = trial.record.state()
    after = _after(trial, since)
    rows = audit_rows(trial.study, state, after=after)
    if out is not None:
        names = [each.name for each in fields(rows[0])] if rows else []
        write_rows(out, names, ([getattr(row, name) for name in names] for row in rows))
    if as_json:
        print_json({"after": after, "through": state.length, "rows": [asdict(row) for row in rows]})
        return
    _print_rows(trial, rows)
    typer.echo(f"{len(rows)} rows in events {after + 1} to {state.length}" + (f"; {out}" if out else ""))


def _after(trial: "Trial", since: str) -> int:
    from celltrial.decisions.review import last_reviewed

    if since in ("last", "last review"):
        return last_reviewed(trial.record.state())
    at = moment(trial, since)
    if at is None:
        return 0
    from celltrial.studyday import parse_partial_date

    first = parse_partial_date(since, trial.study.site.zone).earliest
    return sum(event.recorded_at < first for event in trial.record.events())


def _print_rows(trial: "Trial", rows: "tuple[AuditRow, ...]") -> None:
    zone = trial.study.site.zone
    by_kind: dict[str, list[AuditRow]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    for kind, found in by_kind.items():
        typer.echo(f"{kind}: {len(found)}   [{found[0].rule}]")
        for row in found:
            change = f": {row.old or 'blank'} → {row.new or 'blank'}" if row.old or row.new else ""
            typer.echo(f"  {row.event:>6}  {row.subject or '':<6}  {row.at.astimezone(zone):%Y-%m-%d %H:%M}  {row.by}")
            typer.echo(f"          {row.what}{change}")
            if row.why:
                typer.echo(f"          why: {row.why}")


def _sign(
    study: StudyFolder,
    conclusion: Annotated[str, typer.Option(help="What the review concludes")],
    through: Annotated[int, typer.Option(help="The last event reviewed; the last of the record if not given")] = 0,
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from celltrial.decisions.review import audit_counts
    from celltrial.record.bodies import AuditReview

    trial = open_trial(study)
    state = trial.record.state()
    reached = through or state.length
    counts = audit_counts(trial.study, state, through=reached)
    body = AuditReview(through=reached, counts=dict(counts), conclusion=conclusion)
    written = write_one(trial, body, target=0, why="planned review of the audit trail", person=person, role=role)
    if as_json:
        print_json({"event": written.seq, "through": reached, "counts": dict(counts)})
        return
    print_table(f"Audit review through event {reached}", ("what", "number"), counts.items())
    typer.echo(f"recorded in event {written.seq}; to sign it: celltrial sign {study} {written.seq}")


def _stale(study: StudyFolder, as_json: AsJson = False) -> None:
    from celltrial.decisions.review import stale

    trial = open_trial(study)
    found = stale(trial.study, trial.record.state())
    if as_json:
        print_json([asdict(each) | {"is_different": each.is_different} for each in found])
    elif not found:
        typer.echo("nothing derived has been left behind by its inputs")
    for each in () if as_json else found:
        typer.echo(f"{'≠' if each.is_different else '='} {each.what} (event {each.event})")
        typer.echo(f"    then  {each.before}\n    now   {each.now}")
        inputs = ", ".join(str(seq) for seq in each.inputs[:8]) + (", ..." if len(each.inputs) > 8 else "")
        typer.echo(f"    since event {each.since}; inputs: {inputs}\n    next  {each.next_step}")
    raise typer.Exit(1 if found else 0)


def _correct(
    study: StudyFolder,
    event: EventNumber,
    why: Annotated[str, typer.Option(help="Why the first entry was wrong")],
    changed: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="grade=2, items.value=96")
    ] = None,
    entered_in_error: Annotated[bool, typer.Option("--entered-in-error", help="It should not be there at all")] = False,
    seen: Annotated[
        int | None, typer.Option("--seen", metavar="N", help="The last event that you had read; refused if it moved on")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what rests on it; write nothing")] = False,
    person: Person = "",
    role: Role = "coordinator",
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.writing import author, now
    from celltrial.decisions.review import dependents
    from celltrial.decisions.review.places import find_entry
    from celltrial.record import Correction, Draft
    from celltrial.record.versions import differences

    trial = open_trial(study)
    state = trial.record.state()
    rests, before = dependents(trial.study, state, event), find_entry(state, event)
    body = Correction(target=event, replace=_pairs(changed or []), entered_in_error="yes" if entered_in_error else "no")
    draft = Draft(body=body, subject=before.subject if before else None, why=why)
    if before is None:
        raise UsageError(Finding(message="no such entry", found=f"event {event}", expected="the number of an entry"))
    written = 0
    if not preview:
        (done,) = trial.record.append([draft], author=author(trial, person, role), at=now(trial), base_seq=seen)
        written = done.seq
    elif changed or entered_in_error:
        findings = trial.record.check([draft], author=author(trial, person, role), at=now(trial), base_seq=seen)
        if findings:
            raise RefusedError([finding for _, finding in findings])
    _print_correction(before, differences(before.body, body), rests, written=written, as_json=as_json)


def _pairs(texts: list[str]) -> dict[str, str]:

    wrong = [text for text in texts if "=" not in text]
    if wrong:
        raise UsageError(
            [Finding(message="not a field and its value", found=each, expected="FIELD=VALUE") for each in wrong]
        )
    return {field.strip(): value for field, _, value in (text.partition("=") for text in texts)}


def _print_correction(
    entry: "Entry[Body]",
    changed: "tuple[Difference, ...]",
    rests: "tuple[Dependent, ...]",
    *,
    written: int,
    as_json: bool,
) -> None:
    """written: the number of the correction; 0 of a preview, which wrote nothing."""
    if as_json:
        told = [each._asdict() | {"event": written or None} for each in changed]
        rest = [asdict(each) for each in rests]
        print_json({"target": entry.seq, "event": written or None, "changes": told, "dependents": rest})
        return
    typer.echo(f"event {entry.seq} ({entry.event.type}{f' of {entry.subject}' if entry.subject else ''})")
    by = f"   (event {written})" if written else ""
    for each in changed:
        typer.echo(f"  {each.field or 'the entry'}: {each.old or 'blank'} → {each.new or 'blank'}{by}")
    if not written:
        typer.echo("preview: nothing was written")
    typer.echo(f"{len(rests)} rest on it" if rests else "nothing rests on it")
    for one in rests:
        typer.echo(f"  event {one.event}  {one.what}" + (f"   [{one.then}]" if one.then else ""))
