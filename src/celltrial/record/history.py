"""The history of one datum: every value it has had, who wrote it, when and why, and what has touched it since.

A datum is named by where it stands: `labs/SCR/1/value` is an item of a form (form, visit, row, item; the visit is blank
outside any: `medications//3/dose`), `adverse_event/2/grade` a field of another event (type, its key, field),
`consent/signed_at` one of a type without a key. A shorter name asks for everything below it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from celltrial.codes import SubjectId
from celltrial.errors import Finding, UsageError
from celltrial.record.bodies import FormEntry
from celltrial.record.chronicle import Chronicle, Place
from celltrial.record.events import Entry, Event
from celltrial.record.fields import Field, list_fields
from celltrial.record.touches import Touch, list_touches
from celltrial.study.model import Study

__all__ = ["DatumHistory", "How", "Value", "happened_at", "history", "values_of"]

How = Literal["first entry", "follow-up", "entered again", "correction", "entered in error"]
_REPLACE = "replace."
_ITEMS = "items."
_SHOWN_CHOICES = 12

# the field of a type that says when it happened; of a form, its first item that is a date
_WHEN: dict[str, str] = {
    "adverse_event": "onset",
    "completion": "on",
    "consent": "signed_at",
    "crs_assessment": "at",
    "dlt_assessment": "assessed_on",
    "enrolment": "enrolled_on",
    "icans_assessment": "at",
    "infusion": "infused_at",
    "kinetics_sample": "collected_at",
    "lymphodepletion": "started_on",
    "product_release": "released_at",
    "screening": "screened_on",
    "study_status": "on",
    "training": "on",
    "visit": "on",
    "withdrawal": "on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value that a datum had: its text, how and by which event it came, of which entry.

    happened: the entry's own date, as it was typed; blank where it has none. redacted_by: the approval that made the
    text unreadable. stands: it is what the record says now (as of the time asked for).
    """

    text: str
    how: How
    event: Event
    entry: int
    happened: str = ""
    redacted_by: Event | None = None
    stands: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumHistory:
    """One datum of one participant (or of the study: subject None), its values and touches in the order written."""

    subject: SubjectId | None
    place: Place
    path: str
    values: tuple[Value, ...]
    touches: tuple[Touch, ...]

    @property
    def name(self) -> str:
        """As `celltrial history` takes it: `labs/SCR/1/value`."""
        return "/".join((*self.place, self.path.removeprefix(_ITEMS)))

    @property
    def standing(self) -> Value | None:
        """The value as it stands; None where the entry was entered in error."""
        return next((value for value in self.values if value.stands), None)


def history(
    study: Study, chronicle: Chronicle, subject: SubjectId | None, path: str = "", *, event: int | None = None
) -> tuple[DatumHistory, ...]:
    """The histories of the data that `path` names, or of the entry that event number `event` made or corrected.

    Args:
        study: Tells which item of a form is its date.
        chronicle: The record, as of whichever time its state has.
        subject: The participant; None for data of the study itself.
        path: A datum or anything above it; blank: all data of the subject.
    Returns:
        One history a datum, in the order of the entries and their fields.
    Raises:
        UsageError: nothing is there, with what is; or the event is not the subject's.
    """
    if event is not None:
        places = chronicle.places(_entry_of(chronicle, subject, event))[:1]
        found = [each for each in _all(study, chronicle, subject, places) if _is_below(each, path)]
    else:
        found = [each for each in _all(study, chronicle, subject, None, asked=path) if _is_below(each, path)]
    if not found:
        raise _nothing_there(chronicle, subject, path)
    return tuple(found)


def values_of(study: Study, chronicle: Chronicle, entry: Entry[Any]) -> dict[str, list[Value]]:
    """Every value that each datum of one entry has had, by path, in the order written; none is marked as standing."""
    values: dict[str, list[Value]] = {}
    _collect(study, chronicle, entry, values, is_first=True)
    return values


def happened_at(study: Study, body: Any) -> str:
    """When what the body tells of happened, as it was typed; blank where it has no date of its own."""
    if isinstance(body, FormEntry):
        form = study.form(body.form)
        dates = [item.id for item in form.items if item.kind == "date"] if form else []
        return next((text for each in dates if (text := body.items.get(each, ""))), "")
    return str(getattr(body, _WHEN.get(body.TYPE, ""), ""))


def _all(
    study: Study,
    chronicle: Chronicle,
    subject: SubjectId | None,
    places: Sequence[Place] | None,
    *,
    asked: str = "",
) -> Iterator[DatumHistory]:
    """Every datum of the subject in these places; of all places that `asked` may mean where none are given."""
    for (whose, place), entries in chronicle.by_place.items():
        if whose != subject or (places is not None and place not in places):
            continue
        former = {each for entry in entries for each in chronicle.places(entry)}
        if places is None and not any(_may_mean(asked, each) for each in former):
            continue
        yield from _data_of(study, chronicle, subject, place, entries)


def _data_of(
    study: Study, chronicle: Chronicle, subject: SubjectId | None, place: Place, entries: Sequence[Entry[Any]]
) -> Iterator[DatumHistory]:
    values: dict[str, list[Value]] = {}
    for number, entry in enumerate(entries):
        _collect(study, chronicle, entry, values, is_first=number == 0)
    for path, each in values.items():
        # where a form entry stands is its place; as a datum of its own it matters once it was changed
        if isinstance(entries[0].body, FormEntry) and not path.startswith(_ITEMS) and len(each) == 1:
            continue
        touches = (touch for entry in entries for touch in list_touches(chronicle, entry, path))
        yield DatumHistory(
            subject=subject,
            place=place,
            path=path,
            values=_with_standing(each, chronicle),
            touches=tuple(sorted(touches, key=lambda touch: touch.event.seq)),
        )


def _collect(
    study: Study, chronicle: Chronicle, entry: Entry[Any], values: dict[str, list[Value]], *, is_first: bool
) -> None:
    """Add the values that an entry and its corrections gave to each of its data."""
    how: How = "first entry"
    if not is_first:
        how = "follow-up" if chronicle.previous(entry) is not None else "entered again"
    steps = chronicle.steps(entry)
    own = set()
    for field in list_fields(entry.event):
        own.add(field.path)
        value = _value(study, chronicle, entry, field, field.path, entry.event, how, steps[0].body)
        values.setdefault(field.path, []).append(value)
    for step in steps[1:]:
        if step.is_void:
            void = Field("", "")
            for path in own:
                values[path].append(
                    _value(study, chronicle, entry, void, "", step.event, "entered in error", step.body)
                )
            continue
        for field in list_fields(step.event):
            if field.path.startswith(_REPLACE):
                path = field.path.removeprefix(_REPLACE)
                own.add(path)
                value = _value(study, chronicle, entry, field, field.path, step.event, "correction", step.body)
                values.setdefault(path, []).append(value)


def _value(
    study: Study,
    chronicle: Chronicle,
    entry: Entry[Any],
    field: Field,
    stored: str,
    event: Event,
    how: How,
    body: Any,
) -> Value:
    return Value(
        text=field.text,
        how=how,
        event=event,
        entry=entry.seq,
        happened=happened_at(study, body),
        redacted_by=chronicle.redacted_by.get((event.seq, stored)) if field.is_redacted else None,
    )


def _with_standing(values: Sequence[Value], chronicle: Chronicle) -> tuple[Value, ...]:
    """The values, the last of them marked as standing unless its entry was entered in error."""
    standing = [value for value in values if value.entry not in chronicle.voided]
    last = standing[-1] if standing else None
    return tuple(replace(value, stands=True) if value is last else value for value in values)


def _is_below(datum: DatumHistory, asked: str) -> bool:
    return not asked or datum.name == asked or datum.name.startswith(f"{asked}/") or _moved(datum, asked)


def _moved(datum: DatumHistory, asked: str) -> bool:
    """Whether what was asked for by its former place is the item of this datum, or stops above the item."""
    parts, item = asked.split("/"), datum.path.removeprefix(_ITEMS)
    return len(parts) <= len(datum.place) or parts[len(datum.place) :] == [item]


def _may_mean(asked: str, place: Place) -> bool:
    """Whether the name asked for is this place, one above it, or a datum in it."""
    name = "/".join(place)
    return not asked or name == asked or name.startswith(f"{asked}/") or asked.startswith(f"{name}/")


def _entry_of(chronicle: Chronicle, subject: SubjectId | None, seq: int) -> Entry[Any]:
    if seq not in chronicle.entries:
        found = f"the record has events 1 to {chronicle.state.length}"
        raise UsageError(Finding(message=f"no event {seq}", found=found, expected="the number of an event"))
    entry = chronicle.target(seq)
    if entry.subject != subject:
        raise UsageError(
            Finding(
                message=f"event {seq} is not about {subject or 'the study'}",
                found=str(entry.subject or "an event of the study"),
                next_step=f"name its subject: {entry.subject or '-'}",
            )
        )
    return entry


def _nothing_there(chronicle: Chronicle, subject: SubjectId | None, path: str) -> UsageError:
    """What was asked for is not there: the subject, or the names that go on from the longest part that is."""
    names = ["/".join(place) for whose, place in chronicle.by_place if whose == subject]
    if not names:
        known = ", ".join(str(each) for each in chronicle.state.subjects) or "no subject yet"
        return UsageError(Finding(message="nothing is recorded of this subject", found=str(subject), expected=known))
    parts = path.split("/")
    while parts and not any(name == (head := "/".join(parts)) or name.startswith(f"{head}/") for name in names):
        parts.pop()
    depth = len(parts) + 1
    below = [name.split("/") for name in names if name.split("/")[: len(parts)] == parts]
    choices = list(dict.fromkeys("/".join(name[:depth]) for name in below))
    more = f", ... ({len(choices)} in all)" if len(choices) > _SHOWN_CHOICES else ""
    return UsageError(
        Finding(
            message="nothing is recorded under this name",
            found=f"{subject}: {path}",
            expected=f"one of {', '.join(choices[:_SHOWN_CHOICES])}{more}",
            next_step="name FORM/VISIT/ROW/ITEM, or TYPE/KEY/FIELD for an event that is no form",
        )
    )
