"""Queries: what was asked about an entry, what was answered, whether it is settled, and for whom it waits.

A thread is a query event, its answers, the corrections of the field asked about, and its closing, in order. A query is
answered by words or by a correction of what it asks about; a person closes it. What was closed is asked again by a new
query that names it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from celltrial.codes import SubjectId
from celltrial.decisions.review.places import find_entry, kind_of
from celltrial.record import Entry, Event, TrialState
from celltrial.record.bodies import Query, QueryAnswer, QueryClosing
from celltrial.record.versions import changes, fields_of

__all__ = ["QueryThread", "ThreadItem", "next_query_number", "queries", "query_named", "shown_value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadItem:
    """One step of a thread: what was done, by whom, when, in which words."""

    kind: Literal["asked", "answered", "corrected", "entered in error", "closed", "asked again"]
    event: int
    by: str
    role: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryThread:
    """One query with everything that followed it.

    where: subject, visit, form and field asked about; value: its text now. status: `answered` also by a correction.
    age_days: from asking to closing, or until now. reopens, reopened_by: numbers, blank for none.
    """

    number: str
    event: int
    subject: SubjectId | None
    target: int
    field: str
    where: str
    value: str
    text: str
    to_role: str
    status: Literal["open", "answered", "closed"]
    outcome: str
    opened_at: datetime
    age_days: float
    items: tuple[ThreadItem, ...]
    reopens: str = ""
    reopened_by: str = ""

    @property
    def is_closed(self) -> bool:
        return self.status == "closed"

    @property
    def answered_by(self) -> frozenset[str]:
        """Everyone who answered, by words or by a correction."""
        kinds = ("answered", "corrected", "entered in error")
        return frozenset(item.by for item in self.items if item.kind in kinds)


def queries(state: TrialState, subject: SubjectId | None = None) -> tuple[QueryThread, ...]:
    """Every query, or those of a subject, in the order they were asked; ages as of the state's time."""
    again = {entry.body.reopens: entry for entry in state.entries(Query) if entry.body.reopens}
    return tuple(_thread(state, entry, again.get(entry.body.number)) for entry in state.entries(Query, subject))


def query_named(state: TrialState, number: str) -> QueryThread | None:
    """The query of that number, or None."""
    return next((each for each in queries(state) if each.number == number), None)


def next_query_number(state: TrialState) -> str:
    """The number of the next query; a number is never given twice."""
    voided = sum(entry.event.type == Query.TYPE for entry in state.voided)
    return f"Q{len(state.entries(Query)) + voided + 1}"


def shown_value(entry: Entry[Any], field: str) -> str:
    """The text of a field as it stands; blank where there is none, or where the whole entry is meant."""
    return fields_of(entry.body).get(field, "") if field else ""


def _thread(state: TrialState, entry: Entry[Query], again: Entry[Query] | None) -> QueryThread:
    body = entry.body
    answers = [each for each in state.entries(QueryAnswer, entry.subject) if each.body.number == body.number]
    closings = [each for each in state.entries(QueryClosing, entry.subject) if each.body.number == body.number]
    target = find_entry(state, body.target)
    corrections = [] if target is None else list(_corrections(target, entry))
    items = [
        _item("asked", entry.event, body.text),
        *(_item("answered", each.event, each.body.text) for each in answers),
        *corrections,
        *(_item("closed", each.event, _join(each.body.outcome, each.body.text)) for each in closings),
        *([_item("asked again", again.event, f"as {again.body.number}")] if again else []),
    ]
    closing = closings[-1] if closings else None
    until = closing.event.recorded_at if closing else state.as_of or entry.event.recorded_at
    # what happens to the entry after the closing is another matter
    steps = [each for each in items if closing is None or each.event <= closing.seq or each.kind == "asked again"]
    return QueryThread(
        number=body.number,
        event=entry.seq,
        subject=entry.subject,
        target=body.target,
        field=body.field,
        where=_where(target, body),
        value=shown_value(target, body.field) if target else "",
        text=body.text,
        to_role=body.to_role,
        status="closed" if closing else "answered" if answers or corrections else "open",
        outcome=closing.body.outcome if closing else "",
        opened_at=entry.event.recorded_at,
        age_days=(until - entry.event.recorded_at).total_seconds() / 86400,
        items=tuple(sorted(steps, key=lambda each: each.event)),
        reopens=body.reopens,
        reopened_by=again.body.number if again else "",
    )


def _corrections(target: Entry[Any], query: Entry[Query]) -> Iterator[ThreadItem]:
    """The changes of what was asked about, since it was asked."""
    for change in changes(target):
        if change.event.seq <= query.seq or (query.body.field not in ("", change.path) and change.path):
            continue
        if change.path:
            words = f"{change.path}: {change.old or 'blank'} → {change.new or 'blank'} ({change.event.why})"
            yield _item("corrected", change.event, words)
        else:
            yield _item("entered in error", change.event, change.event.why)


def _item(kind: Any, event: Event, text: str) -> ThreadItem:
    author = event.author
    return ThreadItem(
        kind=kind, event=event.seq, by=str(author.person), role=author.role, at=event.recorded_at, text=text
    )


def _where(target: Entry[Any] | None, body: Query) -> str:
    if target is None:
        return f"event {body.target}"
    parts = (target.subject or "", getattr(target.body, "visit", ""), kind_of(target.body))
    return "/".join(part for part in (*parts, body.field.removeprefix("items.")) if part)


def _join(outcome: str, text: str) -> str:
    return f"{outcome}: {text}" if text else outcome
