"""The committee's report: gather, fill, draw, write. One HTML file, and each figure as SVG and PNG beside it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from celltrial.record import TrialState
from celltrial.reports.content import Content
from celltrial.reports.figures import Image, render_image, render_png
from celltrial.reports.figures.theme import Spec
from celltrial.reports.material import Material, gather
from celltrial.reports.page import identify, render_page
from celltrial.reports.sections import FILLERS
from celltrial.reports.shells import lay_out
from celltrial.study import Study

__all__ = ["Progress", "draw_figures", "write_report"]

Progress = Callable[[float, str], None]

_NEW_PAGES = frozenset({"eligibility", "dose", "dlt", "kinetics", "assumptions"})


def write_report(
    study: Study,
    state: TrialState,
    out_dir: Path,
    *,
    as_of: datetime,
    generated_at: datetime,
    checkpoint: str = "",
    progress: Progress | None = None,
) -> Path:
    """Write `report.html` and `figures/` into `out_dir`; the same inputs give the same bytes.

    Args:
        study, state: The study, and the record as it stood at `as_of` (`record.state(as_of)`).
        out_dir: Made where it does not exist; files of the same names are replaced.
        as_of: The data cut that the report names.
        generated_at: When it is made; the caller reads the clock.
        checkpoint: The line of the record's last checkpoint (`record.evidence.checkpoints.checkpoint_line`).
        progress: Called with a share between 0 and 1 and what is being done.
    Returns:
        The path of the HTML file.
    """
    tell = progress or stay_silent
    tell(0.0, "data sets")
    material = gather(study, state, as_of=as_of, generated_at=generated_at)
    shells = lay_out(study)
    contents: dict[str, Content] = {}
    for index, shell in enumerate(shells):
        tell(0.25 + 0.25 * index / len(shells), shell.title)
        contents[shell.id] = FILLERS[shell.id](material)
    specs = {name: spec for content in contents.values() for name, spec in content.figures.items()}
    images = draw_figures(specs, lambda share, text: tell(0.5 + 0.25 * share, text))
    write_figures(images, out_dir / "figures", lambda share, text: tell(0.75 + 0.24 * share, text))
    identity = identify(
        material, kicker="Safety review committee report", headline=_headline(material), checkpoint=checkpoint
    )
    path = out_dir / "report.html"
    path.write_text(render_page(identity, shells, contents, images, new_pages=_NEW_PAGES), encoding="utf-8")
    tell(1.0, "done")
    return path


def stay_silent(_share: float, _text: str) -> None:
    """Progress that nobody watches."""


def draw_figures(specs: Mapping[str, Spec], tell: Progress = stay_silent) -> dict[str, Image]:
    """Draw each chart; the images by name."""
    images = {}
    for index, (name, spec) in enumerate(specs.items()):
        tell(index / len(specs), f"figure {name}")
        images[name] = render_image(name, spec)
    return images


def write_figures(images: Mapping[str, Image], folder: Path, tell: Progress = stay_silent) -> None:
    """Write each figure into the folder, as SVG and as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, (name, image) in enumerate(images.items()):
        tell(index / len(images), f"image {name}")
        (folder / f"{name}.svg").write_text(image.svg, encoding="utf-8")
        (folder / f"{name}.png").write_bytes(render_png(image))


def _headline(material: Material) -> str:
    """Where the dose stands, in one line."""
    if not material.decisions:
        return "Before the first dose decision"
    body = material.decisions[-1].body
    if body.action == "stop":
        return f"Dose escalation stopped by SRC decision {body.number}"
    cells = material.study.level(body.level).cells
    return f"Dose level {body.level} in force ({float(cells) / 1e8:.1f} × 10⁸ CAR+ T cells)"
