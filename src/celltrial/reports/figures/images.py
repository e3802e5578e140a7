"""From a chart to an image, without a browser and without a network: SVG for the page, PNG for a slide."""

import re
from dataclasses import dataclass

import vl_convert

from celltrial.reports.figures.theme import Spec

__all__ = ["Image", "render_image", "render_png"]

_PNG_SCALE = 2.0
_ID = re.compile(r'(?P<before>\bid="|url\(#|xlink:href="#|href="#)(?P<id>[A-Za-z][\w-]*)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A figure drawn: its SVG text and its width in pixels."""

    name: str
    svg: str
    width: int


def render_image(name: str, spec: Spec) -> Image:
    """Draw a chart. `name` goes before every id inside the SVG, so that many can stand in one page."""
    svg = vl_convert.vegalite_to_svg(spec)
    # the renderer counts ids on from one picture to the next: count them anew, so that the same chart is the same text
    numbers: dict[str, int] = {}
    svg = _ID.sub(lambda match: f"{match['before']}{name}-{numbers.setdefault(match['id'], len(numbers) + 1)}", svg)
    found = re.search(r'<svg[^>]*?\bwidth="([\d.]+)"', svg)
    width = round(float(found[1])) if found else 0
    return Image(name=name, svg=svg, width=width)


def render_png(image: Image) -> bytes:
    """The figure as PNG, at twice its size in pixels."""
    png: bytes = vl_convert.svg_to_png(image.svg, scale=_PNG_SCALE)
    return png
