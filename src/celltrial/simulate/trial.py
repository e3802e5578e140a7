"""A whole virtual trial, written through the record as people would write it: in the order of time, past every gate."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from celltrial.decisions import RECORD_FILE, Trial, create_trial
from celltrial.simulate.calendar import Run, at_time, plan, run_calendar
from celltrial.simulate.checkpoints import checkpoint_listener, name_simulated_key, sign_last_checkpoint
from celltrial.simulate.committee import consider_meeting
from celltrial.simulate.dosing import fill_places
from celltrial.simulate.monitoring import WEEKS_BETWEEN_VISITS, visit_site
from celltrial.simulate.opening import open_study
from celltrial.simulate.scenario import scenario_named
from celltrial.simulate.screening import plan_referrals
from celltrial.simulate.staff import author
from celltrial.simulate.streams import Topic, stream
from celltrial.study import load_study

__all__ = ["simulate_run", "simulate_trial"]

# the registry's start date; the day of the demonstration's data cut; what was seen is entered within two weeks
_OPENED_ON = date(2025, 7, 11)
_LAST_VISIT_ON = date(2026, 10, 31)
_DAYS_TO_ENTER = 14


def simulate_trial(
    folder: Path,
    *,
    seed: int,
    scenario: str = "default",
    until: date = _LAST_VISIT_ON,
    progress: Callable[[float, str], None] | None = None,
) -> Trial:
    """Fill a study folder that has no record yet with a virtual trial, in a file there whatever study.yaml says.

    Args:
        folder: A study folder (study files, no record).
        seed: Of every random draw; the same seed and scenario give the same record, to the last hash.
        scenario: A name of `scenarios.yaml`.
        until: The day of the last visit; what was seen is entered in the two weeks after it.
        progress: Called with the share of time that has passed (0 to 1) and the date.
    Returns:
        The trial, open: its study and its record.
    Raises:
        InputError: an unknown scenario, or a folder that has a record. StudyError: study files that do not load.
    """
    return simulate_run(folder, seed=seed, scenario=scenario, until=until, progress=progress).trial


def simulate_run(
    folder: Path,
    *,
    seed: int,
    scenario: str = "default",
    until: date = _LAST_VISIT_ON,
    progress: Callable[[float, str], None] | None = None,
) -> Run:
    """As `simulate_trial`, with what went on behind the record: truth, refusals of the gates."""
    chosen = scenario_named(scenario)
    site = load_study(folder).site
    begin = datetime.combine(_OPENED_ON - timedelta(days=7), time(9), tzinfo=site.zone)
    trial = create_trial(
        folder,
        author=author("sponsor", site.id),
        at=begin,
        # whatever the study files or the environment name: a virtual trial never goes where the real one is
        place=folder / RECORD_FILE,
        simulated="yes",
        seed=str(seed),
        # nobody is to be protected here, and the same seed must give the same record
        salts=stream(seed, Topic.SALT).bytes,
        listeners=(checkpoint_listener(folder),),
    )
    name_simulated_key(trial, author=author("sponsor", site.id), at=begin, seed=seed)
    run = Run(
        trial=trial,
        scenario=chosen,
        seed=seed,
        opened_on=_OPENED_ON,
        last_visit_on=until,
        last_entry_at=datetime.combine(until + timedelta(days=_DAYS_TO_ENTER), time(18), tzinfo=site.zone),
        clock=begin,
    )
    plan(run, begin + timedelta(hours=1), open_study)
    plan_referrals(run)
    plan(run, at_time(run, _OPENED_ON, 12), _day_step)
    plan(run, at_time(run, _OPENED_ON + timedelta(weeks=WEEKS_BETWEEN_VISITS), 16), visit_site)
    run_calendar(run, progress)
    sign_last_checkpoint(trial, folder)
    return run


def _day_step(run: Run, now: datetime) -> None:
    """What the site looks at every day at noon: is a meeting due, is there a place for someone who waits."""
    consider_meeting(run, now)
    fill_places(run, now)
    if now.date() < run.last_visit_on:
        plan(run, now + timedelta(days=1), _day_step)
