"""Toxicity: every grade where it belongs."""

import numpy as np
import pytest

from celltrial.safety import crs_episodes, grade_crs
from celltrial.safety.crs import CrsObservation
from celltrial.simulate.disease import Disease, simulate_disease
from celltrial.simulate.toxicity import simulate_crs, simulate_events, simulate_icans, simulate_licats

RATES = {"any": 0.85, "grade_2": 0.28, "grade_3": 0.02}


def people(n: int, seed: int = 3) -> list[Disease]:
    """People with lupus of the default kind."""
    rng = np.random.default_rng(seed)
    return [simulate_disease(rng, card="eligible", complete=0.7, partial=0.2) for _ in range(n)]


def test_licats_stay_in_affected_organs() -> None:
    """Somebody without kidney disease has no LICATS of the kidney."""
    rng = np.random.default_rng(6)
    for each in people(400):
        event = simulate_licats(rng, 1.0, each)
        if event is not None and event.term == "Proteinuria":
            assert "proteinuria" in each.items or "hematuria" in each.items


def test_crs_is_common_and_mild_and_dlt_is_severe() -> None:
    """Most expanders have CRS of grade 1-2; a DLT by CRS is grade 4, or grade 3 on more than three days."""
    rng = np.random.default_rng(7)
    worst = [max(simulate_crs(rng, RATES, is_expander=True, dlt=False), default=0) for _ in range(1000)]
    assert 0.8 <= np.mean([grade > 0 for grade in worst]) <= 0.9
    assert np.mean([grade <= 2 for grade in worst]) > 0.95
    for _ in range(20):
        course = simulate_crs(rng, RATES, is_expander=True, dlt=True)
        assert max(course) == 4 or sum(grade == 3 for grade in course) > 3


def test_cells_that_do_not_expand_cause_less_crs() -> None:
    """CRS is rarer without expansion."""
    rng = np.random.default_rng(8)
    quiet = [bool(simulate_crs(rng, RATES, is_expander=False, dlt=False)) for _ in range(1000)]
    assert np.mean(quiet) < 0.5


def test_icans_is_rare_and_follows_crs() -> None:
    """Without CRS there is no ICANS unless it is the DLT; a DLT by ICANS reaches grade 3."""
    rng = np.random.default_rng(9)
    assert simulate_icans(rng, 1.0, crs=(), dlt=False) == ()
    assert max(simulate_icans(rng, 0.0, crs=(), dlt=True)) == 3
    assert max(simulate_icans(rng, 1.0, crs=(0, 1, 1), dlt=False)) in (1, 2)


def test_events_end_after_they_begin() -> None:
    """Every planned event has a grade of 1-3 and ends after its onset."""
    rng = np.random.default_rng(10)
    planned = [event for _ in range(300) for event in simulate_events(rng)]
    assert planned
    for event in planned:
        assert 1 <= event.steps[0][1] <= 3
        assert event.end_day > event.steps[0][0]


@pytest.mark.parametrize("grade", [1, 2, 3, 4])
def test_bedside_signs_grade_back_to_the_truth(grade: int) -> None:
    """What is written at the bedside gives the true grade by ASTCT 2019, which another room computes."""
    from datetime import datetime
    from decimal import Decimal

    from celltrial.simulate.bedside import assess_crs
    from celltrial.simulate.course import Course
    from celltrial.simulate.kinetics import simulate_kinetics

    course = Course(
        kinetics=simulate_kinetics(np.random.default_rng(1), non_expander=0.0),
        dlt_kind="",
        crs=(0, 1, grade, grade, 1),
        icans=(),
        events=(),
        liver=None,
        leaves_on=None,
        leaves_because="",
    )
    for day, truth in enumerate(course.crs):
        at = datetime.fromisoformat(f"2026-01-{day + 1:02d}T17:00+08:00")
        body = assess_crs(np.random.default_rng(day), course, day, at=at)
        seen = CrsObservation(
            temperature_c=Decimal(body.temperature_c),
            hypotension=body.hypotension,
            vasopressors=body.vasopressors,
            oxygen=body.oxygen,
            antipyretic_or_anticytokine=body.antipyretic_or_anticytokine,
            at=at,
        )
        graded = grade_crs(seen)
        assert getattr(graded, "value", None) == truth, (day, body)
        assert len(crs_episodes([seen])) == (truth > 0)
