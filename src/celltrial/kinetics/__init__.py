"""Cellular kinetics: profiles with results below the limit of quantification, and their parameters with reasons."""

from celltrial.kinetics.blq import (
    BLQ_DROP_ALL,
    BLQ_HALF_LLOQ,
    BLQ_ICH_M13A,
    BLQ_KEEP_ZERO,
    BLQ_PKANALIX,
    BlqRule,
)
from celltrial.kinetics.conversion import (
    GENOMES_PER_UG,
    BloodConversion,
    compute_car_cells_per_ul,
    compute_copies_per_cell,
    compute_copies_per_ul,
    convert_profile,
)
from celltrial.kinetics.expansion import Expansion, compute_expansion
from celltrial.kinetics.exposure_response import (
    Effect,
    EventResponse,
    compute_detectable_correlation,
    compute_detectable_odds_ratio,
    compute_detectable_ratio,
    compute_event_response,
    compute_geometric_interval,
    compute_ratio_of_means,
)
from celltrial.kinetics.firth import FirthCoefficient, FirthFit, fit_firth
from celltrial.kinetics.nca import NCA_PARAMETERS, Nca, NcaOptions, compute_nca, window_name
from celltrial.kinetics.persistence import Persistence, compute_persistence
from celltrial.kinetics.pharmacodynamics import PeakOverBaseline, compute_peak
from celltrial.kinetics.plausibility import PlausibilityLimits, check_profile
from celltrial.kinetics.profile import Estimate, Profile, Sample
from celltrial.kinetics.rank_correlation import RankCorrelation, compute_rank_correlation
from celltrial.kinetics.summary import GeometricSummary, summarise_geometric
from celltrial.kinetics.terminal import Acceptance, HandPicked, TerminalFit
from celltrial.kinetics.tobit import TobitFit, compute_tobit_slope
from celltrial.kinetics.vectorised import NcaTable, compute_nca_table

__all__ = [
    "BLQ_DROP_ALL",
    "BLQ_HALF_LLOQ",
    "BLQ_ICH_M13A",
    "BLQ_KEEP_ZERO",
    "BLQ_PKANALIX",
    "GENOMES_PER_UG",
    "NCA_PARAMETERS",
    "Acceptance",
    "BloodConversion",
    "BlqRule",
    "Effect",
    "Estimate",
    "EventResponse",
    "Expansion",
    "FirthCoefficient",
    "FirthFit",
    "GeometricSummary",
    "HandPicked",
    "Nca",
    "NcaOptions",
    "NcaTable",
    "PeakOverBaseline",
    "Persistence",
    "PlausibilityLimits",
    "Profile",
    "RankCorrelation",
    "Sample",
    "TerminalFit",
    "TobitFit",
    "check_profile",
    "compute_car_cells_per_ul",
    "compute_copies_per_cell",
    "compute_copies_per_ul",
    "compute_detectable_correlation",
    "compute_detectable_odds_ratio",
    "compute_detectable_ratio",
    "compute_event_response",
    "compute_expansion",
    "compute_geometric_interval",
    "compute_nca",
    "compute_nca_table",
    "compute_peak",
    "compute_persistence",
    "compute_rank_correlation",
    "compute_ratio_of_means",
    "compute_tobit_slope",
    "convert_profile",
    "fit_firth",
    "summarise_geometric",
    "window_name",
]
