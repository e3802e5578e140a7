"""A casebook as PDF, set by typst from data: no text of the record is ever read as markup.

The fonts are those of the machine; typst brings a serif and a monospaced one along, neither with Chinese. A character
that no font has is printed as its number and said on the front page, never as an empty box.
"""

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from celltrial.errors import Finding, UsageError
from celltrial.reports.casebook.book import Book, Table, to_document
from celltrial.reports.casebook.fitting import breakable, column_shares
from celltrial.reports.casebook.glyphs import find_unprintable, mark_unprintable

__all__ = ["RenderedPdf", "choose_fonts", "render_casebook_pdf", "require_typst"]

# in the order they are tried: Latin first, so that figures and Latin letters look the same on every page
_LATIN = ("Liberation Sans", "Arial", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Segoe UI")
_CHINESE = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "SimSun",
)
# typst's own, on every machine
_LAST = ("Libertinus Serif",)
_SHOWN_SIGNS = 20


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPdf:
    """The file's bytes, and the characters that had to be printed as numbers."""

    data: bytes
    unprintable: frozenset[str]

    def findings(self, where: str) -> tuple[Finding, ...]:
        """What a person should know of it before handing it on."""
        if not self.unprintable:
            return ()
        return (
            Finding(
                message=f"{len(self.unprintable)} characters are in none of this machine's fonts",
                where=where,
                found=_name_signs(self.unprintable),
                expected="a font with Chinese characters",
                rule="they are printed as their numbers, <U+674E>; the HTML casebook and the record have them",
                next_step="install one, e.g. apt-get install fonts-noto-cjk, and make the PDF again",
            ),
        )


def require_typst() -> None:
    """Raise UsageError where typst is not installed."""
    try:
        import typst  # noqa: F401 - only to see whether it is there
    except ImportError:
        raise UsageError(
            Finding(
                message="PDF needs typst, which is not installed",
                found="no module typst",
                expected="the extra `documents`",
                next_step="pip install 'celltrial[documents]', or ask for --format html",
            )
        ) from None


@cache
def choose_fonts(*, system_fonts: bool = True) -> tuple[str, ...]:
    """The families to print with, of those at hand: Latin, then Chinese, then what typst brings along."""
    import typst

    found = set(typst.Fonts(include_system_fonts=system_fonts).families())
    return tuple(family for family in (*_LATIN, *_CHINESE, *_LAST) if family in found)


def render_casebook_pdf(book: Book, *, made_at: datetime, system_fonts: bool = True) -> RenderedPdf:
    """The casebook as PDF; the same book and time give the same bytes on the same machine.

    Raises UsageError where typst is not installed.
    """
    require_typst()
    import typst

    fonts = choose_fonts(system_fonts=system_fonts)
    document = _document(book)
    unprintable = find_unprintable(_texts(document), fonts, system_fonts=system_fonts)
    if unprintable:
        document["identity"]["notices"] = [*document["identity"]["notices"], _notice(unprintable)]
    printed = _printed(document | {"fonts": list(fonts)}, unprintable)
    template = files("celltrial.reports.casebook").joinpath("templates", "casebook.typ").read_bytes()
    compiler = typst.Compiler(
        template,
        ignore_system_fonts=not system_fonts,
        sys_inputs={"book": json.dumps(printed, ensure_ascii=False)},
    )
    # a tagged file is twenty times as large; the HTML casebook is the accessible one
    data = compiler.compile(format="pdf", timestamp=int(made_at.timestamp()), pdf_tags=False)
    assert isinstance(data, bytes)
    return RenderedPdf(data=data, unprintable=unprintable)


def _document(book: Book) -> dict[str, Any]:
    """The book as data, each table with the widths of its columns."""
    document: dict[str, Any] = dict(to_document(book))
    for section, drawn in zip(book.sections, document["sections"], strict=True):
        for block, data in zip(section.blocks, drawn["blocks"], strict=True):
            if isinstance(block, Table):
                data["shares"] = list(column_shares(block))
    return document


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _printed(value: Any, unprintable: frozenset[str]) -> Any:
    """The same with texts that can be printed, and that can break."""
    if isinstance(value, str):
        return breakable(mark_unprintable(value, unprintable))
    if isinstance(value, dict):
        return {key: each if key in _KEPT else _printed(each, unprintable) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printed(each, unprintable) for each in value]
    return value


# words of the program that the template reads, and the hash it cuts
_KEPT = frozenset(("kind", "style", "id", "head", "fonts", "shares"))


def _notice(unprintable: frozenset[str]) -> str:
    return (
        f"{len(unprintable)} characters are in none of the fonts of the machine that made this file. They are printed "
        f"as their numbers, like <U+674E>; the record and the HTML casebook have them: {_name_signs(unprintable)}."
    )


def _name_signs(signs: frozenset[str]) -> str:
    named = [f"U+{ord(sign):04X}" for sign in sorted(signs)]
    more = f" and {len(named) - _SHOWN_SIGNS} more" if len(named) > _SHOWN_SIGNS else ""
    return ", ".join(named[:_SHOWN_SIGNS]) + more
