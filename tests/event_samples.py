"""One body of every event type, and a record with all its gates, for tests that enumerate what may be written."""

from datetime import timedelta
from pathlib import Path

from celltrial.codes import PersonId, SubjectId
from celltrial.decisions.gates import gates
from celltrial.record import Author, Draft, Record
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
    StudyOpened,
    StudyStatus,
    Training,
    Transfer,
    Visit,
    Withdrawal,
)
from celltrial.record.keys import SUBJECT_RULE
from celltrial.study import Study
from trial_builder import START, ct1192

WHO = SubjectId("01-001")
DAY = "2025-07-12"
CELLS = "300000000"
_ITEMS = {"analyte": "alt", "value": "20", "unit": "U/L", "uln": "40", "collected": DAY}

SAMPLES: dict[str, Body] = {
    body.TYPE: body
    for body in (
        StudyOpened(study="CT1192"),
        SiteActivation(site="01", name="Ward", status="active", on=DAY, approvals="ethics 12/25"),
        Person(person="nurse.qin", printed_name="Qin", identity_checked="passport seen"),
        RoleGrant(person="nurse.qin", role="coordinator", site="01", starts_on=DAY),
        RoleEnd(person="nurse.qin", role="coordinator", site="01", on=DAY),
        Training(person="nurse.qin", topic="GCP", on=DAY, evidence="certificate"),
        StudyStatus(status="suspended", on=DAY),
        QuestionAnswer(question="Q01", answer="yes"),
        AssumptionConfirmation(assumption="A64", value="as in use"),
        Consent(signed_at=DAY, document_version="1.0"),
        Screening(screened_on=DAY),
        EligibilitySignature(stage="screening", verdict="eligible", criteria_hash="a", content_hash="b"),
        Enrolment(enrolled_on=DAY),
        DoseAssignment(level="DL1", planned_cells=CELLS, decision="1"),
        Lymphodepletion(
            started_on=DAY, ended_on=DAY, agents=(Agent(drug="fludarabine", dose="25", unit="mg/m2/day", days="-5"),)
        ),
        ProductRelease(released_at=DAY, lot="L1", donor="D1", cells=CELLS),
        Infusion(infused_at=DAY, level="DL1", planned_cells=CELLS, actual_cells=CELLS, lot="L1", donor="D1"),
        Visit(visit="SCR", on=DAY),
        FormEntry(form="labs", items=_ITEMS),
        AdverseEvent(number="1", term="Anaemia", soc="Blood", onset=DAY, grade="1", serious="no", related_product="no"),
        CrsAssessment(at=f"{DAY}T08:00", temperature_c="37.0", hypotension="no"),
        IcansAssessment(at=f"{DAY}T08:00", ice="10"),
        DltAssessment(assessed_on=DAY, evaluable="yes", dlt="no", window_complete="yes", rationale="seen"),
        KineticsSample(
            analyte="car_transgene",
            specimen="blood",
            nominal_day="7",
            collected_at=DAY,
            unit="copies/ug",
            lloq="50",
            value="900",
        ),
        Withdrawal(on=DAY, scope="study", reason="participant's wish"),
        Completion(on=DAY),
        ReferenceRange(laboratory="Ward", analyte="alt", unit="U/L", low="0", high="40", valid_from=DAY),
        DataCut(cut="CUT-9", as_of=DAY, head="0" * 64, events="1", purpose="review"),
        SrcDecision(
            number="1",
            cut="CUT-9",
            design="boin",
            proposed_action="start",
            proposed_level="DL1",
            action="start",
            level="DL1",
            content_hash="c",
        ),
        Signature(covers=(1,), meaning="seen", printed_name="Li", content_hash="d"),
        Correction(target=2, replace={"document_version": "1.1"}),
        Query(number="Q1", target=2, text="Which version?"),
        QueryAnswer(number="Q1", text="the first"),
        QueryClosing(number="Q1", outcome="confirmed as it is"),
        SourceVerification(target=2, source="file", result="verified"),
        DataLock(action="freeze"),
        Redaction(target=2, fields=("items.document_version",)),
        RedactionApproval(redaction=3),
        AuditReview(through=1, counts={}, conclusion="nothing"),
        Transfer(direction="export", what="sdtm", sha256="0" * 64, records="1", counted="1", through=1),
        CheckpointKey(key="00"),
        BackupDrill(made_at=DAY, sha256="0" * 64, events="1", head="0" * 64, whole="yes"),
    )
}


def sample(event_type: str, subject: SubjectId = WHO) -> Draft:
    """A draft of that type; of the participant where the type can name one."""
    may_name = SUBJECT_RULE.get(event_type, "always") != "never"
    return Draft(body=SAMPLES[event_type], subject=subject if may_name else None, why="for a test")


def writer(role: str, person: str = "") -> Author:
    return Author(person=PersonId(person or f"{role.replace('_', '')}.a"), role=role, site="01")


def record_in_state(folder: Path, status: str, study: Study | None = None) -> Record:
    """A record with one consented candidate in a study of that state, opened with every gate; no delegation log."""
    study = study or ct1192()
    path = folder / f"{status.replace(' ', '-')}.db"
    record = Record.create(path, study, author=writer("sponsor"), at=START)
    record.append([sample("consent")], author=writer("investigator"), at=START + timedelta(days=2))
    status_body = StudyStatus(status=status, on=DAY)  # type: ignore[arg-type]  # each state in turn
    record.append([Draft(body=status_body, why="for a test")], author=writer("sponsor"), at=START + timedelta(days=2))
    record.close()
    return Record.open(path, study, guards=gates(study))
