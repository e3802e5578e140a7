"""Whether a response lasts: at consecutive visits, for so many days, or through a given stretch of time.

No society fixes "durable" for lupus; each rule is an option and the protocol names one with its numbers. While
follow-up goes on, a response that has not lasted yet is unknown, not "no".
"""

from collections.abc import Sequence
from itertools import groupby, pairwise

from celltrial.answers import Condition, YesNoUnknown
from celltrial.errors import Finding
from celltrial.instruments.response_time.timeline import Answers, require_answers, tell_unknown
from celltrial.instruments.visit_values import require_none

__all__ = ["judge_durable_response", "judge_maintained_response", "judge_sustained_response"]


def judge_durable_response(answers: Answers, *, visits: int, is_follow_up_complete: bool) -> Condition:
    """Whether there was a response at so many consecutive visits.

    Yes where they are known; unknown where unknown visits could make them, or follow-up goes on; else no.

    Raises UsageError for visits out of order, words no rule knows, or fewer than 1 visit asked for.

    >>> judge_durable_response([(28, "yes"), (56, "unknown"), (84, "yes")], visits=2, is_follow_up_complete=True).answer
    'unknown'
    """
    _require(answers, visits=visits)
    certain = max((len(run) for run in _runs(answers, ("yes",))), default=0)
    possible = max((len(run) for run in _runs(answers, ("yes", "unknown"))), default=0)
    told = f"{certain} consecutive visits in response, needs {visits}"
    return _lasting("durable response", certain >= visits, possible >= visits, is_follow_up_complete, told, answers)


def judge_maintained_response(
    answers: Answers, *, days: int, is_follow_up_complete: bool, max_gap_days: int | None = None
) -> Condition:
    """Whether a response was there at every visit over at least so many days, first to last visit of it.

    max_gap_days: the longest time between two visits over which a response counts as maintained; None: any.
    Yes where the visits show it; unknown where unknown visits, or gaps that are too long, could hide it, or follow-up
    goes on; else no.
    """
    _require(answers, days=days)
    certain = max((_longest(run, max_gap_days) for run in _runs(answers, ("yes",))), default=0)
    possible = max((_longest(run, None) for run in _runs(answers, ("yes", "unknown"))), default=0)
    told = f"{certain} days in response, needs {days}"
    return _lasting("maintained response", certain >= days, possible >= days, is_follow_up_complete, told, answers)


def judge_sustained_response(
    answers: Answers, *, from_day: int, until_day: int, max_gap_days: int | None = None
) -> Condition:
    """Whether a response was there throughout from one day to another.

    No as soon as a visit within the two days is without response. Yes where all within are in response, and the last
    visit not after `from_day` and the first not before `until_day` are too: both ends are covered. Else unknown.

    >>> judge_sustained_response([(170, "yes"), (260, "yes"), (365, "yes")], from_day=180, until_day=365).answer
    'yes'
    """
    _require(answers, days=until_day - from_day)
    within = [(day, answer) for day, answer in answers if from_day <= day <= until_day]
    without = [day for day, answer in within if answer == "no"]
    name = "sustained response"
    if without:
        return Condition(name=name, answer="no", reason=f"without response on day {without[0]}")
    before = [each for each in answers if each[0] <= from_day][-1:]
    after = [each for each in answers if each[0] >= until_day][:1]
    ends = [*([] if before else [f"no visit up to day {from_day}"]), *([] if after else [f"none from day {until_day}"])]
    covered = sorted({*before, *within, *after})
    unsure = [day for day, answer in covered if answer != "yes"]
    problems = [*ends, *(f"not shown by the visit of day {day}" for day in unsure), *_gaps(covered, max_gap_days)]
    if problems:
        return Condition(name=name, answer="unknown", reason="; ".join(problems))
    told = ", ".join(str(day) for day, _ in covered)
    return Condition(name=name, answer="yes", reason=f"in response on day {told}")


def _lasting(
    name: str, is_certain: bool, is_possible: bool, is_follow_up_complete: bool, told: str, answers: Answers
) -> Condition:
    unknown = tell_unknown([day for day, answer in answers if answer == "unknown"])
    answer: YesNoUnknown = "yes"
    if not is_certain:
        answer = "unknown" if is_possible or not is_follow_up_complete else "no"
    still = "" if is_certain or is_follow_up_complete else "; follow-up goes on"
    return Condition(name=name, answer=answer, reason=told + ("" if is_certain else unknown) + still)


def _runs(answers: Answers, words: Sequence[str]) -> list[list[int]]:
    """The days of each run of visits whose answer is one of the words."""
    grouped = groupby(answers, key=lambda each: each[1] in words)
    return [[day for day, _ in run] for is_wanted, run in grouped if is_wanted]


def _longest(days: Sequence[int], max_gap_days: int | None) -> int:
    """The longest stretch of the days without a gap that is too long."""
    longest, start = 0, days[0]
    for earlier, later in pairwise(days):
        if max_gap_days is not None and later - earlier > max_gap_days:
            start = later
        longest = max(longest, later - start)
    return longest


def _gaps(covered: Answers, max_gap_days: int | None) -> list[str]:
    days = [day for day, _ in covered]
    return [
        f"no visit between day {earlier} and day {later}, longer than {max_gap_days} days"
        for earlier, later in pairwise(days)
        if max_gap_days is not None and later - earlier > max_gap_days
    ]


def _require(answers: Answers, *, visits: int = 1, days: int = 1) -> None:
    require_answers(answers)
    require_none(
        [
            Finding(
                message="a lasting response needs a positive length",
                where=where,
                found=str(number),
                expected="1 or more",
                next_step="correct the rule",
            )
            for where, number in (("visits", visits), ("days", days))
            if number < 1
        ]
    )
