"""The continual reassessment method: working model, skeleton calibration, posterior by quadrature, the design."""

from celltrial.escalation.crm.design import Crm
from celltrial.escalation.crm.fit import CrmFit, fit_crm, prob_rate_above
from celltrial.escalation.crm.skeleton import (
    IndifferenceInterval,
    SampleSize,
    Sensitivity,
    calibrate_skeleton,
    compute_sample_size,
    compute_sensitivity,
    find_incoherences,
)
from celltrial.escalation.crm.working import WorkingModel

__all__ = [
    "Crm",
    "CrmFit",
    "IndifferenceInterval",
    "SampleSize",
    "Sensitivity",
    "WorkingModel",
    "calibrate_skeleton",
    "compute_sample_size",
    "compute_sensitivity",
    "find_incoherences",
    "fit_crm",
    "prob_rate_above",
]
