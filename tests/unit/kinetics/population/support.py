"""Simulated groups for the tests of population models: the truth is stated, so that an estimate can be wrong."""

import numpy as np

from celltrial.kinetics.population import (
    Design,
    Population,
    PopulationData,
    SaemSettings,
    read_priors,
    simulate_population,
)

DAYS = (0, 1, 2, 3, 5, 9, 14, 21, 28, 60, 90, 180, 270, 365)
QUICK = SaemSettings(burn_in=60, annealed=30, smoothing=30, chains=2, individual_sweeps=30, importance_draws=800)


def population(model: str = "stein2019", shrink: float = 1.0) -> Population:
    """The published population, its spreads times `shrink`."""
    priors = read_priors(model)
    spreads = tuple((priors.spreads() * shrink).tolist())
    return Population(model=model, means=tuple(priors.locations.tolist()), spreads=spreads, sigma=priors.sigma)


def group(n: int = 12, seed: int = 5, days: tuple[float, ...] = DAYS, lloq: float = 50.0) -> PopulationData:
    """A simulated group."""
    return simulate_population(population(), Design(days=days, lloq=lloq), n=n, rng=np.random.default_rng(seed))[0]
