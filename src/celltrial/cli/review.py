"""`celltrial query`, `celltrial sdv` and `celltrial lock`: work on the data that are in the record."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from celltrial.cli.console import print_json, print_table
from celltrial.cli.trials import open_trial
from celltrial.cli.writing import AsJson, Person, Role, StudyFolder, author, now

if TYPE_CHECKING:
    from celltrial.codes import SubjectId
    from celltrial.decisions import Trial
    from celltrial.decisions.review import QueryThread
    from celltrial.record import Body, Event
    from celltrial.record.bodies import DataLock

__all__ = ["find_subject", "percent", "register", "write_one"]

EventNumber = Annotated[int, typer.Argument(metavar="EVENT", help="The number of the event it is about")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The number of the query, e.g. Q3")]
Subject = Annotated[str, typer.Option("--subject", help="Of one participant only, e.g. 01-003")]
Visit = Annotated[str, typer.Option(help="One visit only; all of them if not given")]
Form = Annotated[str, typer.Option(help="One form (or kind of event) only; all of them if not given")]
Why = Annotated[str, typer.Option(help="The reason")]


class Outcome(StrEnum):
    """How a query ended."""

    corrected = "corrected"
    confirmed = "confirmed as it is"
    withdrawn = "withdrawn"


def register(app: typer.Typer) -> None:
    """Add the three topics."""
    query = typer.Typer(help="Queries: ask about an entry, answer, close.", no_args_is_help=True)
    query.command("list", help="Every query, its status, its age, and for whom it waits.")(_list_queries)
    query.command("show", help="One query with everything that followed it.")(_show_query)
    query.command("open", help="Ask about an entry, or one field of it.")(_open_query)
    query.command("answer", help="Answer a query; somebody else closes it.")(_answer_query)
    query.command("close", help="Close a query with its outcome.")(_close_query)
    sdv = typer.Typer(help="Source-data verification: what was compared with its source.", no_args_is_help=True)
    sdv.command("list", help="How much stands verified, by participant and form; what fell and what differs.")(
        _list_verifications
    )
    sdv.command("verify", help="Record that fields of an entry were compared with their source.")(_verify)
    lock = typer.Typer(help="Freeze and lock: data that stay as they are.", no_args_is_help=True)
    lock.command("list", help="What is frozen or locked, by whom, since when.")(_list_locks)
    for action, help_text in (
        ("freeze", "Keep site roles from writing into a participant's data."),
        ("unfreeze", "Open frozen data again."),
        ("lock", "Keep everybody from writing; asks for closed queries, signatures and comparisons first."),
        ("unlock", "Ask to open locked data again; a second person signs before it takes effect."),
    ):
        lock.command(action, help=help_text)(_lock_command(action))
    for name, topic in (("query", query), ("sdv", sdv), ("lock", lock)):
        app.add_typer(topic, name=name)


def write_one(trial: "Trial", body: "Body", *, target: int, why: str, person: str, role: str) -> "Event":
    """Append one event about another, under its subject."""
    from celltrial.decisions.review.places import find_entry
    from celltrial.record import Draft

    state = trial.record.state()
    entry = find_entry(state, target)
    draft = Draft(body=body, subject=entry.subject if entry else None, why=why)
    return trial.record.append([draft], author=author(trial, person, role), at=now(trial))[0]


def find_subject(trial: "Trial", subject: str) -> "SubjectId | None":
    """The participant of that number, or None for a blank. Raises UsageError for one that the record does not have."""
    from celltrial.codes import SubjectId
    from celltrial.errors import Finding, UsageError

    known = trial.record.state().subjects
    if subject and subject not in known:
        raise UsageError(Finding(message="no such participant", found=subject, expected=", ".join(known) or "none yet"))
    return SubjectId(subject) if subject else None


def percent(part: int, whole: int) -> str:
    """`12/40 30 %`; of nothing there is no percentage."""
    return f"{part}/{whole} {100 * part // whole} %" if whole else "–"


def _list_queries(
    study: StudyFolder,
    is_open: Annotated[bool, typer.Option("--open", help="Only those that are not closed")] = False,
    subject: Subject = "",
    for_role: Annotated[str, typer.Option("--for", help="Only those that wait for this role")] = "",
    as_json: AsJson = False,
) -> None:
    from celltrial.decisions.review import queries

    trial = open_trial(study)
    threads = [
        each
        for each in queries(trial.record.state(), find_subject(trial, subject))
        if not (is_open and each.is_closed) and (not for_role or (each.to_role == for_role and each.status == "open"))
    ]
    if as_json:
        print_json([asdict(each) for each in threads])
        return
    for each in threads:
        waits = f" · waits for {each.to_role}" if each.status == "open" and each.to_role else ""
        typer.echo(f"{each.number:<5} {_status(each)} · {each.age_days:.1f} days{waits}")
        typer.echo(f"      {each.where} (event {each.target}), now {each.value or 'blank'}: {each.text}")
    counts = [f"{sum(each.status == status for each in threads)} {status}" for status in ("open", "answered", "closed")]
    typer.echo(", ".join(counts))


def _status(thread: "QueryThread") -> str:
    outcome = f": {thread.outcome}" if thread.outcome else ""
    return thread.status + outcome + (f", asked again as {thread.reopened_by}" if thread.reopened_by else "")


def _show_query(study: StudyFolder, number: Number, as_json: AsJson = False) -> None:
    from celltrial.decisions.review import query_named
    from celltrial.errors import Finding, UsageError

    trial = open_trial(study)
    thread = query_named(trial.record.state(), number)
    if thread is None:
        raise UsageError(Finding(message="no such query", found=number, next_step="celltrial query list STUDY"))
    if as_json:
        print_json(asdict(thread))
        return
    typer.echo(f"{thread.number}  {thread.where} (event {thread.target}), now {thread.value!r}: {_status(thread)}")
    zone = trial.study.site.zone
    for item in thread.items:
        typer.echo(f"  {item.at.astimezone(zone):%Y-%m-%d %H:%M}  {item.kind:<11} {item.by} ({item.role}): {item.text}")


def _open_query(
    study: StudyFolder,
    event: EventNumber,
    text: Annotated[str, typer.Option(help="What is asked")],
    field: Annotated[str, typer.Option(help="Which field: grade, items.value; the whole entry if not given")] = "",
    to_role: Annotated[str, typer.Option("--to", help="Which role is to answer")] = "coordinator",
    reopens: Annotated[str, typer.Option(help="The closed query that is asked again")] = "",
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from celltrial.decisions.review import next_query_number
    from celltrial.record.bodies import Query

    trial = open_trial(study)
    number = next_query_number(trial.record.state())
    body = Query(number=number, target=event, text=text, field=field, to_role=to_role, reopens=reopens)
    written = write_one(trial, body, target=event, why="query", person=person, role=role)
    _told(
        as_json, {"query": number, "event": written.seq}, f"{number} asked in event {written.seq}, waits for {to_role}"
    )


def _answer_query(
    study: StudyFolder,
    number: Number,
    text: Annotated[str, typer.Option(help="The answer")],
    person: Person = "",
    role: Role = "coordinator",
    as_json: AsJson = False,
) -> None:
    from celltrial.record.bodies import QueryAnswer

    trial = open_trial(study)
    body = QueryAnswer(number=number, text=text)
    written = write_one(trial, body, target=_asked_in(trial, number), why="answer", person=person, role=role)
    _told(as_json, {"query": number, "event": written.seq}, f"{number} answered in event {written.seq}")


def _close_query(
    study: StudyFolder,
    number: Number,
    outcome: Annotated[Outcome, typer.Option(help="How it ended")],
    text: Annotated[str, typer.Option(help="More words")] = "",
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from celltrial.record.bodies import QueryClosing

    trial = open_trial(study)
    body = QueryClosing(number=number, outcome=outcome.value, text=text)
    written = write_one(trial, body, target=_asked_in(trial, number), why="query closed", person=person, role=role)
    _told(as_json, {"query": number, "event": written.seq}, f"{number} closed in event {written.seq}: {outcome.value}")


def _asked_in(trial: "Trial", number: str) -> int:
    from celltrial.decisions.review import query_named

    thread = query_named(trial.record.state(), number)
    return thread.event if thread else 0


def _list_verifications(study: StudyFolder, subject: Subject = "", as_json: AsJson = False) -> None:
    from celltrial.decisions.review import coverage, verifications

    trial = open_trial(study)
    state, who = trial.record.state(), find_subject(trial, subject)
    covered, compared = coverage(trial.study, state, who), verifications(state, who)
    if as_json:
        print_json(
            {"coverage": [asdict(each) for each in covered], "verifications": [asdict(each) for each in compared]}
        )
        return
    rows = [
        (
            each.subject,
            each.form,
            f"{each.entries_verified}/{each.entries}",
            f"{each.required_verified}/{each.required}",
            f"{each.items_verified}/{each.items}",
            each.broken or "",
            each.differing or "",
        )
        for each in covered
        if each.items_verified or each.broken or each.differing or subject
    ]
    columns = ("subject", "form", "entries", "required", "items", "fallen", "differ")
    print_table("Verified against the source", columns, rows)
    fallen = [each for each in compared if each.status != "stands"]
    for one in fallen:
        what = f"changed since, in event {one.broken_by}" if one.broken_by else "the source says otherwise"
        typer.echo(f"  {one.subject} event {one.target} {one.field} {one.value!r}, compared by {one.by}: {what}")
    entries = percent(sum(each.entries_verified for each in covered), sum(each.entries for each in covered))
    needed = percent(sum(each.required_verified for each in covered), sum(each.required for each in covered))
    typer.echo(f"entries {entries}   required items {needed}   fallen or differing {len(fallen)}")


def _verify(
    study: StudyFolder,
    event: EventNumber,
    source: Annotated[str, typer.Option(help="The source document: laboratory report of 2025-08-08")],
    field: Annotated[list[str] | None, typer.Option(help="Which field: items.value; all filled ones if none")] = None,
    differs: Annotated[bool, typer.Option("--differs", help="The source says otherwise")] = False,
    person: Person = "",
    role: Role = "monitor",
    as_json: AsJson = False,
) -> None:
    from celltrial.record.bodies import SourceVerification

    trial = open_trial(study)
    result: Literal["verified", "differs"] = "differs" if differs else "verified"
    body = SourceVerification(target=event, source=source, result=result, fields=tuple(field or ()))
    written = write_one(trial, body, target=event, why="compared with its source", person=person, role=role)
    text = f"event {event} {result} against {source} in event {written.seq}"
    _told(as_json, {"target": event, "event": written.seq, "result": result}, text)


def _list_locks(study: StudyFolder, subject: Subject = "", as_json: AsJson = False) -> None:
    from celltrial.decisions.review import lock_states

    trial = open_trial(study)
    state, who = trial.record.state(), find_subject(trial, subject)
    asked = state.subjects if who is None else (who,)
    found = [pair for each in asked for pair in lock_states(trial.study, state, each)]
    rows = [
        (
            place.subject,
            place.visit or "all",
            place.form or "all",
            now.describe(),
            ", ".join(str(a.seq) for a in now.asked),
        )
        for place, now in found
    ]
    if as_json:
        keys = ("subject", "visit", "form", "state", "unlock_asked_in")
        print_json(
            [
                dict(zip(keys, row, strict=True)) | {"level": now.level}
                for row, (_, now) in zip(rows, found, strict=True)
            ]
        )
        return
    print_table("Frozen and locked", ("subject", "visit", "form", "state", "unlock asked for in"), rows)


def _lock_command(action: str) -> Any:
    def command(
        study: StudyFolder,
        subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The participant, e.g. 01-003")],
        why: Why,
        visit: Visit = "",
        form: Form = "",
        person: Person = "",
        role: Role = "data_manager",
        as_json: AsJson = False,
    ) -> None:
        from celltrial.record.bodies import DataLock

        body = DataLock(action=action, visit=visit, form=form)  # type: ignore[arg-type]  # one of the four of register
        _write_lock(study, subject, body, why, person=person, role=role, as_json=as_json)

    return command


def _write_lock(
    study: Path, subject: str, body: "DataLock", why: str, *, person: str, role: str, as_json: bool
) -> None:
    from celltrial.record import Draft

    trial = open_trial(study)
    draft = Draft(body=body, subject=find_subject(trial, subject), why=why)
    (written,) = trial.record.append([draft], author=author(trial, person, role), at=now(trial))
    scope = ", ".join(part for part in (subject, body.visit, body.form) if part)
    text = f"{body.action} of {scope} in event {written.seq}"
    if body.action == "unlock":
        text += (
            f"\nIt takes effect when a second person signs event {written.seq}: celltrial sign {study} {written.seq}"
        )
    _told(as_json, {"action": body.action, "event": written.seq}, text)


def _told(as_json: bool, document: dict[str, Any], text: str) -> None:
    if as_json:
        print_json(document)
    else:
        typer.echo(text)
