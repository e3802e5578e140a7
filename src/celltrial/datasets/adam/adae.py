"""ADAE: adverse events as reported (CTCAE grade), and what is graded here and not reported (AECAT).

AECAT: ASTCT for episodes of CRS, ICANS and IEC-HS, MAGIC for acute GvHD, EHA/EBMT for ICAHT and T-ICAHT; null for what
was reported.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Literal

from celltrial.datasets.adam.common import number_analysis_rows, participant_rows, read_rows, subject_columns
from celltrial.datasets.adam.episodes import GradedRow, derive_count_windows, derive_episodes
from celltrial.datasets.context import Case, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import Moment, parse_moment
from celltrial.errors import Finding
from celltrial.missing import NotEvaluable
from celltrial.record import DltAssessment, TrialState
from celltrial.record.toxicity import Infection, LicatsProposal, propose_licats, read_infections
from celltrial.study import Study

__all__ = ["derive_adae"]


def derive_adae(study: Study, state: TrialState, sdtm: Mapping[str, Dataset], adsl: Dataset) -> Dataset:
    """Adverse events for analysis.

    TRTEMFL is Y from the day of the first infusion on (by the clock where both times are known); an onset whose day is
    not known counts as emergent unless all of it lies before. Dates are never imputed: ADTRSN says what is missing.
    DLTFL is blank until the participant's window has been adjudicated. What is graded here has no AESEQ; a row of it
    without a grade says why in ATOXRSN, and ATOXBAS says what made a grade. LICATSFL is the investigator's word;
    LICATSPR is what the record proposes, with its reason: a person decides. INFSEV and INFWIN: severity of an
    infection, and the days since infusion in which it began.
    """
    book = open_casebook(study, state)
    findings: list[Finding] = []
    subjects = subject_columns(adsl)
    supplemental = _supplemental(sdtm["SUPPAE"])
    rows: list[Row] = []
    for case in book.cases:
        is_assessed = state.latest(DltAssessment, case.subject) is not None
        flags = {each.entry.body.number: each for each in propose_licats(study, state, case.subject)}
        infections = read_infections(study, state, case.subject, infused=case.infused.day, findings=findings)
        for row in participant_rows(sdtm["AE"].frame, case.usubjid):
            beside = supplemental.get((case.usubjid, str(row["AESEQ"])), {})
            reported = _reported(study, case, row, beside, is_assessed=is_assessed)
            added = _licats_columns(flags.get(row["AESPID"])) | _infection_columns(infections.get(row["AESPID"]))
            rows.append(subjects[case.usubjid] | reported | added)
        for graded in _graded(study, state, case, findings):
            rows.append(subjects[case.usubjid] | _graded_row(case, graded))
    return build_dataset("ADAE", number_analysis_rows(rows), findings=findings)


def _graded(study: Study, state: TrialState, case: Case, findings: list[Finding]) -> Iterator[GradedRow]:
    yield from derive_episodes(study, state, case.subject, findings)
    if case.infused.day is not None and state.as_of is not None:
        today = state.as_of.astimezone(study.site.zone).date()
        yield from derive_count_windows(study, state, case.subject, case.infused.day, today, findings)


_WORDS = {"yes": "Y", "no": "N", "unknown": "U"}


def _licats_columns(proposal: LicatsProposal | None) -> Row:
    if proposal is None:
        return {}
    return {"LICATSPR": _WORDS[proposal.flag.answer], "LICATSRS": proposal.flag.reason[:200]}


def _infection_columns(infection: Infection | None) -> Row:
    if infection is None:
        return {}
    window, detail = infection.window, infection.detail
    why = [infection.severe.reason, *([window.reason] if isinstance(window, NotEvaluable) else [])]
    return {
        "INFSEV": _WORDS[infection.severe.answer],
        "INFWIN": None if isinstance(window, NotEvaluable) else str(window),
        "INFORG": detail.body.items.get("organism") if detail else None,
        "INFRSN": "; ".join(why)[:200],
    }


def _supplemental(suppae: Dataset) -> Mapping[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in read_rows(suppae):
        found.setdefault((row["USUBJID"], row["IDVARVAL"]), {})[row["QNAM"]] = row["QVAL"]
    return found


def _reported(study: Study, case: Case, row: Row, beside: Mapping[str, str], *, is_assessed: bool) -> Row:
    zone = study.site.zone
    onset = parse_moment(row["AESTDTC"] or "", zone)[0]
    ended = parse_moment(row["AEENDTC"] or "", zone)[0]
    copied = ("AESEQ", "AESPID", "AETERM", "AEDECOD", "AESOC", "AESTDTC", "AEENDTC", "AETOXGR", "AESER", "AEOUT")
    grade = row["AETOXGR"]
    return {name: row[name] for name in copied} | {
        "ASTDT": onset.day,
        "AENDT": ended.day,
        "ASTDY": onset.study_day(case.infused),
        "AENDY": ended.study_day(case.infused),
        "ADTRSN": "; ".join(_unknown_dates(row, onset, ended)) or None,
        "ATOXGR": grade,
        "ATOXGRN": int(grade) if grade else None,
        "ATOXRSN": None if grade else "no grade was reported",
        "AREL": "Y" if row["AEREL"] == "RELATED" else "N" if row["AEREL"] else None,
        "ARELLD": beside.get("AERELLD"),
        "TRTEMFL": "Y" if _is_emergent(onset, case.infused) else "N",
        "DLTFL": beside.get("AEDLT", "") if is_assessed else "",
        "LICATSFL": beside.get("AELICATS"),
        "SRCDOM": "AE",
        "SRCSEQ": row["AESEQ"],
        "EVENTSEQ": row["EVENTSEQ"],
        "EVENTSEQS": row["EVENTSEQS"],
    }


def _unknown_dates(row: Row, onset: Moment, ended: Moment) -> Iterator[str]:
    if onset.day is None:
        yield f"start: {onset.reason}"
    if ended.day is None and row["AEENDTC"]:
        yield f"end: {ended.reason}"


def _is_emergent(onset: Moment, infused: Moment) -> bool:
    """On or after the first infusion; where that cannot be told it counts as emergent, the cautious reading."""
    if infused.earliest is None or infused.day is None:
        return False
    if onset.latest is None:
        return True
    if onset.at and infused.at:
        return onset.at >= infused.at
    return onset.latest.astimezone(infused.earliest.tzinfo).date() >= infused.day


def _graded_row(case: Case, graded: GradedRow) -> Row:
    start, end = _moment(graded.onset), _moment(graded.end)
    reference = case.infused
    return {
        "AECAT": graded.category,
        "AETERM": graded.term,
        "AEDECOD": graded.term,
        "AESTDTC": start.iso,
        "AEENDTC": end.iso,
        "ASTDT": start.day,
        "AENDT": end.day,
        "ASTDY": start.study_day(reference),
        "AENDY": end.study_day(reference),
        "ADTRSN": None if graded.onset is not None else "start: nothing of it was seen on a known day",
        "ATOXGR": None if graded.grade is None else str(graded.grade),
        "ATOXGRN": graded.grade,
        "ATOXRSN": graded.reason,
        "ATOXBAS": graded.basis,
        "AREL": "Y" if graded.is_related else None,
        "TRTEMFL": "Y" if _is_emergent(start, reference) else "N",
        "AEOUT": _outcome(graded),
        # the assessments are no SDTM domain: the events are named in the internal columns
        "SRCDOM": "RECORD",
        **trace(*graded.entries),
    }


def _outcome(graded: GradedRow) -> Literal["RECOVERED/RESOLVED", "FATAL", "NOT RECOVERED/NOT RESOLVED"] | None:
    if graded.grade is None:
        return None
    if graded.end is not None:
        return "RECOVERED/RESOLVED"
    return "FATAL" if graded.grade == 5 else "NOT RECOVERED/NOT RESOLVED"


def _moment(at: datetime | date | None) -> Moment:
    if at is None:
        return Moment(iso=None, day=None, at=None, reason="not known")
    if isinstance(at, datetime):
        return Moment(iso=at.strftime("%Y-%m-%dT%H:%M"), day=at.date(), at=at, reason=None, earliest=at, latest=at)
    return Moment(iso=at.isoformat(), day=at, at=None, reason=None)
