"""Which characters the fonts at hand cannot print, found by printing them: no font file is read.

A character without a glyph is drawn as the font's empty box. All characters in question are drawn once as SVG, beside
one that no font has (U+0378 is not assigned): whatever comes out as the same drawing is an empty box too.
"""

import json
import re
from collections.abc import Iterable, Sequence

__all__ = ["find_unprintable", "mark_unprintable"]

_UNASSIGNED = "\u0378"
_DRAWING = b"""#let book = json(bytes(sys.inputs.signs))
#set page(width: auto, height: auto, margin: 1pt)
#set text(font: book.fonts)
#for (number, sign) in book.signs.enumerate() { block(link("https://n/" + str(number), text(sign))) }
"""
_DRAWN = re.compile(r'<use xlink:href="#(?P<glyph>g[0-9A-F]+)"|<a [^>]*? href="https://n/(?P<number>\d+)"')


def find_unprintable(texts: Iterable[str], fonts: Sequence[str], *, system_fonts: bool = True) -> frozenset[str]:
    """The characters of the texts that none of the fonts has; control characters but the line break among them.

    fonts: families in the order in which they are tried. system_fonts: False for those that typst brings along only.
    """
    import typst

    signs = sorted({sign for text in texts for sign in text if not " " <= sign <= "~" and sign != "\n"})
    if not signs:
        return frozenset()
    asked = json.dumps({"fonts": list(fonts), "signs": [_UNASSIGNED, *signs]})
    compiler = typst.Compiler(_DRAWING, ignore_system_fonts=not system_fonts, sys_inputs={"signs": asked})
    svg = compiler.compile(format="svg")
    assert isinstance(svg, bytes)  # one page, nowhere to write it
    drawn = _read_drawing(svg.decode())
    box = drawn[0]
    return frozenset(sign for number, sign in enumerate(signs, start=1) if drawn.get(number) == box)


def mark_unprintable(text: str, unprintable: frozenset[str]) -> str:
    """The text with each of those characters as its number, so that it is seen to be there and can be looked up.

    >>> mark_unprintable("Li Na 李娜", frozenset("李娜"))
    'Li Na <U+674E><U+5A1C>'
    """
    if unprintable.isdisjoint(text):
        return text
    return "".join(f"<U+{ord(sign):04X}>" if sign in unprintable else sign for sign in text)


def _read_drawing(text: str) -> dict[int, tuple[str, ...]]:
    """The glyphs drawn for each character, by its number."""
    drawn: dict[int, tuple[str, ...]] = {}
    glyphs: list[str] = []
    for match in _DRAWN.finditer(text):
        if match["glyph"]:
            glyphs.append(match["glyph"])
        else:
            drawn[int(match["number"])] = tuple(glyphs)
            glyphs = []
    return drawn
