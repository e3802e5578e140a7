"""Casebooks as files: one participant, one HTML file and one PDF; the audit trail as a page of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from celltrial.codes import SubjectId
from celltrial.errors import Finding
from celltrial.reports.casebook.book import Book
from celltrial.reports.casebook.compose import CasebookSource, compose_casebook
from celltrial.reports.casebook.page import render_casebook_page
from celltrial.reports.casebook.pdf import render_casebook_pdf, require_typst

__all__ = ["Format", "Progress", "write_book", "write_casebooks"]

Format = Literal["html", "pdf"]
Progress = Callable[[float, str], None]


def write_casebooks(
    source: CasebookSource,
    subjects: Sequence[SubjectId],
    out_dir: Path,
    *,
    formats: Sequence[Format] = ("html", "pdf"),
    progress: Progress = lambda _share, _text: None,
) -> tuple[tuple[Path, ...], tuple[Finding, ...]]:
    """Write `casebook-SUBJECT.html` and `.pdf` of each participant; the files, and what is to be known of them.

    out_dir: made where it does not exist; files of the same names are replaced.
    Raises UsageError for a subject of whom nothing is recorded, and for PDF without typst, before anything is written.
    """
    if "pdf" in formats:
        require_typst()
    paths: list[Path] = []
    findings: list[Finding] = []
    for number, subject in enumerate(subjects):
        progress(number / len(subjects), f"casebook {subject}")
        book = compose_casebook(source, subject)
        written, found = write_book(book, out_dir, f"casebook-{subject}", formats=formats, made_at=source.generated_at)
        paths += written
        findings += found
    progress(1.0, "done")
    return tuple(paths), tuple(findings)


def write_book(
    book: Book, out_dir: Path, name: str, *, formats: Sequence[Format], made_at: datetime
) -> tuple[tuple[Path, ...], tuple[Finding, ...]]:
    """Write one book in each format asked for."""
    out_dir.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    findings: tuple[Finding, ...] = ()
    if "html" in formats:
        path = out_dir / f"{name}.html"
        path.write_text(render_casebook_page(book), encoding="utf-8", newline="\n")
        paths.append(path)
    if "pdf" in formats:
        path = out_dir / f"{name}.pdf"
        rendered = render_casebook_pdf(book, made_at=made_at)
        path.write_bytes(rendered.data)
        paths.append(path)
        findings = rendered.findings(str(path))
    return tuple(paths), findings
