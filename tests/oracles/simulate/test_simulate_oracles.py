"""Virtual people against published figures (SOURCE.toml says where each comes from)."""

import csv
from pathlib import Path

import numpy as np
import pytest

from celltrial.simulate.disease import simulate_disease
from celltrial.simulate.kinetics import LLOQ, Kinetics, simulate_kinetics, transgene_at
from celltrial.simulate.scenario import scenario_named
from celltrial.simulate.toxicity import simulate_licats

PUBLISHED = Path(__file__).with_name("published_figures.csv")


def published() -> dict[str, tuple[float, float]]:
    """The published range of each figure."""
    lines = [line for line in PUBLISHED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {row["figure"]: (float(row["low"]), float(row["high"])) for row in csv.DictReader(lines)}


def is_in(value: float, bounds: tuple[float, float]) -> bool:
    """Whether a value lies in a closed range."""
    return bounds[0] <= value <= bounds[1]


@pytest.fixture(scope="module")
def people() -> list[Kinetics]:
    """Two thousand people of one seed."""
    rng = np.random.default_rng(1)
    return [simulate_kinetics(rng, non_expander=0.125) for _ in range(2000)]


def test_a_tenth_to_a_seventh_do_not_expand(people: list[Kinetics]) -> None:
    """The share of non-expanders is in the published range."""
    assert is_in(float(np.mean([not each.is_expander for each in people])), published()["non_expander_share"])


def test_time_of_the_peak(people: list[Kinetics]) -> None:
    """Nine of ten peak between day 7 and day 14, and the median is that of published models."""
    peaks = [each.tmax for each in people]
    low, high = published()["tmax_days"]
    assert np.mean([low <= peak <= high for peak in peaks]) > 0.9
    assert is_in(float(np.median(peaks)), published()["tmax_median_days"])


def test_height_of_the_peak(people: list[Kinetics]) -> None:
    """The median peak of expanders, and its spread, are as published."""
    peaks = np.array([each.cmax for each in people if each.is_expander])
    assert is_in(float(np.median(peaks)), published()["cmax_median_copies_per_ug"])
    spread = float(np.sqrt(np.exp(np.var(np.log(peaks))) - 1)) * 100
    assert is_in(spread, published()["cmax_cv_percent"])


def test_contraction_half_life(people: list[Kinetics]) -> None:
    """After the peak, the transgene halves in three to six days."""
    half_lives = np.log(2) / np.array([each.alpha for each in people])
    assert is_in(float(np.median(half_lives)), published()["contraction_half_life_days"])


def test_transgene_is_gone_from_blood_in_months(people: list[Kinetics]) -> None:
    """The median expander is below the limit of quantification between one and four months after infusion."""
    days = np.arange(20.0, 400.0, 2.0)
    gone = [
        next((day for day in days if transgene_at(each, day) < LLOQ), 400.0)
        for each in people[:300]
        if each.is_expander
    ]
    assert is_in(float(np.median(gone)), published()["blood_clearance_days"])


def test_b_cells_return_as_published(people: list[Kinetics]) -> None:
    """Mean and spread of the day B cells come back, in those whose cells expand."""
    days = [each.b_cell_back_day for each in people if each.is_expander]
    assert is_in(float(np.mean(days)), published()["b_cell_return_mean_days"])
    assert is_in(float(np.std(days)), published()["b_cell_return_sd_days"])


def test_licats_are_as_published() -> None:
    """Share, onset, length and grade of LICATS over two thousand people."""
    rng = np.random.default_rng(4)
    sick = np.random.default_rng(3)
    diseases = [simulate_disease(sick, card="eligible", complete=0.7, partial=0.2) for _ in range(2000)]
    drawn = [simulate_licats(rng, scenario_named("default").licats, each) for each in diseases]
    events = [each for each in drawn if each is not None]
    share, first = len(events) / len(drawn), [each.steps[0] for each in events]
    assert is_in(share, published()["licats_share"])
    for figure, value in (
        ("licats_onset_median_days", np.median([day for day, _ in first])),
        ("licats_length_median_days", np.median([each.end_day - each.steps[0][0] for each in events])),
        ("licats_grade_1_share", np.mean([grade == 1 for _, grade in first])),
    ):
        assert is_in(float(value), published()[figure]), figure
