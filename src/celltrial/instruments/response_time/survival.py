"""Survival free of flare, and free of treatment: time from the infusion to the first event, or censored."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from celltrial.answers import YesNoUnknown, all_of
from celltrial.errors import Finding
from celltrial.instruments.response_time.timeline import (
    Answers,
    TimeToEvent,
    find_first_event,
    require_answers,
    tell_unknown,
)
from celltrial.instruments.visit_values import find_bad_words, require_none
from celltrial.missing import NotEstimable

__all__ = ["TherapyStart", "compute_flare_free_survival", "compute_treatment_free_survival"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapyStart:
    """A medicine begun after the infusion: its day, its id, whether it treats lupus and acts systemically."""

    day: int
    drug: str
    is_for_lupus: YesNoUnknown
    is_systemic: YesNoUnknown

    def __post_init__(self) -> None:
        words = {"is_for_lupus": self.is_for_lupus, "is_systemic": self.is_systemic}
        require_none(find_bad_words(f"{self.drug}, day {self.day}", words))


def compute_flare_free_survival(
    flares: Answers, *, death_day: int | None = None, is_death_counted: bool = True
) -> TimeToEvent:
    """Days from the infusion (day 0) to the first flare, or to death.

    A visit answers for the time since the visit before it. So after an unknown visit nothing more is known to be free
    of flare: the time is censored at the last visit before it, unless a flare or death is known later; then that is the
    event, and `known_free_until` the last day known to be free. With no visit judged the time is censored at day 0.

    Args:
        flares: (days since the infusion, yes, no or unknown) of each visit, in order: a flare since the visit before.
        death_day, is_death_counted: death is an event (default), else it censors.
    Raises:
        UsageError: days out of order, before day 0 or after death; words that are none of these.

    >>> compute_flare_free_survival([(28, "no"), (56, "unknown"), (84, "no")]).day
    28
    """
    require_answers(flares)
    _require_before_death([(f"visit of day {day}", day) for day, _ in flares], death_day)
    return _survive(flares, "flare", death_day, is_death_counted, end_day=None)


def compute_treatment_free_survival(
    starts: Sequence[TherapyStart],
    *,
    followed_until: int,
    is_off_treatment: YesNoUnknown,
    allowed: Collection[str] = (),
    death_day: int | None = None,
    is_death_counted: bool = True,
) -> TimeToEvent | NotEstimable:
    """Days from the infusion (day 0) to the first restart of systemic treatment of lupus that is not allowed, or death.

    A start whose purpose is not known may be a restart: nothing is known to be free from that day on. The time is
    censored at the day before, unless a restart or death is known later.

    Args:
        starts: every medicine begun since the infusion, in any order.
        followed_until: the last day for which medication is known.
        is_off_treatment: whether treatment of lupus had been stopped at the infusion; who goes on is not free of it.
        allowed: ids of drugs that do not count, as the protocol says (for instance hydroxychloroquine).
        death_day, is_death_counted: death is an event (default), else it censors.
    Returns:
        TimeToEvent; NotEstimable where treatment had not been stopped, or it is not known.
    Raises:
        UsageError: a start before day 0, after `followed_until` or after death; words no rule knows.
    """
    require_none(find_bad_words("treatment-free survival", {"is_off_treatment": is_off_treatment}))
    _require_within(starts, followed_until)
    days = [(f"start of {each.drug}", each.day) for each in starts]
    _require_before_death([*days, ("end of follow-up", followed_until)], death_day)
    if is_off_treatment != "yes":
        words = {"no": "treatment of lupus went on", "unknown": "not known whether treatment had been stopped"}
        return NotEstimable(f"{words[is_off_treatment]} at the infusion")
    return _survive(_restarts(starts, allowed), "restart of treatment", death_day, is_death_counted, followed_until)


def _restarts(starts: Sequence[TherapyStart], allowed: Collection[str]) -> Answers:
    """For each day with a start: whether one of them is a restart; the days before it are free."""
    by_day: dict[int, list[YesNoUnknown]] = {}
    for each in sorted(starts, key=lambda start: start.day):
        counted = "no" if each.drug in allowed else all_of((each.is_for_lupus, each.is_systemic))
        by_day.setdefault(each.day, []).append(counted)
    answers: list[tuple[int, YesNoUnknown]] = []
    for day, counts in by_day.items():
        if day > 0 and day - 1 not in by_day:
            answers.append((day - 1, "no"))
        answers.append((day, "yes" if "yes" in counts else "unknown" if "unknown" in counts else "no"))
    return answers


def _survive(
    events: Answers, what: str, death_day: int | None, is_death_counted: bool, end_day: int | None
) -> TimeToEvent:
    """The first event or death; censored where the uninterrupted knowledge ends."""
    found = find_first_event(events)
    is_whole = not found.unknown_days
    free = found.known_free_until or 0
    if is_whole and end_day is not None and found.event_day is None:
        free = end_day
    day, is_event, reason = free, False, f"no {what} up to day {free}"
    if found.event_day is not None:
        day, is_event, reason = found.event_day, True, f"first {what} on day {found.event_day}"
    elif death_day is not None and is_death_counted:
        day, is_event, reason = death_day, True, f"death on day {death_day}, no {what} known before"
    elif death_day is not None:
        reason += f"; death on day {death_day}"
    return TimeToEvent(
        day=day,
        is_event=is_event,
        reason=reason + tell_unknown(found.unknown_days),
        known_free_until=free,
        unknown_days=found.unknown_days,
    )


def _require_before_death(days: Sequence[tuple[str, int]], death_day: int | None) -> None:
    if death_day is not None:
        require_none(
            [_misplaced(name, day, f"day {death_day} (death) or before") for name, day in days if day > death_day]
        )


def _require_within(starts: Sequence[TherapyStart], followed_until: int) -> None:
    findings = [
        _misplaced(f"start of {each.drug}", each.day, f"day 0 to {followed_until}, while medication is known")
        for each in starts
        if not 0 <= each.day <= followed_until
    ]
    if followed_until < 0:
        findings.append(_misplaced("end of follow-up", followed_until, "day 0 or later"))
    require_none(findings)


def _misplaced(name: str, day: int, expected: str) -> Finding:
    return Finding(
        message="a day that cannot be", where=name, found=f"day {day}", expected=expected, next_step="correct the day"
    )
