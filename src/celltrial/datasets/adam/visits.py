"""The disease visits of a participant: which assessments are judged together, and which are missing and why.

A visit is made by the scores that carry its id; a score without a visit makes one of its own day. The day is that of
SLEDAI-2K, else of the next score. An assessment belongs to the visit by its id, or by lying within `together_days` of
that day where the visit has none of its own; further away it is not judged with it, whatever its id says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from celltrial.datasets.context import Case, Casebook
from celltrial.datasets.dataset import Row
from celltrial.datasets.moments import Moment, is_before
from celltrial.record import Entry, FormEntry

__all__ = ["SCORES", "DiseaseVisit", "collect_visits", "pick_nearest"]

# the forms that make a visit, in the order in which they give it its day; with the words of a reason
SCORES: Mapping[str, str] = MappingProxyType(
    {
        "sledai_2k": "SLEDAI-2K",
        "pga": "PGA",
        "bilag_2004": "BILAG-2004",
        "lupus_extra": "activity beside SLEDAI-2K",
        "flare_index": "flare index",
        "slicc_damage": "damage index",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiseaseVisit:
    """One visit of the disease. `id` is blank for an unscheduled one; `is_before` None where the order is not known.

    forms: the assessment of each form that is judged at this visit. missing: form -> why there is none. notes: what a
    reader must know of the choice. is_judged: whether responses are judged here (SLEDAI-2K is there, or was due).
    """

    id: str
    columns: Row
    at: Moment
    is_before: bool | None
    forms: Mapping[str, Entry[FormEntry]]
    missing: Mapping[str, str]
    notes: tuple[str, ...]
    is_judged: bool

    @property
    def day(self) -> date | None:
        """The day at the site; None where it is not known."""
        return self.at.day

    def items(self, form: str) -> Mapping[str, str]:
        """What was entered on the form; nothing where there is none."""
        return self.forms[form].body.items if form in self.forms else {}


def collect_visits(book: Casebook, case: Case) -> tuple[DiseaseVisit, ...]:
    """The visits of one participant in time; those whose day is not known come last."""
    entries = {form: book.state.forms(form, case.subject) for form in SCORES}
    groups: dict[tuple[str, str], None] = {}
    for each in (entry for form in SCORES for entry in entries[form]):
        groups[_group(each)] = None
    visits = [_visit(book, case, group, entries) for group in groups]
    return tuple(sorted(visits, key=lambda visit: (visit.day is None, visit.day or date.max, visit.id)))


def pick_nearest(
    book: Casebook, entries: Iterable[Entry[FormEntry]], visit: DiseaseVisit, *, item: str
) -> Entry[FormEntry] | None:
    """The result of a repeating form that belongs to the visit: of its id and near enough, nearest first; else any.

    item: the item with the date of the result. Of two on the same day the one entered last.
    """
    days = book.study.response.together_days
    near = []
    for entry in entries:
        day = book.moment(entry.body.items.get(item, ""), "", []).day
        if day is None or visit.day is None:
            continue
        distance = abs((day - visit.day).days)
        if distance <= days:
            near.append((not (visit.id and entry.body.visit == visit.id), distance, -entry.seq, entry))
    return min(near, key=lambda each: each[:3])[3] if near else None


def _group(entry: Entry[FormEntry]) -> tuple[str, str]:
    """The visit's id; without one the day as typed."""
    visit = entry.body.visit
    return (visit, "") if visit else ("", entry.body.items.get("assessed", ""))


def _visit(
    book: Casebook, case: Case, group: tuple[str, str], entries: Mapping[str, tuple[Entry[FormEntry], ...]]
) -> DiseaseVisit:
    own = {form: [each for each in rows if _group(each) == group] for form, rows in entries.items()}
    moments = [_at(book, each) for form in SCORES for each in own[form][-1:]]
    at = next((moment for moment in moments if moment.day is not None), moments[0])
    chosen: dict[str, Entry[FormEntry]] = {}
    missing: dict[str, str] = {}
    notes: list[str] = []
    for form, label in SCORES.items():
        entry, problem, note = _choose(book, at, own[form], entries[form], label)
        notes += [note] if note else []
        if entry is None:
            missing[form] = problem
        else:
            chosen[form] = entry
    columns = book.visit_columns(group[0])
    return DiseaseVisit(
        id=group[0],
        columns={"AVISIT": columns.get("VISIT"), "AVISITN": columns.get("VISITNUM")},
        at=at,
        is_before=is_before(at, case.infused),
        forms=chosen,
        missing=missing,
        notes=tuple(notes),
        is_judged=bool(own["sledai_2k"]) or group[0] in _asking(book),
    )


def _choose(
    book: Casebook,
    at: Moment,
    own: list[Entry[FormEntry]],
    every: tuple[Entry[FormEntry], ...],
    label: str,
) -> tuple[Entry[FormEntry] | None, str, str]:
    """The assessment of one form, or why there is none, and a note."""
    limit = book.study.response.together_days
    far = ""
    for entry in reversed(own):
        gap = _gap(book, at, entry)
        if gap is not None and gap > limit:
            far = f"{label} lies {gap} days from the visit's day, at most {limit} are judged together"
            continue
        note = "" if gap is not None else f"the day of {label} is not known: taken by the visit's id"
        return entry, "", note or ("" if len(own) == 1 else f"{label} was entered {len(own)} times: the last counts")
    near = [(gap, -entry.seq, entry) for entry in every if (gap := _gap(book, at, entry)) is not None and gap <= limit]
    if near:
        gap, _, entry = min(near, key=lambda each: each[:2])
        return entry, "", f"{label} is of another visit, {gap} days away"
    return None, far or f"no {label} at this visit", ""


def _at(book: Casebook, entry: Entry[FormEntry]) -> Moment:
    return book.moment(entry.body.items.get("assessed", ""), "", [])


def _gap(book: Casebook, at: Moment, entry: Entry[FormEntry]) -> int | None:
    day = _at(book, entry).day
    return abs((day - at.day).days) if day is not None and at.day is not None else None


def _asking(book: Casebook) -> set[str]:
    """The visits of the schedule at which SLEDAI-2K is due."""
    return {str(visit.id) for visit in book.study.visits if "sledai_2k" in {str(form) for form in visit.forms}}
