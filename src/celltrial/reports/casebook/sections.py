"""Which section shows which events: every type that may speak of a participant has its place, or a test fails.

What has none yet is printed in a section of its own, field by field, so that nothing recorded is ever left out.
"""

from collections.abc import Iterator, Mapping, Sequence

from celltrial.datasets.profiles import SampledProfile
from celltrial.record.bodies import FormEntry
from celltrial.record.trail import Trail
from celltrial.reports.casebook.book import Block, Column, Row, Section, Table, plain_rows
from celltrial.reports.casebook.course import course_section, visits_section
from celltrial.reports.casebook.forms import forms_sections
from celltrial.reports.casebook.kinetics import kinetics_section
from celltrial.reports.casebook.reader import MARKS, Reader
from celltrial.reports.casebook.safety import adverse_events_section, assessments_section
from celltrial.reports.casebook.tables import entry_facts, fields_written
from celltrial.reports.casebook.trail import trail_section
from celltrial.reports.casebook.work import (
    corrections_section,
    locks_section,
    queries_section,
    redactions_section,
    signatures_section,
    verification_section,
    writers,
)

__all__ = ["PLACES", "list_sections"]

# the type of an event -> the id of the section that shows it, beside the audit trail, which shows them all
PLACES: Mapping[str, str] = {
    "consent": "course",
    "screening": "course",
    "eligibility_signature": "course",
    "enrolment": "course",
    "dose_assignment": "course",
    "lymphodepletion": "course",
    "product_release": "course",
    "infusion": "course",
    "dlt_assessment": "course",
    "withdrawal": "course",
    "completion": "course",
    "visit": "visits",
    FormEntry.TYPE: "forms",
    "adverse_event": "adverse-events",
    "crs_assessment": "assessments",
    "icans_assessment": "assessments",
    "kinetics_sample": "kinetics",
    "query": "queries",
    "query_answer": "queries",
    "query_closing": "queries",
    "source_verification": "verification",
    "signature": "signatures",
    "data_lock": "locks",
    "redaction": "redactions",
    "redaction_approval": "redactions",
    "correction": "corrections",
}


def list_sections(reader: Reader, trail: Trail, profiles: Sequence[SampledProfile]) -> Iterator[Section]:
    """The whole casebook after its front page, in order."""
    yield course_section(reader)
    yield visits_section(reader)
    yield from forms_sections(reader)
    yield adverse_events_section(reader)
    yield assessments_section(reader)
    yield kinetics_section(reader, profiles)
    yield queries_section(reader)
    yield verification_section(reader)
    yield signatures_section(reader)
    yield locks_section(reader)
    yield redactions_section(reader)
    yield corrections_section(reader, trail.lines)
    yield from _others(reader, trail)
    yield _reading_section(reader, trail)
    yield trail_section(reader, trail)


def _others(reader: Reader, trail: Trail) -> Iterator[Section]:
    """Events of a type that no section shows."""
    kinds = dict.fromkeys(event.type for event in trail.events if event.type not in PLACES)
    blocks: list[Block] = [
        entry_facts(reader, entry, fields_written([entry]), title=kind.replace("_", " "))
        for kind in kinds
        for entry in reader.entries(kind)
    ]
    if blocks:
        yield Section(id="others", title="Other events", blocks=tuple(blocks))


def _reading_section(reader: Reader, trail: Trail) -> Section:
    """Who wrote, and what the marks mean."""
    names = ("Name", "Account", "Role", "Site", "Events", "First", "Last")
    people = Table(
        title="Who wrote these events",
        columns=tuple(Column(label=name) for name in names),
        rows=writers(reader, trail.events),
    )
    legend = Table(
        title="Marks",
        columns=(Column(label="Mark"), Column(label="Means")),
        rows=_legend(),
    )
    return Section(id="people", title="People and marks", blocks=(people, legend))


def _legend() -> tuple[Row, ...]:
    told = {
        "#12": "the number of the event in the record; the audit trail has it with its hash",
        "1": "a small number: the note under the table tells what the value was before, or where it came from",
    }
    return plain_rows(list((told | dict(MARKS)).items()))
