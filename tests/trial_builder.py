"""A small trial written event by event, without gates, so that each gate can be tried on the state it needs."""

from datetime import UTC, datetime, timedelta
from functools import cache

from celltrial.codes import PersonId, SubjectId
from celltrial.decisions.content import hash_document
from celltrial.decisions.gates_review import signable_hash
from celltrial.decisions.next_dose import propose_next_dose
from celltrial.record import Author, Draft, TrialState
from celltrial.record.accept import accept_drafts, require_accepted
from celltrial.record.bodies import (
    Agent,
    Body,
    Consent,
    DataCut,
    DltAssessment,
    DoseAssignment,
    Enrolment,
    Infusion,
    Lymphodepletion,
    Screening,
    Signature,
    SrcDecision,
    StudyOpened,
)
from celltrial.record.state import EMPTY
from celltrial.study import Study, load_study, shipped_study

START = datetime(2025, 7, 11, 1, 0, tzinfo=UTC)  # 09:00 in Wuhan
INVESTIGATOR = Author(person=PersonId("investigator.li"), role="investigator", site="01", printed_name="Li")
COORDINATOR = Author(person=PersonId("coordinator.chen"), role="coordinator", site="01", printed_name="Chen")
CHAIR = Author(person=PersonId("src.chair"), role="src_member", site="01", printed_name="Chair")


@cache
def ct1192() -> Study:
    return load_study(shipped_study("ct1192"))


class Story:
    """Events in order; `at(day)` moves the clock to that day at 09:00 in Wuhan, counted from 2025-07-11."""

    def __init__(self, study: Study | None = None) -> None:
        self.study = study or ct1192()
        self.state: TrialState = EMPTY
        self.now = START
        self.write(StudyOpened(study=self.study.id, simulated="yes"))

    def at(self, day: int) -> "Story":
        self.now = START + timedelta(days=day)
        return self

    def day(self, day: int) -> str:
        return f"{START + timedelta(days=day):%Y-%m-%d}"

    def write(self, body: Body, subject: str | None = None, *, author: Author = INVESTIGATOR, why: str = "test") -> int:
        draft = Draft(body=body, subject=SubjectId(subject) if subject else None, why=why)
        outcome = accept_drafts(self.study, self.state, [draft], author=author, at=self.now, base_seq=None, guards=())
        require_accepted(outcome)
        self.state = outcome.state
        return self.state.length

    def decide(self, action: str, level: str, *, day: int, override: str = "", sign: bool = True) -> None:
        """A data cut and an SRC decision on it; the proposal is the one the record gives."""
        self.at(day)
        number = str(len(self.state.entries(SrcDecision)) + 1)
        cut = f"cut-{number}"
        self.write(
            DataCut(cut=cut, as_of=self.now.isoformat(), head=self.state.head, events="1", purpose="dose decision")
        )
        proposal = propose_next_dose(self.study, self.state, as_of=self.now)
        content = hash_document({"decision": number, "level": level})
        seq = self.write(
            SrcDecision(
                number=number,
                cut=cut,
                design=proposal.design,
                proposed_action=proposal.action,
                proposed_level=proposal.level,
                action=action,
                level=level,
                override_reason=override,
                content_hash=content,
            ),
            author=CHAIR,
        )
        if sign:
            self.sign(seq)

    def sign(self, seq: int, *, author: Author = CHAIR) -> None:
        entry = self.state.entry(seq)
        assert entry is not None
        self.write(
            Signature(
                covers=(seq,), meaning="approved", printed_name=author.printed_name, content_hash=signable_hash([entry])
            ),
            author=author,
        )

    def dose(self, subject: str, level: str, *, day: int, decision: str = "1") -> None:
        """Consent to infusion of one participant; the infusion is on `day`."""
        cells = f"{self.study.level(level).cells:.1E}"
        for lead, body in (
            (20, Consent(signed_at=self.day(day - 20), document_version="1.0")),
            (18, Screening(screened_on=self.day(day - 18))),
            (10, Enrolment(enrolled_on=self.day(day - 10))),
            (9, DoseAssignment(level=level, planned_cells=cells, decision=decision)),
            (5, self.lymphodepletion(day - 5)),
            (0, self.infusion(level, day)),
        ):
            self.now = max(self.now, START + timedelta(days=day - lead))
            self.write(body, subject)

    def lymphodepletion(self, day: int) -> Lymphodepletion:
        agents = (Agent(drug="fludarabine", dose="25", unit="mg/m2", days="3"),)
        return Lymphodepletion(started_on=self.day(day), ended_on=self.day(day + 2), agents=agents)

    def infusion(self, level: str, day: int, **changes: str) -> Infusion:
        cells = f"{self.study.level(level).cells:.1E}"
        fields = {
            "infused_at": f"{self.day(day)}T08:00",
            "level": level,
            "planned_cells": cells,
            "actual_cells": cells,
            "lot": "L01",
            "donor": "DN1",
        }
        return Infusion(**(fields | changes))

    def adjudicate(self, subject: str, *, day: int, dlt: str = "no", evaluable: str = "yes") -> None:
        self.at(day)
        self.write(
            DltAssessment(
                assessed_on=self.day(day), evaluable=evaluable, dlt=dlt, window_complete="yes", rationale="reviewed"
            ),
            subject,
        )
