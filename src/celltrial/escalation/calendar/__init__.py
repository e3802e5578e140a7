"""Simulation in calendar time, for what is not exact: arrivals, pauses, the DLT window, drop-out, backfill, duration.

It imports numpy, so it is not imported with `celltrial.escalation`: ask for `celltrial.escalation.calendar`.
"""

from celltrial.escalation.calendar.conduct import (
    Arrivals,
    Backfilling,
    Conduct,
    DropOut,
    Onset,
    Scenario,
    Stagger,
)
from celltrial.escalation.calendar.outcomes import CalendarOC, Estimate, Outcomes
from celltrial.escalation.calendar.run import (
    CalendarComparison,
    CalendarDifference,
    compare_in_time,
    plan_conduct,
    simulate_calendar,
    simulate_trials,
)

__all__ = [
    "Arrivals",
    "Backfilling",
    "CalendarComparison",
    "CalendarDifference",
    "CalendarOC",
    "Conduct",
    "DropOut",
    "Estimate",
    "Onset",
    "Outcomes",
    "Scenario",
    "Stagger",
    "compare_in_time",
    "plan_conduct",
    "simulate_calendar",
    "simulate_trials",
]
