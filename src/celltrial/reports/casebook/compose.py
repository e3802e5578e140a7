"""From the record to one participant's casebook: what the front page says, and the sections in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from celltrial import __version__
from celltrial.codes import SubjectId
from celltrial.datasets.profiles import SampledProfile
from celltrial.decisions.life import life_state
from celltrial.errors import Finding, UsageError
from celltrial.record import TrialState
from celltrial.record.chronicle import Chronicle
from celltrial.record.trail import Trail, list_trail
from celltrial.reports.casebook.book import Book, Identity
from celltrial.reports.casebook.course import describe_status
from celltrial.reports.casebook.kinetics import derive_all_profiles
from celltrial.reports.casebook.reader import Reader
from celltrial.reports.casebook.sections import list_sections
from celltrial.study import Study

__all__ = ["CasebookSource", "compose_casebook"]


@dataclass(frozen=True, kw_only=True)
class CasebookSource:
    """What every casebook of one run is made from, worked out once.

    state: the record as of the time the casebooks are for. whole: the record as it stands now. checkpoint: the line
    that names the last signed checkpoint; blank where there is none. verified: what verification of the record said.
    """

    study: Study
    state: TrialState
    generated_at: datetime
    checkpoint: str = ""
    verified: str = ""

    @cached_property
    def chronicle(self) -> Chronicle:
        return Chronicle(self.state)

    @cached_property
    def profiles(self) -> Mapping[SubjectId, Sequence[SampledProfile]]:
        return derive_all_profiles(self.study, self.state)

    @property
    def is_simulated(self) -> bool:
        """True when the record says that its participants are virtual."""
        return self.state.is_simulated


def compose_casebook(source: CasebookSource, subject: SubjectId) -> Book:
    """The casebook of one participant. Raises UsageError where nothing is recorded of that subject."""
    if subject not in source.state.subjects:
        raise UsageError(
            Finding(
                message="nothing is recorded of this subject",
                found=str(subject),
                expected=", ".join(source.state.subjects) or "no subject yet",
                next_step="check the number, or the time asked for",
            )
        )
    reader = Reader(source.study, source.chronicle, subject)
    trail = list_trail(source.chronicle, subject)
    sections = tuple(list_sections(reader, trail, source.profiles.get(subject, ())))
    return Book(identity=_identify(source, reader, trail), sections=sections)


def _life(source: CasebookSource, reader: Reader) -> str:
    """The participant's state in the table of states, and who has to do what next."""
    assert source.state.as_of is not None  # a subject is known, so there is an event
    life = life_state(source.study, source.state, reader.subject, as_of=source.state.as_of)
    upcoming = f"; next: {life.next_step} ({life.owner.replace('_', ' ')})" if life.next_step else ""
    return f"{life.state}: {life.means}{upcoming}"


def _identify(source: CasebookSource, reader: Reader, trail: Trail) -> Identity:
    study, state, zone = source.study, source.state, source.study.site.zone
    as_of = state.as_of.astimezone(zone).isoformat(sep=" ", timespec="seconds") if state.as_of else "no event"
    facts = (
        ("Study", f"{study.id} ({study.registry_id})" if study.registry_id else study.id),
        ("Participant", str(reader.subject)),
        ("Status", describe_status(reader)),
        ("State in the study", _life(source, reader)),
        ("Site", f"{study.site.id}, {study.site.name}"),
        ("As of", as_of),
        ("Record", f"{state.length} events, last hash {state.head}"),
        ("Verified", source.verified or "links recomputed as they were read; run celltrial verify for the whole"),
        ("Checkpoint", source.checkpoint or "none: no signed checkpoint was found"),
        ("In this casebook", f"{len(trail.events)} events, {len(trail.lines)} fields"),
        ("Study files", f"version {study.version}, hash {study.hash}"),
        ("Times", f"{zone.key}, the site's clock; the audit trail has UTC beside it"),
        ("Made", f"{source.generated_at.astimezone(zone):%Y-%m-%d %H:%M:%S %z} by celltrial {__version__}"),
    )
    return Identity(
        study=study.id,
        title=study.title,
        kind="Casebook",
        subject=str(reader.subject),
        status=describe_status(reader),
        simulated=source.is_simulated,
        head=state.head,
        version=__version__,
        facts=facts,
        signatories=("Investigator", "Checked by"),
    )
