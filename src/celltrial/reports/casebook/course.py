"""The participant's course: consent to completion, each step as it was recorded, and the visits with their windows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from celltrial.decisions.access.signing import eligibility_status
from celltrial.errors import DateError
from celltrial.record import Entry
from celltrial.record.bodies import (
    Completion,
    Consent,
    EligibilitySignature,
    Enrolment,
    Infusion,
    Lymphodepletion,
    Screening,
    Withdrawal,
)
from celltrial.reports.casebook.book import Block, Cell, Column, Paragraph, Row, Section, Table
from celltrial.reports.casebook.reader import Reader
from celltrial.reports.casebook.tables import entry_facts, fields_written
from celltrial.study import ScheduledVisit
from celltrial.studyday import parse_partial_date, study_day

__all__ = ["Attendance", "course_section", "describe_status", "list_attendance", "visits_section"]

_STEPS = (
    ("consent", "Informed consent"),
    ("screening", "Screening visit"),
    ("eligibility_signature", "Eligibility, signed"),
    ("enrolment", "Enrolment"),
    ("dose_assignment", "Dose assignment"),
    ("lymphodepletion", "Lymphodepletion"),
    ("product_release", "Product release"),
    ("infusion", "Infusion"),
    ("dlt_assessment", "Dose-limiting toxicity, adjudicated"),
    ("withdrawal", "Withdrawal"),
    ("completion", "Completion"),
)


def course_section(reader: Reader) -> Section:
    """Every step of the course, in the order of the protocol; within a step, in the order written."""
    blocks: list[Block] = []
    for kind, title in _STEPS:
        for entry in reader.entries(kind):
            heading = f"{title}: {entry.body.stage}" if kind == "eligibility_signature" else title
            blocks.append(entry_facts(reader, entry, fields_written([entry]), title=heading, says=_says(reader, entry)))
    if not blocks:
        blocks.append(Paragraph(text="Nothing of the course is recorded yet."))
    return Section(id="course", title="Course in the study", starts_page=True, blocks=tuple(blocks))


def _says(reader: Reader, entry: Entry[Any]) -> str:
    """Whether a signed verdict on eligibility still stands; nothing of any other step."""
    if not isinstance(entry.body, EligibilitySignature) or reader.is_void(entry):
        return ""
    status = eligibility_status(reader.study, reader.state, entry)
    return f"This signature is {status.word}{f': {status.reason}' if status.reason else '.'}"


def describe_status(reader: Reader) -> str:
    """Where the participant stands, from the last step that stands."""
    state, subject = reader.state, reader.subject
    completed, left = state.latest(Completion, subject), state.latest(Withdrawal, subject)
    if completed is not None:
        return f"completed the study on {completed.body.on}"
    if left is not None and left.body.scope != "treatment":
        return f"left ({left.body.scope}) on {left.body.on}: {left.body.reason}"
    after = f"; left treatment on {left.body.on}: {left.body.reason}" if left is not None else ""
    infusion, depletion = state.latest(Infusion, subject), state.latest(Lymphodepletion, subject)
    enrolled, screened = state.latest(Enrolment, subject), state.latest(Screening, subject)
    consent = state.latest(Consent, subject)
    if infusion is not None:
        return f"in follow-up, infused on {infusion.body.infused_at[:10]} ({infusion.body.level}){after}"
    if depletion is not None:
        return f"lymphodepleted from {depletion.body.started_on}, not infused{after}"
    if enrolled is not None:
        return f"enrolled on {enrolled.body.enrolled_on}, not infused{after}"
    if screened is not None:
        return f"in screening since {screened.body.screened_on}{after}"
    return f"consented on {consent.body.signed_at[:10]}" if consent is not None else "no consent recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """A visit as planned and as it was: status says in or out of its window, missed, open, or not known why.

    earliest, latest: the window, None where the anchor's day is not known. entry: the visit's event, None without one.
    """

    visit: str
    label: str
    planned: date | None
    earliest: date | None
    latest: date | None
    status: str
    entry: Entry[Any] | None

    @property
    def order(self) -> str:
        """In time: the day it took place, else the day it was planned for; undated ones last, as in the schedule."""
        on = self.entry.body.on if self.entry is not None else self.planned.isoformat() if self.planned else "9999"
        return on[:10]


def list_attendance(reader: Reader) -> tuple[Attendance, ...]:
    """Every visit of the schedule, and every other visit recorded or named by a form, in time."""
    scheduled = {str(visit.id): visit for visit in reader.study.visits}
    done: dict[str, list[Entry[Any]]] = {}
    for entry in reader.entries("visit"):
        done.setdefault(entry.body.visit, []).append(entry)
    named = dict.fromkeys(entry.body.visit for entry in reader.entries("form") if entry.body.visit)
    found: list[Attendance] = []
    for visit in dict.fromkeys((*scheduled, *done, *named)):
        attended: list[Entry[Any] | None] = [*done.get(visit, ())]
        found += [_attend(reader, visit, scheduled.get(visit), each) for each in attended or [None]]
    return tuple(sorted(found, key=lambda each: each.order))


def visits_section(reader: Reader) -> Section:
    """The calendar: planned day, window, and what took place."""
    rows: list[Row] = []
    notes: list[str] = []
    for each in list_attendance(reader):
        cells, own = _calendar_row(reader, each)
        is_void = each.entry is not None and reader.is_void(each.entry)
        rows.append(Row(cells=cells, kind="void" if is_void else "plain"))
        notes += own
    labels = ("Visit", "Planned", "Window", "Took place", "Study day", "Status", "Event")
    table = Table(columns=tuple(Column(label=label) for label in labels), rows=tuple(rows), notes=tuple(notes))
    says = "Planned days and windows as the study files give them, from the participant's own screening, "
    return Section(
        id="visits",
        title="Visits",
        says=f"{says}lymphodepletion and infusion. Study day 1 is the day of the infusion.",
        blocks=(table,),
    )


def _calendar_row(reader: Reader, each: Attendance) -> tuple[tuple[Cell, ...], list[str]]:
    window = f"{each.earliest} to {each.latest}" if each.earliest else "–"
    head = Cell(text=each.visit, under=each.label, style="strong")
    planned = Cell(text=each.planned.isoformat() if each.planned else "–")
    if each.entry is None:
        return (head, planned, Cell(text=window), Cell(), Cell(), Cell(text=each.status), Cell()), []
    on, notes = reader.cell(each.entry, "on", f"{each.visit} took place")
    status, more = reader.cell(each.entry, "status", f"{each.visit} status")
    reason, others = reader.cell(each.entry, "reason", f"{each.visit} reason")
    source, last = reader.source(each.entry)
    told = Cell(
        text=each.status,
        under=f"reason: {reason.text}" if reason.text else "",
        notes=(*status.notes, *reason.notes),
        marks=(*status.marks, *reason.marks),
    )
    day = _study_day(reader, each.entry.body.on)
    cells = (head, planned, Cell(text=window), on, Cell(text=day), told, source)
    return cells, [*notes, *more, *others, *last]


def _attend(reader: Reader, visit: str, plan: ScheduledVisit | None, entry: Entry[Any] | None) -> Attendance:
    planned = _planned(reader, plan) if plan is not None else None
    earliest = planned - timedelta(days=plan.before) if plan is not None and planned is not None else None
    latest = planned + timedelta(days=plan.after) if plan is not None and planned is not None else None
    return Attendance(
        visit=visit,
        label=plan.label if plan is not None else "not in the schedule",
        planned=planned,
        earliest=earliest,
        latest=latest,
        status=_status(reader, plan, earliest, latest, entry),
        entry=entry,
    )


def _status(
    reader: Reader,
    plan: ScheduledVisit | None,
    earliest: date | None,
    latest: date | None,
    entry: Entry[Any] | None,
) -> str:
    """In window, early or late by days, missed; without a visit: due, not due, not recorded, or why not known."""
    if entry is not None and entry.body.status == "missed":
        return "missed"
    if plan is None:
        return "unscheduled" if entry is not None else "unscheduled, no visit recorded"
    if earliest is None or latest is None:
        anchor = f"no day of {plan.anchor} recorded"
        return f"done; window unknown: {anchor}" if entry is not None else f"window unknown: {anchor}"
    if entry is not None:
        return _within(reader, entry.body.on, earliest, latest)
    today = reader.state.as_of.astimezone(reader.study.site.zone).date() if reader.state.as_of else earliest
    if today < earliest:
        return "not due yet"
    return "due" if today <= latest else _not_recorded(reader, earliest)


def _within(reader: Reader, on: str, earliest: date, latest: date) -> str:
    day = _day(reader, on)
    if day is None:
        return f"done; day not known: {on}"
    if day < earliest:
        return f"{(earliest - day).days} d early"
    return f"{(day - latest).days} d late" if day > latest else "in window"


def _not_recorded(reader: Reader, earliest: date) -> str:
    left = reader.state.latest(Withdrawal, reader.subject)
    day = _day(reader, left.body.on) if left is not None and left.body.scope != "treatment" else None
    return "after leaving the study" if day is not None and day <= earliest else "not recorded"


def _planned(reader: Reader, plan: ScheduledVisit) -> date | None:
    texts = dict(_anchors(reader))
    anchor = _day(reader, texts.get(plan.anchor, ""))
    # study days have no day 0
    return None if anchor is None else anchor + timedelta(days=plan.day - 1 if plan.day > 0 else plan.day)


def _anchors(reader: Reader) -> Iterator[tuple[str, str]]:
    """The text of each anchor's day; of the first infusion, and of the last attempt at screening."""
    state, subject = reader.state, reader.subject
    for screening in state.entries(Screening, subject):
        yield "screening", screening.body.screened_on
    for depletion in state.entries(Lymphodepletion, subject):
        yield "lymphodepletion", depletion.body.started_on
    for infusion in reversed(state.entries(Infusion, subject)):
        yield "infusion", infusion.body.infused_at


def _study_day(reader: Reader, on: str) -> str:
    infused = _day(reader, dict(_anchors(reader)).get("infusion", ""))
    day = _day(reader, on)
    return str(study_day(day, infused)) if day is not None and infused is not None else ""


def _day(reader: Reader, text: str) -> date | None:
    """The day a text stands for; None where there is none, or it is not known to the day."""
    if not text:
        return None
    try:
        found = parse_partial_date(text, reader.study.site.zone)
    except DateError:
        return None
    return found.day if found.is_exact_day else None
