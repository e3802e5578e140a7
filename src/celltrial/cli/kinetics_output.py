"""What `celltrial kinetics nca` shows besides its file: a table, doubts about samples, figures of every profile."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from celltrial.cli.console import error_console, print_findings, print_table
from celltrial.missing import Blq, NotEstimable

if TYPE_CHECKING:
    from celltrial.kinetics import Profile
    from celltrial.reports.figures import CoursePoint
    from celltrial.reports.figures.theme import Spec

__all__ = ["print_doubts", "print_parameters", "write_figures"]

Profiles = Mapping[tuple[str, str], "Profile"]
# a page of individual panels; findings beyond this many are counted
_A_PAGE, _SHOWN = 24, 20
_IN_TABLE = ("cmax", "tmax", "auc_0_28", "tlast", "half_life")


def print_parameters(rows: Sequence[Sequence[str | None]]) -> None:
    """One line a profile with the parameters that a label reports; a dash where there is no number."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for subject, analyte, name, value, unit, _ in rows:
        if name in _IN_TABLE:
            text = "–" if value is None else f"{float(value):.4g} {unit or ''}".strip()
            found.setdefault((str(subject), str(analyte)), {})[str(name)] = text
    lines = [[*key, *(line.get(name, "–") for name in _IN_TABLE)] for key, line in found.items()]
    print_table("Main parameters", ("subject", "analyte", *_IN_TABLE), lines)


def print_doubts(profiles: Profiles) -> None:
    """The plausibility findings, on stderr: they stop nothing."""
    from celltrial.kinetics import check_profile

    doubts = [
        finding
        for (subject, analyte), profile in profiles.items()
        for finding in check_profile(profile, where=f"{subject} {analyte}")
    ]
    if doubts:
        error_console().print(f"{len(doubts)} result(s) to look into; every one of them counts all the same:")
        print_findings(doubts[:_SHOWN])
        if len(doubts) > _SHOWN:
            error_console().print(f"and {len(doubts) - _SHOWN} more")


def write_figures(profiles: Profiles, folder: Path, *, source: str) -> tuple[Path, ...]:
    """Each analyte's curves together, one panel a subject, persistence; SVG and PNG. Returns the SVG files."""
    from celltrial.reports.figures import render_image, render_png

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for analyte in dict.fromkeys(analyte for _, analyte in profiles):
        own = {subject: profile for (subject, each), profile in profiles.items() if each == analyte}
        for name, spec in _specs(analyte, own, source).items():
            image = render_image(name, spec)
            path = folder / f"{name}.svg"
            path.write_text(image.svg, encoding="utf-8")
            path.with_suffix(".png").write_bytes(render_png(image))
            written.append(path)
    return tuple(written)


def _specs(analyte: str, profiles: Mapping[str, "Profile"], source: str) -> dict[str, "Spec"]:
    from celltrial.reports.figures import Caption, draw_courses
    from celltrial.reports.figures.individual import draw_individual_courses

    stem = re.sub(r"[^A-Za-z0-9]+", "-", analyte).strip("-").lower() or "analyte"
    unit = next((profile.unit for profile in profiles.values()), "")
    points = {subject: _points(subject, profile) for subject, profile in profiles.items()}
    every = [point for each in points.values() for point in each]
    if not every:
        return {}
    limits = {point.limit for point in every if point.mark == "below limit"}
    limit = limits.pop() if len(limits) == 1 else None
    reference = {"reference": limit, "reference_label": f"LLOQ {limit:g}"} if limit else {}
    specs = {
        f"{stem}-together": draw_courses(
            [_at(point, analyte) for point in every],
            levels=(analyte,),
            unit=f"{unit} (log scale)",
            caption=Caption(title=f"{analyte}, all profiles", provenance=source),
            is_log=True,
            **reference,  # type: ignore[arg-type]  # a limit and its label, or neither
        )
    }
    subjects = list(points)
    for page, first in enumerate(range(0, len(subjects), _A_PAGE), start=1):
        shown = [point for subject in subjects[first : first + _A_PAGE] for point in points[subject]]
        caption = Caption(title=f"{analyte}, profile by profile", provenance=source)
        specs[f"{stem}-individual-{page}"] = draw_individual_courses(
            shown, levels=("",), unit=unit, caption=caption, reference=limit
        )
    return specs | _persistence(stem, analyte, profiles, source)


def _persistence(stem: str, analyte: str, profiles: Mapping[str, "Profile"], source: str) -> dict[str, "Spec"]:
    from celltrial.kinetics import compute_persistence
    from celltrial.reports.figures import Caption
    from celltrial.reports.figures.survival import FollowUp, draw_survival

    people = [
        FollowUp(subject=subject, level=analyte, day=found.day, is_event=found.is_lost)
        for subject, profile in profiles.items()
        if not isinstance(found := compute_persistence(profile), NotEstimable)
    ]
    if len(people) < 2:
        return {}
    caption = Caption(title=f"{analyte}: persistence", provenance=source)
    return {f"{stem}-persistence": draw_survival(people, levels=(analyte,), title="Still found", caption=caption)}


def _points(subject: str, profile: "Profile") -> list["CoursePoint"]:
    from celltrial.reports.figures import CoursePoint

    points = []
    for sample in profile.samples:
        value = None if isinstance(sample.value, Blq) else sample.value
        if sample.value is None or sample.excluded:
            continue
        known = float(sample.value.lloq) if isinstance(sample.value, Blq) else sample.lloq
        is_low = value is None or value <= 0 or (known is not None and value < known)
        limit = known or None
        if is_low and limit is None:
            # nowhere to draw it on a logarithmic scale
            continue
        points.append(
            CoursePoint(
                subject=subject,
                level="",
                day=max(sample.day, 0.0),
                value=None if is_low else value,
                mark="below limit" if is_low else "value",
                limit=limit,
            )
        )
    return points


def _at(point: "CoursePoint", level: str) -> "CoursePoint":
    from dataclasses import replace

    return replace(point, level=level)
