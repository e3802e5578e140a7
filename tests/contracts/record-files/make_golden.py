"""Writes the record file that stands for a schema version from then on: at least one event of every type.

    cd tests && PYTHONPATH=. ../.venv/bin/python contracts/record-files/make_golden.py record-schema-2.db

Run once, when a release brings a new schema or new event types; the file is then listed in versions.csv with its
SHA-256, and what it says is written beside it by hand, from this story. A file that is listed is never written again:
later programs must read the bytes that the earlier one wrote. Times and salts are fixed, so that a second run gives
the same events (not the same bytes: SQLite's pages may differ).
"""

import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

from celltrial.codes import SubjectId
from celltrial.record import Draft, Record
from celltrial.record.bodies import (
    AdverseEvent,
    Agent,
    AssumptionConfirmation,
    AuditReview,
    BackupDrill,
    Body,
    CheckpointKey,
    Completion,
    Consent,
    Correction,
    CrsAssessment,
    DataCut,
    DataLock,
    DltAssessment,
    DoseAssignment,
    EligibilitySignature,
    Enrolment,
    FormEntry,
    IcansAssessment,
    Infusion,
    KineticsSample,
    Lymphodepletion,
    Person,
    ProductRelease,
    Query,
    QueryAnswer,
    QueryClosing,
    QuestionAnswer,
    Redaction,
    RedactionApproval,
    ReferenceRange,
    RoleEnd,
    RoleGrant,
    Screening,
    Signature,
    SiteActivation,
    SourceVerification,
    SrcDecision,
    StudyStatus,
    Training,
    Transfer,
    Visit,
    Withdrawal,
)
from celltrial.record.evidence.key_history import origin_of_state
from celltrial.record.evidence.signing_keys import simulated_key
from unit.record.support import ANNA, BERTA, CHEN, LI, START, STUDY

NOBODY = None
Step = tuple[Body, SubjectId | None]


def study_events() -> Iterator[Step]:
    """Who may work, and what was answered before anybody was screened: events 2 to 10."""
    yield SiteActivation(site="01", name="Ward", status="active", on="2026-01-05", approvals="IRB 2026-7"), NOBODY
    yield Person(person="coordinator.chen", printed_name="Chen Wei 陈伟", identity_checked="staff card"), NOBODY
    yield RoleGrant(person="coordinator.chen", role="coordinator", site="01", starts_on="2026-01-05"), NOBODY
    yield Training(person="coordinator.chen", topic="gcp", on="2025-11", evidence="certificate 12"), NOBODY
    yield StudyStatus(status="open", on="2026-01-05"), NOBODY
    yield QuestionAnswer(question="Q1", answer='"or" means either; 任一'), NOBODY
    yield AssumptionConfirmation(assumption="A01", value="28 days"), NOBODY
    yield (
        ReferenceRange(
            laboratory="central", analyte="hemoglobin", unit="g/L", low="115", high="150", valid_from="2025"
        ),
        NOBODY,
    )
    yield RoleEnd(person="coordinator.chen", role="coordinator", site="01", on="2026-12-31"), NOBODY


def participant_events() -> Iterator[Step]:
    """Anna, from consent to the end of the study, and Berta, who did not go on: events 11 to 28."""
    yield Consent(signed_at="2026-01-05T09:30+08:00", document_version="2.1"), ANNA
    yield Screening(screened_on="2026-01-05"), ANNA
    labs = {"analyte": "hemoglobin", "value": "96", "unit": "g/L", "collected": "2026-01-05", "comment": "Wang 王"}
    yield FormEntry(form="labs", visit="SCR", items=labs), ANNA
    yield EligibilitySignature(stage="screening", verdict="eligible", criteria_hash="c0", content_hash="c1"), ANNA
    yield Enrolment(enrolled_on="2026-01-12"), ANNA
    yield DoseAssignment(level="DL1", planned_cells="3.0E8", decision="1"), ANNA
    fludarabine = Agent(drug="fludarabine", dose="25", unit="mg/m2", days="-5 to -3")
    yield Lymphodepletion(started_on="2026-01-15", ended_on="2026-01-17", agents=(fludarabine,)), ANNA
    yield ProductRelease(released_at="2026-01-20T07:00", lot="L01", donor="DN1", cells="3.0E8"), ANNA
    yield (
        Infusion(
            infused_at="2026-01-20T10:00",
            level="DL1",
            planned_cells="3.0E8",
            actual_cells="2.9E8",
            lot="L01",
            donor="DN1",
        ),
        ANNA,
    )
    yield Visit(visit="D14", on="2026-02-03"), ANNA
    yield AdverseEvent(number="1", grade="1", related_product="yes", **_FEVER), ANNA
    yield CrsAssessment(at="2026-01-22T08:00", temperature_c="38.6", hypotension="no"), ANNA
    yield IcansAssessment(at="2026-01-22T08:00", ice="10"), ANNA
    yield (
        KineticsSample(
            analyte="transgene",
            specimen="blood",
            nominal_day="7",
            collected_at="2026-01-27T09:00",
            unit="copies/ug",
            lloq="50",
            value="1200",
        ),
        ANNA,
    )
    yield (
        DltAssessment(
            assessed_on="2026-02-18", evaluable="yes", dlt="no", window_complete="yes", rationale="none seen"
        ),
        ANNA,
    )
    yield Completion(on="2026-07-20"), ANNA
    yield Consent(signed_at="2026-01-06", document_version="2.1"), BERTA
    yield Withdrawal(on="2026-01-07", scope="screening", reason="screen failure"), BERTA


def work_events(record: Record) -> Iterator[Step]:
    """Work on the data: events 29 to 45. The comment of event 13 is redacted, its value corrected."""
    cut = DataCut(cut="cut-1", as_of="2026-07-21T00:00:00Z", head=record.head, events="28", purpose="dose decision")
    yield cut, NOBODY
    yield (
        SrcDecision(
            number="1",
            cut="cut-1",
            design="boin",
            proposed_action="start",
            proposed_level="DL1",
            action="start",
            level="DL1",
            evaluable={"DL1": "1"},
            dlts={"DL1": "0"},
            content_hash="c2",
        ),
        NOBODY,
    )
    yield Signature(covers=(30,), meaning="approved", printed_name="Li Na 李娜", content_hash="c3"), NOBODY
    yield Correction(target=13, replace={"items.value": "97"}), ANNA
    yield Query(number="Q-1", target=13, field="items.value", text="97 on the print-out?", to_role="coordinator"), ANNA
    yield QueryAnswer(number="Q-1", text="yes, misread"), ANNA
    yield QueryClosing(number="Q-1", outcome="corrected"), ANNA
    yield SourceVerification(target=13, source="print-out 7", result="verified"), ANNA
    yield DataLock(action="freeze", visit="SCR"), ANNA
    yield Redaction(target=13, fields=("items.comment",)), ANNA
    yield RedactionApproval(redaction=38), ANNA
    yield Correction(target=20, entered_in_error="yes"), ANNA
    yield AuditReview(through=40, counts={"corrections": "2"}, conclusion="nothing unusual"), NOBODY
    yield Transfer(direction="export", what="sdtm", sha256="e" * 64, records="40", counted="40", through=41), NOBODY
    key = simulated_key(origin_of_state(record.state()), "1192")
    yield CheckpointKey(key=str(key.verifier)), NOBODY
    yield (
        BackupDrill(
            made_at="2026-07-21T08:00:00Z", sha256="b" * 64, events="43", head="d" * 64, whole="yes", findings=""
        ),
        NOBODY,
    )
    yield AdverseEvent(number="1", grade="2", related_product="yes", outcome="resolved", **_FEVER), ANNA


_FEVER: dict[str, str] = {"term": "Pyrexia", "soc": "General disorders", "onset": "2026-01-22", "serious": "no"}


def write_golden(path: Path) -> None:
    """Write the story into a new file."""
    numbers = count(1)
    salts = iter(lambda: next(numbers).to_bytes(16, "big"), None)
    record = Record.create(
        path, STUDY, author=CHEN, at=START, salts=lambda length: b"".join(next(salts) for _ in range(length // 16))
    )
    at = START
    for make in (study_events, participant_events, lambda: work_events(record)):
        for body, subject in make():
            at += timedelta(hours=1)
            # a second person approves what the first asked for
            author = LI if body.TYPE in ("redaction_approval", "signature") else CHEN
            why = "as on the source" if body.TYPE in ("correction", "redaction") else "first entry"
            is_late = body.TYPE == "screening"
            source_at, via = ("2026-01-05T08:00+08:00", "screening.csv sha256:" + "a" * 64) if is_late else ("", "")
            draft = Draft(body=body, subject=subject, why=why, source_at=source_at, via=via)
            record.append([draft], author=author, at=at)
    record.close()


if __name__ == "__main__":
    write_golden(Path(sys.argv[1]))
