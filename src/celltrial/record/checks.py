"""Checks of a draft against the record: is it whole, is it in its place, is it there already, has the record moved on.

They hold for every study. What a trial allows (roles, consent before all else, dose gates) are guards, in `decisions`.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from celltrial.codes import SubjectId
from celltrial.errors import CelltrialError, Finding
from celltrial.record.bodies import (
    Body,
    CheckpointKey,
    Correction,
    FormEntry,
    Redaction,
    RedactionApproval,
    Signature,
    StudyOpened,
)
from celltrial.record.conflicts import name_draft, same_key
from celltrial.record.corrections import correct_body
from celltrial.record.events import Author, Draft
from celltrial.record.evidence.key_history import check_checkpoint_key
from celltrial.record.form_check import check_form_entry
from celltrial.record.keys import BLANK_KEYS, KEY_FIELDS, SUBJECT_RULE, UNIQUE
from celltrial.record.redaction import check_approval, check_redaction
from celltrial.record.state import TrialState
from celltrial.study.model import Study
from celltrial.studyday import parse_partial_date
from celltrial.units import parse_number

__all__ = ["check_draft"]

# fields that are read as dates or numbers where they are used, so they must read now; blank is left to the type
_DATES: Mapping[str, tuple[str, ...]] = {
    "adverse_event": ("onset", "ended"),
    "completion": ("on",),
    "consent": ("signed_at",),
    "crs_assessment": ("at",),
    "dlt_assessment": ("assessed_on",),
    "enrolment": ("enrolled_on",),
    "icans_assessment": ("at",),
    "infusion": ("infused_at",),
    "kinetics_sample": ("collected_at",),
    "lymphodepletion": ("started_on", "ended_on"),
    "product_release": ("released_at", "expires_at"),
    "reference_range": ("valid_from", "valid_to"),
    "role_end": ("on",),
    "role_grant": ("starts_on", "ends_on"),
    "screening": ("screened_on",),
    "site_activation": ("on",),
    "study_status": ("on",),
    "training": ("on", "valid_until"),
    "visit": ("on",),
    "withdrawal": ("on",),
}
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "crs_assessment": ("temperature_c",),
    "dose_assignment": ("planned_cells",),
    "icans_assessment": ("ice",),
    "infusion": ("planned_cells", "actual_cells"),
    "kinetics_sample": ("nominal_day", "value", "lloq", "leukocytes"),
    "product_release": ("cells", "viability_percent"),
    "reference_range": ("low", "high", "age_from", "age_to"),
}


def check_draft(study: Study, state: TrialState, draft: Draft, author: Author) -> tuple[Finding, ...]:
    """What keeps a draft out of the record, whoever writes it: every problem at once."""
    where = name_draft(draft)
    findings = [*_check_envelope(state, draft, where)]
    if isinstance(draft.body, Redaction):
        findings += check_redaction(state, draft, draft.body, where)
    if isinstance(draft.body, CheckpointKey):
        findings += check_checkpoint_key(state, draft.body, where)
    if isinstance(draft.body, RedactionApproval):
        findings += check_approval(state, draft.body, author, where)
    if isinstance(draft.body, Correction):
        return (*findings, *_check_correction(study, state, draft, draft.body, where))
    findings += _check_content(study, draft.body, draft.subject, where)
    findings += _check_duplicate(state, draft.body, draft.subject, None, where)
    return tuple(findings)


def _check_envelope(state: TrialState, draft: Draft, where: str) -> Iterator[Finding]:
    body = draft.body
    if not draft.why.strip():
        yield Finding(message="no reason given", where=where, found=repr(draft.why), expected="why this is written")
    if isinstance(body, StudyOpened) == bool(state.length):
        yield Finding(
            message="a record begins with study_opened, once",
            where=where,
            found=f"{body.TYPE} as event {state.length + 1}",
            next_step="make a record with Record.create",
        )
    rule = SUBJECT_RULE.get(body.TYPE, "always")
    if (rule == "never" and draft.subject is not None) or (rule == "always" and draft.subject is None):
        yield Finding(
            message="an event of this type names no subject" if rule == "never" else "the subject is missing",
            where=where,
            found=str(draft.subject) if draft.subject else "no subject",
            expected="no subject" if rule == "never" else "the participant it is about, e.g. 01-003",
            next_step="leave the subject out" if rule == "never" else "name the subject",
        )
    if isinstance(body, Signature):
        beyond = [str(seq) for seq in body.covers if not 1 <= seq <= state.length]
        if beyond or not body.covers:
            yield Finding(
                message="a signature of events that are not in the record",
                where=where,
                found=", ".join(beyond) or "no event",
                expected=f"events 1 to {state.length}",
            )


def _check_content(study: Study, body: Body, subject: SubjectId | None, where: str) -> Iterator[Finding]:
    if isinstance(body, FormEntry):
        yield from check_form_entry(study, body, where=subject or "")
    for name in _DATES.get(body.TYPE, ()):
        yield from _check_reads(getattr(body, name), where, name, study.site.zone)
    for name in _NUMBERS.get(body.TYPE, ()):
        yield from _check_reads(getattr(body, name), where, name, None)
    for name in KEY_FIELDS.get(body.TYPE, ()):
        if not getattr(body, name).strip() and (body.TYPE, name) not in BLANK_KEYS:
            yield Finding(message="blank, but tells this entry from others", where=f"{where}/{name}", found="''")


def _check_reads(text: str, where: str, name: str, zone: ZoneInfo | None) -> Iterator[Finding]:
    if not text.strip():
        return
    try:
        parse_partial_date(text, zone) if zone else parse_number(text)
    except CelltrialError as error:
        for each in error.findings:
            yield dataclasses.replace(each, where=f"{where}/{name}")


def _check_duplicate(
    state: TrialState, body: Body, subject: SubjectId | None, but: int | None, where: str
) -> Iterator[Finding]:
    if body.TYPE not in UNIQUE:
        return
    for entry in same_key(state, body, subject):
        if entry.seq != but:
            yield Finding(
                message="there is such an entry already",
                where=where,
                found=f"event {entry.seq} of {entry.event.recorded_at:%Y-%m-%d} by {entry.event.author.person}",
                expected=f"one entry for each {' + '.join(('subject', *KEY_FIELDS[body.TYPE]))}",
                rule="docs/record.md, Duplicates",
                next_step=f"correct event {entry.seq}, or give this entry a row (visit, number) of its own",
            )


def _check_correction(
    study: Study, state: TrialState, draft: Draft, correction: Correction, where: str
) -> Iterator[Finding]:
    problem = _problem_with_target(state, draft, correction)
    if problem is not None:
        yield problem
        return
    target = state.entry(correction.target)
    assert target is not None
    if correction.entered_in_error == "yes":
        return
    try:
        body = correct_body(target.body, correction)
    except CelltrialError as error:
        for each in error.findings:
            yield dataclasses.replace(each, where=f"{where}/{each.where}")
        return
    yield from _check_content(study, body, target.subject, where)
    yield from _check_duplicate(state, body, target.subject, target.seq, where)


def _problem_with_target(state: TrialState, draft: Draft, correction: Correction) -> Finding | None:
    target = state.entry(correction.target)
    place = f"{draft.subject or ''}/correction of event {correction.target}".lstrip("/")
    if target is None:
        is_void = any(entry.seq == correction.target for entry in state.voided)
        found = "it was entered in error" if is_void else f"the record has events 1 to {state.length}"
        return Finding(message="no standing event to correct", where=place, found=found, expected="a standing event")
    if isinstance(target.body, CheckpointKey | Correction | Redaction | RedactionApproval | StudyOpened):
        return Finding(
            message=f"a {target.event.type} event is not corrected",
            where=place,
            found=f"event {target.seq} is a {target.event.type}",
            rule="docs/record.md, Corrections",
            next_step="correct the event that the correction was about",
        )
    if draft.subject != target.subject:
        return Finding(
            message="a correction stands under the subject of the event it corrects",
            where=place,
            found=str(draft.subject or "no subject"),
            expected=str(target.subject or "no subject"),
        )
    if draft.why.strip() in ("", Draft(body=correction).why):
        return Finding(
            message="a correction needs its reason",
            where=place,
            found=repr(draft.why),
            expected="why the first entry was wrong",
            rule="ICH E6(R3) 4.2.4: corrections are justified",
            next_step="give the reason",
        )
    if bool(correction.replace) == (correction.entered_in_error == "yes"):
        return Finding(
            message="a correction either replaces fields or marks the event as entered in error",
            where=place,
            found=f"{len(correction.replace)} fields, entered_in_error {correction.entered_in_error}",
        )
    return None
