"""The Bayesian logistic regression model with escalation under overdose control, by two-dimensional quadrature."""

from celltrial.escalation.blrm.design import Blrm
from celltrial.escalation.blrm.fit import BlrmFit, BlrmModel, DoseRate, Intervals, fit_blrm, rate_quantiles
from celltrial.escalation.blrm.prior import BivariateNormal, BlrmPrior, DensityPrior, make_robust, normal_prior

__all__ = [
    "BivariateNormal",
    "Blrm",
    "BlrmFit",
    "BlrmModel",
    "BlrmPrior",
    "DensityPrior",
    "DoseRate",
    "Intervals",
    "fit_blrm",
    "make_robust",
    "normal_prior",
    "rate_quantiles",
]
