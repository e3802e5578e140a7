"""The calendar: order, ties, and what becomes of a step that a gate refuses."""

from datetime import date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from celltrial.decisions import Trial
from celltrial.errors import Finding, RefusedError
from celltrial.simulate.calendar import Run, Step, plan, run_calendar
from celltrial.simulate.scenario import scenario_named

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 1, 9, tzinfo=ZONE)


def new_run() -> Run:
    """A run of two hundred days; these steps write nothing, so it needs no trial."""
    return Run(
        trial=cast("Trial", None),
        scenario=scenario_named("default"),
        seed=1,
        opened_on=START.date(),
        last_visit_on=START.date() + timedelta(days=190),
        last_entry_at=START + timedelta(days=200),
        clock=START,
    )


def log_step(done: list[tuple[date, str]], name: str) -> Step:
    """A step that only says when it was done."""

    def step(run: Run, now: datetime) -> None:
        done.append((now.date(), name))

    return step


def refusing(until: date, done: list[tuple[date, str]], next_step: str) -> Step:
    """A step that is refused until a day."""

    def step(run: Run, now: datetime) -> None:
        if now.date() < until:
            raise RefusedError(Finding(message="too early", next_step=next_step))
        done.append((now.date(), "done"))

    return step


def test_steps_are_done_in_time_and_ties_in_the_order_they_came() -> None:
    """The earliest first; equal times as planned; what lies after the close is not done."""
    run, done = new_run(), list[tuple[date, str]]()
    for days, name in ((5, "b"), (1, "a"), (5, "c"), (300, "never")):
        plan(run, START + timedelta(days=days), log_step(done, name))
    shares: list[float] = []
    run_calendar(run, lambda share, _: shares.append(share))
    assert [name for _, name in done] == ["a", "b", "c"]
    assert shares == sorted(shares)


def test_a_step_cannot_be_planned_for_the_past() -> None:
    """What is planned for a time gone by is done now."""
    run, done = new_run(), list[tuple[date, str]]()
    plan(run, START - timedelta(days=9), log_step(done, "late"))
    run_calendar(run, None)
    assert done == [(START.date(), "late")]


@pytest.mark.parametrize(
    ("next_step", "attempts"), [("infuse on or after 2026-01-15", 1), ("wait", 14)], ids=["date told", "no date"]
)
def test_a_refused_step_waits_until_it_may(next_step: str, attempts: int) -> None:
    """It waits for the date the refusal names, or tries again each day; every refusal is kept."""
    run, done = new_run(), list[tuple[date, str]]()
    plan(run, START, refusing(date(2026, 1, 15), done, next_step))
    run_calendar(run, None)
    assert done == [(date(2026, 1, 15), "done")]
    assert len(run.refusals) == attempts
    assert "too early" in run.refusals[0][1]


def test_a_step_refused_for_months_is_a_fault_that_shows() -> None:
    """After 120 days the refusal is raised: the simulator would otherwise hide a mistake of its own."""
    run, done = new_run(), list[tuple[date, str]]()
    plan(run, START, refusing(date(2027, 1, 1), done, "wait"))
    with pytest.raises(RefusedError, match="too early"):
        run_calendar(run, None)
