"""The planned review of the audit trail: which events deserve a second look, and why.

Each row names an event, what it changed, and the rule that picked it. A row is no finding of fault: a person looks at
it and concludes. `at_event` is the event from which on the rule picks it (a change is "shortly before a decision" only
once there is the decision), so that a review through event n and the next one leave nothing between them.

Source: ICH E6(R3) 4.2.3 (planned, risk-based review of audit trails); the numbers are the study's (`study.review`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import Any, Literal

from celltrial.codes import SubjectId
from celltrial.decisions.review.lateness import lateness
from celltrial.decisions.review.locks import is_in_scope, lifted
from celltrial.decisions.review.places import place_of
from celltrial.decisions.review.source_data import verifications
from celltrial.record import Entry, Event, TrialState, fold
from celltrial.record.bodies import AuditReview, Consent, DataCut, DataLock, RedactionApproval, Signature, SrcDecision
from celltrial.record.versions import Change, changes
from celltrial.study import Study

__all__ = ["KINDS_OF_ROWS", "AuditRow", "audit_counts", "audit_rows", "last_reviewed", "through_event"]

RowKind = Literal[
    "late entry",
    "backdated consent",
    "changed after signature",
    "changed after verification",
    "changed after lifted lock",
    "changed shortly before decision",
    "changed repeatedly",
    "entered in error",
    "many changes by one person",
    "out of hours",
    "redacted",
]
KINDS_OF_ROWS: tuple[RowKind, ...] = RowKind.__args__  # type: ignore[attr-defined]  # the choices of a Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One thing to look at: which event, about what, by whom and when, what it changed, why, and which rule says so."""

    kind: RowKind
    event: int
    at_event: int
    subject: SubjectId | None
    what: str
    by: str
    role: str
    at: datetime
    old: str
    new: str
    why: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changed:
    """One change of one field, with the entry it belongs to."""

    entry: Entry[Any]
    change: Change

    @property
    def event(self) -> Event:
        return self.change.event


def audit_rows(study: Study, state: TrialState, *, after: int = 0) -> tuple[AuditRow, ...]:
    """Everything to look at that came after event `after`, by kind in the order above and by event."""
    entries = sorted((*state.all_entries(), *state.voided), key=lambda entry: entry.seq)
    changed = [_Changed(entry=entry, change=change) for entry in entries for change in changes(entry)]
    found = chain(
        _late(study, state, entries),
        _backdated(study, entries, changed),
        _after_signature(state, changed),
        _after_verification(state, changed),
        _after_lifted_lock(study, state, entries, changed),
        _before_decision(study, state, changed),
        _repeated(study, changed),
        (_row("entered in error", each, "marked as entered in error") for each in changed if not each.change.path),
        _many(study, changed),
        _out_of_hours(study, entries),
        _redacted(state),
    )
    rows = [row for row in found if row.at_event > after]
    return tuple(sorted(rows, key=lambda row: (KINDS_OF_ROWS.index(row.kind), row.event, row.what)))


def audit_counts(study: Study, state: TrialState, *, through: int) -> Mapping[str, str]:
    """What a review through event `through` counts: events looked at since the last review, and rows by kind."""
    after = last_reviewed(state)
    rows = Counter(row.kind for row in audit_rows(study, through_event(state, through), after=after))
    return {"events": str(through - after), **{kind: str(rows[kind]) for kind in KINDS_OF_ROWS if rows[kind]}}


def last_reviewed(state: TrialState) -> int:
    """The event that the last review reached; 0 before the first."""
    return max((entry.body.through for entry in state.entries(AuditReview)), default=0)


def through_event(state: TrialState, through: int) -> TrialState:
    """The state as event `through` left it."""
    if through >= state.length:
        return state
    events = {entry.seq: entry.event for entry in (*state.all_entries(), *state.voided)}
    return fold(events[seq] for seq in range(1, through + 1))


def _late(study: Study, state: TrialState, entries: list[Entry[Any]]) -> Iterator[AuditRow]:
    for entry in entries:
        late = lateness(study, state, entry)
        if late is not None and late.is_late:
            since = late.since.astimezone(study.site.zone)
            text = f"recorded {late.days:.0f} days after it was written down" if late.basis == "written down" else ""
            yield _first(
                "late entry",
                entry,
                text or f"recorded {late.days:.0f} days after it happened",
                old=f"{since:%Y-%m-%d}",
                new=f"{entry.event.recorded_at.astimezone(study.site.zone):%Y-%m-%d}",
                rule=f"late after {late.limit_days} days (study.yaml, review.late_after_days)",
            )


def _backdated(study: Study, entries: list[Entry[Any]], changed: list[_Changed]) -> Iterator[AuditRow]:
    """A consent recorded on a later day than it bears, or moved to an earlier time."""
    rule = "ICH E6(R3) 2.8: consent before any trial procedure"
    for entry in entries:
        if not isinstance(entry.body, Consent):
            continue
        signed, recorded = str(entry.event.payload["signed_at"]), entry.event.recorded_at.astimezone(study.site.zone)
        if signed[:10] < f"{recorded:%Y-%m-%d}":
            yield _first(
                "backdated consent",
                entry,
                "consent recorded on a later day than it bears",
                old=signed,
                new=f"{recorded:%Y-%m-%d %H:%M}",
                rule=rule,
            )
    for each in changed:
        if isinstance(each.entry.body, Consent) and each.change.path == "signed_at":
            moved = "earlier" if each.change.new < each.change.old else "later"
            yield _row(
                "backdated consent", each, f"date of consent moved to an {moved} time".replace("an l", "a l"), rule
            )


def _after_signature(state: TrialState, changed: list[_Changed]) -> Iterator[AuditRow]:
    signed: dict[int, list[Entry[Signature]]] = {}
    for signature in state.entries(Signature):
        for seq in signature.body.covers:
            signed.setdefault(seq, []).append(signature)
    for each in changed:
        before = [one for one in signed.get(each.entry.seq, ()) if one.seq < each.event.seq]
        if before:
            who = f"signed by {before[-1].event.author.person} in event {before[-1].seq}"
            yield _row("changed after signature", each, f"{_what(each)}, {who}", "a signature falls with a change")


def _after_verification(state: TrialState, changed: list[_Changed]) -> Iterator[AuditRow]:
    broken = {(each.target, each.field, each.broken_by): each for each in verifications(state) if each.broken_by}
    for each in changed:
        for (target, field, by), verification in broken.items():
            if (target, by) == (each.entry.seq, each.event.seq) and each.change.path in ("", field):
                who = f"compared with its source by {verification.by} in event {verification.event}"
                yield _row(
                    "changed after verification", each, f"{_what(each)}, {who}", "compare it with its source anew"
                )
                break


def _after_lifted_lock(
    study: Study, state: TrialState, entries: list[Entry[Any]], changed: list[_Changed]
) -> Iterator[AuditRow]:
    """What was written, first or as a correction, where a freeze or lock had been lifted."""
    subjects = dict.fromkeys(entry.subject for entry in state.entries(DataLock) if entry.subject)
    for subject in subjects:
        for lock, since in lifted(study, state, subject):
            rule = f"{lock.body.action} of event {lock.seq}: {lock.event.why}"
            for each in changed:
                place = place_of(each.entry.subject, each.entry.body)
                if place and place.subject == subject and is_in_scope(lock.body, place) and each.event.seq > since:
                    yield _row("changed after lifted lock", each, _what(each), rule)
            for entry in entries:
                place = place_of(entry.subject, entry.body)
                if place and place.subject == subject and is_in_scope(lock.body, place) and entry.seq > since:
                    yield _first("changed after lifted lock", entry, "new entry", rule=rule)


def _before_decision(study: Study, state: TrialState, changed: list[_Changed]) -> Iterator[AuditRow]:
    """Changes of a participant's data within so many hours before a data cut or a dose decision."""
    window = timedelta(hours=study.review.before_decision_hours)
    decisions: list[Entry[Any]] = sorted(
        (*state.entries(DataCut), *state.entries(SrcDecision)), key=lambda each: each.seq
    )
    for each in changed:
        if place_of(each.entry.subject, each.entry.body) is None:
            continue
        for decision in decisions:
            ahead = decision.event.recorded_at - each.event.recorded_at
            if decision.seq > each.event.seq and ahead <= window:
                name = getattr(decision.body, "cut", "") or decision.body.TYPE
                row = _row(
                    "changed shortly before decision",
                    each,
                    f"{_what(each)}, {ahead.total_seconds() / 3600:.1f} hours before {name} (event {decision.seq})",
                    f"{study.review.before_decision_hours} hours (study.yaml, review.before_decision_hours)",
                    at_event=decision.seq,
                )
                yield row
                break


def _repeated(study: Study, changed: list[_Changed]) -> Iterator[AuditRow]:
    limit, times = study.review.repeated_changes, Counter[tuple[int, str]]()
    for each in sorted(changed, key=lambda one: one.event.seq):
        if not each.change.path:
            continue
        key = (each.entry.seq, each.change.path)
        times[key] += 1
        if times[key] >= limit:
            rule = f"{limit} changes of one field (study.yaml, review.repeated_changes)"
            yield _row("changed repeatedly", each, f"{_what(each)}, change number {times[key]}", rule)


def _many(study: Study, changed: list[_Changed]) -> Iterator[AuditRow]:
    """A person who corrected many entries on one day of the site."""
    limit = study.review.many_changes
    by_day: dict[tuple[str, str], dict[int, Event]] = {}
    for each in sorted(changed, key=lambda one: one.event.seq):
        day = f"{each.event.recorded_at.astimezone(study.site.zone):%Y-%m-%d}"
        by_day.setdefault((str(each.event.author.person), day), {})[each.event.seq] = each.event
    for (person, day), events in by_day.items():
        if len(events) >= limit:
            reached = list(events.values())[limit - 1]
            yield AuditRow(
                kind="many changes by one person",
                event=reached.seq,
                at_event=reached.seq,
                subject=None,
                what=f"{len(events)} corrections on {day}, events {min(events)} to {max(events)}",
                by=person,
                role=reached.author.role,
                at=reached.recorded_at,
                old="",
                new="",
                why="",
                rule=f"{limit} on one day (study.yaml, review.many_changes)",
            )


def _out_of_hours(study: Study, entries: list[Entry[Any]]) -> Iterator[AuditRow]:
    """What one person wrote in a row outside the hours in which entries are expected: one row."""
    settings, zone = study.review, study.site.zone

    def is_outside(event: Event) -> bool:
        local = event.recorded_at.astimezone(zone)
        return local.weekday() not in settings.works_on or not settings.works_from <= local.hour < settings.works_to

    outside = [each.event for each in entries if is_outside(each.event)]
    for (person, hour), group in groupby(
        outside, key=lambda each: (each.author.person, f"{each.recorded_at.astimezone(zone):%Y-%m-%d %H}")
    ):
        events = list(group)
        first = events[0]
        yield AuditRow(
            kind="out of hours",
            event=first.seq,
            at_event=first.seq,
            subject=first.subject,
            what=f"{len(events)} event{'s' if len(events) > 1 else ''} from {first.type} on, {hour}:00 at the site",
            by=str(person),
            role=first.author.role,
            at=first.recorded_at,
            old="",
            new="",
            why=first.why,
            rule=f"{settings.works_from}:00 to {settings.works_to}:00 (study.yaml, review.working_hours)",
        )


def _redacted(state: TrialState) -> Iterator[AuditRow]:
    for entry in state.entries(RedactionApproval):
        what = f"redaction of event {entry.body.redaction} approved"
        yield _first("redacted", entry, what, rule="ICH E6(R3) 4.2.2(b)")


def _what(each: _Changed) -> str:
    body = each.entry.body
    name = "/".join(part for part in (getattr(body, "visit", ""), getattr(body, "form", body.TYPE)) if part)
    field = each.change.path.removeprefix("items.")
    return f"{name} {field}".strip() + f" (event {each.entry.seq})"


def _row(kind: RowKind, each: _Changed, what: str, rule: str = "", *, at_event: int = 0) -> AuditRow:
    event = each.event
    return AuditRow(
        kind=kind,
        event=event.seq,
        at_event=at_event or event.seq,
        subject=each.entry.subject,
        what=what if each.change.path else f"{_what(each)}: {what}" if kind == "entered in error" else what,
        by=str(event.author.person),
        role=event.author.role,
        at=event.recorded_at,
        old=each.change.old,
        new=each.change.new,
        why=event.why,
        rule=rule or "ICH E6(R3) 4.2.4: corrections are justified",
    )


def _first(kind: RowKind, entry: Entry[Any], what: str, *, old: str = "", new: str = "", rule: str) -> AuditRow:
    event, place = entry.event, place_of(entry.subject, entry.body)
    name = "/".join(part for part in ((place.visit, place.form) if place else ("", event.type)) if part)
    return AuditRow(
        kind=kind,
        event=event.seq,
        at_event=event.seq,
        subject=entry.subject,
        what=f"{name}: {what}",
        by=str(event.author.person),
        role=event.author.role,
        at=event.recorded_at,
        old=old,
        new=new,
        why=event.why,
        rule=rule,
    )
