"""Adverse events with every report of each, and the assessments with the grades that the program computes from them."""

from collections.abc import Mapping
from typing import Any

from celltrial.codes import SubjectId
from celltrial.missing import NotGradable
from celltrial.record import Entry, Infusion
from celltrial.record.toxicity import (
    SYNDROMES,
    GradedAssessment,
    SyndromeCourse,
    grade_haematotoxicity,
    grade_syndromes,
)
from celltrial.reports.casebook.book import Block, Cell, Column, Paragraph, Section, Table, plain_rows
from celltrial.reports.casebook.reader import Reader
from celltrial.reports.casebook.tables import Shown, entry_table, fields_written
from celltrial.safety import Grade
from celltrial.studyday import parse_partial_date

__all__ = ["adverse_events_section", "assessments_section"]

_EVENT = (
    Shown(label="No.", path="number"),
    Shown(label="Event", path="term"),
    Shown(label="Onset", path="onset"),
    Shown(label="Ended", path="ended"),
    Shown(label="Grade", path="grade"),
    Shown(label="Serious", path="serious"),
    Shown(label="Outcome", path="outcome"),
)
_EVENT_DETAIL = (
    Shown(label="class", path="soc"),
    Shown(label="related to the product", path="related_product"),
    Shown(label="to lymphodepletion", path="related_lymphodepletion"),
    Shown(label="to the disease", path="related_disease"),
    Shown(label="LICATS", path="is_licats"),
    Shown(label="comment", path="comment"),
)
_NAMES = {
    "crs": "Cytokine release syndrome (ASTCT 2019)",
    "icans": "Neurotoxicity, ICANS (ASTCT 2019)",
    "iec_hs": "IEC-HS (ASTCT 2023)",
    "gvhd": "Acute GvHD (MAGIC 2016), I to IV as 1 to 4",
}
_LABELS: Mapping[str, Mapping[str, str]] = {
    "crs_assessment": {
        "at": "At",
        "temperature_c": "Temp., °C",
        "hypotension": "Hypotension",
        "vasopressors": "Vasopressors",
        "oxygen": "Oxygen",
        "antipyretic_or_anticytokine": "Antipyretic, anticytokine",
        "other_cause": "Other cause",
        "death_due_to_crs": "Death due to it",
    },
    "icans_assessment": {
        "at": "At",
        "ice": "ICE",
        "consciousness": "Consciousness",
        "seizure": "Seizure",
        "deep_focal_weakness": "Focal weakness",
        "cerebral_oedema": "Cerebral oedema",
        "other_cause": "Other cause",
        "death_due_to_icans": "Death due to it",
    },
}
_COMPUTED = (
    "Grades are computed by the program from what was recorded and are never stored; the reasons stand beside them."
)


def adverse_events_section(reader: Reader) -> Section:
    """Each event by its number, with every report of it in the order written: the last one is how it stands."""
    entries = sorted(reader.entries("adverse_event"), key=lambda each: (_number(each.body.number), each.seq))
    table = entry_table(reader, entries, _EVENT, detail=_EVENT_DETAIL, empty="No adverse event is recorded.")
    says = "Every report of every event; the last of a number is how it stands. Grades as the investigator gave them."
    return Section(id="adverse-events", title="Adverse events", starts_page=True, says=says, blocks=(table,))


def assessments_section(reader: Reader) -> Section:
    """CRS and ICANS assessments with their grades, the other graded syndromes, and blood counts."""
    courses = {each.syndrome: each for each in grade_syndromes(reader.study, reader.state, reader.subject)}
    blocks: list[Block] = [
        _recorded(reader, "crs_assessment", courses["crs"]),
        _recorded(reader, "icans_assessment", courses["icans"]),
    ]
    blocks += [_graded(reader, courses[each]) for each in SYNDROMES if each in ("iec_hs", "gvhd")]
    blocks.append(_counts(reader))
    return Section(id="assessments", title="Assessments and computed grades", says=_COMPUTED, blocks=tuple(blocks))


def _recorded(reader: Reader, kind: str, course: SyndromeCourse) -> Table:
    grades = {each.entries[0].seq: each.grade for each in course.assessments}

    def grade(entry: Entry[Any]) -> Cell:
        return _grade_cell(grades.get(entry.seq))

    entries = reader.entries(kind)
    return entry_table(
        reader,
        entries,
        fields_written(entries, _LABELS[kind]),
        title=_NAMES[course.syndrome],
        says=_episodes(reader, course),
        computed=(("Grade, computed", grade),),
        empty="Not assessed.",
    )


def _graded(reader: Reader, course: SyndromeCourse) -> Table:
    rows = [(reader.local(each.at), _grade_cell(each.grade), _behind(each)) for each in course.assessments]
    columns = (Column(label="At"), Column(label="Grade, computed"), Column(label="From events"))
    return Table(
        columns=columns,
        rows=plain_rows(rows),
        title=_NAMES[course.syndrome],
        says=_episodes(reader, course),
        empty="Not assessed.",
    )


def _counts(reader: Reader) -> Block:
    infusions = reader.state.entries(Infusion, SubjectId(reader.subject))
    if not infusions or reader.state.as_of is None:
        return Paragraph(text="ICAHT and T-ICAHT are counted from the infusion; none is recorded.")
    zone = reader.study.site.zone
    infused = parse_partial_date(infusions[0].body.infused_at, zone).earliest.date()
    today = reader.state.as_of.astimezone(zone).date()
    windows = grade_haematotoxicity(reader.study, reader.state, reader.subject, infused=infused, today=today)
    rows = []
    for each in windows:
        nadir = f"{each.nadir.value} on day {each.nadir.day}" if each.nadir is not None else "–"
        unit = "per µL" if each.instrument == "icaht" else "10*9/L"
        open_ = "days of the window are still to come" if each.is_open else ""
        rows.append(
            (
                f"{each.instrument.upper()}, {each.part}",
                _grade_cell(each.grade),
                Cell(text=f"{nadir}, {unit}", under="; ".join(each.flags)),
                Cell(text=open_),
                Cell(text=", ".join(f"#{entry.seq}" for entry in each.entries), style="mono"),
            )
        )
    labels = ("Count", "Grade, computed", "Lowest", "", "From events")
    return Table(
        columns=tuple(Column(label=label) for label in labels),
        rows=plain_rows(rows),
        title="Haematotoxicity: ICAHT (neutrophils) and T-ICAHT (platelets), EHA/EBMT",
        empty="No count after the infusion.",
    )


def _grade_cell(grade: Grade | NotGradable | None) -> Cell:
    match grade:
        case Grade():
            return Cell(text=str(grade.value), under="; ".join(grade.reasons), style="strong")
        case NotGradable():
            return Cell(text="not gradable", under=grade.reason)
        case None:
            return Cell(text="–", under="entered in error, or its time is not known")


def _episodes(reader: Reader, course: SyndromeCourse) -> str:
    told = [
        f"grade {each.maximum}, {reader.local(each.onset)} to "
        f"{reader.local(each.resolution) if each.resolution else 'not seen to end'}"
        for each in course.episodes
    ]
    return f"Episodes, computed: {'; '.join(told)}." if told else ""


def _behind(each: GradedAssessment) -> Cell:
    return Cell(text=", ".join(f"#{entry.seq}" for entry in each.entries), style="mono")


def _number(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdecimal() else (0, text)
