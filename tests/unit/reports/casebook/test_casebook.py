"""The casebook: everything that is recorded has its place, what was typed is what is read, changes lead to notes."""

from functools import cache

import pytest

from casebook_story import WHO, write_story
from celltrial.codes import SubjectId
from celltrial.errors import UsageError
from celltrial.record import KINDS
from celltrial.record.keys import SUBJECT_RULE
from celltrial.reports.casebook import (
    CasebookSource,
    compose_blank_casebook,
    compose_casebook,
    render_casebook_page,
)
from celltrial.reports.casebook.blank import PAPER_EVENTS
from celltrial.reports.casebook.book import Book, Cell, to_document
from celltrial.reports.casebook.sections import PLACES
from small_trial import small_trial
from trial_builder import ct1192


@cache
def _case() -> tuple[Book, dict[str, int]]:
    story, numbers = write_story()
    source = CasebookSource(study=ct1192(), state=story.state, generated_at=story.now)
    return compose_casebook(source, SubjectId(WHO)), numbers


def texts(value) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for each in inner for text in texts(each)]


def section(book: Book, name: str) -> list[str]:
    return [text for each in to_document(book)["sections"] if each["id"] == name for text in texts(each)]


def test_every_type_that_may_name_a_participant_has_a_section():
    """A new type of event is not forgotten: without a place this fails."""
    assert set(PLACES) == {kind for kind in KINDS if SUBJECT_RULE.get(kind, "always") != "never"}


@pytest.mark.parametrize("kind", sorted(PLACES))
def test_each_event_shows_in_its_section(kind):
    """The number of the event stands in the section that its type is given to; of a form, in that of its visit."""
    book, numbers = _case()
    where = "visit-D7" if kind == "form" else PLACES[kind]
    assert any(f"#{numbers[kind]}" in text for text in section(book, where)), f"{kind} #{numbers[kind]} not in {where}"


def test_every_event_is_in_the_trail_with_its_hash():
    """The trail at the end has each event once."""
    book, _ = _case()
    story, _ = write_story()
    said = section(book, "trail")
    own = [entry.event for entry in (*story.state.all_entries(), *story.state.voided) if entry.subject == WHO]
    assert len(own) > 20
    heads = [text.split()[0] for text in said if text.startswith("#")]
    assert sorted(heads) == sorted(f"#{event.seq}" for event in own)


def test_a_changed_value_stands_with_a_note_of_what_it_was():
    """The present value in the table; who changed it from what, when and why, in the note of that number."""
    book, numbers = _case()
    cell, notes = find(book, "96")
    assert len(cell.notes) == 1
    note = next(each for each in notes if each.startswith(f"{cell.notes[0]}  "))
    assert note == (
        f"{cell.notes[0]}  Result as printed: first “69” (#{numbers['first']}); “96” from 2025-09-10 09:00, "
        f"Chen, coordinator: digits swapped (#{numbers['correction']})"
    )


def find(book: Book, text: str) -> tuple[Cell, tuple[str, ...]]:
    """The cell of the forms with that text, and the notes under its table."""
    for each in book.sections:
        if each.id.startswith("visit-"):
            for block in each.blocks:
                for row in getattr(block, "rows", ()):
                    for cell in row.cells:
                        if cell.text == text:
                            return cell, block.notes
    raise AssertionError(text)


def test_marks_say_what_became_of_verification_query_and_signature():
    """Verified, then changed: (V); a closed query: (Q); a signature that fell: (S); frozen: F."""
    book, numbers = _case()
    value, _ = find(book, "96")
    event, _ = find(book, f"#{numbers['first']}")
    assert value.marks == ("(V)", "(Q)")
    assert event.marks == ("(S)", "F")
    said = section(book, "signatures")
    assert "fallen" in said
    assert f"event {numbers['correction']} changed items.value of event {numbers['first']}" in said


def test_an_entry_in_error_stays_in_its_place_struck_through():
    """Its row is there, marked, with who said so and why."""
    book, numbers = _case()
    rows = [row for each in book.sections for block in each.blocks for row in getattr(block, "rows", ())]
    void = [row for row in rows if row.kind == "void"]
    assert [row.cells[-1].text for row in void] == [f"#{numbers['second']}"]
    _, notes = find(book, f"#{numbers['second']}")
    assert any("belongs to another participant" in note and f"#{numbers['void']}" in note for note in notes)


def test_a_visit_is_held_against_its_window():
    """Day 7 after an infusion on 2025-08-01 at 08:00 is 2025-08-08, one day before or after."""
    book, _ = _case()
    calendar = next(each for each in book.sections if each.id == "visits").blocks[0]
    row = next(row for row in calendar.rows if row.cells[0].text == "D7")
    assert [cell.text for cell in row.cells[1:6]] == [
        "2025-08-08",
        "2025-08-07 to 2025-08-09",
        "2025-08-08",
        "8",
        "in window",
    ]


def test_the_page_escapes_what_was_typed():
    """Markup typed into a comment is text on the page, and nothing of it is left out."""
    book, _ = _case()
    page = render_casebook_page(book)
    assert "=SUM(A1) &lt;b&gt;&#34;x&#34;&lt;/b&gt; #pagebreak()" in page
    assert '<b>"x"</b>' not in page
    assert "李娜 said so" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_front_page_says_which_record(snapshot):
    """Facts of the front page, without the program's version."""
    book, _ = _case()
    facts = [(name, value) for name, value in book.identity.facts if name not in ("Made", "Study files", "Record")]
    assert facts == snapshot
    assert book.identity.simulated


def test_outline(snapshot):
    """The sections in order."""
    book, _ = _case()
    assert [f"{'  ' * (each.level - 1)}{each.title}" for each in book.sections] == snapshot


def test_a_grade_is_computed_beside_the_assessment():
    """Fever alone is grade 1 of CRS (ASTCT 2019, Lee 2019, table 2)."""
    book, _ = _case()
    block = next(each for each in book.sections if each.id == "assessments").blocks[0]
    labels = [column.label for column in block.columns]
    assert block.rows[0].cells[labels.index("Grade, computed")].text == "1"


def test_an_unknown_subject_is_refused_with_those_known():
    """No empty casebook for a number that is mistyped."""
    source = CasebookSource(study=ct1192(), state=small_trial(), generated_at=small_trial().as_of)
    with pytest.raises(UsageError, match="nothing is recorded of this subject"):
        compose_casebook(source, SubjectId("09-999"))


def test_the_blank_casebook_has_every_item_of_every_form():
    """Each item by its id and each choice, and what happens outside of forms."""
    study = ct1192()
    book = compose_blank_casebook(study, generated_at=small_trial().as_of)
    for form in study.forms:
        said = " ".join(section(book, f"form-{form.id}"))
        assert all(f"[{item.id}]" in said for item in form.items)
        assert all(choice in said for item in form.items for choice in item.choices)
    assert {f"event-{kind}" for kind in PAPER_EVENTS} <= {each.id for each in book.sections}
