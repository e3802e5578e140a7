"""A small study, people and times for the tests of the record: no file, nothing of the reference study."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from celltrial.codes import FormId, ItemId, PersonId, SubjectId, VisitId
from celltrial.errors import Source
from celltrial.record import AdverseEvent, Author, Body, Consent, Draft, Event, FormEntry, Record
from celltrial.study.model import (
    DltRule,
    EscalationSettings,
    Form,
    Item,
    Product,
    ScheduledVisit,
    Site,
    Study,
)

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ANNA = SubjectId("01-001")
BERTA = SubjectId("01-002")
CHEN = Author(person=PersonId("coordinator.chen"), role="coordinator", site="01")
LI = Author(person=PersonId("investigator.li"), role="investigator", site="01", printed_name="Li Na 李娜")

_SOURCE = Source(file="forms.yaml", line=1)


def _item(name: str, kind: str = "text", *, required: bool = False, choices: tuple[str, ...] = ()) -> Item:
    most = Decimal(100) if name == "dose" else None
    least = Decimal(0) if name == "dose" else None
    return Item(
        id=ItemId(name),
        label=name,
        kind=kind,  # type: ignore[arg-type]  # a literal, given as text
        required=required,
        choices=choices,
        source=_SOURCE,
        at_least=least,
        at_most=most,
    )


def _form(name: str, *items: Item, repeating: bool = True) -> Form:
    return Form(
        id=FormId(name), label=name, domain="LB", yields="measurement", repeating=repeating, items=items, source=_SOURCE
    )


LABS = _form(
    "labs",
    _item("analyte", "analyte", required=True),
    _item("value", "result", required=True),
    _item("unit", "unit"),
    _item("lln", "number"),
    _item("collected", "date", required=True),
    _item("comment"),
)
DEMOGRAPHICS = _form(
    "demographics",
    _item("birth_date", "date", required=True),
    _item("sex", "choice", required=True, choices=("F", "M")),
    repeating=False,
)
MEDICATIONS = _form("medications", _item("drug", required=True), _item("dose", "number"), _item("unit", "unit"))


def make_study(*, study_hash: str = "a" * 64) -> Study:
    """A study of three forms and two visits; what the record does not read is left out."""
    visits = tuple(
        ScheduledVisit(
            id=VisitId(name),
            label=name,
            anchor="screening",
            day=1,
            before=0,
            after=0,
            forms=(FormId("labs"),),
            measures=(),
            source=_SOURCE,
        )
        for name in ("SCR", "D14")
    )
    return Study(
        id="TINY",
        registry_id="",
        title="a tiny study",
        version="1",
        folder=Path("tiny"),
        hash=study_hash,
        site=Site(id="01", name="Ward", zone=ZoneInfo("Asia/Shanghai")),
        product=cast("Product", None),
        levels=(),
        escalation=cast("EscalationSettings", None),
        dlt=cast("DltRule", None),
        stopping=(),
        visits=visits,
        forms=(LABS, DEMOGRAPHICS, MEDICATIONS),
        endpoints=(),
        roles=(),
        assumptions=(),
        questions=(),
        sentences=(),
        criteria={},
    )


STUDY = make_study()


def new_record(folder: Path, **options: object) -> Record:
    """A record with its first event, in `folder`."""
    return Record.create(folder / "record.db", STUDY, author=CHEN, at=START, **options)  # type: ignore[arg-type]  # tests


_minutes = count(1)


def later() -> datetime:
    """A time after every time given before it."""
    return START + timedelta(minutes=next(_minutes))


def write(record: Record, body: Body, subject: SubjectId | None = ANNA, **options: object) -> Event:
    """Append one event and give it back."""
    why = str(options.pop("why", "first entry"))
    at = options.pop("at", None) or later()
    draft = Draft(body=body, subject=subject, why=why)
    return record.append([draft], author=CHEN, at=at, **options)[0]  # type: ignore[arg-type]  # tests


def consent(signed_at: str = "2026-01-05T09:30+08:00") -> Consent:
    return Consent(signed_at=signed_at, document_version="2.1")


def lab(value: str = "96", *, row: str = "1", visit: str = "SCR", **items: str) -> FormEntry:
    """A haemoglobin result."""
    filled = {"analyte": "hemoglobin", "value": value, "unit": "g/L", "collected": "2026-01-05"} | items
    return FormEntry(form="labs", visit=visit, row=row, items={key: text for key, text in filled.items() if text})


def adverse_event(number: str = "1", grade: str = "1", **fields: str) -> AdverseEvent:
    values = {
        "term": "Pyrexia",
        "soc": "General disorders",
        "onset": "2026-01-20",
        "serious": "no",
        "related_product": "yes",
    }
    return AdverseEvent(number=number, grade=grade, **(values | fields))  # type: ignore[arg-type]  # literals as text
