"""The distributions of a conduct, and the patients drawn from it."""

from typing import Any

import numpy as np
import pytest

from celltrial.errors import UsageError
from celltrial.escalation.calendar import Arrivals, Conduct, DropOut, Onset, Scenario, Stagger, plan_conduct
from celltrial.escalation.calendar.patients import PAGE, PatientBook

GRID = (np.arange(100_000) + 0.5) / 100_000
SCENARIO = Scenario(name="two", truth=(0.1, 0.4), activity=(0.2, 0.3))


def conduct(**changes: Any) -> Conduct:
    """Cohorts of three up to twelve, a window of 28 days, a patient a week."""
    settings: dict[str, Any] = {"arrivals": Arrivals(mean_gap_days=7)} | changes
    return Conduct(cohort_size=3, max_n=12, window_days=28, **settings)


@pytest.mark.parametrize(("kind", "variance"), [("poisson", 49.0), ("uniform", 49 / 3), ("fixed", 0.0)])
def test_gaps_have_the_mean_that_was_asked_for(kind: Any, variance: float) -> None:
    """Exponential, uniform from 0 to twice the mean, and always the same."""
    gaps = Arrivals(kind=kind, mean_gap_days=7).gaps(GRID)
    assert gaps.mean() == pytest.approx(7, rel=1e-3)
    assert gaps.var() == pytest.approx(variance, rel=1e-2)


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.9, 1.0])
@pytest.mark.parametrize(("late_share", "late_part"), [(0.5, 0.5), (0.8, 0.5), (0.3, 0.25)])
def test_late_dlts_are_as_many_as_asked_for(rate: float, late_share: float, late_part: float) -> None:
    """The share of DLTs in the last part of the window, for any DLT rate."""
    onset = Onset(kind="weibull", late_share=late_share, late_part=late_part)
    parts = onset.fractions(GRID, np.full_like(GRID, rate))
    assert (parts > 1 - late_part).mean() == pytest.approx(late_share, abs=1e-3)
    assert 0 <= parts.min() <= parts.max() <= 1


def test_uniform_onset_is_anywhere_in_the_window() -> None:
    """The quantile itself."""
    assert (Onset().fractions(GRID, GRID) == GRID).all()


def test_as_many_leave_as_asked_for() -> None:
    """30 % within the window; nobody without a window or a share."""
    assert (DropOut(share=0.3).days(GRID, 28) < 28).mean() == pytest.approx(0.3, abs=1e-3)
    assert np.isinf(DropOut(share=0.3).days(GRID, 0)).all()
    assert np.isinf(DropOut().days(GRID, 28)).all()


def test_patients_a_month_are_a_mean_gap() -> None:
    """Two a month of 30.4375 days."""
    assert Arrivals.per_month(2).mean_gap_days == 15.21875


def test_a_patient_depends_on_seed_trial_and_place_only() -> None:
    """Read from another first trial, the second page as well; another seed is another patient."""
    plan = conduct(drop_out=DropOut(share=0.2))
    many = PatientBook(SCENARIO, plan, seed=4, first=0, trials=9)
    one = PatientBook(SCENARIO, plan, seed=4, first=7, trials=1)
    for number in (1, 0):
        left, right = many.page(number), one.page(number)
        for name in ("arrival", "tolerance", "onset", "drop_out", "response"):
            assert (getattr(left, name)[7] == getattr(right, name)[0]).all(), name
    other = PatientBook(SCENARIO, plan, seed=5, first=7, trials=1)
    assert not (other.page(0).tolerance == one.page(0).tolerance).any()


def test_the_numbers_of_a_patient_are_unrelated() -> None:
    """Tolerance, onset, gap and response of 64,000 patients: uniform, and no correlation beyond 4 standard errors."""
    page = PatientBook(SCENARIO, conduct(), seed=1, first=0, trials=1_000).page(0)
    gaps = np.exp(-np.diff(page.arrival, axis=1) / 7)
    columns = [page.tolerance[:, 1:], page.onset[:, 1:], page.response[:, 1:], gaps]
    flat = np.array([column.ravel() for column in columns])
    assert np.abs(flat.mean(axis=1) - 0.5).max() < 4 * (1 / 12 / flat.shape[1]) ** 0.5
    correlations = np.corrcoef(flat)[np.triu_indices(4, 1)]
    assert np.abs(correlations).max() < 4 / flat.shape[1] ** 0.5


def test_arrivals_go_on_over_the_pages() -> None:
    """The first on day 0, then upwards; a list ends."""
    book = PatientBook(SCENARIO, conduct(), seed=1, first=0, trials=3)
    days = np.hstack([book.page(0).arrival, book.page(1).arrival])
    assert (days[:, 0] == 0).all()
    assert (np.diff(days, axis=1) > 0).all()
    listed = PatientBook(
        SCENARIO, conduct(arrivals=Arrivals(kind="listed", days=tuple(range(70)))), seed=1, first=0, trials=2
    )
    assert listed.page(1).arrival[0, :7].tolist() == [64, 65, 66, 67, 68, 69, np.inf]
    assert PAGE == 64


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Arrivals(mean_gap_days=0), "the mean gap cannot be"),
        (lambda: Arrivals(kind="listed", days=(3, 1)), "the arrival days cannot be"),
        (lambda: Arrivals(kind="listed"), "the arrival days cannot be"),
        (lambda: Arrivals.per_month(0), "patients a month cannot be"),
        (lambda: Onset(late_share=1.0), "late_share of the onset cannot be"),
        (lambda: DropOut(share=1.0), "the drop-out share cannot be"),
        (lambda: Stagger(gap_days=-1), "the days between participants cannot be"),
        (lambda: conduct(patience_days=-1), "the patience cannot be"),
        (lambda: conduct(arrivals=Arrivals(kind="fixed", mean_gap_days=0)), "a gap of 0 days cannot be"),
        (
            lambda: Conduct(
                cohort_size=1,
                max_n=2,
                window_days=0,
                arrivals=Arrivals(kind="fixed"),
                stagger=Stagger(gap_days=1),
            ),
            "a gap of 0 days cannot be",
        ),
        (lambda: plan_conduct(cohort_size=0, max_n=0, patients_per_month=1), "the cohort size cannot be"),
        (lambda: Scenario(name="", truth=(0.1, 1.2)), "the true DLT rates do not fit"),
        (lambda: Scenario(name="", truth=(0.1,), activity=(0.1, 0.2)), "the true DLT rates do not fit"),
        (lambda: PatientBook(SCENARIO, conduct(), seed=-1, first=0, trials=1), "a seed that cannot be"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, message: str) -> None:
    """Each with its finding."""
    with pytest.raises(UsageError, match=message):
        make()
