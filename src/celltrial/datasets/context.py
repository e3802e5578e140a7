"""What every domain needs of one participant: identifiers, reference dates, arms, visits, epochs - worked out once.

`Casebook` is made from the study and the state; its `Case`s are the consented candidates in order of consent. An entry
of a subject without consent has no place in SDTM (DM has consented subjects only) and is reported as a finding.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from celltrial.codes import SubjectId
from celltrial.datasets.dataset import Row
from celltrial.datasets.moments import NO_MOMENT, Moment, parse_moment
from celltrial.errors import Finding
from celltrial.record import Consent, DoseAssignment, Entry, Infusion, Lymphodepletion, TrialState, Visit, Withdrawal
from celltrial.study import Study

__all__ = ["ELEMENTS", "Arm", "Case", "Casebook", "Element", "PlannedVisit", "number_rows", "open_casebook", "trace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A dose level as an arm; `number` from 1 in the order of dose."""

    code: str
    label: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """A visit of the schedule; `number` from 1 in its order; `day` the study day, None with another anchor."""

    number: float
    name: str
    day: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A planned part of the trial as this participant went through it; days at the site; `end` None while it lasts."""

    code: str
    name: str
    epoch: str
    order: int
    start: date
    start_iso: str
    end: date | None
    end_iso: str | None
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One consented candidate; `infused` the first infusion, `ended` the end of participation, else NO_MOMENT.

    `last_seen` is the end of participation or, while it lasts, the latest visit done.
    """

    subject: SubjectId
    usubjid: str
    consent: Entry[Consent]
    consented: Moment
    infusions: tuple[Entry[Infusion], ...]
    infused: Moment
    lymphodepletion: Entry[Lymphodepletion] | None
    lymphodepleted: Moment
    assignment: Entry[DoseAssignment] | None
    withdrawal: Entry[Withdrawal] | None
    completion: Entry[Visit] | None
    ended: Moment
    last_seen: Moment
    planned: Arm | None
    actual: Arm | None
    elements: tuple[Element, ...]
    visits_on: Mapping[date, str]

    def epoch(self, moment: Moment) -> str | None:
        """The epoch a moment falls into; None before consent and where the day is not known."""
        return self.epoch_on(moment.day)

    def epoch_on(self, day: date | None) -> str | None:
        """The epoch of a day: that of the last element begun by then."""
        begun = [each for each in self.elements if day is not None and each.start <= day]
        return begun[-1].epoch if begun else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Casebook:
    """The study and its cases, with what is shared by them."""

    study: Study
    state: TrialState
    cases: tuple[Case, ...]
    arms: Mapping[str, Arm]
    visits: Mapping[str, PlannedVisit]
    findings: tuple[Finding, ...]

    @property
    def as_of(self) -> str:
        """The day of the data cut at the site: the reference time point of what is still going on."""
        return self.state.as_of.astimezone(self.study.site.zone).date().isoformat() if self.state.as_of else ""

    def moment(self, text: str, where: str, findings: list[Finding]) -> Moment:
        """Read a date of the record; what is wrong with it goes to `findings`."""
        found, problems = parse_moment(text, self.study.site.zone, where=where)
        findings.extend(problems)
        return found

    def base(self, case: Case, domain: str) -> Row:
        """The identifiers that every row of a participant starts with."""
        return {"STUDYID": self.study.id, "DOMAIN": domain, "USUBJID": case.usubjid}

    def visit_columns(self, visit: str) -> Row:
        """VISITNUM, VISIT and VISITDY of a visit id; nothing for a blank; the id alone where it is not scheduled."""
        planned = self.visits.get(visit)
        if planned is None:
            return {"VISIT": visit or None}
        return {"VISITNUM": planned.number, "VISIT": planned.name, "VISITDY": planned.day}


def trace(*entries: Entry[Any]) -> Row:
    """The internal columns of a row: the events it came from, corrections among them."""
    seqs = sorted({seq for entry in entries for seq in (entry.seq, *(event.seq for event in entry.corrections))})
    return {"EVENTSEQ": entries[0].seq if entries else None, "EVENTSEQS": seqs}


def number_rows(rows: Sequence[Row], column: str, order: Sequence[str]) -> list[Row]:
    """The rows with `column` counted from 1 in each participant, by the columns of `order`, then by event."""

    def place(row: Row) -> tuple[tuple[bool, Any], ...]:
        keys = ("USUBJID", *order, "EVENTSEQ")
        return tuple((row.get(key) is None, row.get(key) if row.get(key) is not None else 0) for key in keys)

    counted: list[Row] = []
    for row in sorted(rows, key=place):
        same = bool(counted) and counted[-1]["USUBJID"] == row["USUBJID"]
        counted.append(row | {column: counted[-1][column] + 1 if same else 1})
    return counted


def open_casebook(study: Study, state: TrialState) -> Casebook:
    """Work out what all domains share."""
    findings: list[Finding] = []
    arms = {
        str(level.id): Arm(code=str(level.id), label=f"{level.id}: {format_cells(level.cells)} cells", number=number)
        for number, level in enumerate(sorted(study.levels, key=lambda each: each.cells), start=1)
    }
    cases = tuple(_cases(study, state, arms, findings))
    known = {case.subject for case in cases}
    for subject in state.subjects:
        if subject not in known:
            findings.append(
                Finding(
                    message="entries of a subject without consent are left out of the data sets",
                    where=f"subject {subject}",
                    rule="SDTM data sets hold consented subjects",
                    next_step="record the consent, or mark the entries as entered in error",
                )
            )
    visits = {
        str(visit.id): PlannedVisit(
            number=float(number), name=str(visit.id), day=visit.day if visit.anchor == "infusion" else None
        )
        for number, visit in enumerate(study.visits, start=1)
    }
    return Casebook(study=study, state=state, cases=cases, arms=arms, visits=visits, findings=tuple(findings))


def format_cells(cells: Decimal) -> str:
    """A number of cells as people write it.

    >>> format_cells(Decimal("3.0e8")), format_cells(Decimal("450000000"))
    ('3.0 x 10^8', '4.5 x 10^8')
    """
    hundred_millions = (cells / Decimal(10) ** 8).normalize()
    text = format(hundred_millions, "f")
    return f"{text if '.' in text else f'{text}.0'} x 10^8"


def _cases(study: Study, state: TrialState, arms: Mapping[str, Arm], findings: list[Finding]) -> Iterator[Case]:
    last_visit = str(study.visits[-1].id) if study.visits else ""
    for subject in state.subjects:
        consents = state.entries(Consent, subject)
        if consents:
            yield _case(study, state, subject, arms, last_visit, findings)


def _case(
    study: Study,
    state: TrialState,
    subject: SubjectId,
    arms: Mapping[str, Arm],
    last_visit: str,
    findings: list[Finding],
) -> Case:
    def read(text: str) -> Moment:
        moment, problems = parse_moment(text, study.site.zone, where=f"subject {subject}")
        findings.extend(problems)
        return moment

    consent = state.entries(Consent, subject)[0]
    infusions = state.entries(Infusion, subject)
    depletion = next(iter(state.entries(Lymphodepletion, subject)), None)
    visits = [entry for entry in state.entries(Visit, subject) if entry.body.status == "done"]
    withdrawal = next(
        (entry for entry in reversed(state.entries(Withdrawal, subject)) if entry.body.scope != "treatment"), None
    )
    completion = next((entry for entry in visits if entry.body.visit == last_visit), None)
    ended = read(withdrawal.body.on) if withdrawal else read(completion.body.on) if completion else NO_MOMENT
    infused = read(infusions[0].body.infused_at) if infusions else NO_MOMENT
    depleted = read(depletion.body.started_on) if depletion else NO_MOMENT
    consented = read(consent.body.signed_at)
    assignment = state.latest(DoseAssignment, subject)
    starts = (
        ("SCRN", consented, (consent.seq,)),
        ("LD", depleted, (depletion.seq,) if depletion else ()),
        ("CART", infused, (infusions[0].seq,) if infusions else ()),
    )
    return Case(
        subject=subject,
        usubjid=f"{study.id}-{subject}",
        consent=consent,
        consented=consented,
        infusions=infusions,
        infused=infused,
        lymphodepletion=depletion,
        lymphodepleted=depleted,
        assignment=assignment,
        withdrawal=withdrawal,
        completion=completion if withdrawal is None else None,
        ended=ended,
        last_seen=_last_seen(ended, [read(entry.body.on) for entry in visits]),
        planned=_arm(arms, assignment.body.level, subject, findings) if assignment else None,
        actual=_arm(arms, infusions[0].body.level, subject, findings) if infusions else None,
        elements=_elements(study, state, starts, ended),
        visits_on={day: entry.body.visit for entry in visits if (day := read(entry.body.on).day) is not None},
    )


def _last_seen(ended: Moment, visits: Sequence[Moment]) -> Moment:
    """The end of participation or, while it lasts, the latest visit that was done."""
    known = [moment for moment in visits if moment.day is not None]
    return ended if ended.day or not known else max(known, key=lambda moment: moment.day or date.min)


def _arm(arms: Mapping[str, Arm], level: str, subject: SubjectId, findings: list[Finding]) -> Arm:
    """The level's arm; a level that the study does not have keeps its name, with a finding."""
    if level in arms:
        return arms[level]
    findings.append(
        Finding(
            message="a dose level that the study does not have",
            where=f"subject {subject}",
            found=level,
            expected=", ".join(arms),
            next_step="add the level to study.yaml, or correct the entry",
        )
    )
    return Arm(code=level, label=level, number=len(arms) + 1)


# element -> its name, its epoch, its order in each arm; follow-up starts when the DLT window is over
ELEMENTS: Mapping[str, tuple[str, str, int]] = {
    "SCRN": ("Screening", "SCREENING", 1),
    "LD": ("Lymphodepletion", "TREATMENT", 2),
    "CART": ("CAR-T Infusion and DLT Window", "TREATMENT", 3),
    "FU": ("Follow-up", "FOLLOW-UP", 4),
}


def _elements(
    study: Study,
    state: TrialState,
    starts: Sequence[tuple[str, Moment, tuple[int, ...]]],
    ended: Moment,
) -> tuple[Element, ...]:
    """The elements gone through. Each begins on its day, and ends where the next begins or participation ended."""
    begun: list[tuple[str, date, str, tuple[int, ...]]] = []
    for code, moment, events in starts:
        if moment.day is not None:
            begun.append((code, moment.day, moment.iso or "", events))
    if begun and begun[-1][0] == "CART":
        day = begun[-1][1] + timedelta(days=study.dlt.window_days + 1)
        if _lasted_until(day, state.as_of, study, ended):
            begun.append(("FU", day, day.isoformat(), begun[-1][3]))
    elements = []
    for index, (code, day, iso, events) in enumerate(begun):
        name, epoch, order = ELEMENTS[code]
        following = begun[index + 1] if index + 1 < len(begun) else None
        end, end_iso = (following[1], following[2]) if following else (ended.day, ended.iso if ended.day else None)
        elements.append(
            Element(
                code=code,
                name=name,
                epoch=epoch,
                order=order,
                start=day,
                start_iso=iso,
                end=end,
                end_iso=end_iso,
                events=events,
            )
        )
    return tuple(elements)


def _lasted_until(day: date, as_of: datetime | None, study: Study, ended: Moment) -> bool:
    """Whether participation has reached `day` by the data cut."""
    if as_of is None or as_of.astimezone(study.site.zone).date() < day:
        return False
    return ended.day is None or ended.day >= day
