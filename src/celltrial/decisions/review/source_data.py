"""Source-data verification: which fields were compared with their source, by whom, and whether that still stands.

A comparison holds for the text that was compared. A later change of the field breaks it, for ever visible: a new
comparison stands beside the broken one and does not replace it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any, Literal

from celltrial.codes import SubjectId
from celltrial.decisions.review.places import SOURCED, find_entry, kind_of
from celltrial.record import Entry, TrialState
from celltrial.record.bodies import FormEntry, SourceVerification
from celltrial.record.versions import Change, body_at, changes, fields_of
from celltrial.study import Study

__all__ = [
    "Coverage",
    "FieldVerification",
    "coverage",
    "required_fields",
    "source_fields",
    "verifications",
    "verified_fields",
]

# what tells an entry apart from others of its kind is no datum of the source
_NO_DATA = {"form": ("form", "visit", "row"), "visit": ("visit",), "adverse_event": ("number",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldVerification:
    """One field compared once with its source.

    value: the text that was compared. status: `stands`; `broken`, changed since by event `broken_by`; `differs`, the
    source says otherwise.
    """

    event: int
    target: int
    subject: SubjectId | None
    field: str
    value: str
    source: str
    by: str
    at: datetime
    status: Literal["stands", "broken", "differs"]
    broken_by: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of one form (or kind of event) of one subject has been compared and stands; counts, no rates.

    entries: standing entries; entries_verified: those of which every filled field stands verified. required: filled
    fields that the form requires; items: all filled fields. broken: verifications that fell and were not done anew;
    differing: fields whose last comparison found another text in the source.
    """

    subject: SubjectId
    form: str
    entries: int
    entries_verified: int
    required: int
    required_verified: int
    items: int
    items_verified: int
    broken: int
    differing: int


def verifications(state: TrialState, subject: SubjectId | None = None) -> tuple[FieldVerification, ...]:
    """Every comparison of every field, in the order they were made, whether it stands or not."""
    return tuple(each for entry in state.entries(SourceVerification, subject) for each in _compared(state, entry))


def verified_fields(state: TrialState, seq: int) -> Mapping[str, FieldVerification]:
    """The last comparison of each field of one entry."""
    entry = find_entry(state, seq)
    if entry is None:
        return {}
    own = (each for each in state.entries(SourceVerification, entry.subject) if each.body.target == seq)
    return {each.field: each for verification in own for each in _compared(state, verification)}


def coverage(study: Study, state: TrialState, subject: SubjectId | None = None) -> tuple[Coverage, ...]:
    """What is verified, by subject and form, in the order of the subjects and of the study's forms."""
    last: dict[int, dict[str, FieldVerification]] = {}
    for each in verifications(state, subject):
        last.setdefault(each.target, {})[each.field] = each
    groups: dict[tuple[SubjectId, str], list[Entry[Any]]] = {}
    for kind in SOURCED:
        for entry in state.entries(kind, subject):
            if entry.subject is not None:
                groups.setdefault((entry.subject, kind_of(entry.body)), []).append(entry)
    order = {str(form.id): number for number, form in enumerate(study.forms)}
    return tuple(
        _cover(study, who, form, entries, last)
        for (who, form), entries in sorted(groups.items(), key=lambda each: (each[0][0], order.get(each[0][1], -1)))
    )


def source_fields(body: Any) -> tuple[str, ...]:
    """The filled fields of a body that a source document can show."""
    leave_out = _NO_DATA.get(body.TYPE, ())
    return tuple(path for path in fields_of(body) if path not in leave_out)


def required_fields(study: Study, body: Any) -> frozenset[str]:
    """The fields that must be filled: of a form what forms.yaml requires, of other events what has no default."""
    if isinstance(body, FormEntry):
        form = study.form(body.form)
        return frozenset(f"items.{item.id}" for item in form.items if item.required) if form else frozenset()
    leave_out = _NO_DATA.get(body.TYPE, ())
    return frozenset(
        each.name
        for each in fields(body)
        if each.default is MISSING and each.default_factory is MISSING and each.name not in leave_out
    )


def _compared(state: TrialState, entry: Entry[SourceVerification]) -> Iterator[FieldVerification]:
    target = find_entry(state, entry.body.target)
    seen = body_at(target, entry.seq) if target else None
    if target is None or seen is None:
        return
    since = [change for change in changes(target) if change.event.seq > entry.seq]
    texts = fields_of(seen)
    for path in entry.body.fields or source_fields(seen):
        broken = next((each for each in since if each.path in ("", path)), None)
        yield FieldVerification(
            event=entry.seq,
            target=target.seq,
            subject=entry.subject,
            field=path,
            value=texts.get(path, ""),
            source=entry.body.source,
            by=str(entry.event.author.person),
            at=entry.event.recorded_at,
            status=_status(entry.body, broken),
            broken_by=broken.event.seq if broken else 0,
        )


def _status(body: SourceVerification, broken: Change | None) -> Literal["stands", "broken", "differs"]:
    if broken is not None:
        return "broken"
    return "stands" if body.result == "verified" else "differs"


def _cover(
    study: Study,
    subject: SubjectId,
    form: str,
    entries: Sequence[Entry[Any]],
    last: Mapping[int, Mapping[str, FieldVerification]],
) -> Coverage:
    entries_verified = items = items_verified = required = required_verified = 0
    for entry in entries:
        filled = source_fields(entry.body)
        known = last.get(entry.seq, {})
        stands = {path for path in filled if path in known and known[path].status == "stands"}
        needed = required_fields(study, entry.body) & set(filled)
        entries_verified += bool(filled) and len(stands) == len(filled)
        items, items_verified = items + len(filled), items_verified + len(stands)
        required, required_verified = required + len(needed), required_verified + len(needed & stands)
    latest = [each for entry in entries for each in last.get(entry.seq, {}).values()]
    return Coverage(
        subject=subject,
        form=form,
        entries=len(entries),
        entries_verified=entries_verified,
        required=required,
        required_verified=required_verified,
        items=items,
        items_verified=items_verified,
        broken=sum(each.status == "broken" for each in latest),
        differing=sum(each.status == "differs" for each in latest),
    )
