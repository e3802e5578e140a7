"""Shells and content become one self-contained HTML page: no script, no network, the pictures inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from celltrial import __version__
from celltrial.reports.content import Content, Row
from celltrial.reports.figures import Image
from celltrial.reports.layout import FigureShell, SectionShell, TableShell, number_shells
from celltrial.reports.material import Material

__all__ = ["Identity", "identify", "render_page"]

_LONG_HEAD = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What every page says about itself: which study, which document, which data, simulated or not."""

    study: str
    title: str
    kicker: str
    headline: str
    simulated: bool
    cut: str
    head: str
    events: int
    study_hash: str
    version: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A shell with what fills it, as the template prints it."""

    shell: TableShell | FigureShell
    number: str
    is_figure: bool
    svg: str = ""
    width: int = 0
    rows: Sequence[Row] = ()
    notes: Sequence[str] = ()
    has_long_heads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    shell: SectionShell
    content: Content
    blocks: tuple[_Block, ...]
    starts_page: bool


def identify(material: Material, *, kicker: str, headline: str, checkpoint: str = "") -> Identity:
    """The identity of a document made from this material; `checkpoint` is the line that proves its record."""
    study, state = material.study, material.state
    facts = (
        ("Registry", study.registry_id),
        ("Site", study.site.name),
        ("Data cut", material.cut_text),
        ("Events", str(state.length)),
        ("Record", state.head[:16]),
        ("Made", material.local(material.generated_at)),
        ("Times", f"{study.site.zone.key}, the site's clock"),
        *((("Checkpoint", checkpoint),) if checkpoint else ()),
    )
    return Identity(
        study=study.id,
        title=study.title,
        kicker=kicker,
        headline=headline,
        simulated=material.is_simulated,
        cut=material.cut_text,
        head=state.head,
        events=state.length,
        study_hash=study.hash,
        version=__version__,
        facts=facts,
    )


def render_page(
    identity: Identity,
    sections: Sequence[SectionShell],
    contents: Mapping[str, Content],
    images: Mapping[str, Image],
    *,
    new_pages: frozenset[str] = frozenset(),
) -> str:
    """The page; `new_pages` names the sections that begin on a new sheet of paper."""
    numbers = number_shells(tuple(sections))
    filled = [
        _Section(
            shell=section,
            content=contents[section.id],
            blocks=tuple(_block(item, numbers[item.id], contents[section.id], images) for item in section.items),
            starts_page=section.id in new_pages,
        )
        for section in sections
    ]
    environment = Environment(
        loader=PackageLoader("celltrial.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    style = Markup(files("celltrial.reports").joinpath("templates", "style.css").read_text(encoding="utf-8"))
    return environment.get_template("page.html.j2").render(identity=identity, sections=filled, style=style)


def _block(shell: TableShell | FigureShell, number: str, content: Content, images: Mapping[str, Image]) -> _Block:
    if isinstance(shell, FigureShell):
        image = images.get(shell.id)
        # the SVG is our own drawing, its texts escaped by the renderer
        svg = Markup(image.svg) if image else ""
        return _Block(shell=shell, number=number, is_figure=True, svg=svg, width=image.width if image else 0)
    rows = content.tables.get(shell.id, ())
    return _Block(
        shell=shell,
        number=number,
        is_figure=False,
        rows=rows,
        notes=(*shell.notes, *content.notes.get(shell.id, ())),
        has_long_heads=any(len(row.cells[0].text) > _LONG_HEAD for row in rows),
    )
