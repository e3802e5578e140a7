"""A record on disk with two signed dose decisions, written without gates: the report and the packages are tried on it.

01-001 and 01-002 were infused at DL1; 01-001 had CRS and a grade 3 rise of ALT; both windows are adjudicated. 01-003 is
in screening. Decision 1 starts at DL1; decision 2 escalates to DL2; afterwards one laboratory value was corrected.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from celltrial.codes import PersonId, SubjectId
from celltrial.decisions import propose_next_dose, signable_hash
from celltrial.record import (
    AdverseEvent,
    Author,
    Consent,
    Correction,
    CrsAssessment,
    DataCut,
    DltAssessment,
    DoseAssignment,
    Draft,
    Enrolment,
    FormEntry,
    Infusion,
    KineticsSample,
    Lymphodepletion,
    Record,
    Screening,
    Signature,
    SrcDecision,
)
from small_trial import ct1192

START = datetime(2025, 8, 1, 2, 0, tzinfo=UTC)  # 10:00 in Wuhan, the infusion of 01-001
STAFF = Author(person=PersonId("investigator.li"), role="investigator", site="01", printed_name="Li <b>Min</b>")
CHAIR = Author(person=PersonId("src.chair"), role="src_member", site="01", printed_name="Zhou Ping")


class Writer:
    """Appends one event at a time; `at(day)` sets the clock to that day after the first infusion."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.now = START - timedelta(days=40)

    def at(self, day: float) -> "Writer":
        self.now = max(self.now, START + timedelta(days=day))
        return self

    def write(self, body, subject=None, *, author=STAFF, why="first entry") -> int:
        self.now += timedelta(minutes=1)
        draft = Draft(body=body, subject=SubjectId(subject) if subject else None, why=why)
        return self.record.append([draft], author=author, at=self.now)[0].seq

    def day(self, day: int) -> str:
        return f"{START + timedelta(days=day):%Y-%m-%d}"

    def decide(self, action: str, level: str) -> None:
        number = str(len(self.record.state().entries(SrcDecision)) + 1)
        state = self.record.state()
        purpose = f"dose decision {number}"
        cut = DataCut(
            cut=f"CUT-{number}", as_of=self.now.isoformat(), head=state.head, events=str(state.length), purpose=purpose
        )
        proposal = propose_next_dose(self.record.study, state, as_of=self.now)
        self.write(cut, author=CHAIR)
        decision = self.write(
            SrcDecision(
                number=number,
                cut=cut.cut,
                design=proposal.design,
                proposed_action=proposal.action,
                proposed_level=proposal.level,
                action=action,
                level=level,
                evaluable={name: str(n) for name, n in proposal.evaluable.items()},
                dlts={name: str(n) for name, n in proposal.dlts.items()},
                reasons=proposal.reasons,
                content_hash=proposal.content_hash,
            ),
            author=CHAIR,
        )
        entry = self.record.state().entry(decision)
        signature = Signature(
            covers=(decision,), meaning="I agree", printed_name="Zhou Ping", content_hash=signable_hash([entry])
        )
        self.write(signature, author=CHAIR)


@pytest.fixture(scope="session")
def record(tmp_path_factory) -> Record:
    return fill_record(tmp_path_factory.mktemp("trial") / "record.db")


def fill_record(path: Path) -> Record:
    """The record that the head of this file describes, at `path`; for tests that write on, too."""
    made = Record.create(path, ct1192(), author=STAFF, at=START - timedelta(days=40), simulated="yes", seed="1")
    writer = Writer(made)
    writer.decide("start", "DL1")
    _treat(writer, "01-001", 0)
    _toxicities(writer)
    _treat(writer, "01-002", 15)
    writer.at(44)
    for subject in ("01-001", "01-002"):
        writer.write(
            DltAssessment(
                assessed_on=writer.day(44),
                evaluable="yes",
                dlt="no",
                window_complete="yes",
                rationale="no clause is met",
            ),
            subject,
        )
    writer.at(50).decide("escalate", "DL2")
    writer.write(Consent(signed_at=writer.day(50), document_version="1.0"), "01-003")
    writer.at(60).write(Correction(target=_first_lab(made), replace={"items.value": "31"}), "01-001", why="misread")
    return made


def _treat(writer: Writer, subject: str, day: int) -> None:
    writer.at(day - 20).write(Consent(signed_at=writer.day(day - 20), document_version="1.0"), subject)
    writer.write(Screening(screened_on=writer.day(day - 20)), subject)
    _form(writer, subject, "demographics", birth_date="1990-05-02", sex="F", country="China")
    writer.at(day - 8).write(Enrolment(enrolled_on=writer.day(day - 8)), subject)
    writer.write(DoseAssignment(level="DL1", planned_cells="3.0e8", decision="1"), subject)
    writer.at(day - 5).write(
        Lymphodepletion(started_on=writer.day(day - 5), ended_on=writer.day(day - 3), agents=()), subject
    )
    infused_at = f"{writer.day(day)}T10:00"
    infusion = {"level": "DL1", "planned_cells": "3.0e8", "actual_cells": "2.9e8", "lot": "L1", "donor": "D1"}
    writer.at(day + 0.01).write(Infusion(infused_at=infused_at, **infusion), subject)
    for offset, value in ((0, ""), (7, "4000"), (14, "20000"), (21, "3000"), (28, "400")):
        sample = {"analyte": "car_transgene", "specimen": "blood", "unit": "copies/ug", "lloq": "50"}
        blq = {"value": value, "blq": "no" if value else "yes"}
        collected = f"{writer.day(day + offset)}T{'09' if offset == 0 else '10'}:00"
        writer.write(KineticsSample(nominal_day=str(offset), collected_at=collected, **sample, **blq), subject)


def _toxicities(writer: Writer) -> None:
    who = "01-001"
    _lab(writer, who, "alt", "30", "U/L", 0, uln="40")
    _lab(writer, who, "alt", "260", "U/L", 9, uln="40")
    _lab(writer, who, "cd19_b_cells", "<1", "cells/uL", 9)
    for day, temperature in ((4, "37.0"), (5, "38.6"), (6, "38.9"), (7, "36.8")):
        writer.at(day).write(
            CrsAssessment(at=f"{writer.day(day)}T18:00", temperature_c=temperature, hypotension="no"), who
        )
    event = {
        "number": "1",
        "term": "Alanine aminotransferase increased",
        "soc": "Investigations",
        "onset": writer.day(9),
    }
    writer.at(10).write(AdverseEvent(**event, grade="3", serious="no", related_product="yes"), who)


def _lab(writer: Writer, subject: str, analyte: str, value: str, unit: str, day: int, **more: str) -> None:
    items = {"analyte": analyte, "value": value, "unit": unit, "collected": f"{writer.day(day)}T08:00"}
    writer.at(day).write(FormEntry(form="labs", items=items | more, row=str(writer.record.length)), subject)


def _form(writer: Writer, subject: str, form: str, **items: str) -> None:
    writer.write(FormEntry(form=form, items=items), subject)


def _first_lab(record: Record) -> int:
    return next(entry.seq for entry in record.state().entries(FormEntry) if entry.body.form == "labs")
