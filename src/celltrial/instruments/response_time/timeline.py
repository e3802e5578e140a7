"""Answers over visits, and the first event among them with what is known before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from celltrial.answers import YesNoUnknown
from celltrial.errors import Finding
from celltrial.instruments.visit_values import find_bad_words, require_none

__all__ = ["Answers", "FirstEvent", "TimeToEvent", "find_first_event", "require_answers", "tell_unknown"]

Answers = Sequence[tuple[int, YesNoUnknown]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToEvent:
    """A time in days since the start, and whether it ends in the event or is censored there.

    known_free_until: the last day up to which every visit is known to be without the event; the event (or, where an
        unknown visit lies before, an earlier one) falls after it and not after `day`. None: never seen without it.
    unknown_days: the visits that could not be judged, up to the event or the end.
    """

    day: int
    is_event: bool
    reason: str
    known_free_until: int | None
    unknown_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstEvent:
    """What a sequence shows: the day of the first known event, the days known to be free of it, the unknown ones."""

    event_day: int | None
    known_free_until: int | None
    last_free_day: int | None
    unknown_days: tuple[int, ...]


def require_answers(answers: Answers, *, first_day: int = 0) -> None:
    """Raise UsageError with everything wrong: days out of order, twice or before the start, words no rule knows."""
    days = [day for day, _ in answers]
    findings = [
        Finding(
            message="visits must be in order, each day once",
            where=f"day {later}",
            found=f"day {later} after day {earlier}",
            expected="a later day than that of the visit before",
            next_step="sort the visits, and decide which of two on one day counts",
        )
        for earlier, later in pairwise(days)
        if later <= earlier
    ]
    findings += [
        Finding(
            message="a visit before the start has no part in a time from the start",
            where=f"day {day}",
            found=str(day),
            expected=f"day {first_day} or later (days since the start, the start is day 0)",
            next_step="leave the visit out",
        )
        for day in days
        if day < first_day
    ]
    require_none(findings + find_bad_words("visits", {f"day {day}": answer for day, answer in answers}))


def find_first_event(events: Answers, *, confirm: int = 1) -> FirstEvent:
    """The first of `confirm` consecutive visits with the event; a visit that is unknown confirms nothing.

    A visit with the event that the next known one does not confirm counts as known, and not as the event.
    """
    event_day = next(
        (
            events[i][0]
            for i in range(len(events) - confirm + 1)
            if all(answer == "yes" for _, answer in events[i : i + confirm])
        ),
        None,
    )
    before = [(day, answer) for day, answer in events if event_day is None or day < event_day]
    unknown = tuple(day for day, answer in before if answer == "unknown")
    free = [day for day, answer in before if answer == "no"]
    uninterrupted = [day for day in free if not unknown or day < unknown[0]]
    return FirstEvent(
        event_day=event_day,
        known_free_until=uninterrupted[-1] if uninterrupted else None,
        last_free_day=free[-1] if free else None,
        unknown_days=unknown,
    )


def tell_unknown(days: Sequence[int]) -> str:
    """The end of a reason that names the visits that could not be judged; blank where there is none."""
    return f"; not known on day {', '.join(str(day) for day in days)}" if days else ""
