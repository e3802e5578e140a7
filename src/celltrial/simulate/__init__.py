"""Simulation: virtual participants and whole virtual trials, written through the record's own API.

scenarios.yaml holds the numbers; population, disease, scores, laboratory, kinetics, toxicity, immune, infections and
medications make people; assessments, replacement and event_reports write down what becomes of them;
calendar, screening, dosing, visits, adjudication and committee make the trial.
"""

from celltrial.simulate.calendar import (
    Run,
)
from celltrial.simulate.course import (
    Course,
    simulate_course,
)
from celltrial.simulate.kinetics import (
    Kinetics,
    simulate_kinetics,
    transgene_at,
)
from celltrial.simulate.population import (
    Person,
    simulate_person,
)
from celltrial.simulate.scenario import (
    Scenario,
    scenario_named,
    scenarios,
)
from celltrial.simulate.trial import (
    simulate_run,
    simulate_trial,
)

__all__ = [
    "Course",
    "Kinetics",
    "Person",
    "Run",
    "Scenario",
    "scenario_named",
    "scenarios",
    "simulate_course",
    "simulate_kinetics",
    "simulate_person",
    "simulate_run",
    "simulate_trial",
    "transgene_at",
]
