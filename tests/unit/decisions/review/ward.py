"""A record with gates, of CT1192, in which a few people work on data: what the tests of review write on."""

from datetime import UTC, datetime, timedelta

from celltrial.codes import PersonId, SubjectId
from celltrial.decisions import signable_hash
from celltrial.decisions.gates import gates
from celltrial.decisions.review import next_query_number
from celltrial.errors import RefusedError
from celltrial.record import Author, Consent, Correction, Draft, FormEntry, Signature, TrialState
from celltrial.record.accept import accept_drafts, require_accepted
from celltrial.record.bodies import Body, DataLock, Query, QueryAnswer, QueryClosing, SourceVerification, StudyOpened
from celltrial.record.state import EMPTY
from trial_builder import ct1192

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)  # 10:00 in Wuhan
ANNA = SubjectId("01-001")


def person(name: str, role: str) -> Author:
    return Author(person=PersonId(name), role=role, site="01", printed_name=name)


LI = person("investigator.li", "investigator")
CHEN = person("coordinator.chen", "coordinator")
WU = person("datamanager.wu", "data_manager")
HE = person("datamanager.he", "data_manager")
LIN = person("monitor.lin", "monitor")
SPONSOR = person("sponsor.rep", "sponsor")


class Ward:
    """Events past every gate, an hour apart; each writer gives back the number of its event."""

    def __init__(self) -> None:
        self.study = ct1192()
        self.state: TrialState = EMPTY
        self.now = START
        self.write(StudyOpened(study=self.study.id, simulated="yes"), None, SPONSOR)
        self.consent = self.write(Consent(signed_at="2026-01-05T09:00", document_version="1"), ANNA, CHEN)

    def write(
        self,
        body: Body,
        subject: SubjectId | None = ANNA,
        author: Author = CHEN,
        *,
        why: str = "as seen",
        source: str = "",
    ) -> int:
        draft = Draft(body=body, subject=subject, why=why, source_at=source)
        outcome = accept_drafts(
            self.study, self.state, [draft], author=author, at=self.now, base_seq=None, guards=gates(self.study)
        )
        require_accepted(outcome)
        self.state = outcome.state
        self.now += timedelta(hours=1)
        return self.state.length

    def wait(self, days: float) -> "Ward":
        self.now += timedelta(days=days)
        return self

    def lab(self, value: str = "96", *, row: str = "1", visit: str = "SCR", source: str = "", **items: str) -> int:
        filled = {"analyte": "hemoglobin", "value": value, "unit": "g/L", "collected": "2026-01-05"} | items
        return self.write(FormEntry(form="labs", visit=visit, row=row, items=filled), source=source)

    def fix(self, target: int, author: Author = CHEN, **replace: str) -> int:
        """Correct items of a form."""
        fields = {f"items.{name}": text for name, text in replace.items()}
        return self.write(Correction(target=target, replace=fields), author=author, why="misread on the report")

    def void(self, target: int, author: Author = CHEN) -> int:
        return self.write(Correction(target=target, entered_in_error="yes"), author=author, why="wrong patient")

    def ask(self, target: int, field: str = "items.value", author: Author = LIN, **more: str) -> str:
        number = next_query_number(self.state)
        body = Query(number=number, target=target, text="is this right?", field=field, **more)
        self.write(body, author=author)
        return number

    def answer(self, number: str, author: Author = CHEN) -> int:
        return self.write(QueryAnswer(number=number, text="the report says so"), author=author)

    def close(self, number: str, outcome: str = "confirmed as it is", author: Author = LIN) -> int:
        return self.write(QueryClosing(number=number, outcome=outcome), author=author)

    def compare(self, target: int, *fields: str, result: str = "verified", author: Author = LIN) -> int:
        body = SourceVerification(target=target, source="report of 5 January", result=result, fields=fields)
        return self.write(body, author=author)

    def lock(self, action: str, *, visit: str = "", form: str = "", author: Author = WU, why: str = "complete") -> int:
        return self.write(DataLock(action=action, visit=visit, form=form), author=author, why=why)

    def sign(self, seq: int, author: Author = LI) -> int:
        entry = self.state.entry(seq)
        assert entry is not None
        body = Signature(
            covers=(seq,),
            meaning="I agree",
            printed_name=author.printed_name,
            content_hash=signable_hash([entry]),
            head=self.state.head,
            authenticated_by="password",
        )
        return self.write(body, author=author)


def refusal(write, *arguments, **options) -> str:
    """The findings of a refused write, as one text."""
    try:
        write(*arguments, **options)
    except RefusedError as error:
        return str(error)
    raise AssertionError("not refused")
