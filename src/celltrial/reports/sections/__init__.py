"""The sections of the report: each takes the material and says what fills its shells. One module a topic."""

from collections.abc import Callable, Mapping

from celltrial.reports.content import Content
from celltrial.reports.material import Material
from celltrial.reports.sections.activity import fill_b_cells, fill_disease, fill_kinetics
from celltrial.reports.sections.adverse_events import fill_adverse_events
from celltrial.reports.sections.cell_response_section import fill_cell_response
from celltrial.reports.sections.cell_toxicity import fill_cell_toxicity
from celltrial.reports.sections.course import fill_course
from celltrial.reports.sections.dlt import fill_dlt
from celltrial.reports.sections.dose import fill_dose
from celltrial.reports.sections.foundations import fill_assumptions, fill_provenance
from celltrial.reports.sections.laboratory import fill_laboratory
from celltrial.reports.sections.organs import fill_organs
from celltrial.reports.sections.people import fill_eligibility, fill_flow
from celltrial.reports.sections.summary import fill_summary

__all__ = ["FILLERS"]

FILLERS: Mapping[str, Callable[[Material], Content]] = {
    "adverse-events": fill_adverse_events,
    "assumptions": fill_assumptions,
    "b-cells": fill_b_cells,
    "cell-response": fill_cell_response,
    "cell-toxicity": fill_cell_toxicity,
    "course": fill_course,
    "disease": fill_disease,
    "dlt": fill_dlt,
    "dose": fill_dose,
    "eligibility": fill_eligibility,
    "flow": fill_flow,
    "kinetics": fill_kinetics,
    "laboratory": fill_laboratory,
    "organs": fill_organs,
    "provenance": fill_provenance,
    "summary": fill_summary,
}
