"""Population models of cellular kinetics: structural models, M3 likelihood, SAEM, full Bayes, checks, simulation.

Imported on demand: `import celltrial.kinetics` does not load it, and NumPyro comes in only with full Bayes.
"""

from celltrial.kinetics.population.bayes import BayesSettings, fit_bayes
from celltrial.kinetics.population.data import (
    CovariateEffect,
    PopulationData,
    build_population_data,
    code_levels,
    treat_blq,
)
from celltrial.kinetics.population.fit import fit_saem
from celltrial.kinetics.population.models import MODELS, StructuralModel, model_named
from celltrial.kinetics.population.priors import ParameterPrior, Priors, read_priors, to_natural
from celltrial.kinetics.population.results import PopulationFit, PopulationParameter, compute_shrinkage
from celltrial.kinetics.population.saem import SaemSettings
from celltrial.kinetics.population.simulate import Design, Population, simulate_population

__all__ = [
    "MODELS",
    "BayesSettings",
    "CovariateEffect",
    "Design",
    "ParameterPrior",
    "Population",
    "PopulationData",
    "PopulationFit",
    "PopulationParameter",
    "Priors",
    "SaemSettings",
    "StructuralModel",
    "build_population_data",
    "code_levels",
    "compute_shrinkage",
    "fit_bayes",
    "fit_saem",
    "model_named",
    "read_priors",
    "simulate_population",
    "to_natural",
    "treat_blq",
]
