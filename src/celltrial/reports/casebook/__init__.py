"""The casebook of one participant: everything that is recorded, as a page and as a PDF, with its audit trail.

compose.py gathers, sections.py says what is shown where (course.py, forms.py, safety.py, kinetics.py, work.py,
trail.py), reader.py reads entries with their notes and marks, book.py is what both renderers print: page.py the HTML,
pdf.py the PDF. blank.py is the same empty, for paper; trail_page.py the audit trail alone.
"""

from celltrial.reports.casebook.blank import compose_blank_casebook
from celltrial.reports.casebook.compose import CasebookSource, compose_casebook
from celltrial.reports.casebook.page import render_casebook_page
from celltrial.reports.casebook.pdf import render_casebook_pdf
from celltrial.reports.casebook.trail_page import compose_trail
from celltrial.reports.casebook.write import Format, write_book, write_casebooks

__all__ = [
    "CasebookSource",
    "Format",
    "compose_blank_casebook",
    "compose_casebook",
    "compose_trail",
    "render_casebook_page",
    "render_casebook_pdf",
    "write_book",
    "write_casebooks",
]
