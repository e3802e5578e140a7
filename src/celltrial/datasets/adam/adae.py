"""ADAE: adverse events as reported (CTCAE grade), and one row for each CRS or ICANS episode (AECAT = ASTCT)."""

from collections.abc import Iterator, Mapping

from celltrial.datasets.adam.common import number_analysis_rows, participant_rows, read_rows, subject_columns
from celltrial.datasets.adam.episodes import SourcedEpisode, derive_episodes
from celltrial.datasets.context import Case, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import Moment, parse_moment
from celltrial.errors import Finding
from celltrial.record import DltAssessment, TrialState
from celltrial.study import Study
from celltrial.studyday import study_day

__all__ = ["derive_adae"]


def derive_adae(study: Study, state: TrialState, sdtm: Mapping[str, Dataset], adsl: Dataset) -> Dataset:
    """Adverse events for analysis.

    TRTEMFL is Y from the day of the first infusion on (by the clock where both times are known); an onset whose day is
    not known counts as emergent unless all of it lies before. Dates are never imputed: ADTRSN says what is missing.
    DLTFL is blank until the participant's window has been adjudicated. An episode has no AESEQ: it is graded here.
    """
    book = open_casebook(study, state)
    findings: list[Finding] = []
    subjects = subject_columns(adsl)
    supplemental = _supplemental(sdtm["SUPPAE"])
    rows: list[Row] = []
    for case in book.cases:
        is_assessed = state.latest(DltAssessment, case.subject) is not None
        for row in participant_rows(sdtm["AE"].frame, case.usubjid):
            beside = supplemental.get((case.usubjid, str(row["AESEQ"])), {})
            rows.append(subjects[case.usubjid] | _reported(study, case, row, beside, is_assessed=is_assessed))
        for episode in derive_episodes(study, state, case.subject, findings):
            rows.append(subjects[case.usubjid] | _episode(case, episode))
    return build_dataset("ADAE", number_analysis_rows(rows), findings=findings)


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


def _episode(case: Case, sourced: SourcedEpisode) -> Row:
    episode = sourced.episode
    start, end = episode.onset, episode.resolution
    reference = case.infused
    onset = Moment(iso=None, day=start.date(), at=start, reason=None, earliest=start, latest=start)
    return {
        "AECAT": "ASTCT",
        "AETERM": sourced.term,
        "AEDECOD": sourced.term,
        "AESTDTC": start.strftime("%Y-%m-%dT%H:%M"),
        "AEENDTC": end.strftime("%Y-%m-%dT%H:%M") if end else None,
        "ASTDT": start.date(),
        "AENDT": end.date() if end else None,
        "ASTDY": onset.study_day(reference),
        "AENDY": study_day(end.date(), reference.day) if end and reference.day else None,
        "ATOXGR": str(episode.maximum),
        "ATOXGRN": episode.maximum,
        "ATOXRSN": _ungraded(sourced),
        # by definition an effect of the product: another cause takes the grade away (ASTCT 2019)
        "AREL": "Y",
        "TRTEMFL": "Y" if _is_emergent(onset, reference) else "N",
        "AEOUT": "RECOVERED/RESOLVED" if end else "FATAL" if episode.maximum == 5 else "NOT RECOVERED/NOT RESOLVED",
        # the assessments are no SDTM domain: the events are named in the internal columns
        "SRCDOM": "RECORD",
        **trace(*sourced.entries),
    }


def _ungraded(sourced: SourcedEpisode) -> str | None:
    """Assessments within the episode that could not be graded: its grade is then a lower bound."""
    missed = sourced.episode.not_gradable
    return f"{len(missed)} assessment(s) not gradable, grade is a lower bound: {missed[0][1]}"[:200] if missed else None
