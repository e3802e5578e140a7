"""Analyses: data sets in, result rows out; exact n of N for every number, with the participants and events behind it.

One module an analysis. Pure functions of ADaM frames: no record, no clock, no text beyond the number's own.
"""

from celltrial.analyses.adverse_events import (
    derive_ae_summary,
    derive_ae_terms,
    derive_worst_grades,
    select_reported,
)
from celltrial.analyses.b_cells import BCourse, derive_b_cell_courses, derive_b_cell_summary
from celltrial.analyses.cytokines import derive_crs_courses, derive_cytokine_peaks, derive_cytokines
from celltrial.analyses.disease import derive_sledai_by_visit
from celltrial.analyses.dlt import derive_dlt_summary
from celltrial.analyses.exposure import Exposure, derive_exposure
from celltrial.analyses.exposure_response import derive_exposure_response, list_outcomes
from celltrial.analyses.flow import derive_flow
from celltrial.analyses.haematotoxicity import CountGrade, derive_count_grades, derive_haematotoxicity
from celltrial.analyses.hypogammaglobulinaemia import IggCourse, derive_igg_courses, derive_igg_summary
from celltrial.analyses.immune_toxicity import SYNDROMES, derive_immune_toxicity, select_episodes
from celltrial.analyses.infections import derive_infections
from celltrial.analyses.kinetics import compute_geometric_cv, compute_geometric_mean, derive_kinetics_summary
from celltrial.analyses.laboratory import WorstGrade, derive_lab_summary, derive_worst_lab_grades
from celltrial.analyses.persistence import CellCourse, derive_cell_courses, derive_expansion, derive_persistence
from celltrial.analyses.populations import TOTAL, derive_dose_groups, short_ids
from celltrial.analyses.responses import RESPONSES, compute_interval, derive_response_by_visit, response_key
from celltrial.analyses.results import ResultRow, find_result, format_count, format_number
from celltrial.analyses.time_to_event import (
    SurvivalStep,
    compute_median_interval,
    compute_median_time,
    compute_survival,
    derive_time_to_event,
    estimate_survival,
)

__all__ = [
    "RESPONSES",
    "SYNDROMES",
    "TOTAL",
    "BCourse",
    "CellCourse",
    "CountGrade",
    "Exposure",
    "IggCourse",
    "ResultRow",
    "SurvivalStep",
    "WorstGrade",
    "compute_geometric_cv",
    "compute_geometric_mean",
    "compute_interval",
    "compute_median_interval",
    "compute_median_time",
    "compute_survival",
    "derive_ae_summary",
    "derive_ae_terms",
    "derive_b_cell_courses",
    "derive_b_cell_summary",
    "derive_cell_courses",
    "derive_count_grades",
    "derive_crs_courses",
    "derive_cytokine_peaks",
    "derive_cytokines",
    "derive_dlt_summary",
    "derive_dose_groups",
    "derive_expansion",
    "derive_exposure",
    "derive_exposure_response",
    "derive_flow",
    "derive_haematotoxicity",
    "derive_igg_courses",
    "derive_igg_summary",
    "derive_immune_toxicity",
    "derive_infections",
    "derive_kinetics_summary",
    "derive_lab_summary",
    "derive_persistence",
    "derive_response_by_visit",
    "derive_sledai_by_visit",
    "derive_time_to_event",
    "derive_worst_grades",
    "derive_worst_lab_grades",
    "estimate_survival",
    "find_result",
    "format_count",
    "format_number",
    "list_outcomes",
    "response_key",
    "select_episodes",
    "select_reported",
    "short_ids",
]
