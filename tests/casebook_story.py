"""One participant of whom every kind of event is recorded, written without gates: what the casebook must show."""

from celltrial.record import Author
from celltrial.record.bodies import (
    AdverseEvent,
    Completion,
    Correction,
    CrsAssessment,
    DataLock,
    DltAssessment,
    EligibilitySignature,
    FormEntry,
    IcansAssessment,
    KineticsSample,
    ProductRelease,
    Query,
    QueryAnswer,
    QueryClosing,
    Redaction,
    RedactionApproval,
    Signature,
    SourceVerification,
    Visit,
    Withdrawal,
)
from trial_builder import COORDINATOR, INVESTIGATOR, Story

WHO = "01-001"
LI = INVESTIGATOR
CHEN = COORDINATOR
MONITOR = Author(person="monitor.wang", role="monitor", site="01", printed_name="Wang Fang 王芳")  # type: ignore[arg-type]


def lab(row: str, value: str, **items: str) -> FormEntry:
    filled = {"analyte": "hemoglobin", "value": value, "unit": "g/L", "collected": "2025-08-08"} | items
    return FormEntry(form="labs", visit="D7", row=row, items=filled)


_DATA = (
    EligibilitySignature(stage="infusion", verdict="eligible", criteria_hash="a" * 64, content_hash="b" * 64),
    ProductRelease(released_at="2025-08-01T07:00", lot="L01", donor="DN1", cells="3.0e8"),
    Visit(visit="D7", on="2025-08-08"),
    AdverseEvent(
        number="1", term="Rash", soc="Skin", onset="2025-08-03", grade="1", serious="no", related_product="no"
    ),
    CrsAssessment(at="2025-08-02T08:00", temperature_c="38.6", hypotension="no"),
    IcansAssessment(at="2025-08-02T08:00", ice="10"),
    KineticsSample(
        analyte="car_transgene",
        specimen="blood",
        nominal_day="7",
        collected_at="2025-08-08T10:00",
        unit="copies/ug",
        lloq="50",
        value="1200",
    ),
)


def write_story() -> tuple[Story, dict[str, int]]:
    """The story, and the number of one event of each type that names a participant or may."""
    story = Story()
    story.dose(WHO, "DL1", day=21)
    numbers = {entry.event.type: entry.seq for entry in story.state.all_entries()}

    def write(body, author=CHEN, why="first entry"):
        numbers[body.TYPE] = story.write(body, WHO, author=author, why=why)
        return numbers[body.TYPE]

    story.at(30)
    for body in _DATA:
        write(body)
    first = write(lab("1", "69", comment='=SUM(A1) <b>"x"</b> #pagebreak()'))
    second = write(lab("2", "75", comment="李娜 said so"))
    story.at(60)
    write(
        DltAssessment(assessed_on="2025-09-01", evaluable="yes", dlt="no", window_complete="yes", rationale="none"), LI
    )
    write(Signature(covers=(first,), meaning="I agree with this result", printed_name="Li", content_hash="c" * 64), LI)
    write(SourceVerification(target=first, source="ward print-out", result="verified"), MONITOR)
    write(Query(number="Q1", target=first, field="items.value", text="Is this right?"), MONITOR)
    story.at(61)
    numbers["first"], numbers["second"] = first, second
    write(Correction(target=first, replace={"items.value": "96"}), why="digits swapped")
    write(QueryAnswer(number="Q1", text="It was 96."))
    write(QueryClosing(number="Q1", outcome="corrected"), MONITOR)
    numbers["void"] = story.write(
        Correction(target=second, entered_in_error="yes"), WHO, author=CHEN, why="belongs to another participant"
    )
    redaction = write(Redaction(target=second, fields=("items.comment",)), why="a name")
    write(RedactionApproval(redaction=redaction), LI)
    write(DataLock(action="freeze", visit="D7"), LI)
    write(Completion(on="2025-09-02"), LI)
    write(Withdrawal(on="2025-09-03", scope="treatment", reason="investigator"), LI)
    return story, numbers
