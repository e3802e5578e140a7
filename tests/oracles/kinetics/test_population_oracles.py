"""Curves and tails of the population models against figures from outside the project."""

import csv
import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from celltrial.kinetics.population import model_named, read_priors
from celltrial.kinetics.population.likelihood import log_normal_cdf

HERE = Path(__file__).parent
SOURCES = tomllib.loads((HERE / "SOURCE.toml").read_text(encoding="utf-8"))


def columns(name: str) -> list[np.ndarray]:
    """The columns of an oracle file as numbers."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [np.array([float(row[key]) for row in rows]) for key in rows[0]]


def test_the_curve_of_stein_at_its_typical_values() -> None:
    """Growth, peak and both phases of decline, at every day of the outside evaluation."""
    days, values = columns("stein_2019_curve.csv")
    found = np.exp(model_named("stein2019").log_curve(np, days[None], read_priors("stein2019").locations[None]))[0]
    assert found == pytest.approx(values, rel=SOURCES["stein_2019_curve.csv"]["tolerance"])


def test_the_area_of_stein_s_curve() -> None:
    """Its integral to day 28, by the trapezoid on a fine grid, is the closed form."""
    [expected] = columns("stein_2019.csv")[-1]
    days = np.concatenate([np.linspace(0, 9.3, 40_001), np.linspace(9.3, 28, 40_001)[1:]])
    curve = np.exp(model_named("stein2019").log_curve(np, days[None], read_priors("stein2019").locations[None]))[0]
    assert np.trapezoid(curve, days) == pytest.approx(expected, rel=1e-6)


def test_the_tail_of_the_normal_distribution() -> None:
    """The table's five decimals, to fifty standard deviations."""
    x, minus_log10 = columns("normal_tail.csv")
    assert -log_normal_cdf(-x) / math.log(10) == pytest.approx(minus_log10, abs=SOURCES["normal_tail.csv"]["tolerance"])
