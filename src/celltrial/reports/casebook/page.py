"""A casebook as one HTML file: no script, no network; it prints on A4 with the study and participant on every page."""

import re
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from celltrial.reports.casebook.book import Book, Identity

__all__ = ["render_casebook_page"]

_SHOWN_HEAD = 16
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b(?:T\d\d:\d\d(?::\d\d)?)?")


def render_casebook_page(book: Book) -> str:
    """The page; every text of the record is escaped by the template."""
    environment = Environment(
        loader=PackageLoader("celltrial.reports.casebook"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    house = files("celltrial.reports").joinpath("templates", "style.css").read_text(encoding="utf-8")
    own = files("celltrial.reports.casebook").joinpath("templates", "casebook.css").read_text(encoding="utf-8")
    environment.filters["typed"] = _typed
    template = environment.get_template("casebook.html.j2")
    return template.render(
        identity=book.identity,
        sections=book.sections,
        # style sheets of our own; what stands in the page's margins is made safe in _page_rule
        house=Markup(house),
        style=Markup(own + _page_rule(book.identity)),
    )


def _typed(text: str) -> Markup:
    """A text as typed, escaped; its dates are kept on one line."""
    return Markup(_DATE.sub(r'<span class="date">\g<0></span>', str(escape(text))))


def _page_rule(identity: Identity) -> str:
    """The margins of printed pages: study, participant, and the beginning of the record's last hash."""
    parts = [identity.study, identity.subject, identity.kind]
    left = _css_text(" · ".join(part for part in parts if part))
    head = _css_text(f"record {identity.head[:_SHOWN_HEAD]}" if identity.head else identity.kind)
    simulated = '@top-right { content: "SIMULATED DATA"; font: bold 8pt Arial, sans-serif; color: #8a5a00; }'
    return (
        f'@page {{ size: A4; margin: 17mm 14mm 16mm; @top-left {{ content: "{left}"; font: 7.5pt Arial, sans-serif; '
        f"color: #5b6875; }} {simulated if identity.simulated else ''} "
        f'@bottom-left {{ content: "{head}"; font: 7pt monospace; color: #5b6875; }} '
        '@bottom-right { content: "page " counter(page) " of " counter(pages); font: 7.5pt Arial, sans-serif; '
        "color: #5b6875; } }"
    )


def _css_text(text: str) -> str:
    """A text within quotes of a style sheet: only letters, digits and plain signs pass as they are.

    >>> _css_text('CT1192 "</style>')
    'CT1192 \\\\22 \\\\3c \\\\2f style\\\\3e '
    """
    return "".join(sign if sign.isalnum() or sign in " -._·" else f"\\{ord(sign):x} " for sign in text)
