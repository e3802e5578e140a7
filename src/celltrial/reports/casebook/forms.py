"""The forms, visit by visit in time: values as typed, beside their units; rows entered in error stay in their place."""

from collections.abc import Iterator

from celltrial.record import Entry, FormEntry
from celltrial.reports.casebook.book import Block, Paragraph, Section
from celltrial.reports.casebook.course import list_attendance
from celltrial.reports.casebook.reader import Reader
from celltrial.reports.casebook.tables import Shown, entry_facts, entry_table
from celltrial.study import Form

__all__ = ["forms_sections"]

# a form of so many items is printed in two columns of items
_MANY_ITEMS = 12


def forms_sections(reader: Reader) -> Iterator[Section]:
    """One section a visit, the forms in the order of forms.yaml; forms outside any visit at the end."""
    rows = reader.entries(FormEntry.TYPE)
    said = "" if rows else "No form has been filled in."
    legend = (
        "Values are as they were typed; a blank value was left blank. Small numbers lead to the notes below a table."
    )
    yield Section(
        id="forms", title="Forms", starts_page=True, says=legend, blocks=(Paragraph(text=said),) if said else ()
    )
    seen: set[str] = set()
    for each in list_attendance(reader):
        if each.visit in seen:
            continue
        seen.add(each.visit)
        blocks = tuple(_blocks(reader, each.visit))
        if blocks:
            on = each.entry.body.on[:10] if each.entry is not None else "no visit recorded"
            title = f"{each.visit}: {each.label}" if each.label else each.visit
            yield Section(id=f"visit-{each.visit}", title=f"{title}, {on}", says=each.status, blocks=blocks, level=2)
    blocks = tuple(_blocks(reader, ""))
    if blocks:
        yield Section(id="visit-none", title="Outside any visit", blocks=blocks, level=2)


def _blocks(reader: Reader, visit: str) -> Iterator[Block]:
    known = [form.id for form in reader.study.forms]
    others = [entry.body.form for entry in reader.entries(FormEntry.TYPE) if entry.body.form not in known]
    for name in dict.fromkeys((*known, *others)):
        rows = reader.forms(name, visit)
        if not rows:
            continue
        form = reader.study.form(name)
        shown = _shown(form, rows)
        title = form.label if form is not None else name
        if form is not None and not form.repeating:
            columns = 3 if len(shown) > _MANY_ITEMS else 2
            yield from (entry_facts(reader, row, shown, title=title, columns=columns) for row in rows)
        else:
            row = (Shown(label="Row", path="row"),)
            yield entry_table(reader, rows, (*row, *shown), title=title)


def _shown(form: Form | None, rows: tuple[Entry[FormEntry], ...]) -> tuple[Shown, ...]:
    """The items of the form in its order, and whatever else was typed into a form that has changed since."""
    labels = {str(item.id): item.label or str(item.id) for item in form.items} if form is not None else {}
    typed = dict.fromkeys(item for row in rows for item in row.body.items)
    redacted = dict.fromkeys(
        path.removeprefix("items.") for row in rows for path in row.event.redacted if path.startswith("items.")
    )
    return tuple(
        Shown(label=labels.get(item, item), path=f"items.{item}")
        for item in dict.fromkeys((*labels, *typed, *redacted))
    )
