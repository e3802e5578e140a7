"""ADTTE: time to first response, how long remission lasted, survival free of flare and of treatment; infused only.

AVAL counts days from the infusion (day 0), for DURDORIS from the first visit in remission; CNSR 0 is an event, 1 is
censored. Visits of the day of the infusion and before have no part. A visit whose day is not known cannot be placed:
it is left out, and ANLNOTE says so. Estimates over participants belong to the analyses.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from celltrial.answers import YesNoUnknown
from celltrial.datasets.adam.adherence import find_restarts
from celltrial.datasets.adam.common import number_analysis_rows, read_rows, subject_columns
from celltrial.datasets.adam.treatment import read_log
from celltrial.datasets.context import Case, Casebook, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import parse_moment
from celltrial.errors import CelltrialError
from celltrial.instruments import (
    TimeToEvent,
    compute_duration_of_response,
    compute_flare_free_survival,
    compute_time_to_first_response,
    compute_treatment_free_survival,
)
from celltrial.missing import NotEstimable
from celltrial.record import TrialState
from celltrial.study import Study
from celltrial.studyday import study_day

__all__ = ["derive_adtte"]

_Answers = list[tuple[int, YesNoUnknown]]
_Found = TimeToEvent | NotEstimable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parameter:
    """A time: its name, the parameter of ADRS it is read from, what the event and the censoring are called."""

    code: str
    label: str
    source: str
    event: str
    censored: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """What is known of one participant in days since the infusion; `death` None while alive."""

    usubjid: str
    infused: date
    death: int | None
    is_death_day_known: bool
    adrs: tuple[Row, ...]


def derive_adtte(study: Study, state: TrialState, sdtm: Mapping[str, Dataset], adsl: Dataset, adrs: Dataset) -> Dataset:
    """One row a parameter for each infused participant; without a time AVALRSN says why."""
    book = open_casebook(study, state)
    subjects = subject_columns(adsl)
    visits = read_rows(adrs)
    deaths = {row["USUBJID"]: row for row in read_rows(sdtm["DM"]) if row["DTHFL"] == "Y"}
    done: list[Row] = []
    for case in book.cases:
        if case.infused.day is None:
            continue
        course = _course(study, case, visits, deaths.get(case.usubjid))
        rows = [*_visit_times(study, course), _treatment_free(book, case, course)]
        # a time that rests on no visit rests on the infusion alone
        origin = trace(case.infusions[0])
        done += [subjects[case.usubjid] | row | ({} if row["EVENTSEQS"] else origin) for row in rows]
    return build_dataset("ADTTE", number_analysis_rows(done))


def _course(study: Study, case: Case, visits: Sequence[Row], death: Row | None) -> _Course:
    infused = case.infused.day
    assert infused is not None
    died = parse_moment(death["DTHDTC"] or "", study.site.zone)[0].day if death else None
    return _Course(
        usubjid=case.usubjid,
        infused=infused,
        death=(died - infused).days if died else None,
        is_death_day_known=death is None or died is not None,
        adrs=tuple(row for row in visits if row["USUBJID"] == case.usubjid),
    )


def _parameters(study: Study) -> tuple[_Parameter, ...]:
    sri = f"SRI{study.response.sri.points}"
    first = "last visit known to be without response"
    free = "last visit known to be free of flare"
    return (
        _Parameter(
            code="TTDORIS", label="Time to First DORIS Remission", source="DORIS", event="DORIS", censored=first
        ),
        _Parameter(code="TTLLDAS", label="Time to First LLDAS", source="LLDAS", event="LLDAS", censored=first),
        _Parameter(code=f"TT{sri}", label=f"Time to First {sri}", source=sri, event=sri, censored=first),
        _Parameter(
            code="DURDORIS",
            label="Duration of First DORIS Remission",
            source="DORIS",
            event="LOSS OF DORIS",
            censored="last visit in remission",
        ),
        _Parameter(
            code="FFSSFI",
            label="Flare-Free Survival (SELENA Flare Index)",
            source="SFI",
            event="FLARE (SFI)",
            censored=free,
        ),
        _Parameter(
            code="FFSSLD",
            label="Flare-Free Survival (SLEDAI-2K Rise by more than 3)",
            source="SLDFLARE",
            event="FLARE (SLEDAI-2K)",
            censored=free,
        ),
    )


def _visit_times(study: Study, course: _Course) -> Iterator[Row]:
    for each in _parameters(study):
        answers, notes, sources = _answers(course, each.source)
        start = 0
        if each.code.startswith("FFS"):
            found = _flare_free(course, answers)
        elif each.code.startswith("DUR"):
            start = next((day for day, answer in answers if answer == "yes"), 0)
            found = _tried(partial(compute_duration_of_response, answers))
        else:
            found = _tried(partial(compute_time_to_first_response, answers))
        if isinstance(found, NotEstimable):
            found = NotEstimable(_with_visits(found.reason, course, each.source))
        yield _row(course, each, found, start, notes) | _source(found, start, sources)


def _answers(course: _Course, code: str) -> tuple[_Answers, list[str], Mapping[int, Row]]:
    """The answers after the infusion in order, notes on what was left out, and the rows by day.

    Two visits on one day that say different things leave that day unknown.
    """
    notes: list[str] = []
    by_day: dict[int, YesNoUnknown] = {}
    rows: dict[int, Row] = {}
    for row in course.adrs:
        if row["PARAMCD"] != code:
            continue
        if row["ADT"] is None:
            notes.append(f"a visit is left out: {row['ADTRSN'] or 'its day is not known'}")
            continue
        day = (row["ADT"] - course.infused).days
        if day < 1:
            continue
        answer = _yes_no(row["AVALC"])
        by_day[day] = answer if by_day.get(day, answer) == answer else "unknown"
        rows[day] = row
    return sorted(by_day.items()), notes, rows


def _yes_no(value: str | None) -> YesNoUnknown:
    """Responses are Y or N; of the flare index every flare is one."""
    match value:
        case None:
            return "unknown"
        case "N" | "NONE":
            return "no"
        case _:
            return "yes"


def _flare_free(course: _Course, answers: _Answers) -> _Found:
    if not course.is_death_day_known:
        return NotEstimable("death on a day that is not known")
    if not answers:
        return NotEstimable("no visit after the infusion")
    return _tried(partial(compute_flare_free_survival, answers, death_day=course.death))


def _treatment_free(book: Casebook, case: Case, course: _Course) -> Row:
    """The restart of an immunosuppressant or biologic of lupus, or of more glucocorticoid (`adherence.py`)."""
    parameter = _Parameter(
        code="TFS",
        label="Treatment-Free Survival",
        source="CM",
        event="RESTART OF LUPUS THERAPY",
        censored="last day for which the medication log is known",
    )
    log = read_log(book, case)
    restarts = find_restarts(log, infused=course.infused)
    found: _Found
    if restarts.followed_until is None:
        found = NotEstimable(log.gap)
    elif not course.is_death_day_known:
        found = NotEstimable("death on a day that is not known")
    else:
        until = restarts.followed_until if course.death is None else min(restarts.followed_until, course.death)
        found = _tried(
            partial(
                compute_treatment_free_survival,
                restarts.starts,
                followed_until=until,
                is_off_treatment=restarts.is_off_treatment,
                death_day=course.death,
            )
        )
    row = _row(course, parameter, found, 0, [])
    return row | {"SRCDOM": "CM", "SRCSEQ": None} | trace(*(each.entry for each in log.courses))


def _tried(compute: Callable[[], _Found]) -> _Found:
    """The time; days that contradict each other (a visit after death) leave none, and say so."""
    try:
        return compute()
    except CelltrialError as error:
        return NotEstimable("; ".join(f"{each.message}: {each.where}, {each.found}" for each in error.findings))


def _with_visits(reason: str, course: _Course, code: str) -> str:
    """The reason, with why the visits could not be judged: for one all of them share, once."""
    after = [
        row["AVALRSN"] for row in course.adrs if row["PARAMCD"] == code and row["AVALRSN"] and (row["ADY"] or 0) > 1
    ]
    shared = list(dict.fromkeys(after))
    return "; ".join([reason, *shared[:1], *([f"and {len(shared) - 1} more reasons"] if len(shared) > 1 else [])])


def _row(course: _Course, parameter: _Parameter, found: _Found, start: int, notes: Sequence[str]) -> Row:
    origin = course.infused + timedelta(days=start)
    columns: Row = {
        "USUBJID": course.usubjid,
        "PARAMCD": parameter.code,
        "PARAM": f"{parameter.label} (days)",
        "AVALU": "DAYS",
        "STARTDT": origin,
        "SRCDOM": "ADRS",
        "SRCSEQ": None,
    }
    if isinstance(found, NotEstimable):
        return columns | {"AVALRSN": found.reason, "STARTDT": None, "ANLNOTE": " | ".join(notes) or None}
    adt = origin + timedelta(days=found.day)
    is_death = found.is_event and found.reason.startswith("death")
    event = "DEATH" if is_death else parameter.event
    return columns | {
        "AVAL": float(found.day),
        "ADT": adt,
        "ADY": study_day(adt, course.infused),
        "CNSR": 0 if found.is_event else 1,
        "EVNTDESC": event if found.is_event else "CENSORED",
        "CNSDTDSC": None if found.is_event else parameter.censored.upper(),
        "FREEDY": found.known_free_until,
        "ANLNOTE": " | ".join([found.reason, *notes]),
    }


def _source(found: _Found, start: int, sources: Mapping[int, Row]) -> Row:
    """The row of ADRS that the time ends with; without a time every event the visits come from."""
    row = None if isinstance(found, NotEstimable) else sources.get(start + found.day)
    if row is not None:
        return {"SRCSEQ": row["ASEQ"], "EVENTSEQ": row["EVENTSEQ"], "EVENTSEQS": row["EVENTSEQS"]}
    seqs = sorted({seq for each in sources.values() for seq in each["EVENTSEQS"] or ()})
    return {"EVENTSEQ": seqs[0] if seqs else None, "EVENTSEQS": seqs}
