"""The report's figures: plain values in, a Vega-Lite chart out, one module a figure; drawn to SVG and PNG offline.

Colour never stands alone: dose levels also differ by symbol, grades carry their number, censored points are open.
"""

from celltrial.reports.figures.adverse_events import draw_worst_grades
from celltrial.reports.figures.courses import CoursePoint, draw_courses
from celltrial.reports.figures.dlt import DltRate, draw_dlt_rates
from celltrial.reports.figures.dose_ladder import LadderDecision, LadderInfusion, draw_dose_ladder
from celltrial.reports.figures.flow import FlowBox, draw_flow
from celltrial.reports.figures.images import Image, render_image, render_png
from celltrial.reports.figures.laboratory import LabCell, draw_lab_grades
from celltrial.reports.figures.responses import ResponseCell, draw_responses
from celltrial.reports.figures.swimmer import Lane, Moment, Stretch, draw_swimmer
from celltrial.reports.figures.theme import Caption, dose_scales

__all__ = [
    "Caption",
    "CoursePoint",
    "DltRate",
    "FlowBox",
    "Image",
    "LabCell",
    "LadderDecision",
    "LadderInfusion",
    "Lane",
    "Moment",
    "ResponseCell",
    "Stretch",
    "dose_scales",
    "draw_courses",
    "draw_dlt_rates",
    "draw_dose_ladder",
    "draw_flow",
    "draw_lab_grades",
    "draw_responses",
    "draw_swimmer",
    "draw_worst_grades",
    "render_image",
    "render_png",
]
