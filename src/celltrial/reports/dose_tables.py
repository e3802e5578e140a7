"""Pathways and decision tables for people: the page that a committee walks through, its picture and its data."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

from celltrial import __version__
from celltrial.errors import Finding, InputError, Source
from celltrial.escalation.notation import describe_counts
from celltrial.escalation.pathways import Node, Pathways
from celltrial.reports.dose_document import Block, Bullets, Figure, Heading, Paragraph, Tree, TreeCell, to_html
from celltrial.reports.figures.images import Image, render_image, render_png
from celltrial.reports.figures.pathways import PathBox, draw_pathways
from celltrial.reports.figures.theme import Caption, Spec

__all__ = ["draw_tree", "lay_tree", "pathway_rows", "write_files", "write_pathways"]

Progress = Callable[[float, str], None]

# what a picture and a page can still be read with; the data files have every pathway
_PICTURE, _PAGE = 130, 1500
_COLUMNS = (
    "id",
    "parent",
    "outcomes",
    "cohort",
    "level",
    "n",
    "dlts",
    "seen",
    "action",
    "next_level",
    "ends",
    "selected",
    "reasons",
)


def write_pathways(found: Pathways, out: Path, *, progress: Progress | None = None) -> None:
    """Write pathways.html, .csv (a row a step), .json, .svg and .png into `out`.

    Raises:
        InputError: the folder cannot be written.
    """
    tell = progress or (lambda _share, _text: None)
    tell(0.0, "pathways as data")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(pathway_rows(found))
    data = json.dumps(found.to_json(), ensure_ascii=False, indent=1) + "\n"
    tell(0.3, "picture")
    image = render_image("pathways", draw_tree(found))
    tell(0.7, "page")
    page = to_html(_title(found), _blocks(found, image))
    write_files(
        out,
        {
            "pathways.csv": buffer.getvalue(),
            "pathways.json": data,
            "pathways.svg": image.svg,
            "pathways.png": render_png(image),
            "pathways.html": page,
        },
    )
    tell(1.0, "done")


def write_files(out: Path, contents: "dict[str, str | bytes]") -> None:
    """Write files into a folder, made where it does not exist. Raises InputError where that cannot be done."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            if isinstance(content, bytes):
                (out / name).write_bytes(content)
            else:
                (out / name).write_text(content, encoding="utf-8")
    except OSError as error:
        raise InputError(
            Finding(
                message="the folder cannot be written",
                source=Source(file=str(out)),
                found=error.strerror or "",
                next_step="choose another place with -o",
            )
        ) from None


def pathway_rows(found: Pathways) -> list[tuple[object, ...]]:
    """A row a step, as pathways.csv has them."""
    return [
        (
            place,
            node.parent,
            " ".join(each.cohort for each in found.trace(place)),
            node.depth,
            node.level,
            node.n,
            node.dlts,
            describe_counts(node.counts.n, node.counts.dlt),
            node.decision.action.value,
            node.next_level,
            node.ends,
            node.selected,
            "; ".join(node.decision.reasons),
        )
        for place, node in enumerate(found.nodes)
    ]


def _reach(found: Pathways, most: int) -> int:
    """How many cohorts can be shown with at most `most` courses; at least one."""
    leaves = [0] * (found.depth + 1)
    for depth in range(1, found.depth + 1):
        leaves[depth] = sum(
            node.depth == depth or (node.depth < depth and node.ends is not None) for node in found.nodes
        )
    return max((depth for depth in range(1, found.depth + 1) if leaves[depth] <= most), default=1)


def lay_tree(found: Pathways, cohorts: int) -> tuple[tuple[int, int, int], ...]:
    """Place in `nodes`, first line and lines high of each node up to so many cohorts, a line a course."""
    shown = [place for place, node in enumerate(found.nodes) if node.depth <= cohorts]
    spans: dict[int, int] = {}
    for place in reversed(shown):
        node = found.nodes[place]
        span = spans.setdefault(place, 1)
        if node.parent is not None:
            # the first child takes the line that its parent has anyway
            spans[node.parent] = spans.get(node.parent, 0) + span
    tops: dict[int, int] = {}
    following: dict[int | None, int] = {None: 0}
    for place in shown:
        parent = found.nodes[place].parent
        tops[place] = following[parent]
        following[parent] += spans[place]
        following[place] = tops[place]
    return tuple((place, tops[place], spans[place]) for place in shown)


def draw_tree(found: Pathways) -> Spec:
    """The picture, over as many cohorts as can be read."""
    cohorts = _reach(found, _PICTURE)
    boxes = [
        PathBox(
            cohort=(node := found.nodes[place]).depth,
            top=top,
            height=span,
            seen=_seen(node),
            then=_then(node),
            follows=_kind(node),
        )
        for place, top, span in lay_tree(found, cohorts)
    ]
    part = "" if cohorts == found.depth else f"; the first {cohorts} of up to {found.depth} cohorts"
    return draw_pathways(boxes, caption=Caption(title=_title(found), provenance=f"{_conditions(found)}{part}"))


def _title(found: Pathways) -> str:
    return f"Dose-transition pathways: {found.design.name.upper()}, target DLT rate {found.design.target:.2f}"


def _conditions(found: Pathways) -> str:
    begin = f", going on after {describe_counts(found.begin.n, found.begin.dlt)}" if found.begin.total else ""
    return (
        f"{found.levels} levels, cohorts of {found.cohort_size}, at most {found.max_n} participants{begin}; "
        f"celltrial {__version__}"
    )


def _seen(node: Node) -> str:
    return f"{node.dlts}/{node.n} at level {node.level}"


def _then(node: Node) -> str:
    if node.ends in ("stop", "full"):
        chosen = "no MTD" if node.selected is None else f"MTD {node.selected}"
        return f"stop, {chosen}" if node.ends == "stop" else chosen
    return node.describe()


def _why(node: Node) -> str:
    """The reasons; at the largest size nothing is decided any more, so there they say what would be."""
    reasons = "; ".join(node.decision.reasons)
    if node.ends != "full":
        return reasons
    words = {"escalate": "escalate to", "stay": "stay at", "de-escalate": "de-escalate to"}
    return f"the trial is full; if it went on: {words[node.decision.action.value]} {node.next_level} ({reasons})"


def _kind(node: Node) -> str:
    return node.ends if node.ends in ("stop", "full") else node.decision.action.value


def _blocks(found: Pathways, image: Image) -> list[Block]:
    design, cohorts = found.design, _reach(found, _PAGE)
    rules = ", ".join(rule.describe() for rule in design.rules) or "none"
    parameters = ", ".join(f"{name} {value}" for name, value in design.base.parameters) or "none"
    blocks: list[Block] = [
        Heading(1, _title(found)),
        Paragraph(
            f"Every course the trial can take: {_conditions(found)}. There are {found.count} complete courses "
            f"with {len(found.nodes)} steps. The design proposes; the safety review committee decides."
        ),
        Bullets(
            (
                f"Design: {design.name}; parameters: {parameters}.",
                f"Rules around it: {rules}.",
                "A box: DLTs among those evaluable of the cohort, what follows; below all cohorts so far (2NNT: three "
                "at level 2, one with a DLT) and why, on all that has been seen by then.",
                "“MTD” at the end of a course: the level that the design selects from what has been seen.",
            )
        ),
        Heading(2, "The picture"),
        Figure(
            image=image,
            caption="From left to right: cohorts. A box is as high as the number of courses that follow it.",
        ),
        Heading(2, "Every step with its reasons"),
    ]
    if cohorts < found.depth:
        blocks.append(
            Paragraph(f"The first {cohorts} cohorts; all {found.depth} are in pathways.csv and pathways.json.")
        )
    return [*blocks, _tree(found, cohorts)]


def _tree(found: Pathways, cohorts: int) -> Tree:
    lines: dict[int, list[TreeCell]] = {}
    for place, top, span in lay_tree(found, cohorts):
        node = found.nodes[place]
        kind = _kind(node)
        cell = TreeCell(
            column=node.depth,
            span=span,
            text=f"{_seen(node)}: {_then(node)}",
            # the course so far: over a page break the boxes to the left have no text
            note=f"{' '.join(each.cohort for each in found.trace(place))} · {_why(node)}",
            kind="stay-at" if kind == "stay" else kind,
        )
        lines.setdefault(top, []).append(cell)
    rows = tuple(tuple(sorted(lines[top], key=lambda cell: cell.column)) for top in sorted(lines))
    return Tree(columns=tuple(f"Cohort {number}" for number in range(1, cohorts + 1)), rows=rows)
