"""The beginning and the end of a response, from the answers of its definition (DORIS, SRI-4, ...) at each visit."""

from dataclasses import replace

from celltrial.answers import negate
from celltrial.errors import Finding
from celltrial.instruments.response_time.timeline import (
    Answers,
    TimeToEvent,
    find_first_event,
    require_answers,
    tell_unknown,
)
from celltrial.instruments.visit_values import require_none
from celltrial.missing import NotEstimable

__all__ = [
    "compute_duration_of_response",
    "compute_time_to_first_response",
    "compute_time_to_loss_of_response",
]


def compute_time_to_first_response(answers: Answers) -> TimeToEvent | NotEstimable:
    """Days from the start (infusion: day 0) to the first visit in response.

    Rule for unknown visits: none is taken as response or as none. The event stands at the first visit known to be in
    response; where an unknown visit lies before, the response may have begun earlier, and `known_free_until` says after
    which day. Without response the time is censored at the last visit known to be without.

    Args:
        answers: (days since the start, yes, no or unknown) of each visit, in order, each day once.
    Returns:
        TimeToEvent; NotEstimable where no visit could be judged.
    Raises:
        UsageError: days out of order or before day 0, words that are none of these; all at once.

    >>> compute_time_to_first_response([(28, "no"), (56, "unknown"), (84, "yes")])
    TimeToEvent(day=84, is_event=True, reason='first response on day 84; not known on day 56', known_free_until=28,
    unknown_days=(56,))
    """
    require_answers(answers)
    first = find_first_event(answers)
    unsure = tell_unknown(first.unknown_days)
    if first.event_day is not None:
        day, is_event, reason = first.event_day, True, f"first response on day {first.event_day}"
    elif first.last_free_day is not None:
        day, is_event, reason = first.last_free_day, False, f"no response up to day {first.last_free_day}"
    else:
        return NotEstimable("no visit at which the response could be judged")
    return TimeToEvent(
        day=day,
        is_event=is_event,
        reason=reason + unsure,
        known_free_until=first.known_free_until,
        unknown_days=first.unknown_days,
    )


def compute_time_to_loss_of_response(answers: Answers, *, confirm: int = 1) -> TimeToEvent | NotEstimable:
    """Days from the start (infusion: day 0) to the loss of the first response.

    Loss is the first visit known to be without response after the first one in response; with `confirm` above 1 the
    first of so many such visits in a row (an option; no paper fixes it). Unknown visits confirm nothing and are no
    loss; `known_free_until` is the last visit in response before the first unknown one. Without loss the time is
    censored at the last visit in response.

    Args, Raises: as compute_time_to_first_response; UsageError also for a `confirm` below 1.
    Returns:
        TimeToEvent; NotEstimable where there never was a visit in response.
    """
    require_answers(answers)
    _require_confirm(confirm)
    start = next((day for day, answer in answers if answer == "yes"), None)
    if start is None:
        return NotEstimable("no visit known to be in response")
    losses = [(day, negate(answer)) for day, answer in answers if day >= start]
    found = find_first_event(losses, confirm=confirm)
    if found.event_day is not None:
        return TimeToEvent(
            day=found.event_day,
            is_event=True,
            reason=f"response of day {start} lost on day {found.event_day}" + tell_unknown(found.unknown_days),
            known_free_until=found.known_free_until,
            unknown_days=found.unknown_days,
        )
    last = found.last_free_day if found.last_free_day is not None else start
    open_days = [day for day, lost in losses if day > last and lost == "yes"]
    note = f"; without response on day {open_days[0]}, not confirmed" if open_days else ""
    return TimeToEvent(
        day=last,
        is_event=False,
        reason=f"response of day {start} still there on day {last}{note}" + tell_unknown(found.unknown_days),
        known_free_until=found.known_free_until,
        unknown_days=found.unknown_days,
    )


def compute_duration_of_response(answers: Answers, *, confirm: int = 1) -> TimeToEvent | NotEstimable:
    """Days from the first visit in response to its loss; as compute_time_to_loss_of_response, counted from there.

    The response may have begun before the visit that found it: see compute_time_to_first_response for since when.

    >>> compute_duration_of_response([(28, "yes"), (84, "yes"), (168, "no")]).day
    140
    """
    loss = compute_time_to_loss_of_response(answers, confirm=confirm)
    if isinstance(loss, NotEstimable):
        return loss
    start = next(day for day, answer in answers if answer == "yes")
    free = loss.known_free_until
    return replace(loss, day=loss.day - start, known_free_until=None if free is None else free - start)


def _require_confirm(confirm: int) -> None:
    if confirm < 1:
        require_none(
            [
                Finding(
                    message="a loss is confirmed by at least one visit",
                    where="confirm",
                    found=str(confirm),
                    expected="1 or more",
                    next_step="correct the number of visits",
                )
            ]
        )
