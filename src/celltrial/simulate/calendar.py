"""The calendar of a virtual trial: what is due when, and the run that it belongs to.

A run is the one mutable thing of this room: it holds a trial and its calendar, and is over when the calendar is empty.
"""

import heapq
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from celltrial.codes import SubjectId
from celltrial.decisions import Trial
from celltrial.errors import RefusedError
from celltrial.record import AdverseEvent, Draft, Event
from celltrial.simulate.course import Course
from celltrial.simulate.population import Person
from celltrial.simulate.scenario import Scenario
from celltrial.simulate.staff import author

__all__ = ["Participant", "Run", "Step", "at_time", "plan", "run_calendar", "write"]

Step = Callable[["Run", datetime], None]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# a step that is refused day after day for this long is a fault of the simulator, and must show
_PATIENCE_DAYS = 120


@dataclass(slots=True, kw_only=True)
class Participant:
    """Where one candidate stands. `status`: screening, waiting, planned, depleted, infused, completed, left."""

    subject: SubjectId
    person: Person
    status: str = "screening"
    decision: str = ""
    level: str = ""
    depletion_on: date | None = None
    infused_at: datetime | None = None
    course: Course | None = None
    next_event: int = 1
    postponed: int = 0
    screening_visits: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    baseline_grades: dict[str, int] = field(default_factory=dict)
    open_events: dict[str, AdverseEvent] = field(default_factory=dict)
    immunoglobulin_on: list[date] = field(default_factory=list)

    def take_row(self, form: str) -> str:
        """The next row number of a form; never given twice."""
        self.rows[form] = self.rows.get(form, 0) + 1
        return str(self.rows[form])

    def take_event_number(self) -> str:
        """The next adverse-event number."""
        self.next_event += 1
        return str(self.next_event - 1)


@dataclass(slots=True, kw_only=True)
class Run:
    """A virtual trial under way.

    cohort_from: the decision that opened the present cohort; a later one may confirm it. is_held: the sentinel gate
    holds the cohort until the committee has looked again. refusals: what the gates refused, in order.
    """

    trial: Trial
    scenario: Scenario
    seed: int
    opened_on: date
    last_visit_on: date
    last_entry_at: datetime
    clock: datetime
    participants: dict[SubjectId, Participant] = field(default_factory=dict)
    meeting_is_planned: bool = False
    cohort_from: int = 1
    is_held: bool = False
    overrides: int = 0
    refusals: list[tuple[datetime, str]] = field(default_factory=list)
    _queue: list[tuple[datetime, int, date, Step]] = field(default_factory=list)
    _tickets: int = 0

    def add(self, at: datetime, step: Step, *, first_due: date | None = None) -> None:
        """Put a step into the calendar; steps of the same time keep their order."""
        self._tickets += 1
        heapq.heappush(self._queue, (at, self._tickets, first_due or at.date(), step))

    def pop(self) -> tuple[datetime, date, Step] | None:
        """The earliest step that is due before the record is closed, or None."""
        if not self._queue or self._queue[0][0] > self.last_entry_at:
            return None
        at, _, first_due, step = heapq.heappop(self._queue)
        return at, first_due, step


def at_time(run: Run, day: date, hour: int, minute: int = 0) -> datetime:
    """That time of day at the site."""
    return datetime.combine(day, time(hour, minute), tzinfo=run.trial.study.site.zone)


def plan(run: Run, at: datetime, step: Step) -> None:
    """Put a step into the calendar, never before now."""
    run.add(max(at, run.clock), step)


def write(run: Run, who: str, at: datetime, drafts: Sequence[Draft]) -> tuple[Event, ...]:
    """Append drafts as that member of staff. Raises RefusedError, and then nothing has been written."""
    if not drafts:
        return ()
    run.clock = max(run.clock, at)
    return run.trial.record.append(drafts, author=author(who, run.trial.study.site.id), at=run.clock)


def run_calendar(run: Run, progress: Callable[[float, str], None] | None) -> None:
    """Do every step in the order of time until nothing is left; a refused step comes again when it may."""
    begun = run.clock
    length = (run.last_entry_at - begun) / timedelta(days=1)
    while (entry := run.pop()) is not None:
        at, first_due, step = entry
        run.clock = max(run.clock, at)
        try:
            step(run, run.clock)
        except RefusedError as refusal:
            run.refusals.append((run.clock, str(refusal)))
            if run.clock.date() - first_due > timedelta(days=_PATIENCE_DAYS):
                raise
            run.add(_again_at(at, refusal), step, first_due=first_due)
        if progress is not None:
            progress(min(1.0, (run.clock - begun) / timedelta(days=1) / length), f"{run.clock:%Y-%m-%d}")


def _again_at(at: datetime, refusal: RefusedError) -> datetime:
    """The same time tomorrow, or on the latest date that the findings tell to wait for."""
    dates = [date.fromisoformat(text) for each in refusal.findings for text in _DATE.findall(each.next_step)]
    tomorrow = at + timedelta(days=1)
    later = [datetime.combine(day, at.timetz()) for day in dates if day > tomorrow.date()]
    return max(later, default=tomorrow)
