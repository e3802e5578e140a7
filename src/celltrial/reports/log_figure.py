"""The daily prednisone equivalent of participants since the infusion, drawn as the report draws courses."""

from collections.abc import Iterator, Sequence

from celltrial.datasets.medication_log import DoseStretch, LogOfMedications
from celltrial.missing import NotEvaluable
from celltrial.record import Infusion, TrialState
from celltrial.reports.figures import Caption, CoursePoint, draw_courses, render_image
from celltrial.study import Study

__all__ = ["draw_daily_prednisone"]


def draw_daily_prednisone(study: Study, state: TrialState, logs: Sequence[LogOfMedications]) -> str:
    """The figure as SVG: steps from the infusion on; a stretch that is not known is an open symbol under the axis."""
    levels = {entry.subject: entry.body.level for entry in state.entries(Infusion) if entry.body.number == "1"}
    points = [
        point
        for log in logs
        if log.infused is not None and log.subject in levels
        for stretch in log.stretches
        for point in _points(log, stretch, levels[log.subject])
    ]
    doris, lldas = float(study.response.doris.gc_max_mg), float(study.response.lldas.gc_max_mg)
    shown = [str(each.id) for each in study.levels if str(each.id) in set(levels.values())]
    spec = draw_courses(
        points,
        levels=shown,
        unit="Prednisone equivalent, mg a day",
        caption=Caption(
            title="Systemic glucocorticoid since the infusion",
            provenance=f"{study.id}, record of {state.length} events, head {state.head[:12]}; all indications; "
            "an open symbol under the axis: dose not known",
        ),
        reference=doris,
        reference_label=f"remission, {doris:g} mg",
        more_references=((lldas, f"low activity, {lldas:g} mg"),),
    )
    return render_image("prednisone", spec).svg


def _points(log: LogOfMedications, stretch: DoseStretch, level: str) -> Iterator[CoursePoint]:
    """Both ends of a stretch, so that the line is a step."""
    assert log.infused is not None
    dose = stretch.mg_per_day.value
    ends = {max((day - log.infused).days, 0) for day in (stretch.first, stretch.last)}
    if stretch.last < log.infused:
        return
    for day in sorted(ends):
        is_known = not isinstance(dose, NotEvaluable)
        yield CoursePoint(
            subject=str(log.subject),
            level=level,
            day=day,
            value=None if isinstance(dose, NotEvaluable) else float(dose),
            mark="value" if is_known else "not evaluable",
        )
