"""The blank casebook: every form of the study to be filled in on paper while the computer is not there.

Each item with its id, its unit or format, its choices and limits, so that what is written down can be entered late
with its source time. Source: ICH E6(R3) 4.3.6: contingency procedures for when a system is unavailable.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, get_args, get_origin, get_type_hints

from celltrial import __version__
from celltrial.record import KINDS, Body
from celltrial.reports.casebook.book import Block, Book, Cell, Column, Identity, Section, Table, plain_rows
from celltrial.reports.casebook.reader import field_label
from celltrial.study import Form, Study
from celltrial.study.model import Item

__all__ = ["PAPER_EVENTS", "compose_blank_casebook"]

# what is seen or done at the bedside and is no form, so that it too has its paper
PAPER_EVENTS = (
    "consent",
    "screening",
    "lymphodepletion",
    "infusion",
    "visit",
    "adverse_event",
    "crs_assessment",
    "icans_assessment",
    "kinetics_sample",
    "withdrawal",
    "completion",
)
# blank rows for a form that repeats
_ROWS = 6
_KINDS = {
    "text": "text",
    "number": "number, decimal point",
    "result": "as printed: 9.6, <5, 1:320, 2+, or a word",
    "date": "YYYY-MM-DD, or YYYY-MM-DDThh:mm",
    "unit": "unit, e.g. g/L",
    "analyte": "code of the analyte, e.g. hemoglobin",
    "choice": "",
}
# a box of plain signs, which every font has; box and word stay together
_BOX = "[\u00a0]\u00a0"


def compose_blank_casebook(study: Study, *, generated_at: datetime) -> Book:
    """Every form of forms.yaml, when it is due, then the events that are no forms."""
    zone = study.site.zone
    facts = (
        ("Study", f"{study.id} ({study.registry_id})" if study.registry_id else study.id),
        ("Site", f"{study.site.id}, {study.site.name}"),
        ("Study files", f"version {study.version}, hash {study.hash}"),
        ("Participant", ""),
        ("Made", f"{generated_at.astimezone(zone):%Y-%m-%d %H:%M:%S %z} by celltrial {__version__}"),
        (
            "How to use it",
            "Write in ink; strike through what is wrong, once, with date and initials. When the computer is "
            "back, enter each sheet with the time at which it was written (source time); the paper is the source.",
        ),
    )
    identity = Identity(
        study=study.id,
        title=study.title,
        kind="Blank casebook",
        subject="",
        status="for use while the record cannot be reached",
        simulated=False,
        head="",
        version=__version__,
        facts=facts,
        signatories=("Filled in by", "Entered by"),
    )
    return Book(identity=identity, sections=tuple(_sections(study)))


def _sections(study: Study) -> Iterator[Section]:
    yield _schedule(study)
    yield Section(
        id="forms",
        title="Forms",
        blocks=(),
        starts_page=True,
        says="In brackets: the item's id in forms.yaml. *: must be filled in.",
    )
    for form in study.forms:
        yield Section(
            id=f"form-{form.id}",
            title=f"{form.label} ({form.id})",
            says=_due(study, form),
            blocks=(_form(form),),
            level=2,
        )
    yield Section(
        id="events",
        title="Events",
        blocks=(),
        starts_page=True,
        says="In brackets: the field's name in the record. *: must be filled in.",
    )
    for kind in PAPER_EVENTS:
        words = field_label(kind)
        yield Section(
            id=f"event-{kind}", title=f"{words[:1].upper()}{words[1:]} ({kind})", blocks=(_event(KINDS[kind]),), level=2
        )


def _schedule(study: Study) -> Section:
    rows = [
        (
            Cell(text=str(visit.id), style="strong"),
            visit.label,
            f"day {visit.day} from {visit.anchor}",
            f"−{visit.before} to +{visit.after} d",
            ", ".join(visit.forms),
            "",
        )
        for visit in study.visits
    ]
    labels = (("Visit", 1.0), ("", 2.4), ("Planned", 2.2), ("Window", 1.3), ("Forms", 5.0), ("Done on", 2.0))
    table = Table(
        columns=tuple(Column(label=label, width=width) for label, width in labels),
        rows=plain_rows(rows),
        empty="No visits.",
    )
    return Section(id="schedule", title="Schedule", blocks=(table,), starts_page=True)


def _due(study: Study, form: Form) -> str:
    visits = [str(visit.id) for visit in study.visits if form.id in visit.forms]
    at = f"At {', '.join(visits)}." if visits else "At any time."
    often = "One row each." if form.repeating else "Once a visit."
    return f"{at} {often} Participant ____________  Visit ______  Date ____________  By ____________"


def _form(form: Form) -> Block:
    """One item a line; a form that repeats has blank rows beside each item."""
    count = _ROWS if form.repeating else 1
    rows: list[tuple[Cell | str, ...]] = [
        (_label(item), Cell(text=_answer(item), style="quiet"), *([""] * count)) for item in form.items
    ]
    blanks = [
        Column(label=f"Row {number}" if form.repeating else "Answer", width=2.0 if form.repeating else 5.0)
        for number in range(1, count + 1)
    ]
    columns = (Column(label="Item", width=3.4), Column(label="Answers", width=4.0), *blanks)
    return Table(columns=columns, rows=plain_rows(rows), kind="table")


def _label(item: Item) -> Cell:
    return Cell(text=f"{item.label or item.id}{'*' if item.required else ''}", under=f"[{item.id}]")


def _answer(item: Item) -> str:
    choices = "  ".join(f"{_BOX}{choice}" for choice in item.choices)
    limits = [f"at least {item.at_least}"] if item.at_least is not None else []
    limits += [f"at most {item.at_most}"] if item.at_most is not None else []
    return "; ".join(part for part in (choices or _KINDS[item.kind], ", ".join(limits)) if part)


def _event(kind: type[Body]) -> Table:
    hints = get_type_hints(kind, include_extras=True)
    rows: list[tuple[Cell | str, ...]] = []
    for field in dataclasses.fields(kind):
        is_required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        label = Cell(text=f"{field_label(field.name)}{'*' if is_required else ''}", under=f"[{field.name}]")
        rows.append((label, Cell(text=_choices(hints[field.name]), style="quiet"), ""))
    columns = (Column(label="Field", width=3.4), Column(label="Answers", width=4.0), Column(label="Answer", width=5.0))
    return Table(columns=columns, rows=plain_rows(rows))


def _choices(hint: object) -> str:
    """What may be written, from the type of the field."""
    inner: Sequence[object] = get_args(hint)
    if get_origin(hint) is Literal:
        return "  ".join(f"{_BOX}{choice}" for choice in inner)
    if get_origin(hint) is tuple and inner and dataclasses.is_dataclass(inner[0]):
        names = ", ".join(field.name for field in dataclasses.fields(inner[0]))
        return f"each with: {names}"
    return "one or more" if get_origin(hint) is tuple else "text"
