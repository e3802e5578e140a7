"""The facts of one subject as the criteria take them: from the forms, by what each form yields, and from events.

Every fact keeps the event it came from. A date that cannot be read stays a fact without a date, and becomes a finding.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from celltrial.codes import SubjectId
from celltrial.eligibility import (
    Attestation,
    ClinicalFinding,
    Condition,
    Coverage,
    Facts,
    Judgement,
    Measurement,
    Medication,
    Person,
    Procedure,
    Score,
)
from celltrial.errors import DateError, Finding, UnitError, UsageError
from celltrial.instruments.sledai_2k import SledaiScore, score_sledai_2k, sledai_2k_items
from celltrial.record import Consent, Entry, FormEntry, KineticsSample, TrialState
from celltrial.record.medication_rows import dose_stages
from celltrial.study import Study
from celltrial.studyday import PartialDate, parse_partial_date
from celltrial.units import parse_number

__all__ = ["derive_facts", "read_date"]

F = TypeVar("F")
_SLEDAI = "sledai-2k"


def derive_facts(study: Study, state: TrialState, subject: SubjectId) -> tuple[Facts, tuple[Finding, ...]]:
    """What the record says of one subject, form by form as each form's `yields` says; and what could not be read."""
    findings: list[Finding] = []
    rows: dict[str, list[Entry[FormEntry]]] = {}
    for entry in state.entries(FormEntry, subject):
        form = study.form(entry.body.form)
        rows.setdefault(form.yields if form else "", []).append(entry)

    def read(kind: str, reader: Callable[[Entry[FormEntry], "_Dates"], F]) -> tuple[F, ...]:
        found = []
        for entry in rows.get(kind, ()):
            where = f"subject {subject}, form {entry.body.form}, event {entry.seq}"
            found.append(reader(entry, _Dates(entry, study, where, findings)))
        return tuple(found)

    people = read("person", _person)
    facts = Facts(
        person=people[-1] if people else Person(),
        measurements=(*read("measurement", _measurement), *_kinetics(study, state, subject, findings)),
        medications=tuple(stage for stages in read("medication", _medications) for stage in stages),
        conditions=read("condition", _condition),
        procedures=read("procedure", _procedure),
        attestations=(*_consents(study, state, subject, findings), *read("attestation", _attestation)),
        judgements=read("judgement", _judgement),
        scores=read("score", _score),
        findings=read("finding", _finding),
        coverage=read("coverage", _coverage),
    )
    return facts, tuple(findings)


class _Dates:
    """The dates of one form entry; each that cannot be read becomes a finding."""

    __slots__ = ("_findings", "_items", "_study", "_where")

    def __init__(self, entry: Entry[FormEntry], study: Study, where: str, findings: list[Finding]) -> None:
        self._items, self._study, self._where, self._findings = entry.body.items, study, where, findings

    def __getitem__(self, item: str) -> PartialDate | None:
        return read_date(self._items.get(item, ""), self._study, self._where, self._findings, item)

    def read(self, *names: str) -> None:
        """Note which of these items cannot be read."""
        for each in names:
            self[each]

    def parse(self, text: str) -> PartialDate | None:
        """A date whose problems were noted before."""
        return read_date(text, self._study, self._where, [], "")

    @property
    def zone(self) -> ZoneInfo:
        """The site's clock."""
        return self._study.site.zone

    def note(self, error: UsageError) -> None:
        """Keep what an instrument or a number could not read."""
        self._findings.extend(replace(finding, where=self._where) for finding in error.findings)


def read_date(text: str, study: Study, where: str, findings: list[Finding], item: str) -> PartialDate | None:
    if not text.strip():
        return None
    try:
        return parse_partial_date(text, study.site.zone)
    except DateError as error:
        findings.extend(replace(finding, where=f"{where}, item {item}".lstrip(", ")) for finding in error.findings)
        return None


def _person(entry: Entry[FormEntry], dates: _Dates) -> Person:
    sex: dict[str, Literal["F", "M"]] = {"F": "F", "M": "M"}
    return Person(birth=dates["birth_date"], sex=sex.get(entry.body.items.get("sex", "")), event=entry.seq)


def _measurement(entry: Entry[FormEntry], dates: _Dates) -> Measurement:
    items = entry.body.items
    return Measurement(
        analyte=items.get("analyte", ""),
        value=items.get("value", ""),
        unit=items.get("unit", ""),
        lln=items.get("lln", ""),
        uln=items.get("uln", ""),
        collected=dates["collected"],
        method=items.get("method", ""),
        condition=items.get("condition", ""),
        event=entry.seq,
    )


def _kinetics(study: Study, state: TrialState, subject: SubjectId, findings: list[Finding]) -> Iterator[Measurement]:
    for entry in state.entries(KineticsSample, subject):
        body = entry.body
        where = f"subject {subject}, kinetics sample, event {entry.seq}"
        yield Measurement(
            analyte=body.analyte,
            value=f"<{body.lloq}" if body.blq == "yes" else body.value,
            unit=body.unit,
            collected=read_date(body.collected_at, study, where, findings, "collected_at"),
            event=entry.seq,
        )


def _medications(entry: Entry[FormEntry], dates: _Dates) -> tuple[Medication, ...]:
    """The drug, at the doses the row tells of: before `stable_since` it had one that is not told."""
    dates.read("start", "ended", "stable_since")
    return tuple(_medication(entry, items, dates) for items in dose_stages(entry.body.items, dates.zone))


def _medication(entry: Entry[FormEntry], items: Mapping[str, str], dates: _Dates) -> Medication:
    is_as_needed = items.get("as_needed", "").strip() == "yes"
    return Medication(
        drug=items.get("drug", ""),
        drug_class=items.get("drug_class", ""),
        dose=items.get("dose", ""),
        unit=items.get("unit", ""),
        # as needed: nobody has counted the doses
        per_day="" if is_as_needed else items.get("per_day", ""),
        every_days=items.get("every_days", ""),
        route=items.get("route", "").strip().lower(),
        start=dates.parse(items.get("start", "")),
        ended=dates.parse(items.get("ended", "")),
        ongoing=items.get("ongoing", "") == "yes",
        event=entry.seq,
    )


def _condition(entry: Entry[FormEntry], dates: _Dates) -> Condition:
    items = entry.body.items
    status: dict[str, Literal["ongoing", "resolved"]] = {"ongoing": "ongoing", "resolved": "resolved"}
    return Condition(
        code=items.get("condition", ""),
        onset=dates["onset"],
        ended=dates["ended"],
        status=status.get(items.get("status", ""), ""),
        event=entry.seq,
    )


def _procedure(entry: Entry[FormEntry], dates: _Dates) -> Procedure:
    return Procedure(
        procedure=entry.body.items.get("procedure", ""),
        start=dates["start"],
        ended=dates["ended"],
        event=entry.seq,
    )


def _attestation(entry: Entry[FormEntry], dates: _Dates) -> Attestation:
    items = entry.body.items
    return Attestation(
        statement=items.get("statement", ""),
        answer="yes" if items.get("answer", "") == "yes" else "no",
        given_by=_role(items.get("given_by", "")),
        given_on=dates["given_on"],
        covers_from=dates["covers_from"],
        covers_to=dates["covers_to"],
        event=entry.seq,
    )


def _consents(study: Study, state: TrialState, subject: SubjectId, findings: list[Finding]) -> Iterator[Attestation]:
    """The signed consent form is the participant's statement."""
    for entry in state.entries(Consent, subject):
        where = f"subject {subject}, consent, event {entry.seq}"
        yield Attestation(
            statement="informed_consent",
            answer="yes",
            given_by="participant",
            given_on=read_date(entry.body.signed_at, study, where, findings, "signed_at"),
            event=entry.seq,
        )


def _judgement(entry: Entry[FormEntry], dates: _Dates) -> Judgement:
    items = entry.body.items
    return Judgement(
        question=items.get("question", ""),
        answer=items.get("answer", ""),
        given_by=_role(items.get("given_by", "")),
        given_on=dates["given_on"],
        event=entry.seq,
    )


def _role(given_by: str) -> str:
    """`investigator.li` is a person id: the part before the dot names the role."""
    return given_by.strip().lower().partition(".")[0]


def _finding(entry: Entry[FormEntry], dates: _Dates) -> ClinicalFinding:
    """A form of findings has the finding as its first item; a biopsy's form says in its name how it was found."""
    items = entry.body.items
    finding = next((item for item in items if item not in ("activity", "performed", "method", "comment")), "")
    return ClinicalFinding(
        finding=finding,
        value=items.get(finding, ""),
        by=items.get("method", "") or ("biopsy" if entry.body.form.endswith("biopsy") else ""),
        activity=items.get("activity", ""),
        found=dates["performed"],
        event=entry.seq,
    )


def _coverage(entry: Entry[FormEntry], dates: _Dates) -> Coverage:
    return Coverage(
        covers_from=dates["covers_from"],
        covers_to=dates["covers_to"],
        source=entry.body.items.get("source", ""),
        event=entry.seq,
    )


def _score(entry: Entry[FormEntry], dates: _Dates) -> Score:
    """The recorded total; the SLEDAI-2K is computed from its items, and bounded where some are unknown."""
    items, name = entry.body.items, entry.body.form.replace("_", "-")
    bare = Score(score=name, assessed=dates["assessed"], event=entry.seq)
    if name == _SLEDAI:
        return _sledai(bare, items, dates)
    flags = {item: value for item, value in items.items() if item not in ("total", "assessed")}
    try:
        return replace(bare, total=parse_number(items.get("total", "")), flags=flags)
    except UnitError as error:
        if items.get("total", "").strip():
            dates.note(error)
        return replace(bare, flags=flags, incomplete="no total")


def _sledai(bare: Score, items: Mapping[str, str], dates: _Dates) -> Score:
    names = [each.item for each in sledai_2k_items()]
    answers = {name: items.get(name, "") for name in names}
    causes = {name: items.get(f"{name}_attribution", "") for name in names}
    # the highest it can be: everything that is not known is present, and due to lupus
    most = {name: answer if answer in ("yes", "no") else "yes" for name, answer in answers.items()}
    most_causes = {name: cause if cause in ("sle", "other") else "sle" for name, cause in causes.items()}
    try:
        scored, highest = score_sledai_2k(answers, causes), score_sledai_2k(most, most_causes)
    except UsageError as error:
        dates.note(error)
        return replace(bare, incomplete="an item cannot be read")
    if isinstance(scored, SledaiScore):
        return replace(bare, total=Decimal(scored.total))
    upper = Decimal(highest.total) if isinstance(highest, SledaiScore) else None
    lower = None if scored.lower_bound is None else Decimal(str(scored.lower_bound))
    return replace(bare, lower=lower, upper=upper, incomplete=scored.reason)
