"""A document about a design as blocks, rendered as Markdown to paste into a protocol and as a page to read and print.

The page is one file without script or network, and has a print style sheet: printed from a browser it is the PDF.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import TypeAlias

from celltrial.reports.figures import Image

__all__ = ["Block", "Bullets", "Figure", "Heading", "Paragraph", "Table", "Tree", "TreeCell", "to_html", "to_markdown"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `assumed` marks it as resting on an assumption that somebody has to confirm."""

    text: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its caption above and notes below; `numbers`: every column but the first is right-aligned."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    numbers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeCell:
    """A cell of a tree: as many rows high as courses follow; `kind` is its colour class."""

    column: int
    span: int
    text: str
    note: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree as a table: each row has the cells that begin there, from left to right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[TreeCell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture and how to read it; in Markdown a link to `name`.svg."""

    image: Image = field(repr=False)
    caption: str


Block: TypeAlias = Heading | Paragraph | Bullets | Table | Tree | Figure


def to_markdown(blocks: Iterable[Block]) -> str:
    """The document as Markdown; trees are for the page, and a sentence stands in their place."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {block.text}"
        case Paragraph():
            return f"> **Assumption.** {block.text}" if block.assumed else block.text
        case Bullets():
            return "\n".join(f"- {item}" for item in block.items)
        case Table():
            return _markdown_table(block)
        case Tree():
            return "(The tree stands in the page and in the data files beside it.)"
        case Figure():
            return f"![{block.caption}]({block.image.name}.svg)\n\n{block.caption}"


def _markdown_table(table: Table) -> str:
    rule = "---:" if table.numbers else "---"
    lines = [
        f"**{table.caption}**",
        "",
        "| " + " | ".join(map(_cell, table.columns)) + " |",
        "|---|" + "|".join([rule] * (len(table.columns) - 1)) + "|",
        *("| " + " | ".join(map(_cell, row)) + " |" for row in table.rows),
    ]
    return "\n".join([*lines, *(f"\n{note}" for note in table.notes)])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def to_html(title: str, blocks: Sequence[Block]) -> str:
    """The document as one page."""
    style = files("celltrial.reports").joinpath("templates", "dose.css").read_text(encoding="utf-8")
    body = "\n".join(_html(block) for block in blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )


def _html(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
        case Paragraph():
            return (
                f'<p class="assumed"><b>Assumption.</b> {_text(block.text)}</p>'
                if block.assumed
                else f"<p>{_text(block.text)}</p>"
            )
        case Bullets():
            return "<ul>" + "".join(f"<li>{_text(item)}</li>" for item in block.items) + "</ul>"
        case Table():
            return _html_table(block)
        case Tree():
            return _html_tree(block)
        case Figure():
            # the SVG is our own drawing, its texts escaped by the renderer
            return f"<figure>{block.image.svg}<figcaption>{_text(block.caption)}</figcaption></figure>"


def _text(text: str) -> str:
    return escape(text, quote=False)


def _html_table(table: Table) -> str:
    kind = ' class="numbers"' if table.numbers else ""
    head = "".join(f'<th scope="col">{_text(column)}</th>' for column in table.columns)
    rows = "\n".join(
        f'<tr><th scope="row">{_text(row[0])}</th>' + "".join(f"<td>{_text(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in table.rows
    )
    notes = "".join(f'<p class="notes">{_text(note)}</p>' for note in table.notes)
    return (
        f'<div class="block"><div class="scroll" tabindex="0"><table{kind}><caption>{_text(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>{notes}</div>"
    )


def _html_tree(tree: Tree) -> str:
    head = "".join(f'<th scope="col">{_text(column)}</th>' for column in tree.columns)
    rows = "\n".join("<tr>" + "".join(map(_html_cell, row)) + "</tr>" for row in tree.rows)
    return (
        f'<div class="scroll" tabindex="0"><table class="tree"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


def _html_cell(cell: TreeCell) -> str:
    span = f' rowspan="{cell.span}"' if cell.span > 1 else ""
    return (
        f'<td class="{cell.kind}"{span}><div class="stay">{_text(cell.text)}<span>{_text(cell.note)}</span></div></td>'
    )
