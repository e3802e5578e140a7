"""A trial of a few participants, folded from events without gates: what the data sets are tried on.

`Book` writes events at given times; `small_trial()` is a fixed story of four candidates:
    01-001  infused at DL1 on 2025-08-01 at 10:00, CRS, window adjudicated, followed to month 2
    01-002  failed screening
    01-003  infused at DL1 on 2025-09-05, withdrawn on day 12; adjudicated not evaluable
    01-004  consented and lymphodepleted, not yet infused at the cut
"""

from datetime import UTC, datetime, timedelta
from functools import cache

from celltrial.codes import PersonId, SubjectId
from celltrial.instruments import sledai_2k_items
from celltrial.record import Author, Draft, Event, TrialState, fold
from celltrial.record.bodies import (
    AdverseEvent,
    Agent,
    Body,
    Consent,
    Correction,
    CrsAssessment,
    DltAssessment,
    DoseAssignment,
    Enrolment,
    FormEntry,
    Infusion,
    KineticsSample,
    Lymphodepletion,
    Screening,
    StudyOpened,
    Visit,
    Withdrawal,
)
from celltrial.record.canonical import GENESIS
from celltrial.record.envelope import Place, seal
from celltrial.study import Study, load_study, shipped_study

AUTHOR = Author(person=PersonId("coordinator.chen"), role="coordinator", site="01")


@cache
def ct1192() -> Study:
    return load_study(shipped_study("ct1192"))


class Book:
    """Events in order, a minute apart; `write` returns the event's number."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.now = datetime(2025, 7, 11, 1, 0, tzinfo=UTC)
        self.write(StudyOpened(study="CT1192", simulated="yes"))

    def write(self, body: Body, subject: str | None = None) -> int:
        self.now += timedelta(minutes=1)
        event, _ = seal(
            Draft(body=body, subject=SubjectId(subject) if subject else None),
            Place(
                seq=len(self.events) + 1,
                author=AUTHOR,
                at=self.now,
                base_seq=len(self.events),
                study_hash="0" * 64,
                prev=self.events[-1].hash if self.events else GENESIS,
                salts=bytes,
            ),
        )
        self.events.append(event)
        return event.seq

    def until(self, day: str) -> None:
        """Move the clock to the end of a day at the site."""
        self.now = max(self.now, datetime.fromisoformat(f"{day}T15:00:00+00:00"))

    def state(self) -> TrialState:
        return fold(self.events)

    def lab(self, subject: str, analyte: str, value: str, unit: str, collected: str, **more: str) -> int:
        items = {"analyte": analyte, "value": value, "unit": unit, "collected": collected}
        visit = more.pop("visit", "")
        return self._form("labs", subject, items | more, visit)

    def vital(self, subject: str, analyte: str, value: str, unit: str, collected: str, **more: str) -> int:
        items = {"analyte": analyte, "value": value, "unit": unit, "collected": collected}
        return self._form("vitals", subject, items | more, more.pop("visit", ""))

    def form(self, form: str, subject: str, visit: str = "", **items: str) -> int:
        return self._form(form, subject, items, visit)

    def sledai(self, subject: str, assessed: str, visit: str = "", **items: str) -> int:
        """All items `no` but those given as `item="yes"` (due to SLE) or another word."""
        answers = {item.item: items.get(item.item, "no") for item in sledai_2k_items()}
        causes = {f"{name}_attribution": "sle" for name, answer in answers.items() if answer == "yes"}
        causes |= {name: word for name, word in items.items() if name.endswith("_attribution")}
        return self._form("sledai_2k", subject, {"assessed": assessed, "window_days": "30"} | answers | causes, visit)

    def kinetics(self, subject: str, day: int, at: str, value: str) -> int:
        is_below = value.startswith("<")
        return self.write(
            KineticsSample(
                analyte="car_transgene",
                specimen="blood",
                nominal_day=str(day),
                collected_at=at,
                unit="copies/ug",
                lloq="50",
                value="" if is_below else value,
                blq="yes" if is_below else "no",
                leukocytes="3.1",
                leukocytes_unit="10*9/L",
            ),
            subject,
        )

    def _form(self, form: str, subject: str, items: dict[str, str], visit: str) -> int:
        row = str(1 + sum(event.type == "form" for event in self.events))
        return self.write(FormEntry(form=form, items=items, visit=visit, row=row), subject)


def open_candidate(book: Book, subject: str, consented: str, *, birth: str = "1990-05-02", sex: str = "F") -> None:
    """Consent, screening visit and demographics."""
    book.write(Consent(signed_at=consented, document_version="1.0"), subject)
    book.write(Screening(screened_on=consented), subject)
    book.write(Visit(visit="SCR", on=consented), subject)
    book.form("demographics", subject, visit="SCR", birth_date=birth, sex=sex, country="China")


def dose(
    book: Book, subject: str, *, enrolled: str, depleted: tuple[str, str], infused: str, level: str = "DL1"
) -> None:
    """Enrolment, assignment, lymphodepletion and, unless `infused` is blank, the infusion with its visit."""
    cells = {"DL1": "3.0e8", "DL2": "4.5e8"}[level]
    book.write(Enrolment(enrolled_on=enrolled), subject)
    book.write(DoseAssignment(level=level, planned_cells=cells, decision="1"), subject)
    agents = (
        Agent(drug="fludarabine", dose="25", unit="mg/m2", days="3"),
        Agent(drug="cyclophosphamide", dose="300", unit="mg/m2", days="3"),
    )
    book.write(Lymphodepletion(started_on=depleted[0], ended_on=depleted[1], agents=agents), subject)
    if infused:
        book.write(
            Infusion(
                infused_at=infused, level=level, planned_cells=cells, actual_cells="2.94e8", lot="LOT-7", donor="D-03"
            ),
            subject,
        )
        book.write(Visit(visit="D0", on=infused[:10]), subject)


@cache
def small_trial() -> TrialState:
    book = Book()
    _first(book)
    _second(book)
    _third(book)
    _fourth(book)
    book.until("2025-10-20")
    book.write(Visit(visit="M2", on="2025-09-30"), "01-001")
    return book.state()


def _first(book: Book) -> None:
    who = "01-001"
    open_candidate(book, who, "2025-07-14")
    book.form("medical_history", who, visit="SCR", condition="sle", onset="2016-03", status="ongoing")
    book.form(
        "medications",
        who,
        visit="SCR",
        drug="prednisone",
        drug_class="glucocorticoid",
        dose="10",
        unit="mg",
        per_day="1",
        route="oral",
        start="2024-11",
        ongoing="yes",
        indication="SLE",
    )
    book.form("procedures", who, procedure="kidney_biopsy", start="2025-06-02", ended="2025-06-02")
    book.lab(who, "hemoglobin", "9.6", "g/dL", "2025-07-14", lln="11.5", uln="15.0", visit="SCR", laboratory="Wuhan")
    book.lab(who, "anti_dsdna", "180", "IU/mL", "2025-07-14", uln="100", visit="SCR")
    book.lab(who, "ana", "positive", "1", "2025-07-14", visit="SCR")
    book.vital(who, "spo2", "97", "%", "2025-07-14T09:10", condition="room_air", method="pulse_oximetry", visit="SCR")
    book.form(
        "cardiac",
        who,
        visit="SCR",
        analyte="lvef",
        value="62",
        unit="%",
        collected="2025-07-10",
        method="echocardiography",
    )
    book.form(
        "eular_acr_2019", who, visit="SCR", total="18", entry_ana="yes", clinical_domain="yes", assessed="2025-07-14"
    )
    book.sledai(who, "2025-07-14", "SCR", arthritis="yes", low_complement="yes", rash="yes")
    dose(book, who, enrolled="2025-07-25", depleted=("2025-07-27", "2025-07-29"), infused="2025-08-01T10:00")
    _first_treated(book, who)
    _first_followed(book, who)


def _first_treated(book: Book, who: str) -> None:
    book.lab(who, "hemoglobin", "92", "g/L", "2025-08-01T07:30", lln="115", uln="150", visit="D0")
    book.lab(who, "hemoglobin", "75", "g/L", "2025-08-08", lln="115", uln="150", visit="D7")
    book.lab(who, "cd19_b_cells", "212", "cells/uL", "2025-08-01T07:30", visit="D0")
    book.lab(who, "cd19_b_cells", "<5", "cells/uL", "2025-08-08", visit="D7")
    book.lab(who, "creatinine", "1.0", "mg/dL", "2025-08-08", lln="0.5", uln="1.1", visit="D7")
    book.write(Visit(visit="D7", on="2025-08-08"), who)
    for at, temperature, hypotension in (
        ("2025-08-04T08:00", "37.0", "no"),
        ("2025-08-05T08:00", "38.6", "no"),
        ("2025-08-06T08:00", "38.9", "yes"),
        ("2025-08-07T08:00", "36.9", "no"),
        # the study wants 24 hours without signs before an episode is over
        ("2025-08-08T08:00", "36.8", "no"),
    ):
        book.write(CrsAssessment(at=at, temperature_c=temperature, hypotension=hypotension), who)
    book.write(_event("1", "Neutrophil count decreased", "2025-08-03", "4", serious="no"), who)
    book.write(_event("2", "Rash", "2025-07", "1", serious="no"), who)
    book.write(
        _event(
            "1", "Neutrophil count decreased", "2025-08-03", "4", serious="no", outcome="resolved", ended="2025-08-15"
        ),
        who,
    )
    wrong = book.write(_event("3", "Entered twice", "2025-08-03", "2", serious="no"), who)
    book.write(Correction(target=wrong, entered_in_error="yes"), who)


def _first_followed(book: Book, who: str) -> None:
    for day, at, value in (
        (0, "2025-08-01T07:30", "<50"),
        (3, "2025-08-04T10:00", "1200"),
        (7, "2025-08-08T10:00", "18000"),
        (10, "2025-08-11T10:00", "42000"),
        (14, "2025-08-15T10:00", "21000"),
        (21, "2025-08-22T10:00", "5200"),
        (28, "2025-08-29T10:00", "1300"),
        (61, "2025-10-01T10:00", "<50"),
    ):
        book.kinetics(who, day, at, value)
    book.sledai(who, "2025-08-29", "D28", rash="yes")
    book.write(Visit(visit="D28", on="2025-08-29"), who)
    book.write(
        DltAssessment(
            assessed_on="2025-09-01", evaluable="yes", dlt="no", window_complete="yes", rationale="none seen"
        ),
        who,
    )
    book.sledai(who, "2025-09-30", "M2", fever="unknown")


def _second(book: Book) -> None:
    who = "01-002"
    open_candidate(book, who, "2025-07-20", birth="1988", sex="M")
    book.lab(who, "hemoglobin", "48", "g/L", "2025-07-20", lln="130", uln="170", visit="SCR")
    book.write(Withdrawal(on="2025-07-28", scope="screening", reason="screen failure"), who)


def _third(book: Book) -> None:
    who = "01-003"
    open_candidate(book, who, "2025-08-15")
    dose(book, who, enrolled="2025-08-28", depleted=("2025-08-31", "2025-09-02"), infused="2025-09-05")
    book.kinetics(who, 3, "2025-09-08", "900")
    book.write(Withdrawal(on="2025-09-16", scope="study", reason="participant's wish", comment="moved away"), who)
    book.write(
        DltAssessment(
            assessed_on="2025-09-20", evaluable="no", dlt="no", window_complete="no", rationale="left on day 12"
        ),
        who,
    )


def _fourth(book: Book) -> None:
    who = "01-004"
    open_candidate(book, who, "2025-10-01")
    dose(book, who, enrolled="2025-10-12", depleted=("2025-10-15", "2025-10-17"), infused="", level="DL2")


def _event(number: str, term: str, onset: str, grade: str, **more: str) -> AdverseEvent:
    fields = {"number": number, "term": term, "soc": "Investigations", "onset": onset, "grade": grade}
    return AdverseEvent(**(fields | {"related_product": "yes"} | more))  # type: ignore[arg-type]  # words are literals
