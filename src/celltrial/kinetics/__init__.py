"""Cellular kinetics: profiles with results below the limit of quantification, and their parameters with reasons."""

from celltrial.kinetics.blq import (
    BLQ_DROP_ALL,
    BLQ_HALF_LLOQ,
    BLQ_ICH_M13A,
    BLQ_KEEP_ZERO,
    BLQ_PKANALIX,
    BlqRule,
)
from celltrial.kinetics.nca import NCA_PARAMETERS, Nca, NcaOptions, compute_nca, window_name
from celltrial.kinetics.persistence import Persistence, compute_persistence
from celltrial.kinetics.profile import Estimate, Profile, Sample
from celltrial.kinetics.summary import GeometricSummary, summarise_geometric
from celltrial.kinetics.terminal import Acceptance, TerminalFit

__all__ = [
    "BLQ_DROP_ALL",
    "BLQ_HALF_LLOQ",
    "BLQ_ICH_M13A",
    "BLQ_KEEP_ZERO",
    "BLQ_PKANALIX",
    "NCA_PARAMETERS",
    "Acceptance",
    "BlqRule",
    "Estimate",
    "GeometricSummary",
    "Nca",
    "NcaOptions",
    "Persistence",
    "Profile",
    "Sample",
    "TerminalFit",
    "compute_nca",
    "compute_persistence",
    "summarise_geometric",
    "window_name",
]
