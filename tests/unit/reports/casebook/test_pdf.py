"""The PDF of a casebook: nothing typed is run, nothing typed is an empty box."""

import re
import zlib
from datetime import UTC, datetime

import pytest

from celltrial.reports.casebook.book import Book, Cell, Column, Identity, Row, Section, Table
from celltrial.reports.casebook.fitting import breakable, column_shares
from celltrial.reports.casebook.pdf import render_casebook_pdf

pytest.importorskip("typst")

MADE = datetime(2026, 1, 5, tzinfo=UTC)
IDENTITY = Identity(
    study="TINY",
    title="",
    kind="Casebook",
    subject="01-001",
    status="",
    simulated=False,
    head="a" * 64,
    version="1",
    facts=(),
)


def book_of(*texts: str, rows: int = 1) -> Book:
    table = Table(columns=(Column(label="Said"),), rows=tuple(Row(cells=(Cell(text=text),)) for text in texts) * rows)
    return Book(identity=IDENTITY, sections=(Section(id="one", title="One", blocks=(table,)),))


def pages(pdf: bytes) -> int:
    """How many pages the file says it has: the largest /Count of its page trees, packed or not."""
    parts = [pdf]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(match[1]))
        except zlib.error:
            continue
    return max(int(count) for part in parts for count in re.findall(rb"/Count (\d+)", part))


@pytest.fixture(scope="module")
def bare():
    """A machine with no fonts but those that typst brings along."""
    return render_casebook_pdf(
        book_of('#panic("run") $x$ @nowhere *b* \\ ] ) " `raw` /* <label> //', "李娜 ¥5 ≥ 3 µg/L – “quoted” → ✓"),
        made_at=MADE,
        system_fonts=False,
    )


def test_typst_markup_in_a_text_is_text(bare):
    """A text that would stop typst, were it markup, is printed."""
    assert bare.data.startswith(b"%PDF-")
    assert pages(bare.data) == 2


def test_characters_without_a_font_are_named(bare):
    """Without a Chinese font the characters are told to the person who makes the file; signs that are there are not."""
    assert frozenset("李娜") <= bare.unprintable
    assert bare.unprintable.isdisjoint("¥≥µ–“”→")
    (finding,) = bare.findings("casebook.pdf")
    assert "U+674E" in finding.found
    assert "fonts-noto-cjk" in finding.next_step


def test_many_rows_go_over_many_pages_and_the_same_book_gives_the_same_bytes():
    """Two hundred rows do not end at the foot of a page; the time is given, not read."""
    book = book_of("x" * 300, rows=200)
    one = render_casebook_pdf(book, made_at=MADE, system_fonts=False)
    assert pages(one.data) > 5
    assert render_casebook_pdf(book, made_at=MADE, system_fonts=False).data == one.data


def test_a_long_word_may_break_and_loses_nothing():
    """5,000 characters without a blank: only marks of where a line may end are added."""
    text = "ab=" * 1667
    assert breakable(text).replace("\u200b", "") == text
    assert max(len(part) for part in breakable(text).split("\u200b")) <= 10


def test_no_column_is_narrower_than_its_longest_word():
    """A wide table shares the line out so that each column still holds its own words."""
    words = ["hydroxychloroquine"] * 5 + ["a b c d " * 20]
    table = Table(
        columns=tuple(Column(label=str(number)) for number in range(6)),
        rows=(Row(cells=tuple(Cell(text=word) for word in words)),),
    )
    shares = column_shares(table)
    assert len(shares) == 6
    assert min(shares) > len("hydroxychloroquine")
